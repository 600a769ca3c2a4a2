package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// maxTrail bounds how many lines of the audit log a page reads of one subject.
const maxTrail = 50

// maxPages is more pages than the intake lets any document have.
const maxPages = 1000

// pictures are the media types that are shown as they were kept: the intake made them anew from their pixels. Of
// everything else only the pages that the intake drew are shown.
var pictures = map[string]string{"image/jpeg": "jpg", "image/png": "png"}

// document is a document of a case, when it was last looked at, and which other orders it came with.
type document struct {
	hold.Document
	Gone   bool
	Viewed *store.Audit
	Others []sighting
}

// sighting is another case that the same document came to.
type sighting struct {
	CaseID    string
	Order     string // its order's reference; "" when it cannot be read
	SameBuyer bool
}

// shown is the document that a case's page has open.
type shown struct {
	document
	Pages []int
	Away  bool // it cannot be opened now
	Next  string
	// CardSeen is what the buyer reads when it is destroyed for showing card data.
	CardSeen string
}

// found is a case and one of its documents.
func (c *Console) found(r *http.Request) (store.Snapshot, hold.Document, error) {
	snap, err := c.Store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return snap, hold.Document{}, err
	}
	i := slices.IndexFunc(snap.Case.Proof.Documents, func(d hold.Document) bool { return d.ID == r.PathValue("document") })
	if i < 0 {
		return snap, hold.Document{}, payment.Errorf(payment.CodeNotFound, "There is no such document.")
	}
	return snap, snap.Case.Proof.Documents[i], nil
}

// documents are the case's documents and who last looked at each.
func (c *Console) documents(ctx context.Context, k hold.Case) ([]document, error) {
	var all []document
	others := c.sightings(ctx, k)
	for i, d := range k.Proof.Documents {
		one := document{Document: d, Gone: d.Status == hold.DocumentDestroyed, Others: others[i]}
		trail, err := c.Store.AuditTrail(ctx, d.ID, maxTrail)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(trail, func(a store.Audit) bool { return a.Action == "document.viewed" }); i >= 0 {
			one.Viewed = &trail[i]
		}
		all = append(all, one)
	}
	return all, nil
}

// sightings are the other cases that each document came to. The case's events tell: a document is received, and what it
// was recognised from follows.
func (c *Console) sightings(ctx context.Context, k hold.Case) map[int][]sighting {
	all, at := map[int][]sighting{}, -1
	for _, e := range k.Events {
		switch e.Type {
		case "document_received":
			at++
		case "document_reused", "document_sent_before":
			if e.Detail == "" { // kept no longer
				continue
			}
			s := sighting{CaseID: e.Detail, SameBuyer: e.Type == "document_sent_before"}
			if snap, err := c.Store.Case(ctx, e.Detail); err == nil {
				s.Order = snap.Payment.OrderReference
			}
			all[at] = append(all[at], s)
		}
	}
	return all
}

// shown opens a document on its case's page. A picture is not opened for that: the browser asks for it. Of everything else
// the pages must be counted, which counts as a view.
func (c *Console) shown(ctx context.Context, v visit, k hold.Case, all []document, id string) *shown {
	i := slices.IndexFunc(all, func(d document) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	s := &shown{document: all[i], Next: nextDocument(k, id), CardSeen: flow.CardSeen.In(k.Language)}
	switch {
	case s.Gone:
	case pictures[s.Type] != "":
		s.Pages = []int{1}
	default:
		views, err := c.views(ctx, v, k.ID, id)
		if err != nil {
			c.Logger.ErrorContext(ctx, "document not opened", "document", id, "error", err)
			s.Away = true
		}
		for n := range views {
			s.Pages = append(s.Pages, n+1)
		}
	}
	return s
}

// nextDocument is the next document of a case that nobody has judged, after one of them; "" when there is none.
func nextDocument(k hold.Case, after string) string {
	all := k.Proof.Documents
	at := slices.IndexFunc(all, func(d hold.Document) bool { return d.ID == after })
	for i := range all {
		if d := all[(at+1+i)%len(all)]; d.Status == hold.DocumentReceived && d.ID != after {
			return d.ID
		}
	}
	return ""
}

// views opens the pages of a document once that is in the audit log.
func (c *Console) views(ctx context.Context, v visit, caseID, id string) ([][]byte, error) {
	if err := c.Flow.Viewed(ctx, v.user, caseID, id); err != nil {
		return nil, err
	}
	return c.Documents.Views(ctx, id)
}

// documentPage hands a page of a document over as a picture. Every one is durable in the audit log as a view before the
// document is even opened.
func (c *Console) documentPage(w http.ResponseWriter, r *http.Request, v visit) error {
	snap, d, err := c.found(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("page"))
	if err != nil || n < 1 || n > maxPages || pictures[d.Type] != "" && n != 1 {
		return payment.Errorf(payment.CodeNotFound, "There is no such page.")
	}
	f := file{name: string(d.Kind) + "-" + d.ID + "-" + strconv.Itoa(n), mediaType: "image/jpeg", ending: "jpg", inline: true}
	if ending := pictures[d.Type]; ending != "" {
		f.mediaType, f.ending = d.Type, ending
		if err := c.Flow.Viewed(r.Context(), v.user, snap.Case.ID, d.ID); err != nil {
			return err
		}
		f.data, err = c.Documents.Open(r.Context(), d.ID)
	} else {
		var all [][]byte
		if all, err = c.views(r.Context(), v, snap.Case.ID, d.ID); err == nil && n > len(all) {
			err = payment.Errorf(payment.CodeNotFound, "There is no such page.")
		}
		if err == nil {
			f.data = all[n-1]
		}
	}
	if payment.CodeOf(err) == payment.CodeNotFound {
		return err
	}
	if err != nil {
		return payment.Unavailable("The document", err)
	}
	c.hand(w, r, f)
	return nil
}

// file is what leaves the vault towards a browser.
type file struct {
	name, mediaType, ending string
	data                    []byte
	inline                  bool // shown in a page; otherwise only ever saved
}

// hand sends a file under a policy that lets it do nothing.
func (c *Console) hand(w http.ResponseWriter, r *http.Request, f file) {
	h := w.Header()
	disposition := "attachment"
	if f.inline {
		disposition = "inline"
	}
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Content-Type", f.mediaType)
	h.Set("Content-Disposition", disposition+`; filename="`+f.name+"."+f.ending+`"`)
	h.Set("Content-Length", strconv.Itoa(len(f.data)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(f.data); err != nil {
		c.Logger.DebugContext(r.Context(), "the browser has gone", "error", err)
	}
}
