package intake

import (
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"octroi/providers"
)

// Bounds on the text of a PDF. Ten pages of dense print have some tens of kilobytes of text and a megabyte of content.
const (
	contentBytes = 16 << 20 // what draws, unpacked, of all pages and forms
	textBytes    = 2 << 20  // letters
)

// text looks for a card number in what the pages show as letters, and in the forms that they may draw. Letters that are
// pictures it cannot see, nor fonts that say nothing about what their glyphs mean: for those an analyst has "shows card
// data: destroy".
func (w *pdfWalk) text(pages []page) error {
	r := textReader{walk: w, fonts: map[types.IndirectRef]*font{}, left: contentBytes}
	for _, p := range pages {
		content, err := r.content(p.dict["Contents"])
		if err != nil {
			return err
		}
		r.show(content, r.fontsOf(p.resources))
	}
	for _, entry := range w.file.Table {
		s, ok := types.StreamDict{}, false
		if entry != nil {
			s, ok = entry.Object.(types.StreamDict)
		}
		if sub := s.Subtype(); !ok || sub == nil || *sub != "Form" {
			continue
		}
		content, err := r.unpack(&s)
		if err != nil {
			return err
		}
		resources, _ := w.file.DereferenceDict(s.Dict["Resources"])
		r.show(content, r.fontsOf(resources))
	}
	return cardFree(r.out.String())
}

// cardFree refuses a text with a card number in it.
func cardFree(text string) error {
	if providers.HoldsCard(text, providers.Printed) {
		return refuse(CodeCardData)
	}
	return nil
}

// textReader turns what draws pages into lines of text.
type textReader struct {
	walk  *pdfWalk
	fonts map[types.IndirectRef]*font
	left  int64
	out   strings.Builder
}

// content is a page's: one stream, or several that are read as one.
func (r *textReader) content(o types.Object) ([]byte, error) {
	o, err := r.walk.file.Dereference(o)
	if err != nil {
		return nil, refuse(CodeUnreadable)
	}
	switch v := o.(type) {
	case types.StreamDict:
		return r.unpack(&v)
	case types.Array:
		var all []byte
		for _, part := range v {
			if part, err = r.walk.file.Dereference(part); err != nil {
				return nil, refuse(CodeUnreadable)
			}
			s, ok := part.(types.StreamDict)
			if !ok {
				continue
			}
			b, err := r.unpack(&s)
			if err != nil {
				return nil, err
			}
			all = append(append(all, b...), '\n')
		}
		return all, nil
	}
	return nil, nil // an empty page
}

// unpack gives a stream's bytes, as far as they are no picture.
func (r *textReader) unpack(s *types.StreamDict) ([]byte, error) {
	if err := r.walk.ctx.Err(); err != nil {
		return nil, err
	}
	copied := types.StreamDict{Dict: s.Dict, Raw: s.Raw, FilterPipeline: s.FilterPipeline}
	if len(copied.FilterPipeline) == 0 {
		copied.Content = copied.Raw
	} else if len(generic(copied.FilterPipeline)) < len(copied.FilterPipeline) {
		return nil, nil
	} else if err := copied.DecodeWithLimit(max(r.left, 1)); err != nil && !filter.IsCorruptFlateInput(err) {
		return nil, readError(r.walk.ctx, err)
	}
	if r.left -= int64(len(copied.Content)); r.left < 0 {
		return nil, refuse(CodePDFExpansion)
	}
	return copied.Content, nil
}

// show reads one content stream (ISO 32000-1 clause 9.4): which strings are shown, and which of them stand on one line.
func (r *textReader) show(content []byte, fonts map[string]*font) {
	l, at := lexer{src: content}, place{last: math.NaN()}
	var operands []token
	var current *font
	for t := l.next(); t.kind != tokenEnd && r.out.Len() < textBytes; t = l.next() {
		if t.kind != tokenOperator {
			operands = append(operands, t)
			continue
		}
		switch op := string(t.text); op {
		case "Tf":
			if len(operands) > 1 {
				current = fonts[string(operands[len(operands)-2].text)]
			}
		case "BT", "Td", "TD", "T*", "Tm":
			at.move(op, operands)
		case "Tj", "'", "\"", "TJ":
			if op == "'" || op == "\"" {
				at.move("T*", nil)
			}
			r.out.WriteString(at.gap())
			r.shown(operands, current)
		case "ID":
			l.skipImage()
		}
		operands = operands[:0]
	}
	r.out.WriteByte('\n')
}

// wide is how far, in thousandths of the font's size, a glyph is moved on to make a space between words.
const wide = -200

func (r *textReader) shown(operands []token, f *font) {
	for _, t := range operands {
		switch {
		case t.kind == tokenString:
			f.decode(&r.out, t.text)
		case t.kind == tokenNumber && t.number < wide: // only within a list
			r.out.WriteByte(' ')
		}
	}
}

// place follows the line of text through a content stream, as far as lines and words need it.
type place struct {
	y, last float64 // of the line; of what was shown last
	moved   bool
}

func (p *place) move(op string, operands []token) {
	p.moved = true
	number := func(fromEnd int) float64 {
		if len(operands) < fromEnd {
			return 0
		}
		return operands[len(operands)-fromEnd].number
	}
	switch op {
	case "BT":
		p.y = 0
	case "Td", "TD":
		p.y += number(1)
	case "T*":
		p.y -= 12 // some leading: another line is all that counts
	case "Tm":
		p.y = number(1)
	}
}

// gap is what stands between what was shown last and what is shown next.
func (p *place) gap() string {
	defer func() { p.last, p.moved = p.y, false }()
	switch {
	case !(math.Abs(p.y-p.last) < 1): // also the first
		return "\n"
	case p.moved:
		return " "
	}
	return ""
}
