package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// witness opens documents, and notes what the audit log said of each at that moment.
type witness struct {
	DocumentOpener
	store *store.Store
	views []int
}

// Open implements DocumentOpener.
func (w *witness) Open(ctx context.Context, id string) ([]byte, error) {
	trail, err := w.store.AuditTrail(ctx, id, 100)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, a := range trail {
		if a.Action == "document.viewed" && a.Actor == "ana" {
			n++
		}
	}
	w.views = append(w.views, n)
	return w.DocumentOpener.Open(ctx, id)
}

// Views implements DocumentOpener.
func (w *witness) Views(ctx context.Context, id string) ([][]byte, error) {
	if _, err := w.Open(ctx, id); err != nil {
		return nil, err
	}
	return w.DocumentOpener.Views(ctx, id)
}

func documentPath(o *office, p payment.Payment) string {
	k := o.caseOf(p)
	return "/cases/" + k.ID + "/documents/" + k.Proof.Documents[0].ID
}

func TestAViewIsInTheAuditLogBeforeTheDocumentIsOpened(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	w := &witness{DocumentOpener: o.desk.Documents, store: o.store}
	o.desk.Documents = w
	path := documentPath(o, p)
	ana := o.as("ana")
	ana.get(path).shows(t, path+"/pages/1", "Every view is written to the audit log")
	if len(w.views) != 0 {
		t.Error("the page around the document opens it")
	}
	for range 2 {
		if a := ana.get(path + "/pages/1"); a.status != http.StatusOK {
			t.Fatal(a.status)
		}
	}
	if len(w.views) != 2 || w.views[0] != 1 || w.views[1] != 2 {
		t.Errorf("views in the log when the document was opened: %v", w.views)
	}
	ana.get("/cases/"+p.Case.ID).shows(t, "seen by ana")
}

// shut opens nothing.
type shut struct{}

func (shut) Open(context.Context, string) ([]byte, error) { return nil, errors.New("the disk is away") }

// Views implements DocumentOpener.
func (shut) Views(context.Context, string) ([][]byte, error) {
	return nil, errors.New("the disk is away")
}

func TestADocumentThatCannotBeOpenedIsSaidAndNotShown(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path := documentPath(o, p) + "/pages/1"
	o.desk.Documents = shut{}
	a := o.as("ana").get(path)
	if a.status != http.StatusServiceUnavailable || a.header.Get("Content-Type") != "text/html; charset=utf-8" || strings.Contains(a.body, "disk") {
		t.Errorf("%d, %s", a.status, a.header.Get("Content-Type"))
	}
}

func TestAPictureIsShownWhereItCanDoNothing(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	a := o.as("ana").get(documentPath(o, p) + "/pages/1")
	want := map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
	for name, value := range want {
		if got := a.header.Get(name); !strings.HasPrefix(got, value) {
			t.Errorf("%s is %q", name, got)
		}
	}
	policy := a.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox;") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "self") {
		t.Errorf("the policy is %q", policy)
	}
	if d := a.header.Get("Content-Disposition"); !strings.HasPrefix(d, `inline; filename="identity-doc_`) {
		t.Errorf("the disposition is %q", d)
	}
	if !strings.HasPrefix(a.body, "\x89PNG") {
		t.Error("the picture is not one")
	}
}

// rewritten makes the case's document another kind of file, as the buyer's PDF would have been.
func (o *office) rewritten(p payment.Payment, change func(*hold.Document)) {
	o.t.Helper()
	_, err := o.store.ChangeCase(o.t.Context(), p.Case.ID, func(cur store.Snapshot) (store.Writes, error) {
		change(&cur.Case.Proof.Documents[0])
		return store.Writes{Case: cur.Case}, nil
	})
	check(o.t, err)
}

func TestAnythingButAPictureIsShownPageByPageOrNotAtAll(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path, ana := documentPath(o, p), o.as("ana")
	for kept, sent := range map[string]string{"application/pdf": "application/pdf", "text/html": "application/octet-stream", "image/svg+xml": "application/octet-stream", "": "application/octet-stream"} {
		o.rewritten(p, func(d *hold.Document) { d.Type = kept })
		page := ana.get(path)
		page.shows(t, "There are no pages to look at")
		page.hides(t, `<img src="/cases`)
		if a := ana.get(path + "/pages/1"); a.status != http.StatusNotFound {
			t.Errorf("a page of %q: %d", kept, a.status)
		}
		a := ana.post(path+"/original", "password", passwordOf("ana"))
		if a.header.Get("Content-Type") != sent || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("%q comes as %s, %s", kept, a.header.Get("Content-Type"), a.header.Get("Content-Disposition"))
		}
	}
}

func TestADestroyedDocumentAndAnotherCasesDocumentAreNotFound(t *testing.T) {
	o := opened(t, nil)
	p, q := o.reviewed(1), o.reviewed(2)
	path := documentPath(o, p)
	if a := o.as("ana").get(strings.Replace(path, p.Case.ID, q.Case.ID, 1) + "/pages/1"); a.status != http.StatusNotFound {
		t.Errorf("through another case: %d", a.status)
	}
	o.rewritten(p, func(d *hold.Document) { d.Status = hold.DocumentDestroyed })
	if a := o.as("ana").get(path + "/pages/1"); a.status != http.StatusNotFound {
		t.Errorf("destroyed: %d", a.status)
	}
	o.as("ana").get(path).shows(t, "Destroyed. Its kind")
	trail, err := o.store.AuditTrail(t.Context(), o.caseOf(p).Proof.Documents[0].ID, 10)
	check(t, err)
	for _, a := range trail {
		if a.Action == "document.viewed" {
			t.Errorf("a view that was none is in the log: %v at %s", a, a.At.Format(time.RFC3339))
		}
	}
}
