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
