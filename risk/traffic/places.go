package traffic

import (
	"fmt"
	"strings"

	"octroi/risk"
)

// place is a town, with a neighbour people work or live in.
type place struct {
	code, name     string
	nearCode, near string
	country        string
}

// places are towns of France, the larger ones more than once, then towns abroad.
var places = []place{
	{"75011", "Paris", "93100", "Montreuil", "FR"}, {"75015", "Paris", "92130", "Issy-les-Moulineaux", "FR"},
	{"75018", "Paris", "93400", "Saint-Ouen", "FR"}, {"75020", "Paris", "93170", "Bagnolet", "FR"},
	{"13001", "Marseille", "13400", "Aubagne", "FR"}, {"13008", "Marseille", "13600", "La Ciotat", "FR"},
	{"69003", "Lyon", "69100", "Villeurbanne", "FR"}, {"69007", "Lyon", "69200", "Vénissieux", "FR"},
	{"31000", "Toulouse", "31700", "Blagnac", "FR"}, {"06000", "Nice", "06800", "Cagnes-sur-Mer", "FR"},
	{"44000", "Nantes", "44800", "Saint-Herblain", "FR"}, {"67000", "Strasbourg", "67300", "Schiltigheim", "FR"},
	{"34000", "Montpellier", "34970", "Lattes", "FR"}, {"33000", "Bordeaux", "33600", "Pessac", "FR"},
	{"59000", "Lille", "59100", "Roubaix", "FR"}, {"35000", "Rennes", "35510", "Cesson-Sévigné", "FR"},
	{"51100", "Reims", "51200", "Épernay", "FR"}, {"42000", "Saint-Étienne", "42400", "Saint-Chamond", "FR"},
	{"76600", "Le Havre", "76290", "Montivilliers", "FR"}, {"83000", "Toulon", "83500", "La Seyne-sur-Mer", "FR"},
	{"38000", "Grenoble", "38130", "Échirolles", "FR"}, {"21000", "Dijon", "21300", "Chenôve", "FR"},
	{"49000", "Angers", "49240", "Avrillé", "FR"}, {"30000", "Nîmes", "30300", "Beaucaire", "FR"},
	{"63000", "Clermont-Ferrand", "63170", "Aubière", "FR"}, {"72000", "Le Mans", "72700", "Allonnes", "FR"},
	{"29200", "Brest", "29480", "Le Relecq-Kerhuon", "FR"}, {"37000", "Tours", "37300", "Joué-lès-Tours", "FR"},
	{"87000", "Limoges", "87350", "Panazol", "FR"}, {"80000", "Amiens", "80330", "Longueau", "FR"},
	{"57000", "Metz", "57140", "Woippy", "FR"}, {"25000", "Besançon", "25480", "École-Valentin", "FR"},
	{"45000", "Orléans", "45400", "Fleury-les-Aubrais", "FR"}, {"68100", "Mulhouse", "68110", "Illzach", "FR"},
	{"14000", "Caen", "14200", "Hérouville-Saint-Clair", "FR"}, {"54000", "Nancy", "54500", "Vandœuvre-lès-Nancy", "FR"},
	{"64000", "Pau", "64140", "Billère", "FR"}, {"17000", "La Rochelle", "17440", "Aytré", "FR"},
	{"56100", "Lorient", "56600", "Lanester", "FR"}, {"15000", "Aurillac", "15130", "Arpajon-sur-Cère", "FR"},
	{"1000", "Bruxelles", "1050", "Ixelles", "BE"}, {"4000", "Liège", "4040", "Herstal", "BE"},
	{"1204", "Genève", "1227", "Carouge", "CH"}, {"1009", "Luxembourg", "1510", "Luxembourg", "LU"},
	{"10115", "Berlin", "14467", "Potsdam", "DE"}, {"50667", "Köln", "51373", "Leverkusen", "DE"},
	{"28001", "Madrid", "28901", "Getafe", "ES"}, {"20121", "Milano", "20900", "Monza", "IT"},
}

// firstAbroad is the first of the places that are not in France.
const firstAbroad = 40

// kinds of street as written in full and in short.
var kinds = [][2]string{{"rue", "r."}, {"rue", "r"}, {"avenue", "av."}, {"boulevard", "bd"}, {"place", "pl."}, {"chemin", "chem."},
	{"allée", "all."}, {"impasse", "imp."}, {"route", "rte"}, {"quai", "quai"}}

var streets = []string{"Victor Hugo", "Pasteur", "de la République", "Jean Jaurès", "des Lilas", "du Moulin", "de la Gare",
	"Saint-Michel", "des Écoles", "Voltaire", "des Tilleuls", "du Général Leclerc", "de l'Église", "Émile Zola", "des Acacias",
	"Gambetta", "du Château", "de Verdun", "des Cerisiers", "Jules Ferry", "Marie Curie", "du Stade", "des Vignes", "Molière",
	"de Bretagne", "du Lavoir", "George Sand", "des Roses", "Saint-Jacques", "de la Fontaine", "du Port", "Carnot"}

var firsts = []string{"Marie", "Jean", "Camille", "Louis", "Nathalie", "Pierre", "Isabelle", "Thomas", "Léa", "Nicolas", "Sophie",
	"Julien", "Manon", "Antoine", "Chloé", "Hugo", "Sandrine", "Karim", "Fatima", "Paul", "Élodie", "Mehdi", "Inès", "Olivier"}

var lasts = []string{"Martin", "Bernard", "Dubois", "Robert", "Richard", "Petit", "Durand", "Leroy", "Moreau", "Simon", "Laurent",
	"Lefebvre", "Michel", "Garcia", "David", "Bertrand", "Roux", "Vincent", "Fournier", "Morel", "Girard", "André", "Mercier",
	"Dupuis", "Lambert", "Bonnet", "François", "Benali", "Nguyen", "Da Silva", "Masson", "Chevalier", "Robin", "Perrin"}

// door is where somebody can be reached.
type door struct {
	place  int
	near   bool // in the place's neighbour
	number int
	street int
	kind   int
	extra  string // a name before the street: a company, a pick-up point
}

func (t *town) door(place int) door {
	return door{place: place, number: 1 + t.dice.IntN(180), street: t.dice.IntN(len(streets)), kind: t.dice.IntN(len(kinds))}
}

// french is a town of France, the first of the list more often than the last.
func (t *town) french() int { return int(t.dice.Float64() * t.dice.Float64() * firstAbroad) }

func (t *town) abroad() int { return firstAbroad + t.dice.IntN(len(places)-firstAbroad) }

// elsewhere is a town of France that is neither the place nor shares its name.
func (t *town) elsewhere(from int) int {
	for {
		if p := t.french(); places[p].name != places[from].name {
			return p
		}
	}
}

// address writes a door as somebody types it, each time a little differently.
func (t *town) address(d door) risk.Address {
	p := places[d.place]
	a := risk.Address{PostalCode: p.code, City: p.name, Country: p.country}
	if d.near {
		a.PostalCode, a.City = p.nearCode, p.near
	}
	kind := kinds[d.kind][0]
	line := fmt.Sprintf("%d %s %s", d.number, kind, streets[d.street])
	switch x := t.dice.IntN(20); {
	case x == 0:
		line = strings.ToUpper(line)
		a.City = strings.ToUpper(a.City)
	case x < 3:
		line = fmt.Sprintf("%d, %s %s", d.number, kind, streets[d.street])
	case x < 6:
		line = fmt.Sprintf("%d %s %s", d.number, kinds[d.kind][1], streets[d.street])
	case x == 6:
		line = strings.ToLower(line)
	}
	if d.extra != "" {
		a.Lines = append(a.Lines, d.extra)
	}
	a.Lines = append(a.Lines, line)
	return a
}
