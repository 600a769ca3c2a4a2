package address

import (
	"strings"
	"testing"
)

// at makes an address from "line / line, 12345 City, CC"; a part may be empty.
func at(s string) Address {
	f := strings.Split(s, " @ ")
	a := Address{Lines: strings.Split(f[0], " / "), PostalCode: f[1], City: f[2], Country: f[3]}
	if f[0] == "" {
		a.Lines = nil
	}
	return a
}

// The addresses are invented: the streets exist in many towns, the numbers in none that was looked up.
var graded = []struct {
	name string
	want Grade
	a, b string
}{
	{"abbreviated kind and title", Same, "12 boulevard Saint-Michel @ 75006 @ Paris @ FR", "12 bd St Michel @ 75006 @ PARIS 06 @ FR"},
	{"arrondissement in words", Same, "4 rue de la Paix @ 75002 @ Paris 2e arrondissement @ FR", "4 r. de la Paix @ 75002 @ Paris @ FR"},
	{"Lyon is one city", SameCity, "8 rue Garibaldi @ 69003 @ Lyon 3e @ FR", "15 cours Gambetta @ 69007 @ LYON 07 @ FR"},
	{"general without first name", Same, "3 place du Gal de Gaulle @ 44000 @ Nantes @ FR", "3 pl. Charles de Gaulle @ 44000 @ Nantes @ FR"},
	{"bis written three ways", Same, "7bis rue des Lilas @ 31000 @ Toulouse @ FR", "7 B, rue des Lilas @ 31000 @ Toulouse @ FR"},
	{"bis is another house", SameStreet, "7 bis rue des Lilas @ 31000 @ Toulouse @ FR", "7 rue des Lilas @ 31000 @ Toulouse @ FR"},
	{"range holds its ends", Same, "10-12 quai des Brumes @ 29200 @ Brest @ FR", "12 quai des Brumes @ 29200 @ Brest @ FR"},
	{"flats differ", SameBuilding, "5 allée des Pins, appt 12 @ 33600 @ Pessac @ FR", "5 all. des Pins Apt 14 @ 33600 @ Pessac @ FR"},
	{"flat told once", SameBuilding, "Bât. C 3e étage / 5 allée des Pins @ 33600 @ Pessac @ FR", "5 allée des Pins @ 33600 @ Pessac @ FR"},
	{"same flat, lines swapped", Same, "Bât C appt 4 / 5 allée des Pins @ 33600 @ Pessac @ FR", "5 allée des Pins / Bâtiment C, appartement 4 @ 33600 @ Pessac @ FR"},
	{"company in front", Same, "Durand Peinture SARL / 18 rue de la Forge @ 59000 @ Lille @ FR", "18 rue de la Forge @ 59000 @ Lille @ FR"},
	{"care of", Same, "chez Mme Petit / 18 rue de la Forge @ 59000 @ Lille @ FR", "18 rue de la Forge @ 59000 @ Lille @ FR"},
	{"cedex and box", Same, "6 rue Pasteur BP 40 @ 62020 @ Arras Cedex 9 @ FR", "6 rue Pasteur @ 62000 @ Arras @ FR"},
	{"sur", Same, "1 quai de Loire @ 77140 @ Bagneaux s/ Loing @ FR", "1 quai de la Loire @ 77140 @ Bagneaux-sur-Loing @ FR"},
	{"typing error in the street", Same, "22 rue Anatole Farnce @ 93100 @ Montreuil @ FR", "22 rue Anatole France @ 93100 @ Montreuil @ FR"},
	{"typing error in the city", Same, "22 rue Anatole France @ 93100 @ Montreul @ FR", "22 rue Anatole France @ 93100 @ Montreuil @ FR"},
	{"blank lost", Same, "22 rue dela Fontaine @ 93100 @ Montreuil @ FR", "22 rue de la Fontaine @ 93100 @ Montreuil @ FR"},
	{"date in the name", SameStreet, "4 rue du 8 mai 1945 @ 80000 @ Amiens @ FR", "6 rue du 8 mai 1945 @ 80000 @ Amiens @ FR"},
	{"number as a word", Same, "4 rue du onze novembre @ 80000 @ Amiens @ FR", "4 rue du 11 novembre @ 80000 @ Amiens @ FR"},
	{"postal code mistyped by one digit", Same, "4 rue des Tanneurs @ 80000 @ Amiens @ FR", "4 rue des Tanneurs @ 90000 @ Amiens @ FR"},
	{"code and city repeated in the line", Same, "4 rue des Tanneurs, 80000 Amiens @ 80000 @ Amiens @ FR", "4 rue des Tanneurs @ 80000 @ Amiens @ FR"},
	{"suburb is another street", SameCity, "30 rue du Faubourg Saint-Honoré @ 75008 @ Paris @ FR", "30 rue Saint-Honoré @ 75001 @ Paris @ FR"},
	{"old mill is another street", SameCity, "9 rue du Vieux Moulin @ 35000 @ Rennes @ FR", "9 rue du Moulin @ 35000 @ Rennes @ FR"},
	{"avenue is not rue", SameCity, "9 avenue Pasteur @ 35000 @ Rennes @ FR", "9 rue Pasteur @ 35000 @ Rennes @ FR"},
	{"first names tell people apart", SameCity, "9 rue Pierre Curie @ 35000 @ Rennes @ FR", "9 rue Marie Curie @ 35000 @ Rennes @ FR"},
	{"short words forgive no other letter", SameCity, "9 rue du Port @ 35000 @ Rennes @ FR", "9 rue du Fort @ 35000 @ Rennes @ FR"},
	{"first letter of a short name", SameCity, "9 rue Hoche @ 35000 @ Rennes @ FR", "9 rue Roche @ 35000 @ Rennes @ FR"},
	{"another day of May", SameCity, "3 place du 1er mai @ 80000 @ Amiens @ FR", "3 place du 12 mai @ 80000 @ Amiens @ FR"},
	{"a bridge is not a saint", SameCity, "3 rue du Pont de Pierre @ 80000 @ Amiens @ FR", "3 rue Saint-Pierre @ 80000 @ Amiens @ FR"},
	{"particle of a name", Same, "3 rue Alfred de Vigny @ 80000 @ Amiens @ FR", "3 rue de Vigny @ 80000 @ Amiens @ FR"},
	{"king's number is no initial", SameCity, "3 avenue George V @ 75008 @ Paris @ FR", "3 avenue Voltaire @ 75011 @ Paris @ FR"},
	{"first name for a last name", SameCity, "3 rue Romain Rolland @ 80000 @ Amiens @ FR", "3 rue Saint-Romain @ 80000 @ Amiens @ FR"},
	{"building after the street", SameBuilding, "3 rue Anatole France Les Terrasses @ 80000 @ Amiens @ FR", "3 rue Anatole France @ 80000 @ Amiens @ FR"},
	{"institution before the number", Same, "Mairie annexe 3 rue Anatole France @ 80000 @ Amiens @ FR", "3 rue Anatole France @ 80000 @ Amiens @ FR"},
	{"estate is not the street beside it", SameCity, "3 lotissement des Pins @ 80000 @ Amiens @ FR", "3 rue des Pins @ 80000 @ Amiens @ FR"},
	{"no number on either side", Same, "place du Marché @ 80000 @ Amiens @ FR", "PL DU MARCHE @ 80000 @ AMIENS @ FR"},
	{"no number on one side", SameStreet, "place du Marché @ 80000 @ Amiens @ FR", "4 PL DU MARCHE @ 80000 @ AMIENS @ FR"},
	{"same box", Same, "BP 1204 @ 97200 @ Fort-de-France @ FR", "B.P. 1204 @ 97200 @ Fort de France @ MQ"},
	{"department", SameArea, "2 rue Neuve @ 59800 @ Lille @ FR", "2 rue Neuve @ 59300 @ Valenciennes @ FR"},
	{"elsewhere", OtherCity, "2 rue Neuve @ 75012 @ Paris @ FR", "2 rue Neuve @ 13001 @ Marseille @ FR"},
	{"namesakes", OtherCity, "2 rue Neuve @ 93200 @ Saint-Denis @ FR", "2 rue Neuve @ 97400 @ Saint-Denis @ FR"},
	{"country", OtherCountry, "2 rue Neuve @ 1000 @ Bruxelles @ BE", "2 rue Neuve @ 59000 @ Lille @ FR"},
	{"no country on one side", Same, "12 bd St Michel @ 75006 @ Paris @ ", "12 boulevard Saint-Michel @ 75006 @ Paris @ FR"},
	{"only the city known", SameCity, " @ 75006 @ Paris @ FR", "12 boulevard Saint-Michel @ 75006 @ Paris @ FR"},
	{"nothing known", Unknown, " @  @  @ FR", "12 boulevard Saint-Michel @ 75006 @ Paris @ FR"},

	{"Straße three ways", Same, "Schillerstraße 14 @ 50667 @ Köln @ DE", "SCHILLERSTR. 14 @ 50667 @ KOELN @ DE"},
	{"kind apart", Same, "Schiller Str. 14 a @ 50667 @ Köln @ DE", "Schillerstrasse 14A @ 50667 @ Cologne @ DE"},
	{"umlaut spelt out", Same, "Mühlenweg 3 @ 37073 @ Göttingen @ DE", "Muehlenweg 3 @ 37073 @ Goettingen @ DE"},
	{"German company", Same, "Weber Optik GmbH / Mühlenweg 3 @ 37073 @ Göttingen @ DE", "Mühlenweg 3 @ 37073 @ Göttingen @ DE"},
	{"German floor", SameBuilding, "Mühlenweg 3, 2. OG links @ 37073 @ Göttingen @ DE", "Mühlenweg 3 @ 37073 @ Göttingen @ DE"},
	{"Platz is not Straße", SameCity, "Bahnhofplatz 3 @ 37073 @ Göttingen @ DE", "Bahnhofstraße 3 @ 37073 @ Göttingen @ DE"},
	{"upper and lower street", SameCity, "Obere Marktstraße 3 @ 97688 @ Bad Kissingen @ DE", "Untere Marktstr. 3 @ 97688 @ Bad Kissingen @ DE"},
	{"upper street and plain street", SameCity, "Obere Marktstraße 3 @ 97688 @ Bad Kissingen @ DE", "Marktstr. 3 @ 97688 @ Bad Kissingen @ DE"},
	{"Am Markt", Same, "Am Markt 12 @ 28195 @ Bremen @ DE", "AM MARKT 12 @ 28195 @ BREMEN @ DE"},
	{"range with blanks", Same, "Lindenallee 5 - 7 @ 45127 @ Essen @ DE", "Lindenallee 5-7 @ 45127 @ Essen @ DE"},
	{"letter of a house", SameStreet, "Lindenallee 5a @ 45127 @ Essen @ DE", "Lindenallee 5 c @ 45127 @ Essen @ DE"},
	{"typing error in a compound", Same, "Goehtestraße 9 @ 45127 @ Essen @ DE", "Goethestr. 9 @ 45127 @ Essen @ DE"},
	{"Bad town", SameArea, "Lindenallee 5 @ 97688 @ Bad Kissingen @ DE", "Lindenallee 5 @ 97616 @ Bad Neustadt @ DE"},
	{"other number", SameStreet, "Mühlenweg 3 @ 37073 @ Göttingen @ DE", "Mühlenweg 5b @ 37073 @ Göttingen @ DE"},
	{"date street", Same, "Straße des 17. Juni 110 @ 10623 @ Berlin @ DE", "Str. des 17 Juni 110 @ 10623 @ Berlin @ DE"},
	{"Berlin is one city", SameCity, "Kantstraße 9 @ 10623 @ Berlin @ DE", "Sonnenallee 9 @ 12045 @ Berlin @ DE"},
	{"house and garden street", Same, "Haus 3, Gartenweg 12 @ 45127 @ Essen @ DE", "Gartenweg 12 Haus 3 @ 45127 @ Essen @ DE"},
	{"Mannheim's squares", SameStreet, "Q4 11 @ 68161 @ Mannheim @ DE", "Q4, 13 @ 68161 @ Mannheim @ DE"},
	{"packstation", SameCity, "Packstation 145 / 12345678 @ 50667 @ Köln @ DE", "Schillerstr. 14 @ 50667 @ Köln @ DE"},
	{"Austrian door", SameBuilding, "Lindengasse 12/3 @ 1070 @ Wien @ AT", "Lindengasse 12 @ 1070 @ Vienna @ AT"},
	{"Swiss French", Same, "Av. de la Gare 12 @ 1003 @ Lausanne @ CH", "avenue de la Gare 12 @ 1003 @ Lausanne @ CH"},

	{"via and comma", Same, "Via Giuseppe Verdi, 24 @ 40126 @ Bologna @ IT", "v. G. Verdi n. 24 @ 40126 @ BOLOGNA BO @ IT"},
	{"viale", Same, "V.le della Libertà 7/A @ 90143 @ Palermo @ IT", "Viale della Liberta 7A @ 90143 @ Palermo @ IT"},
	{"piazza", Same, "P.zza S. Marco 3 int. 5 @ 50121 @ Firenze @ IT", "piazza San Marco 3, interno 5 @ 50121 @ Florence @ IT"},
	{"scala", SameBuilding, "Via Roma 3 scala B @ 10123 @ Torino @ IT", "Via Roma 3 @ 10123 @ Turin @ IT"},
	{"corso is not via", SameCity, "Corso Roma 3 @ 10123 @ Torino @ IT", "Via Roma 3 @ 10123 @ Torino @ IT"},

	{"saint left out", Same, "Via Giovanni Bosco 10 @ 12100 @ Cuneo @ IT", "Via S. Giovanni Bosco, 10 @ 12100 @ Cuneo CN @ IT"},
	{"bis in Italy", SameStreet, "Via Dante 10/bis @ 12100 @ Cuneo @ IT", "Via Dante 10 @ 12100 @ Cuneo @ IT"},
	{"date and number", Same, "Via 4 Novembre 7 @ 12100 @ Cuneo @ IT", "VIA QUATTRO NOVEMBRE, 7 @ 12100 @ CUNEO @ IT"},
	{"new and old", SameCity, "Via Appia Nuova 12 @ 00183 @ Roma @ IT", "Via Appia Antica 12 @ 00179 @ Roma @ IT"},
	{"largo", Same, "L.go Augusto 3 @ 20122 @ Milano @ IT", "Largo Augusto, 3 @ 20122 @ Milan @ IT"},
	{"gracht", SameStreet, "Prinsengracht 100 @ 1015 EA @ Amsterdam @ NL", "PRINSENGRACHT 102-HS @ 1015EA @ AMSTERDAM @ NL"},
	{"plein apart", Same, "Marnixplein 8 @ 1015ZN @ Amsterdam @ NL", "marnix plein 8 @ 1015 ZN @ amsterdam @ NL"},
	{"straat shortened", Same, "Tweede Jacobstr. 18-II @ 1053 AB @ Amsterdam @ NL", "2e Jacobstraat 18 II @ 1053 AB @ Amsterdam @ NL"},
	{"first and second street", SameCity, "1e Jacobstraat 18 @ 1053 AB @ Amsterdam @ NL", "2e Jacobstraat 18 @ 1053 AB @ Amsterdam @ NL"},
	{"The Hague", Same, "Laan van Eik 5 @ 2595 AA @ Den Haag @ NL", "Laan van Eik 5 @ 2595AA @ 's-Gravenhage @ NL"},
	{"Belgian box", SameBuilding, "Rue Haute 14 bte 3 @ 1000 @ Bruxelles @ BE", "Rue Haute 14 @ 1000 @ Brussel @ BE"},

	{"calle", Same, "C/ Mayor, 10, 2º B @ 28013 @ Madrid @ ES", "Calle Mayor 10 2 B @ 28013 @ MADRID @ ES"},
	{"date in Spain", SameStreet, "Calle 12 de Octubre 5 @ 28009 @ Madrid @ ES", "C. 12 de Octubre, 7 @ 28009 @ Madrid @ ES"},
	{"Polish house and flat", SameBuilding, "ul. Długa 10/3 @ 00-238 @ Warszawa @ PL", "Dluga 10 @ 00-238 @ Warsaw @ PL"},
	{"avenida", Same, "Avda. de América 22 @ 28028 @ Madrid @ ES", "Avenida America, 22 @ 28028 @ Madrid @ ES"},
	{"English flat", SameBuilding, "Flat 3, 12 Baker Street @ NW1 6XE @ London @ GB", "12 Baker St @ NW16XE @ London @ UK"},
	{"American suite", SameBuilding, "450 Oak Avenue Suite 210 @ 97201 @ Portland @ US", "450 Oak Ave @ 97201 @ Portland @ US"},
}

func TestAddressesAreGraded(t *testing.T) {
	for _, c := range graded {
		a, b := at(c.a), at(c.b)
		if got := Compare(a, b, "").Grade; got != c.want {
			t.Errorf("%s: %q, want %q\n  %s\n  %s", c.name, got, c.want, c.a, c.b)
		}
		if got := Compare(b, a, "").Grade; got != c.want {
			t.Errorf("%s, the other way round: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOneBuildingHasOneKey(t *testing.T) {
	same := [][2]string{
		{"12 boulevard Saint-Michel @ 75006 @ Paris @ FR", "Appt 4 / 12, BD ST-MICHEL @ 75006 @ PARIS 06 @ fr"},
		{"6 rue Pasteur BP 40 @ 62020 @ Arras Cedex 9 @ FR", "6 R. PASTEUR @ 62000 @ ARRAS @ FR"},
		{"7 bis rue des Lilas @ 31000 @ Toulouse @ FR", "7B Rue des Lilas, 3e étage @ 31000 @ toulouse @ FR"},
		{"Schillerstraße 14 @ 50667 @ Köln @ DE", "Schiller-Str. 14, 2. OG @ 50667 @ Koeln @ DE"},
		{"Via Giuseppe Verdi, 24 @ 40126 @ Bologna @ IT", "VIA GIUSEPPE VERDI N. 24 @ 40126 @ BOLOGNA @ IT"},
		{"2e Jacobstraat 18 @ 1053 AB @ Amsterdam @ NL", "Tweede Jacobstr. 18 @ 1053AB @ AMSTERDAM @ NL"},
		{"B.P. 1204 @ 97200 @ Fort-de-France @ MQ", "BP 1204 @ 97200 @ FORT DE FRANCE @ FR"},
	}
	for _, c := range same {
		if a, b := Key(at(c[0])), Key(at(c[1])); a != b {
			t.Errorf("%q and %q are two keys of one building", a, b)
		}
	}
	if a, b := Key(at("12 rue Neuve @ 31000 @ Toulouse @ FR")), Key(at("14 rue Neuve @ 31000 @ Toulouse @ FR")); a == b {
		t.Errorf("two houses have one key %q", a)
	}
	if k := Key(Address{Country: "FR", PostalCode: "75001"}); k != "" {
		t.Errorf("an address without line and city has the key %q", k)
	}
	if k := Key(Address{City: "Paris"}); k == "" {
		t.Error("a city alone has no key")
	}
}
