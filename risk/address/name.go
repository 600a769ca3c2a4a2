package address

// courtesies are what stands before or after a name and is no part of it.
var courtesies = tableOf(
	group{title, `
m mr mme mlle mrs ms miss mister sir herr frau hr fr sig sigra signor signora dott dottssa ing avv sr sra senor senora don dona
monsieur madame mademoiselle dhr mevr mevrouw mw dr docteur prof professeur maitre me mag dipl jr sen junior senior phd md esq
famille familie fam famiglia`},
	group{stop, `
von zu der van den ten ter de du des d la le del della di da do dos et and und ou`},
)

// maxPersonWords bounds the words of a name that are compared.
const maxPersonWords = 12

// person is a name cut into the words that count.
type person struct {
	all [maxPersonWords]string
	n   int
}

// readName cuts a name. Particles count for nothing: they are left out as often as not.
func readName(s string) (p person) {
	var buf [maxBytes + 16]byte
	var ts tokens
	ts.cutInto(string(appendFold(buf[:0], s)), lexicon{own: courtesies})
	for _, skip := range [...]class{title | stop, 0} {
		for i := 0; i < ts.n && p.n < maxPersonWords; i++ {
			t := ts.all[i]
			_, known := courtesies[t.raw]
			initial := len(t.raw) == 1 && t.dotted && !(i == 0 && t.raw == "m" && ts.n > 2)
			if known && !initial && t.class&skip != 0 {
				continue
			}
			p.all[p.n] = t.raw
			p.n++
		}
		if p.n > 0 {
			break
		}
	}
	return p
}

// SameName reports whether two names may be one person's: case, accents, hyphens, titles and the order of words do not
// matter, an initial stands for its name, a second first name may be missing, and one letter may be mistyped. At least
// one whole word must be in both, and two words when both have two. Two different first names are two people. It is
// symmetric; an empty name is nobody's.
func SameName(a, b string) bool {
	if a > b {
		a, b = b, a
	}
	x, y := readName(a), readName(b)
	if x.n == 0 || y.n == 0 {
		return false
	}
	if x.n > y.n {
		x, y = y, x
	}
	whole, all := matchPersons(&x, &y)
	if all == x.n {
		return whole >= 1 && (x.n >= 2 || y.n == 1)
	}
	return runTogether(&x) == runTogether(&y)
}

// SameFamily reports whether two names may be those of two people of one family: a word that is not the first of both
// stands in both, whole, as Dupont in "Jean Dupont" and "Camille Dupont", and they are not one person. A shared first
// name alone is no family. It is symmetric; an empty name is nobody's.
func SameFamily(a, b string) bool {
	x, y := readName(a), readName(b)
	for i := range x.n {
		for j := range y.n {
			if i+j > 0 && len(x.all[i]) > 2 && x.all[i] == y.all[j] {
				return !SameName(a, b)
			}
		}
	}
	return false
}

// matchPersons pairs each word of x with one of y: equal ones first, then mistyped ones, then initials. Whole counts
// the pairs that are more than an initial.
func matchPersons(x, y *person) (whole, all int) {
	var usedX, usedY [maxPersonWords]bool
	for round := range 3 {
		for i := range x.n {
			for j := 0; j < y.n && !usedX[i]; j++ {
				if usedY[j] || !samePersonWord(x.all[i], y.all[j], round) {
					continue
				}
				usedX[i], usedY[j] = true, true
				all++
				if len(x.all[i]) > 1 && len(y.all[j]) > 1 {
					whole++
				}
			}
		}
	}
	return whole, all
}

// samePersonWord compares two words of names, more loosely from round to round. A mistyped letter is forgiven from five
// letters on, and never at the beginning: Jean and Dean are two people.
func samePersonWord(a, b string, round int) bool {
	switch round {
	case 0:
		return a == b
	case 1:
		return len(a) > 4 && len(b) > 4 && a[0] == b[0] && distance(a, b, 1).n <= 1
	}
	return (len(a) == 1 || len(b) == 1) && a[0] == b[0]
}

// runTogether is the name without cuts, for "Jean-Pierre" against "Jeanpierre".
func runTogether(p *person) string {
	var buf [128]byte
	b := buf[:0]
	for _, w := range p.all[:p.n] {
		b = append(b, w...)
	}
	return string(b)
}
