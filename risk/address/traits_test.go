package address

import (
	"slices"
	"testing"
)

func TestDeliveryTellsWhatKindOfPlaceItIs(t *testing.T) {
	home := at("12 rue Neuve @ 31000 @ Toulouse @ FR")
	for _, c := range []struct {
		lines, method string
		want          []Trait
	}{
		{"12 rue Neuve @ 31000 @ Toulouse @ FR", "home", nil},
		{"12 rue du Relais @ 31000 @ Toulouse @ FR", "home", nil},
		{"4 impasse de la Consigne @ 31000 @ Toulouse @ FR", "", nil},
		{"12 rue Neuve @ 31000 @ Toulouse @ FR", "pickup_point", []Trait{PickupPoint}},
		{"Tabac de la Gare - Mondial Relay / 3 place de la Gare @ 31000 @ Toulouse @ FR", "home", []Trait{PickupPoint}},
		{"RELAIS PICKUP Le Fournil / 3 place de la Gare @ 31000 @ Toulouse @ FR", "", []Trait{PickupPoint}},
		{"Consigne Pickup Station Gare / quai 2 @ 31000 @ Toulouse @ FR", "locker", []Trait{PickupPoint, Locker}},
		{"Packstation 145 / 12345678 @ 50667 @ Köln @ DE", "", []Trait{Locker}},
		{"Paczkomat WAW01A / ul. Prosta 1 @ 00-001 @ Warszawa @ PL", "", []Trait{Locker}},
		{"Punto Pack Papelería / Calle Mayor 10 @ 28013 @ Madrid @ ES", "", []Trait{PickupPoint}},
		{"Librairie / 12 rue Neuve @ 31000 @ Toulouse @ FR", "store", []Trait{Store}},
		{" @  @  @ FR", "digital", []Trait{Digital}},
		{"Shipito / 5 Harbour Road Suite 77 @ 97201 @ Portland @ US", "home", []Trait{Forwarder}},
		{"Transitaire Océan Sud SARL / 5 quai Est @ 76600 @ Le Havre @ FR", "", []Trait{Forwarder, Company}},
		{"BP 1204 @ 97200 @ Fort-de-France @ FR", "", []Trait{POBox}},
		{"P.O. Box 88 @ NW1 6XE @ London @ GB", "", []Trait{POBox}},
		{"Postfach 10 20 30 @ 50667 @ Köln @ DE", "", []Trait{POBox}},
		{"Weber Optik GmbH / Mühlenweg 3 @ 37073 @ Göttingen @ DE", "", []Trait{Company}},
		{"Rossi S.p.A. / Via Roma 3 @ 10123 @ Torino @ IT", "", []Trait{Company}},
		{"De Molen B.V. / Damweg 3 @ 1012 AB @ Amsterdam @ NL", "", []Trait{Company}},
	} {
		got := Compare(home, at(c.lines), c.method).Traits
		if !slices.Equal(got, c.want) {
			t.Errorf("%s by %q: %v, want %v", c.lines, c.method, got, c.want)
		}
	}
}

func TestNamesOfOnePersonAreKnownAgain(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Jean Dupont", "JEAN DUPONT", true},
		{"Jean Dupont", "Dupont Jean", true},
		{"Jean Dupont", "M. Jean Dupont", true},
		{"J. Dupont", "Jean Dupont", true},
		{"Jean-Pierre Lefèvre", "Lefevre Jean Pierre", true},
		{"Jean-Pierre Lefèvre", "Jeanpierre Lefevre", true},
		{"J.-P. Lefèvre", "Jean-Pierre Lefèvre", true},
		{"Anne Marie Petit", "Anne Petit", true},
		{"Herr Dr. Jörg Müller", "Jorg Müller", true},
		{"Maria van den Berg", "van den Berg, Maria", true},
		{"Sra. Lucía Gómez", "Lucia Gomez", true},
		{"Catherine Bernard", "Catherine Bernrad", true},
		{"Jean Dupont", "Jeanne Dupont", false},
		{"Jean Dupont", "Jean Durand", false},
		{"Jean Dupont", "Dean Dupont", false},
		{"Jean Dupont", "Paul Dupont", false},
		{"Jean Dupont", "Dupont", false},
		{"J. D.", "Jean Dupont", false},
		{"", "", false},
		{"", "Jean", false},
		{"Madonna", "madonna", true},
	} {
		if got := SameName(c.a, c.b); got != c.same || SameName(c.b, c.a) != got {
			t.Errorf("%q and %q: %v, want %v both ways", c.a, c.b, got, c.same)
		}
	}
}

func TestNamesOfOneFamilyAreTwoPeopleWithOneSurname(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Jean Dupont", "Camille Dupont", true},
		{"DUPONT Jean", "Mme Camille Dupont", true},
		{"Jean Lefèvre", "Chloé LEFEVRE", true},
		{"Inès da Silva", "Paul Silva", true},
		{"Jean Dupont-Moretti", "Camille Dupont", true},
		{"Jean Dupont", "Dupont Jean", false}, // one person
		{"Jean Dupont", "J. Dupont", false},
		{"Jean Dupont", "Jean Martin", false}, // a first name is no family
		{"Dupont Jean", "Dupont Camille", false},
		{"Jean Dupont", "Camille Durand", false},
		{"Jean Li", "Camille Li", false}, // too short to tell
		{"Jean Dupont", "", false},
		{"", "", false},
	} {
		if got := SameFamily(c.a, c.b); got != c.same || SameFamily(c.b, c.a) != got {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
