package gateway

import (
	"bytes"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"
)

// sheet is a file of a form.
type sheet struct {
	name, media string
	data        []byte
}

// documents sends files as the page's form does: a field that nothing was chosen for comes as a part without a name.
func (b *buyer) documents(path, caseID, kind string, sheets ...sheet) answered {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if caseID != "" {
		_ = w.WriteField("case", caseID)
	}
	_ = w.WriteField("kind", kind)
	for _, s := range sheets {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + s.name + `"`}, "Content-Type": {s.media}})
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write(s.data)
	}
	_ = w.Close()
	return b.send("POST", path, map[string]string{"Cookie": b.cookie, "Content-Type": w.FormDataContentType(), "Sec-Fetch-Site": "same-origin"}, body.String())
}

// picture is a small one; grey tells one from another.
func picture(t *testing.T, grey byte) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range m.Pix {
		m.Pix[i] = grey + byte(i%64)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func photo(t *testing.T) sheet { return sheet{"photo.jpg", "image/jpeg", picture(t, 60)} }

func TestBuyerSendsADocumentAndIsThanked(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	sent := b.documents("/proof/documents?lang=fr", b.caseID, "bank_statement", photo(t), sheet{})
	if sent.status != 303 || sent.header.Get("Location") != "/proof?lang=fr&sent=document" {
		t.Fatalf("%d %s %.300s", sent.status, sent.header.Get("Location"), sent.body)
	}
	b.page("?lang=fr&sent=document").has("votre document est bien arrivé", "Reçu le vendredi 20 novembre 2026", "rien de plus à faire")
	if a := h.call("GET", "/v1/cases/"+b.caseID, demoReader(h), ""); a.text("status") != "awaiting_review" {
		t.Errorf("the case: %s", a.body)
	}
}

func TestPhotoAndFileOfOneFormAreBothTaken(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	number := func() int {
		return len(h.call("GET", "/v1/cases/"+b.caseID, demoReader(h), "").field("proof.documents").([]any))
	}
	if a := b.documents("/proof/documents", b.caseID, "identity", photo(t), sheet{"verso.jpg", "image/jpeg", picture(t, 120)}); a.status != 303 || number() != 2 {
		t.Errorf("%d, %d documents", a.status, number())
	}
	a := b.documents("/proof/documents", b.caseID, "identity", photo(t), sheet{"bad.jpg", "image/jpeg", []byte("hello")})
	if a.status != 422 || number() != 3 {
		t.Errorf("%d, %d documents: what came before the refused one is gone", a.status, number())
	}
}

func TestARefusedFileIsExplainedAtItsField(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	for _, c := range []struct {
		name, kind string
		file       sheet
		status     int
		says       string
	}{
		{"not a picture", "identity", sheet{"a.jpg", "image/jpeg", []byte("hello")}, 422, `href="#file-identity"`},
		{"empty", "identity", sheet{"a.jpg", "image/jpeg", nil}, 422, "Ce fichier est vide"},
		{"too large", "bank_statement", sheet{"a.jpg", "image/jpeg", make([]byte, maxFile+1)}, 413, "10\u00a0Mo"},
		{"not asked for", "card_copy", photo(t), 422, `href="#asks"`},
		{"no file", "identity", sheet{}, 422, "Choisissez d"},
	} {
		a := b.documents("/proof/documents", b.caseID, c.kind, c.file)
		if a.status != c.status || !strings.Contains(string(a.body), c.says) || !strings.Contains(string(a.body), `role="alert"`) {
			t.Errorf("%s: %d, lacks %q", c.name, a.status, c.says)
		}
	}
	a := b.documents("/proof/documents", b.caseID, "identity", sheet{"a.jpg", "image/jpeg", make([]byte, maxUpload+1)})
	if a.status != 413 || !strings.Contains(string(a.body), "This file is too large") {
		t.Errorf("beyond the form's bound: %d %.200s", a.status, a.body)
	}
	for media, want := range map[string]int{"multipart/form-data; boundary=x": 422, "text/plain": 415} {
		if a := h.send("POST", "/proof/documents", map[string]string{"Cookie": b.cookie, "Content-Type": media}, "--x\r\nbroken"); a.status != want {
			t.Errorf("%s: %d", media, a.status)
		}
	}
	for _, form := range []string{"/proof/code", "/proof/messages", "/proof/human", "/proof/withdraw"} {
		if a := h.send("POST", form, map[string]string{"Cookie": b.cookie, "Content-Type": "text/plain"}, "x"); a.status != 415 {
			t.Errorf("%s sent as plain text: %d", form, a.status)
		}
	}
}
