package intake

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// objects writes numbered objects, from 1, as a PDF with a classic cross-reference table.
func objectsPDF(trailer string, objects ...string) []byte {
	b := []byte("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		b = fmt.Appendf(b, "%010d 00000 n \n", n)
	}
	return fmt.Appendf(b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
}

// pdfOf is a plain document; catalog is put into its catalog.
func pdfOf(pages int, catalog string, more ...string) []byte {
	kids, leaves := "", []string{}
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 4+i)
		leaves = append(leaves, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 3 0 R>>")
	}
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R" + catalog + ">>",
		fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, pages),
		streamOf("", []byte("BT ET")),
	}
	return objectsPDF("", append(append(objects, leaves...), more...)...)
}

func streamOf(dict string, body []byte) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(body), body)
}

// zipOf is an archive with one file in it.
func zipOf(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("run.js")
	if err == nil {
		_, err = f.Write([]byte("1"))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w, _ := zlib.NewWriterLevel(&out, zlib.BestCompression)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// pdfWithObjectStream keeps its page tree and page in a compressed object stream, as PDF 1.5 files do.
func pdfWithObjectStream(pagesDict string, extra ...string) []byte {
	inner := append([]string{pagesDict, "<</Type/Page/Parent 4 0 R/MediaBox[0 0 9 9]>>"}, extra...)
	head, body := "", ""
	for i, o := range inner {
		head += fmt.Sprintf("%d %d ", 4+i, len(body))
		body += o + " "
	}
	b := []byte("%PDF-1.7\n")
	catalog := len(b)
	b = append(b, "1 0 obj\n<</Type/Catalog/Pages 4 0 R>>\nendobj\n"...)
	objstm := len(b)
	dict := fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", len(inner), len(head))
	b = fmt.Appendf(b, "2 0 obj\n%s\nendobj\n", streamOf(dict, deflate([]byte(head+body))))
	start := len(b)
	row := func(kind byte, at, n int) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(at)), byte(n))
	}
	table := bytes.Join([][]byte{row(0, 0, 0), row(1, catalog, 0), row(1, objstm, 0), row(1, start, 0)}, nil)
	for i := range inner {
		table = append(table, row(2, 2, i)...)
	}
	dict = fmt.Sprintf("/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Filter/FlateDecode", 4+len(inner))
	return fmt.Appendf(b, "3 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", streamOf(dict, deflate(table)), start)
}

// revised appends an incremental update that replaces the catalog.
func revised(old []byte, catalog string) []byte {
	at := len(old)
	b := fmt.Appendf(old, "1 0 obj\n%s\nendobj\n", catalog)
	start := len(b)
	prev := bytes.LastIndex(old, []byte("xref\n0"))
	return fmt.Appendf(b, "xref\n1 1\n%010d 00000 n \ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", at, prev, start)
}

func TestPlainPDFsPassUnchanged(t *testing.T) {
	for name, c := range map[string]struct {
		data  []byte
		pages int
	}{
		"one page":       {pdfOf(1, ""), 1},
		"ten pages":      {pdfOf(10, ""), 10},
		"object streams": {pdfWithObjectStream("<</Type/Pages/Kids[5 0 R]/Count 1>>"), 1},
		"a revision":     {revised(pdfOf(1, ""), "<</Type/Catalog/Pages 2 0 R/Lang(fr)>>"), 1},
		"a link":         {pdfOf(1, "", "<</S/URI/URI(https://example.org/)>>"), 1},
		"chance bytes":   {pdfOf(1, "", streamOf("", []byte("\x01/JS \x02/AA \x03/EF>"))), 1},
		"a scan":         {pdfOf(1, "", streamOf("/Subtype/Image/Width 8/Height 8/Filter/DCTDecode", jpegOf(t, corners(8, 8)))), 1},
		"a first view":   {pdfOf(1, "/OpenAction [4 0 R/XYZ null null 0]"), 1},
		"a signature":    {pdfOf(1, "/AcroForm<</SigFlags 3/Fields[<</FT/Sig/T(seal)>>]>>"), 1},
		"last newline":   {bytes.TrimRight(pdfOf(1, ""), "\n"), 1},
	} {
		doc, err := judged("a.pdf", "application/pdf", c.data, Limits{})
		if err != nil || doc.Pages != c.pages || doc.Type != typePDF || !bytes.Equal(doc.Data, c.data) {
			t.Errorf("%s: %d pages of %s, %v", name, doc.Pages, doc.Type, err)
		}
	}
}

func TestPDFsThatActOrCarryOrAskAreRefusedEachWithItsReason(t *testing.T) {
	for catalog, want := range map[string]string{
		"/OpenAction<</S/JavaScript/JS(app.alert(1))>>":               CodePDFScript,
		"/OpenAction<</S/URI/URI(https://example.org/)>>":             CodePDFScript,
		"/OpenAction[<</S/JavaScript/JS(1)>>]":                        CodePDFScript,
		"/Names<</JavaScript<</Names[(x)<</S/JavaScript/JS(1)>>]>>>>": CodePDFScript,
		"/AA<</WC 9 0 R>>":                                                       CodePDFScript,
		"/A<</S/Launch/F(cmd.exe)>>":                                             CodePDFScript,
		"/Open#41ction<</S/J#61vaScript/#4a#53(1)>>":                             CodePDFScript,
		"/#4fpenAction 9 0 R":                                                    CodePDFScript,
		"/AcroForm<</XFA 9 0 R>>/X<</Type/EmbeddedFile>>/AA<</WC 9 0 R>>":        CodePDFScript,
		"/Names<</EmbeddedFiles<</Names[(x) 9 0 R]>>>>":                          CodePDFFiles,
		"/A<</S/GoToE>>":                                                         CodePDFFiles,
		"/A<</S/GoToR/F(x.pdf)>>":                                                CodePDFFiles,
		"/X<</Subtype/RichMedia>>":                                               CodePDFFiles,
		"/X<</Subtype/FileAttachment>>":                                          CodePDFFiles,
		"/X<</Type/EmbeddedFile>>":                                               CodePDFFiles,
		"/AcroForm<</XFA 9 0 R>>":                                                CodePDFForm,
		"/A<</S/SubmitForm/F(https://example.org/)>>":                            CodePDFForm,
		"/A<</S/ImportData>>":                                                    CodePDFForm,
		"/AcroForm<</Fields[<</FT/Tx/T(name)>>]>>":                               CodePDFForm,
		"/AcroForm<</Fields[<</T(group)/Kids[<</FT/Btn/T(yes)>>]>>]>>":           CodePDFForm,
		"/AcroForm<</Fields[" + strings.Repeat("<</T(x)>>", maxFields+2) + "]>>": CodePDFForm,
	} {
		if _, err := judged("a.pdf", "", pdfOf(1, catalog), Limits{}); code(err) != want {
			t.Errorf("%.80s: %v, want %s", catalog, err, want)
		}
	}
}

func TestScriptsHiddenFromOneOfTheTwoLooksAreFound(t *testing.T) {
	tree := "<</Type/Pages/Kids[5 0 R]/Count 1>>"
	script := "<</S/JavaScript/JS(1)>>"
	for name, data := range map[string][]byte{
		"in an object stream":         pdfWithObjectStream(tree, script),
		"escaped in an object stream": pdfWithObjectStream(tree, "<</#4A#53(1)>>"),
		"in the page tree's dict":     pdfWithObjectStream("<</Type/Pages/Kids[5 0 R]/Count 1/AA<</O 6 0 R>>>>"),
		"in an object of no table":    bytes.Replace(pdfOf(1, ""), []byte("xref\n0"), []byte("9 0 obj "+script+" endobj\nxref\n0"), 1),
		"in an older revision":        revised(pdfOf(1, "/OpenAction 9 0 R"), "<</Type/Catalog/Pages 2 0 R>>"),
		"behind a false stream":       pdfOf(1, "", "%stream\n<</JS(1)>>\n%endstream"),
	} {
		if _, err := judged("a.pdf", "", data, Limits{}); code(err) != CodePDFScript {
			t.Errorf("%s: %v, want %s", name, err, CodePDFScript)
		}
	}
}

func TestRealEncryptedPDFIsRefused(t *testing.T) {
	conf := readerLimits(1<<20, 1<<20)
	conf.Limits = model.DefaultResourceLimits()
	conf.Cmd, conf.UserPW, conf.OwnerPW = model.ENCRYPT, "secret", "owner"
	conf.EncryptUsingAES, conf.EncryptKeyLength, conf.Permissions = true, 256, model.PermissionsPrint
	conf.Eol, conf.WriteObjectStream, conf.WriteXRefStream = types.EolLF, true, true
	var out bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(pdfOf(1, "")), &out, conf); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"AES-256 with a password": out.Bytes(),
		"a direct dictionary":     objectsPDF("/Encrypt<</Filter/Standard>>", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"),
		"an escaped name":         objectsPDF("/E#6ecrypt 2 0 R", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"),
	} {
		if _, err := judged("a.pdf", "", data, Limits{}); code(err) != CodePDFEncrypted {
			t.Errorf("%s: %v, want %s", name, err, CodePDFEncrypted)
		}
	}
}

func TestPDFBombsAndBrokenPDFsAreRefused(t *testing.T) {
	zeros := deflate(make([]byte, 6<<20))
	var bombs []string
	for range 10 {
		bombs = append(bombs, streamOf("/Filter/FlateDecode", zeros))
	}
	twice := streamOf("/Filter[/FlateDecode/FlateDecode]", deflate(deflate(make([]byte, 60<<20))))
	hex := streamOf("/Filter[/ASCIIHexDecode/FlateDecode]", fmt.Appendf(nil, "%x>", deflate(make([]byte, 60<<20))))
	nest := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	tooDeep := objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>")
	plain := pdfOf(1, "")
	lying := bytes.Replace(pdfOf(11, ""), []byte("/Count 11"), []byte("/Count 1 "), 1)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"sixty megabytes of zeros":    {pdfOf(1, "", bombs...), CodePDFExpansion},
		"twice compressed":            {pdfOf(1, "", twice), CodePDFExpansion},
		"compressed and in hex":       {pdfOf(1, "", hex), CodePDFExpansion},
		"a huge object stream":        {pdfWithObjectStream("<</Type/Pages/Kids[5 0 R]/Count 1>>", strings.Repeat(" ", 9<<20)), CodePDFExpansion},
		"many object streams":         {pdfOf(1, strings.Repeat("/ObjStm", maxObjectStreams+1)), CodePDFExpansion},
		"a picture of 2500 megapixel": {pdfOf(1, "", streamOf("/Subtype/Image/Width 50000/Height 50000/Filter/JPXDecode", nil)), CodeTooManyPixels},
		"eleven pages":                {pdfOf(11, ""), CodePDFPages},
		"eleven pages that say one":   {lying, CodePDFPages},
		"no pages":                    {pdfOf(0, ""), CodeUnreadable},
		"a page tree in a ring":       {tooDeep, CodeUnreadable},
		"deep nesting":                {pdfOf(1, "/X"+nest), CodeUnreadable},
		"a predictor's giant row":     {pdfOf(1, "", streamOf("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 9999999999>>", zeros[:50])), CodeUnreadable},
		"cut short":                   {plain[:len(plain)/2], CodeUnreadable},
		"a zip behind it":             {append(bytes.Clone(plain), "PK\x03\x04"...), CodeUnreadable},
		"a zip within its end":        {pdfOf(1, "", streamOf("", zipOf(t))), CodePDFFiles},
		"a startxref to nowhere":      {[]byte("%PDF-1.7\nstartxref\n9999\n%%EOF"), CodeUnreadable},
		"no catalog":                  {objectsPDF("", "(no)"), CodeUnreadable},
		"the header alone":            {[]byte("%PDF-1.7\n"), CodeUnreadable},
	} {
		if _, err := judged("a.pdf", "", c.data, Limits{}); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestScanOfHostileBytesStaysLinear(t *testing.T) {
	// Quadratic work on two megabytes would take minutes, not the moment a linear pass takes.
	for _, unit := range []string{"stream\n/A", "/stream\nendstream", "//////////", "/#4a", "endobj /ObjStm "} {
		scanNames([]byte(strings.Repeat(unit, 2<<20/len(unit))), true)
	}
}

func TestInspectingAPDFLeavesNoFilesBehind(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	if _, err := judged("a.pdf", "", pdfOf(1, ""), Limits{}); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
		t.Errorf("the parser made %v, %v", left, err)
	}
}
