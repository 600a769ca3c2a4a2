package gateway

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"octroi/gateway/payment"
)

// parcel is what a form sent.
type parcel struct {
	fields map[string]string
	name   string
	data   []byte
}

// takes makes the gallery's answer to documents: it keeps each and shows a state.
func (g *gallery) takes(state string) chan parcel {
	came := make(chan parcel, 10)
	g.answer = func(w http.ResponseWriter, r *http.Request) {
		m, err := r.MultipartReader()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p := parcel{fields: map[string]string{}}
		for {
			part, err := m.NextPart()
			if err != nil {
				break
			}
			b, _ := io.ReadAll(part)
			if part.FormName() != "file" {
				p.fields[part.FormName()] = string(b)
			} else if part.FileName() != "" {
				p.name, p.data = part.FileName(), append(p.data, b...)
			}
		}
		came <- p
		http.Redirect(w, r, g.page(payment.French, state), http.StatusSeeOther)
	}
	return came
}

func (p *phone) receives(came chan parcel) parcel {
	p.t.Helper()
	select {
	case got := <-came:
		return got
	case <-time.After(30 * time.Second):
		p.t.Fatal("nothing was sent")
		return parcel{}
	}
}

func TestSendingShowsHowFarItIsAndLosesNothingWhenItBreaksOff(t *testing.T) {
	source, g := axe(t), newGallery(t)
	p := newPhone(t, 40*time.Second)
	p.do(chromedp.Navigate(g.page(payment.French, "documents only")))
	p.choose(leaf(t, "photo.jpg"))
	p.do(chromedp.Click(`[data-do="add"]`))
	release := make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	t.Cleanup(let) // before the gallery closes
	g.answer = func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}
	p.do(chromedp.Click(submit))
	p.until(`document.querySelector("progress")?.value === 100`)
	p.faults(source, "fr sending")
	if !eval[bool](p, `document.querySelector('`+submit+`').disabled`) {
		t.Error("it can be sent twice")
	}
	p.do(chromedp.Click(`#ask-identity [data-part="stop"]`))
	p.until(`!document.querySelector("progress")`)
	if n := eval[int](p, `document.querySelectorAll(".sentence").length`); n != 0 {
		t.Error("what the buyer stopped is called a fault")
	}
	p.do(chromedp.Click(submit))
	p.until(`document.querySelector("progress")?.value === 100`)
	let()
	p.do(chromedp.WaitVisible(`#ask-identity [role="alert"]`))
	p.faults(source, "fr broken off")
	if n := eval[int](p, `document.querySelectorAll(".area .cover").length`); n != 1 {
		t.Errorf("%d covers are left", n)
	}
	g.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(g.shown[payment.French]["wrong file-identity"]))
	}
	p.do(chromedp.Click(submit))
	p.until(`document.activeElement === document.querySelector("main > [role=alert]") && document.title.startsWith("Erreur")`)
	came := g.takes("thanked")
	p.choose(leaf(t, "other.png")) // the page that came is as able as the first
	p.do(chromedp.Click(submit))
	if got := p.receives(came); got.name != "document.png" {
		t.Errorf("sent %q", got.name)
	}
}

func TestFileThatIsNoPictureIsSentAsItIsAndSaidSo(t *testing.T) {
	g := newGallery(t)
	p := newPhone(t, 2*time.Minute)
	came := g.takes("thanked")
	p.do(chromedp.Navigate(g.page(payment.English, "documents only")))
	path := filepath.Join(t.TempDir(), "statement.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.4 of a kind"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.choose(path)
	if text := eval[string](p, `document.querySelector(".mask").innerText`); !strings.Contains(text, "statement.pdf") || !strings.Contains(text, "sent as it is") || strings.Contains(text, "larger than") {
		t.Errorf("it says %q", text)
	}
	// Another choice takes the place of the first.
	p.do(chromedp.SetUploadFiles("#photo-identity", []string{leaf(t, "photo.jpg")}), chromedp.WaitVisible("#ask-identity .area"))
	if n := eval[int](p, `document.querySelector("#file-identity").files.length`); n != 0 {
		t.Error("both would be sent")
	}
	p.choose(path)
	p.until(`!document.querySelector(".area")`)
	p.do(chromedp.Click(submit))
	if got := p.receives(came); got.name != "statement.pdf" || string(got.data) != "%PDF-1.4 of a kind" {
		t.Errorf("sent %s, %d bytes", got.name, len(got.data))
	}
}

func TestFormWorksWithoutTheScript(t *testing.T) {
	g := newGallery(t)
	p := newPhone(t, 2*time.Minute)
	came := g.takes("thanked")
	p.withoutScript()
	p.do(chromedp.Navigate(g.page(payment.French, "documents only")), chromedp.SetUploadFiles("#file-identity", []string{leaf(t, "photo.jpg")}), chromedp.Click(submit))
	got := p.receives(came)
	if got.name != "photo.jpg" || got.fields["kind"] != "identity" || len(got.data) == 0 {
		t.Errorf("sent %s, %v", got.name, got.fields)
	}
}
