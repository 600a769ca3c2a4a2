package address

import "strconv"

// number is a house number: a range has both ends, a single house has low == high. The zero value is no number.
type number struct {
	low, high int
	suffix    string // "b" for bis, B, b
	door      string // 12/3: the door 3
	at        int    // token it stands at
	end       int    // the token after it
}

// same reports whether two numbers are one building: 12-14 holds 12 and 14.
func (n number) same(m number) bool {
	if n.low == 0 || m.low == 0 {
		return n.low == m.low
	}
	if n.low == n.high && m.low == m.high {
		return n.low == m.low && n.suffix == m.suffix
	}
	return n.low <= m.high && m.low <= n.high
}

// String is the number in one form, "" for none.
func (n number) String() string {
	if n.low == 0 {
		return ""
	}
	return strconv.Itoa(n.low) + n.suffix
}

// suffixes of house numbers, brought to a letter: bis is the first after the number itself in France and Italy, as
// B is elsewhere.
func suffixLetter(s string) string {
	switch s {
	case "bis":
		return "b"
	case "ter":
		return "t"
	case "quater", "quat":
		return "q"
	case "quinquies":
		return "c"
	}
	return s
}

// isSuffix is true of bis, ter and single letters.
func isSuffix(s string) bool {
	return len(s) == 1 && isLetter(s[0]) || len(s) > 1 && len(suffixLetter(s)) == 1
}

// readNumber finds the house number: of all numbers in the line, the one that stands where house numbers stand.
func (l *line) readNumber(lex lexicon) {
	best, most := -1, 0
	for i := 0; i < l.n; i++ {
		if !l.digits(i) {
			continue
		}
		s := l.likelihood(i)
		if s >= 0 && lex.last && best < 0 && !l.opens(i) && l.at(i).cut != glued {
			s += 4
		}
		if s > most {
			best, most = i, s
		}
	}
	if best >= 0 {
		l.number = l.numberAt(best)
		if l.number.door != "" {
			l.note("porte", l.number.door)
		}
		if lex.last {
			l.readDoor(l.number.end)
		}
	}
}

// readDoor reads what follows a house number that stands after the street: "10, 2º B", "18 II".
func (l *line) readDoor(i int) {
	value := ""
	for n := 0; n < 3 && i < l.n && l.at(i).cut < newLine && isDoor(l.at(i)); n++ {
		if !isOrdinal(l.at(i).raw) {
			value += l.at(i).raw
		}
		l.use(i, i+1)
		i++
	}
	if value != "" {
		l.note("porte", value)
	}
}

// isDoor is true of one or two digits, a letter, or a Roman number up to four.
func isDoor(t token) bool {
	switch t.raw {
	case "ii", "iii", "iv", "er":
		return !t.used
	}
	return !t.used && (len(t.raw) == 1 || len(t.raw) == 2 && allDigits(t.raw))
}

// likelihood is how much the number at i looks like a house number. The weights only order the cases: before the kind
// of a street, at the beginning, at the end; dates and ordinals are names, and negative.
func (l *line) likelihood(i int) int {
	n := l.numberAt(i)
	after := l.at(n.end)
	score := 0
	if l.is(n.end, pre) || l.is(n.end, adj) && l.is(n.end+1, pre) {
		score += 6
	} else if l.is(n.end, site) {
		score += 5
	}
	if l.opens(i) {
		score += 3
	}
	if l.at(i-1).class&numero != 0 {
		score += 4
	}
	if l.opens(n.end) || after.used {
		score += 3
	}
	if l.monthAt(n.end) || after.class&stop != 0 && l.monthAt(n.end+1) || !l.opens(i) && l.at(i-1).class&month != 0 && len(l.at(i).raw) == 4 {
		return -1
	}
	if isOrdinal(after.raw) && after.cut == glued || n.suffix == "e" && score < 6 && !l.opens(n.end) && !after.used {
		return -1 // 1er, 2e Helmersstraat
	}
	if prev := l.at(i - 1); !l.opens(i) && prev.class&stop != 0 && len(prev.raw) > 1 && score < 6 {
		return -1
	}
	return score
}

// monthAt reports whether a month continues the part at i.
func (l *line) monthAt(i int) bool { return !l.opens(i) && l.at(i).class&month != 0 }

// numberAt reads the number at i with its suffix and range.
func (l *line) numberAt(i int) number {
	n := number{at: i, end: i + 1}
	n.low, _ = strconv.Atoi(l.at(i).raw)
	n.high = n.low
	n.end, n.suffix = l.suffixAt(n.end)
	j := n.end
	if r := l.at(j).raw; (r == "a" || r == "et") && !l.opens(j) && l.digits(j+1) {
		j++
	} else if c := l.at(j).cut; c != hyphen && c != slash {
		return n
	}
	if !l.digits(j) {
		return n
	}
	if high, _ := strconv.Atoi(l.at(j).raw); high > n.low && high-n.low < 200 {
		n.high = high
		n.end, _ = l.suffixAt(j + 1)
	} else if l.at(j).cut == slash {
		n.door, n.end = l.at(j).raw, j+1
	}
	return n
}

// suffixAt reads bis, ter or a letter at i. A letter apart from the number is a suffix only where the name cannot begin:
// before the kind of a street, a comma or the end.
func (l *line) suffixAt(i int) (end int, suffix string) {
	t := l.at(i)
	if t.raw == "" || t.used || t.opens() || !isSuffix(t.raw) {
		return i, ""
	}
	next := l.at(i + 1)
	free := len(t.raw) > 1 || t.cut == glued || next.opens() || next.used || next.class&(pre|site) != 0 ||
		next.class&adj != 0 && l.is(i+2, pre)
	if !free || next.cut == quote || len(t.raw) == 1 && t.class&pre != 0 && t.cut != glued {
		return i, ""
	}
	return i + 1, suffixLetter(t.raw)
}
