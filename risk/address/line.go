package address

// line is what the street lines of an address say.
type line struct {
	tokens
	text   string
	number number
	kind   string // of street: rue, strasse; "" when not recognised
	from   int    // the street's name: tokens from to to-1, its kind among them
	to     int
	kindAt int     // token of the kind, -1 for none
	units  [4]part // flat, floor, building, in the order written
	parts  int
	box    string // number of the box at the post office
}

// part is one detail of where in the building.
type part struct{ kind, value string }

// readLine finds the parts of folded street lines. Code is the address's own, so that its repetition in the lines
// is not taken for a house number.
func readLine(l *line, text string, lex lexicon, code string) {
	l.text = text
	l.cutInto(text, lex)
	l.dropPlace(code)
	for i := 0; i < l.n; i++ {
		l.readDetail(i)
	}
	l.readNumber(lex)
	l.findStreet()
}

// dropPlace takes out a part of the line that begins with the address's own postal code: the place is known already.
func (l *line) dropPlace(code string) {
	if len(code) < 4 {
		return
	}
	for i := 0; i < l.n; i++ {
		if l.all[i].raw != code || i > 0 && l.digits(i-1) && !l.opens(i) {
			continue
		}
		j := i + 1
		for !l.opens(j) {
			j++
		}
		l.use(i, j)
	}
}

// readDetail reads flat, floor, building, box or person at i.
func (l *line) readDetail(i int) {
	t := l.at(i)
	article := !l.opens(i) && l.at(i-1).class&stop != 0 && len(l.at(i-1).raw) > 1
	switch {
	case t.used || article:
	case t.class&box != 0 && l.digits(i+1):
		l.readBox(i)
	case t.class&care != 0:
		j := i + 1
		for !l.opens(j) && !l.digits(j) {
			j++
		}
		l.use(i, j)
	case t.class&(unit|named) != 0 && l.valued(i+1) && !(t.class&named != 0 && l.numbersStreet(i+1)):
		l.readUnit(i)
	case isFloor(t.is) && l.ordinalBefore(i) >= 0:
		k := l.ordinalBefore(i)
		l.note(t.is, l.at(k).is)
		l.use(k, i+1)
	case t.class&alone != 0 && l.alonePart(i):
		l.note(t.is, "")
		l.use(i, i+1)
	case t.class&named != 0 && l.trails(i):
		l.dropTail(i)
	}
}

// readBox reads the number of a box, written in groups or not; a number before the kind of a street is the house's.
func (l *line) readBox(i int) {
	j := i + 1
	for l.digits(j) && (j == i+1 || !l.opens(j) && l.at(l.numberAt(j).end).class&(pre|adj) == 0) {
		l.box += l.at(j).raw
		j++
	}
	l.use(i, j)
}

// valued reports whether a short value stands at i: digits, a letter, or both run together.
func (l *line) valued(i int) bool {
	if i >= l.n || l.opens(i) {
		return false
	}
	t := l.at(i)
	return l.digits(i) || !t.used && len(t.raw) == 1 && l.at(i+1).cut != quote
}

// numbersStreet reports whether the number at i is followed by the kind of a street: "Mairie 64, rue ...".
func (l *line) numbersStreet(i int) bool {
	return l.digits(i) && l.is(l.numberAt(i).end, pre)
}

// isFloor is true of the words that an ordinal stands before.
func isFloor(is string) bool {
	switch is {
	case "etage", "stock", "floor", "verdieping", "piano", "piso", "planta":
		return true
	}
	return false
}

// readUnit reads a detail and its value, as in "Bât. C", "apt A12", "3-4" or "int. 5/B".
func (l *line) readUnit(i int) {
	j := i + 2
	for l.at(j).cut == glued && j < l.n && (l.digits(j) || len(l.at(j).raw) <= 2) {
		j++
	}
	value := l.at(i + 1).raw
	for k := i + 2; k < j; k++ {
		value += l.at(k).raw
	}
	l.note(l.at(i).is, value)
	l.use(i, j)
}

// ordinalBefore is where "3e", "3." or "premier" begins right before i, or -1.
func (l *line) ordinalBefore(i int) int {
	switch {
	case l.opens(i):
		return -1
	case l.digits(i - 1):
		return i - 1
	case isOrdinal(l.at(i-1).raw) && l.digits(i-2):
		return i - 2
	case allDigits(l.at(i-1).is) || l.at(i-1).raw == "dernier":
		return i - 1
	}
	return -1
}

// alonePart reports whether a word such as "links" is a detail here: it is a part of its own or stands after a number.
func (l *line) alonePart(i int) bool {
	return l.opens(i) && l.opens(i+1) || l.at(i-1).used || l.digits(i-1) && l.opens(i+1)
}

// trails reports whether a building or institution begins at i after the street has been named in the same part.
func (l *line) trails(i int) bool {
	street, name := false, false
	for k := i - 1; k >= 0; k-- {
		t := l.at(k)
		street = street || t.class&(pre|post) != 0 || l.digits(k)
		name = name || t.class&(stop|pre|post|adj) == 0 && !isDigit(t.raw[0]) && !isSuffix(t.raw)
		if t.opens() {
			break
		}
	}
	return street && name
}

// dropTail takes out a named building up to the end of the part, or to a number before the kind of a street.
func (l *line) dropTail(i int) {
	j := i + 1
	for !l.opens(j) && !(l.digits(j) && l.at(j+1).class&pre != 0) {
		j++
	}
	l.use(i, j)
}

// note keeps a detail; four are enough to tell two flats apart.
func (l *line) note(kind, value string) {
	if l.parts < len(l.units) {
		l.units[l.parts] = part{kind, value}
		l.parts++
	}
}

// isOrdinal is true of what makes a number an ordinal.
func isOrdinal(s string) bool {
	switch s {
	case "e", "er", "eme", "ieme", "ere", "re", "nd", "nde", "th", "rd", "o":
		return true
	}
	return false
}
