package intake

import (
	"fmt"
	"strings"
	"testing"
)

// pdfShowing is a page that shows what the operators say, in a plain font F1, and more objects from number 6.
func pdfShowing(operators string, more ...string) []byte {
	return objectsPDF("", append([]string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Contents 4 0 R>>",
		streamOf("/Filter/FlateDecode", deflate([]byte("BT /F1 12 Tf 50 400 Td "+operators+" ET"))),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}, more...)...)
}

// subset is a font as print-to-PDF writes them: two-byte codes that only its map turns into letters.
func subset(cmap string) []string {
	return []string{
		"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Sans/Encoding/Identity-H/ToUnicode 7 0 R/DescendantFonts[8 0 R]>>",
		streamOf("", []byte("begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "+cmap+" endcmap")),
		"<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Sans>>",
	}
}

func TestACardNumberInThePrintOfAPDFIsFound(t *testing.T) {
	const number, amex = "4111111111111111", "370000000000002"
	hex := func(base int) (s string) {
		for _, d := range number {
			s += fmt.Sprintf("%04X", base+int(d-'0'))
		}
		return "<" + s + "> Tj"
	}
	var list, one, apart, placed string
	for i := range 10 {
		list += fmt.Sprintf("<%04X>", '0'+i)
		one += fmt.Sprintf("<%04X><%04X>", 0x20+i, '0'+i)
	}
	for i, d := range number {
		apart += fmt.Sprintf("(%c)-50", d)
		placed += fmt.Sprintf("1 0 0 1 %d 300 Tm (%c) Tj ", 50+8*i, d)
	}
	for name, data := range map[string][]byte{
		"in a row":                   pdfShowing("(" + number + ") Tj"),
		"by fours":                   pdfShowing("(Card 4111 1111 1111 1111 exp.) Tj"),
		"with hyphens":               pdfShowing("(4111-1111-1111-1111) Tj"),
		"American Express":           pdfShowing("(" + amex + ") Tj"),
		"American Express in groups": pdfShowing("(3700 000000 00002) Tj"),
		"between a date and a sum":   pdfShowing("(12/05/2026 4111 1111 1111 1111 1250,00) Tj"),
		"in hexadecimal":             pdfShowing("<34313131 31313131 31313131 31313131> Tj"),
		"in octal":                   pdfShowing(`(\064111 1111 1111 1111) Tj`),
		"kerned":                     pdfShowing("[" + apart + "] TJ"),
		"glyph by glyph":             pdfShowing(placed),
		"in four pieces on one line": pdfShowing("(4111) Tj 30 0 Td (1111) Tj 30 0 Td (1111) Tj 30 0 Td (1111) Tj"),
		"a gap of kerning":           pdfShowing("[(4111)-300(1111)-300(1111)-300(1111)] TJ"),
		"the next line's operator":   pdfShowing("14 TL (Number) Tj (" + number + ") '"),
		"by a range of a map":        pdfShowing("/F2 12 Tf "+hex(0x13), subset("1 beginbfrange <0013> <001C> <0030> endbfrange")...),
		"by a list of a map":         pdfShowing("/F2 12 Tf "+hex(0x13), subset("1 beginbfrange <0013> <001C> ["+list+"] endbfrange")...),
		"by single letters of a map": pdfShowing("/F2 12 Tf "+hex(0x20), subset("10 beginbfchar "+one+" endbfchar")...),
		"by differences":             pdfShowing("/F2 12 Tf (EBBB BBBB BBBB BBBB) Tj", "<</Type/Font/Subtype/Type1/Encoding<</Differences[65/zero/one/two/three/four]>>>>"),
		"in a form that pages draw":  pdfShowing("/X Do", "<</Type/Font>>", streamOf("/Subtype/Form/BBox[0 0 9 9]", []byte("BT ("+number+") Tj ET"))),
		"in a note":                  pdfShowing("", "<</Type/Font>>", "<</Type/Annot/Subtype/Text/Contents(my card is "+number+")>>"),
		"in the title":               objectsPDF("/Info 4 0 R", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R>>", "<</Title(4111 1111 1111 1111)>>"),
		"in the second of two parts": objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/Contents[4 0 R 5 0 R]>>", streamOf("", []byte("BT (Card) Tj")), streamOf("", []byte("("+number+") Tj ET"))),
		"behind a picture in a line": pdfShowing("ET BI /W 1 /H 1 ID (((( EI BT (" + number + ") Tj"),
	} {
		if _, err := judged("a.pdf", "", data, Limits{}); code(err) != CodeCardData {
			t.Errorf("%s: %v, want %s", name, err, CodeCardData)
		}
	}
}

func TestStatementsAndLettersAreNotTakenForCards(t *testing.T) {
	for name, shown := range map[string]string{
		"an IBAN":                 "(FR76 3000 6000 0112 3456 7890 189) Tj",
		"an IBAN without gaps":    "(DE89370400440532013000) Tj",
		"an IBAN between numbers": "(0042 GB29 NWBK 6016 1331 9268 19 2026) Tj",
		"a French account":        "(30006 00001 12345678901 89) Tj",
		"a masked card":           "(CARTE 4111 11XX XXXX 1111) Tj",
		"a wrong check digit":     "(4111 1111 1111 1112) Tj",
		"a longer row":            "(41111111111111111111) Tj",
		"two lines":               "(4111 1111) Tj 0 -14 Td (1111 1111) Tj",
		"columns of sums":         "(12.05 1 411,11 11 111,11 1 111,11) Tj",
		"a telephone":             "(+33 1 40 20 50 50) Tj",
	} {
		if _, err := judged("a.pdf", "", pdfShowing(shown), Limits{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTextOfHostilePDFsComesToAnEnd(t *testing.T) {
	for name, shown := range map[string]string{
		"open brackets":    strings.Repeat("(", 1<<16),
		"open list":        strings.Repeat("[ (1) ", 1<<16),
		"open hexadecimal": strings.Repeat("<", 1<<16),
		"many spaces":      "(" + strings.Repeat("1 ", 1<<16) + ") Tj",
		"no end to a line": strings.Repeat("BI ID ", 1<<14),
		"a map of ranges":  "/F2 12 Tf (" + strings.Repeat("ab", 1<<15) + ") Tj",
	} {
		more := subset(strings.Repeat("<0000> <0001> <0030> ", 1<<14) + "endbfrange")
		if _, err := judged("a.pdf", "", pdfShowing(shown, more...), Limits{}); err != nil && code(err) == "not an *Unacceptable" {
			t.Errorf("%s: %v", name, err)
		}
	}
	too := make([]byte, contentBytes+1)
	for i := range too {
		too[i] = ' '
	}
	if _, err := judged("a.pdf", "", objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>", streamOf("/Filter/FlateDecode", deflate(too))), Limits{}); code(err) != CodePDFExpansion {
		t.Errorf("too much content: %v", err)
	}
}
