package address

import "strings"

// The cuts between words, weakest first.
const (
	glued   byte = iota // 12bis
	space               // also full stops and whatever else
	quote               // d'Or
	hyphen              // Saint-Denis, 3-5
	slash               // 21/23
	comma               // also brackets, semicolons and a dash between spaces
	newLine             // another line of the address
)

// token is a word of an address.
type token struct {
	raw    string // as written, folded
	is     string // as the lexicon has it
	class  class
	cut    byte // what stands before it
	dotted bool // a full stop follows: an abbreviation
	used   bool // read as something other than the street
}

// opens reports whether the token begins a part of the line.
func (t token) opens() bool { return t.cut >= comma }

// tokens is the line of an address cut into words.
type tokens struct {
	all [maxTokens]token
	n   int
}

// at is the i-th token, or an empty one beyond the ends.
func (ts *tokens) at(i int) token {
	if i < 0 || i >= ts.n {
		return token{cut: newLine}
	}
	return ts.all[i]
}

// opens reports whether a part of the line begins at i or has ended before it.
func (ts *tokens) opens(i int) bool { return i <= 0 || i >= ts.n || ts.all[i].cut >= comma }

// is reports whether the i-th token exists, is still free and has one of the classes.
func (ts *tokens) is(i int, c class) bool {
	return i >= 0 && i < ts.n && !ts.all[i].used && ts.all[i].class&c != 0
}

// digits reports whether the i-th token is a free number of at most five digits.
func (ts *tokens) digits(i int) bool {
	return i >= 0 && i < ts.n && !ts.all[i].used && len(ts.all[i].raw) <= 5 && isDigit(ts.all[i].raw[0])
}

// use takes tokens i to j-1 out of what may be the street.
func (ts *tokens) use(i, j int) {
	for ; i < j && i < ts.n; i++ {
		ts.all[i].used = true
	}
}

// add appends a word.
func (ts *tokens) add(t token) {
	if ts.n < maxTokens {
		ts.all[ts.n] = t
		ts.n++
	}
}

// cutInto cuts folded text into words, looks them up, and joins or splits what is written otherwise.
func (ts *tokens) cutInto(text string, lex lexicon) {
	cut, spaced := newLine, false
	for i := 0; i < len(text); {
		c := text[i]
		if !isDigit(c) && !isLetter(c) {
			cut, spaced = widen(cut, spaced, text, i)
			i++
			continue
		}
		j := i + 1
		for j < len(text) && (isDigit(c) && isDigit(text[j]) || isLetter(c) && isLetter(text[j])) {
			j++
		}
		dotted := j < len(text) && text[j] == '.'
		ts.push(text[i:j], cut, dotted, lex)
		cut, spaced = glued, false
		i = j
	}
}

// widen gives the cut after one more separator: the strongest seen, a hyphen between spaces being as strong
// as a comma unless it makes a range of numbers.
func widen(cut byte, spaced bool, text string, i int) (byte, bool) {
	switch text[i] {
	case '\n':
		return max(cut, newLine), spaced
	case ',', ';', ':', '(', ')', '[', ']', '|':
		return max(cut, comma), spaced
	case '/':
		return max(cut, slash), spaced
	case '-', '_':
		if spaced && i+1 < len(text) && text[i+1] == ' ' && !ranged(text, i) {
			return max(cut, comma), spaced
		}
		return max(cut, hyphen), spaced
	case '\'', '`':
		return max(cut, quote), spaced
	}
	return max(cut, space), true
}

// ranged reports whether the dash at i stands between two numbers.
func ranged(text string, i int) bool {
	before, after := strings.TrimRight(text[:i], " "), strings.TrimLeft(text[i+1:], " ")
	return before != "" && after != "" && isDigit(before[len(before)-1]) && isDigit(after[0])
}

// push looks a word up and adds it: merged with the one before, cut in two, or as it is.
func (ts *tokens) push(raw string, cut byte, dotted bool, lex lexicon) {
	if ts.n > 0 && cut < comma {
		last := &ts.all[ts.n-1]
		if is, ok := merged[[2]string{last.raw, raw}]; ok && (len(last.raw) > 1 || last.dotted || is == "chez" && cut == slash) {
			w := lex.look(is)
			last.raw, last.is, last.class, last.dotted = is, w.is, w.class, false
			return
		}
	}
	w := lex.look(raw)
	if lex.compounds && w.class == 0 {
		if name, kind, ok := compound(raw); ok {
			n := lex.look(name)
			ts.add(token{raw: name, is: n.is, cut: cut})
			k := lex.look(kind)
			ts.add(token{raw: kind, is: k.is, class: k.class, cut: glued})
			return
		}
	}
	ts.add(token{raw: raw, is: w.is, class: w.class, cut: cut, dotted: dotted})
}

// foldLines folds the lines of an address into one text, one line each.
func foldLines(lines []string, lex lexicon) string {
	var buf [maxBytes + 16]byte
	b := buf[:0]
	for _, l := range lines {
		if len(b) > 0 {
			b = append(b, '\n')
		}
		b = appendFold(b, strings.TrimSpace(l))
		if len(b) >= maxBytes {
			break
		}
	}
	if lex.umlauts {
		b = plainUmlauts(b)
	}
	return string(b)
}

// plainUmlauts makes ae, oe and ue one letter, in place, as folding does with ä, ö and ü; not after a vowel or q, where they
// are no umlaut (neue, Quelle). Words that are harmed by it are harmed the same on both sides.
func plainUmlauts(b []byte) []byte {
	n := 0
	for i, c := range b {
		umlaut := c == 'e' && i > 0 && (b[i-1] == 'a' || b[i-1] == 'o' || b[i-1] == 'u') &&
			!(n > 1 && (isVowel(b[n-2]) || b[n-2] == 'q'))
		if !umlaut {
			b[n] = c
			n++
		}
	}
	return b[:n]
}
