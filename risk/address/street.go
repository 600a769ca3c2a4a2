package address

// findStreet marks the tokens of the street's name.
func (l *line) findStreet() {
	k := l.findKind()
	l.kindAt = k
	switch {
	case k < 0:
		l.from, l.to = l.unkindStreet()
	case l.all[k].class&(pre|site) != 0:
		l.from, l.to = l.beginning(k), l.ending(k+1)
	default:
		l.from, l.to = l.surroundings(k)
	}
	if k >= 0 {
		l.kind = l.all[k].is
	}
}

// findKind is where the kind of street stands, best evidence first, or -1.
func (l *line) findKind() int {
	if n := l.number.end; l.number.low != 0 {
		if l.is(n, pre|site) {
			return n
		}
		if l.is(n, adj) && l.is(n+1, pre) && !l.opens(n+1) {
			return n + 1
		}
	}
	for i := range l.n { // at the beginning of a part
		if l.opens(i) && l.is(i, pre) && len(l.all[i].raw) > 1 {
			return i
		}
	}
	for i := l.n - 1; i >= 0; i-- { // Straße ends the name: the last one counts
		if l.is(i, post) && !l.is(i, pre) && !l.inNumber(i) {
			return i
		}
	}
	for i := range l.n {
		if l.is(i, pre) && !l.inNumber(i) && (len(l.all[i].raw) > 2 || l.opens(i) || l.all[i].dotted) {
			return i
		}
	}
	for i := range l.n {
		if l.is(i, site) && (l.opens(i) || l.all[i-1].used) {
			return i
		}
	}
	return -1
}

// inNumber reports whether the token is part of the house number.
func (l *line) inNumber(i int) bool {
	return l.number.low != 0 && i >= l.number.at && i < l.number.end
}

// beginning is where the name begins whose kind stands at k: after a house number close by, or at the kind itself with
// the adjectives before it.
func (l *line) beginning(k int) int {
	if n := l.number.end; l.number.low != 0 && n <= k && k-n <= 2 {
		clear := true
		for i := n + 1; i <= k; i++ {
			clear = clear && !l.opens(i)
		}
		if clear {
			return n
		}
	}
	from := k
	for from > 0 && !l.opens(from) && l.is(from-1, adj|title) && !l.inNumber(from-1) {
		from--
	}
	return from
}

// ending is where the name that has reached i ends: at the end of the part, a detail or the house number.
func (l *line) ending(i int) int {
	for !l.opens(i) && !l.all[i].used && !l.inNumber(i) && !l.atNumber(i) {
		i++
	}
	return i
}

// atNumber is true of "n° 5" when 5 is the house number.
func (l *line) atNumber(i int) bool {
	return l.number.low != 0 && i+1 == l.number.at && l.all[i].class&numero != 0
}

// surroundings are the free tokens around k in its part.
func (l *line) surroundings(k int) (from, to int) {
	from = k
	for !l.opens(from) && !l.all[from-1].used && !l.inNumber(from-1) {
		from--
	}
	return from, l.ending(k + 1)
}

// unkindStreet is the name of a street of no known kind: what follows the number, else what stands before it, else
// the first free words.
func (l *line) unkindStreet() (from, to int) {
	if n := l.number; n.low != 0 {
		if to = l.ending(min(n.end+1, l.n)); n.end < l.n && !l.all[n.end].used && (!l.opens(n.end) || l.opens(n.at)) {
			return n.end, to
		}
		if i := n.at - 1; i >= 0 && l.all[i].class&numero == 0 && !l.all[i].used {
			return l.surroundings(i)
		} else if i > 0 && !l.all[i-1].used {
			return l.surroundings(i - 1)
		}
	}
	for i := range l.n {
		if !l.all[i].used && !l.inNumber(i) {
			return i, l.ending(i + 1)
		}
	}
	return 0, 0
}

// maxNames bounds the words of a street's name that are compared.
const maxNames = 16

// names are the words that tell a street from another.
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
	if a.kind != "" && b.kind != "" && a.kind != b.kind && !looseKinds(a, b) {
		return different
	}
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
	case byX.free > 0 && byY.free > 0:
		return different
	case byX.last && byY.last && !byX.bound && !byY.bound:
		return alikeName
	case byX.first && byY.first && (x.n > 1 || !byX.bound && !byY.bound):
		return partial
	}
	return different
}

// looseKinds are pairs of kinds that people mix up: a residence or an estate is named with or without its street.
func looseKinds(a, b *line) bool {
	return shared[a.kind].class&site != 0 || shared[b.kind].class&site != 0
}

// paired says what of one name was found in the other.
type paired struct {
	free        int  // words not found
	bound       bool // one of them makes another street of it: old, upper, suburb, second
	first, last bool // found
}

// pair finds for each word of x one of y that is alike, exact ones first, whatever the order; then words run together.
func pair(x, y *names) (byX, byY paired) {
	var usedX, usedY [maxNames]bool
	for _, exact := range [...]bool{true, false} {
		for i := range x.n {
			for j := 0; j < y.n && !usedX[i]; j++ {
				if !usedY[j] && sameWord(&x.all[i], &y.all[j], exact) {
					usedX[i], usedY[j] = true, true
				}
			}
		}
	}
	joined(x, y, &usedX, &usedY)
	joined(y, x, &usedY, &usedX)
	return tally(x, &usedX), tally(y, &usedY)
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
		p.bound = p.bound || t.class&(pre|post|adj) != 0 && len(t.raw) > 1 || isDigit(t.is[0]) && i < ns.n-1
	}
	return p
}

// sameWord compares two words of names, as the lexicon has them or as they were written.
func sameWord(a, b *token, exact bool) bool {
	if exact {
		return a.is == b.is
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
	return e.n == 0 || e.n == 1 && !e.substitution
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
