package console

import (
	"net/http"
	"slices"
	"strconv"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// maxTrail bounds how many lines of the audit log a page reads of one subject.
const maxTrail = 50

// pictures are the media types shown in a page; everything else is only ever handed over as a file.
var pictures = map[string]string{"image/jpeg": "jpg", "image/png": "png"}

// documentBody is what a document's page is rendered from. It holds nothing of the document itself.
type documentBody struct {
	Case     hold.Case
	Order    string
	Document hold.Document
	Picture  bool
	Gone     bool
}

// found is a case's document.
func (c *Console) found(r *http.Request) (documentBody, error) {
	snap, err := c.Store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return documentBody{}, err
	}
	i := slices.IndexFunc(snap.Case.Proof.Documents, func(d hold.Document) bool { return d.ID == r.PathValue("document") })
	if i < 0 {
		return documentBody{}, payment.Errorf(payment.CodeNotFound, "There is no such document.")
	}
	d := snap.Case.Proof.Documents[i]
	return documentBody{Case: *snap.Case, Order: snap.Payment.OrderReference, Document: d, Picture: pictures[d.Type] != "",
		Gone: d.Status == hold.DocumentDestroyed}, nil
}

// showDocument writes the page around a document. A picture is loaded by the browser from its own address, whose policy
// lets it do nothing; a PDF document can only be saved.
func (c *Console) showDocument(w http.ResponseWriter, r *http.Request, v visit) error {
	body, err := c.found(r)
	if err != nil {
		return err
	}
	return c.write(w, r, v, http.StatusOK, page{Name: "document", Title: word(v.lang, "kind", body.Document.Kind), Body: body})
}

// documentFile hands a document over. It is the only place where one leaves the vault, and the view is durable in the
// audit log before it is even opened.
func (c *Console) documentFile(w http.ResponseWriter, r *http.Request, v visit) error {
	body, err := c.found(r)
	if err != nil {
		return err
	}
	if err := c.Flow.Viewed(r.Context(), v.user, body.Case.ID, body.Document.ID); err != nil {
		return err
	}
	data, err := c.Documents.Open(r.Context(), body.Document.ID)
	if err != nil {
		return payment.Unavailable("The document", err)
	}
	mediaType, disposition, ending := "application/octet-stream", "attachment", "bin"
	switch {
	case body.Picture:
		mediaType, disposition, ending = body.Document.Type, "inline", pictures[body.Document.Type]
	case body.Document.Type == "application/pdf":
		mediaType, ending = body.Document.Type, "pdf"
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", disposition+`; filename="`+string(body.Document.Kind)+"-"+body.Document.ID+"."+ending+`"`)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, err = w.Write(data)
	}
	if err != nil {
		c.Logger.DebugContext(r.Context(), "the browser has gone", "error", err)
	}
	return nil
}
