package address

// maxNames bounds the words of a street's name that are compared.
const maxNames = 16

// names are the words that tell a street from another. A token's used then means that an article or preposition ties
// the next word to it: "pont de pierre" is no stone called Pont, but "Charles de Gaulle" is a de Gaulle.
type names struct {
	all [maxNames]token
	n   int
}

// distinguishing gives the name's words that count: not articles, not the kind, and titles only when there is nothing else.
func (l *line) distinguishing() (ns names) {
	for _, skip := range [...]class{stop | title, stop, 0} {
		for i := l.from; i < l.to && ns.n < maxNames; i++ {
			t := l.all[i]
			if t.class&skip != 0 || i == l.kindAt && skip != 0 || isOrdinal(t.raw) && t.cut == glued && i > l.from && isDigit(l.all[i-1].raw[0]) {
				continue
			}
			t.used = t.class&given == 0 && i+1 < l.to && l.all[i+1].class&stop != 0
			ns.all[ns.n] = t
			ns.n++
		}
		if ns.n > 0 {
			break
		}
	}
	return ns
}

// likeness is how sure it is that two names are one street's.
type likeness int

const (
	different likeness = iota
	partial            // the beginning of one is the other: good only with the same number in the same place
	alikeName          // the same, but for typos, abbreviations and first names left out
)

// compareStreets compares the streets of two lines.
func compareStreets(a, b *line) likeness {
	if a.kind != "" && b.kind != "" && a.kind != b.kind {
		return different
	}
	mistypedKind(a, b)
	mistypedKind(b, a)
	x, y := a.distinguishing(), b.distinguishing()
	if x.n == 0 || y.n == 0 {
		return different
	}
	if x.n > y.n {
		x, y = y, x
	}
	byX, byY := pair(&x, &y)
	switch {
	case byX.free == 0 && byY.free == 0, sameRun(a, b):
		return alikeName
	case byX.free > 0 && byY.free > 0, x.n == 1 && byX.mistyped && len(x.all[0].raw) < 7:
		return different // errors do not add up: a word left out and a short one mistyped is another street
	case x.n == 1 && x.all[0].class&adj != 0, a.saint() != b.saint():
		return different // rue Basse, rue du Camp Bas; rue Saint-Martin, rue Henri Martin
	case byX.last && byY.last && !byX.bound && !byY.bound:
		return alikeName
	case byX.first && byY.first && x.n > 1:
		return partial
	}
	return different
}

// saint reports whether the street is named after a saint, mistyped or not.
func (l *line) saint() bool {
	for _, t := range l.all[l.from:l.to] {
		if t.is == "saint" || len(t.raw) > 3 && distance(t.raw, "sainte", 1).n <= 1 {
			return true
		}
	}
	return false
}

// mistypedKind finds the kind of a's street where it is b's with one letter wrong, so that it is no part of the name.
func mistypedKind(a, b *line) {
	if a.kindAt >= 0 || b.kindAt < 0 || a.to-a.from < 2 {
		return
	}
	if w := a.all[a.from].raw; len(w) > 1 && distance(w, b.kind, 1).n == 1 {
		a.kindAt = a.from
	}
}

// paired says what of one name was found in the other.
type paired struct {
	free        int  // words not found
	bound       bool // one of them makes another street of it: old, upper, suburb, second
	first, last bool // found
	mistyped    bool // some word found is not letter for letter the other's
}

// pair finds for each word of x one of y that is alike, exact ones first, whatever the order; then words run together.
func pair(x, y *names) (byX, byY paired) {
	var usedX, usedY [maxNames]bool
	mistyped := false
	for _, exact := range [...]bool{true, false} {
		for i := range x.n {
			for j := 0; j < y.n && !usedX[i]; j++ {
				if !usedY[j] && sameWord(x, y, i, j, exact) {
					usedX[i], usedY[j] = true, true
					mistyped = mistyped || !exact
				}
			}
		}
	}
	joined(x, y, &usedX, &usedY)
	joined(y, x, &usedY, &usedX)
	byX, byY = tally(x, &usedX), tally(y, &usedY)
	byX.mistyped, byY.mistyped = mistyped, mistyped
	return byX, byY
}

// tally counts. A year or a road's number after the name binds nothing, a number before it does.
func tally(ns *names, used *[maxNames]bool) paired {
	p := paired{first: used[0], last: used[ns.n-1]}
	for i := range ns.n {
		if used[i] {
			continue
		}
		t := &ns.all[i]
		p.free++
		p.bound = p.bound || t.used || t.class&(pre|post|site|adj) != 0 && len(t.raw) > 1 || isDigit(t.is[0]) && i < ns.n-1
	}
	return p
}

// sameWord compares the i-th word of x with the j-th of y, as the lexicon has them or as they were written. A letter that
// ends a name is no initial but a king's number or a block.
func sameWord(x, y *names, i, j int, exact bool) bool {
	a, b := &x.all[i], &y.all[j]
	if exact {
		return a.is == b.is
	}
	if len(a.raw) == 1 && i == x.n-1 || len(b.raw) == 1 && j == y.n-1 {
		return false
	}
	return alike(a.raw, b.raw) || alike(a.is, b.is) || shortened(a, b) || shortened(b, a)
}

// shortened is true of an abbreviation with its full stop.
func shortened(a, b *token) bool {
	return a.dotted && len(a.raw) >= 2 && len(a.raw) < len(b.raw) && b.raw[:len(a.raw)] == a.raw
}

// joined pairs two free neighbours of x with one free word of y that is both run together.
func joined(x, y *names, usedX, usedY *[maxNames]bool) {
	for i := 0; i+1 < x.n; i++ {
		p, q := x.all[i].raw, x.all[i+1].raw
		for j := 0; j < y.n && !usedX[i] && !usedX[i+1]; j++ {
			w := y.all[j].raw
			if !usedY[j] && len(w) == len(p)+len(q) && w[:len(p)] == p && w[len(p):] == q {
				usedX[i], usedX[i+1], usedY[j] = true, true, true
			}
		}
	}
}

// sameRun compares the names with all cuts taken out, for a blank lost, added or in the wrong place.
func sameRun(a, b *line) bool {
	var bufA, bufB [maxWord]byte
	x, y := a.run(bufA[:0]), b.run(bufB[:0])
	if len(x) < 8 || len(y) < 8 {
		return false
	}
	e := distance(string(x), string(y), 1)
	return e.n == 0 || e.n == 1 && !e.substitution && !a.numbered() && !b.numbered()
}

// numbered reports whether a number is in the name: one digit more is another date, not a typing error.
func (l *line) numbered() bool {
	for _, t := range l.all[l.from:l.to] {
		if isDigit(t.is[0]) {
			return true
		}
	}
	return false
}

// run appends the letters of the name without cuts, up to the bound.
func (l *line) run(dst []byte) []byte {
	for _, t := range l.all[l.from:l.to] {
		w := t.is
		if t.class&stop != 0 {
			w = t.raw // the lexicon makes all articles one
		}
		if len(dst)+len(w) <= cap(dst) {
			dst = append(dst, w...)
		}
	}
	return dst
}
