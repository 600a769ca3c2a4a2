package intake

import (
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// font says which letters a font's codes stand for (ISO 32000-1 clause 9.10). A nil font takes codes for Latin letters.
type font struct {
	wide    bool // two bytes a code
	unknown bool // its glyphs say nothing about letters
	ranges  []codes
	letters map[uint32]string
}

// codes from lo to hi stand for the letters that follow on first.
type codes struct {
	lo, hi uint32
	first  string
}

// Bounds of a character map.
const (
	maxMap     = 1 << 20 // bytes, unpacked
	maxRanges  = 5_000
	maxLetters = 1 << 16
)

// fontsOf are a page's fonts by the names it calls them.
func (r *textReader) fontsOf(resources types.Dict) map[string]*font {
	out := map[string]*font{}
	named, err := r.walk.file.DereferenceDict(resources["Font"])
	if err != nil {
		return out
	}
	for name, o := range named {
		ref, indirect := o.(types.IndirectRef)
		if f, known := r.fonts[ref]; indirect && known {
			out[unescape([]byte(name))] = f
			continue
		}
		dict, err := r.walk.file.DereferenceDict(o)
		if err != nil || dict == nil {
			continue
		}
		f := r.font(dict)
		out[unescape([]byte(name))] = f
		if indirect {
			r.fonts[ref] = f
		}
	}
	return out
}

func (r *textReader) font(dict types.Dict) *font {
	sub := dict.Subtype()
	f := &font{letters: map[uint32]string{}, wide: sub != nil && *sub == "Type0"}
	if s, _, err := r.walk.file.DereferenceStreamDict(dict["ToUnicode"]); err == nil && s != nil {
		copied := types.StreamDict{Dict: s.Dict, Raw: s.Raw, FilterPipeline: s.FilterPipeline}
		if copied.Content = copied.Raw; len(copied.FilterPipeline) > 0 {
			if copied.DecodeWithLimit(maxMap) != nil {
				copied.Content = nil
			}
		}
		f.read(copied.Content)
		return f
	}
	f.unknown = f.wide
	if encoding, err := r.walk.file.DereferenceDict(dict["Encoding"]); err == nil && encoding != nil {
		if differences, err := r.walk.file.DereferenceArray(encoding["Differences"]); err == nil {
			f.differences(differences)
		}
	}
	return f
}

// figures are the glyph names that a card number is made of (Adobe Glyph List).
var figures = map[string]string{"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
	"seven": "7", "eight": "8", "nine": "9", "space": " ", "hyphen": "-", "period": "."}

// differences reads the codes that a simple font gives to other glyphs (ISO 32000-1, 9.6.6).
func (f *font) differences(list types.Array) {
	code := uint32(0)
	for _, o := range list {
		switch v := o.(type) {
		case types.Integer:
			code = uint32(v.Value())
		case types.Name:
			letter, ok := figures[string(v)]
			if !ok {
				letter = "?"
				if len(v) == 1 {
					letter = string(v)
				}
			}
			f.letters[code] = letter
			code++
		}
	}
}

// read reads a ToUnicode character map (ISO 32000-1, 9.10.3).
func (f *font) read(cmap []byte) {
	l := lexer{src: cmap}
	var operands []token
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		if t.kind != tokenOperator {
			if operands = append(operands, t); len(operands) > maxLetters {
				return
			}
			continue
		}
		switch string(t.text) {
		case "endcodespacerange":
			if len(operands) > 0 {
				f.wide = len(operands[0].text) > 1
			}
		case "endbfchar":
			for i := 0; i+1 < len(operands) && len(f.letters) < maxLetters; i += 2 {
				f.letters[number(operands[i].text)] = utf16be(operands[i+1].text)
			}
		case "endbfrange":
			f.span(operands)
		}
		operands = operands[:0]
	}
}

// span takes the operands of a bfrange: two codes, and what the first stands for or, in brackets, what each does.
func (f *font) span(operands []token) {
	for len(operands) > 2 && len(f.ranges) < maxRanges {
		lo, hi := number(operands[0].text), number(operands[1].text)
		if operands[2].kind != tokenOpen {
			f.ranges = append(f.ranges, codes{lo, hi, utf16be(operands[2].text)})
			operands = operands[3:]
			continue
		}
		operands = operands[3:]
		for code := lo; len(operands) > 0; code++ {
			t := operands[0]
			operands = operands[1:]
			if t.kind == tokenClose {
				break
			}
			if code <= hi && len(f.letters) < maxLetters {
				f.letters[code] = utf16be(t.text)
			}
		}
	}
}

// number reads a code of up to four bytes.
func number(b []byte) (n uint32) {
	for _, c := range b[:min(len(b), 4)] {
		n = n<<8 | uint32(c)
	}
	return n
}

func utf16be(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b) && i < 32; i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

// decode writes what a string shows.
func (f *font) decode(out *strings.Builder, s []byte) {
	if f == nil {
		f = &font{letters: map[uint32]string{}}
	}
	if f.unknown {
		out.WriteByte('?')
		return
	}
	step := 1
	if f.wide {
		step = 2
	}
	for i := 0; i+step <= len(s); i += step {
		out.WriteString(f.letter(number(s[i : i+step])))
	}
}

// letter is what a code stands for. It is looked up once: a map of thousands of ranges would be slow for a long text.
func (f *font) letter(code uint32) string {
	if s, ok := f.letters[code]; ok {
		return s
	}
	s := "?"
	if !f.wide {
		s = string(rune(code))
	}
	for _, r := range f.ranges {
		if letters := []rune(r.first); code >= r.lo && code <= r.hi && len(letters) > 0 {
			letters[len(letters)-1] += rune(code - r.lo)
			s = string(letters)
			break
		}
	}
	f.letters[code] = s
	return s
}
