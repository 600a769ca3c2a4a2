package gateway

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"octroi/gateway/payment"
)

// leaf is a picture file of one bright colour, 800 by 500 pixels.
func leaf(t *testing.T, name string) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 800, 500))
	for i := range m.Pix {
		m.Pix[i] = 0xf0
	}
	var b bytes.Buffer
	var err error
	if strings.HasSuffix(name, ".png") {
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, nil)
	}
	path := filepath.Join(t.TempDir(), name)
	if err == nil {
		err = os.WriteFile(path, b.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// dark reports whether the picture is black at a place, given in hundredths of its sides.
func dark(t *testing.T, data []byte, x, y int) bool {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bounds()
	return color.GrayModel.Convert(m.At(b.Dx()*x/100, b.Dy()*y/100)).(color.Gray).Y < 16
}

// choose unfolds a card and chooses a file in it.
func (p *phone) choose(file string) {
	p.t.Helper()
	eval[bool](p, unfold)
	p.do(chromedp.SetUploadFiles("#file-identity", []string{file}), chromedp.WaitVisible("#ask-identity .mask"))
}

const submit = `#ask-identity button[type="submit"]`

func TestWhatIsCoveredByTouchNeverLeavesTheDevice(t *testing.T) {
	source, g := axe(t), newGallery(t)
	p := newPhone(t, 3*time.Minute)
	came := g.takes("thanked")
	for _, lang := range languages() {
		p.do(chromedp.Navigate(g.page(lang, "documents only")))
		p.choose(leaf(t, "photo.jpg"))
		eval[bool](p, `document.querySelector(".area").scrollIntoView({block: "center"}); true`)
		// A finger's tap at the middle of the picture, and one more on a quarter.
		for _, at := range []string{"0.5, 0.5", "0.3, 0.2"} {
			eval[bool](p, `((x, y) => { const a = document.querySelector(".area"), r = a.getBoundingClientRect();
				const at = {bubbles: true, clientX: r.left + x * r.width, clientY: r.top + y * r.height, pointerType: "touch", pointerId: 1};
				const on = document.elementFromPoint(at.clientX, at.clientY);
				for (const e of ["pointerdown", "pointerup"]) on.dispatchEvent(new PointerEvent(e, at));
				on.dispatchEvent(new MouseEvent("click", at)); return true; })(`+at+`)`)
		}
		if n := eval[int](p, `document.querySelectorAll(".area .cover").length`); n != 2 {
			t.Fatalf("%d covers after two taps", n)
		}
		p.faults(source, lang+" covering")
		p.do(chromedp.Click(submit))
		got := p.receives(came)
		if got.name != "document.jpg" || got.fields["kind"] != "identity" || got.fields["case"] != "case_1" {
			t.Errorf("sent %s, %v", got.name, got.fields)
		}
		for _, c := range []struct {
			x, y int
			want bool
		}{{50, 50, true}, {32, 47, true}, {30, 20, true}, {50, 35, false}, {80, 50, false}, {5, 95, false}} {
			if dark(t, got.data, c.x, c.y) != c.want {
				t.Errorf("at %d %%, %d %% of what was sent: dark is %v", c.x, c.y, !c.want)
			}
		}
		if bytes.Contains(got.data, []byte("Exif")) {
			t.Error("the picture took along what the camera wrote into it")
		}
		p.until(`document.activeElement.getAttribute("role") === "status" && location.pathname.endsWith("thanked")`)
	}
}

func TestCoversAreMadeMovedSizedAndTakenAwayByKeyboard(t *testing.T) {
	g := newGallery(t)
	p := newPhone(t, 2*time.Minute)
	came := g.takes("thanked")
	p.do(chromedp.Navigate(g.page(payment.English, "documents only")))
	p.choose(leaf(t, "shot.png"))
	p.do(chromedp.Focus("#file-identity"), chromedp.KeyEvent(kb.Tab))
	if on := eval[string](p, `document.activeElement.dataset.do`); on != "add" {
		t.Fatalf("after the file comes %q", on)
	}
	press := func(n int, keys string, opts ...chromedp.KeyOption) {
		for range n {
			p.do(chromedp.KeyEvent(keys, opts...))
		}
	}
	label := func() string { return eval[string](p, `document.activeElement.getAttribute("aria-label") ?? ""`) }
	press(1, kb.Enter)
	if got := label(); got != "Box 1: 30% from the left, 10% from the top, 40% wide, 8% tall" {
		t.Fatalf("a new box is called %q", got)
	}
	press(10, kb.ArrowLeft)
	press(20, kb.ArrowDown)
	press(5, kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierShift))
	press(10, kb.ArrowLeft, chromedp.KeyModifiers(chromedp.ModifierShift))
	if got := label(); got != "Box 1: 10% from the left, 50% from the top, 20% wide, 18% tall" {
		t.Errorf("after the keys it is called %q", got)
	}
	press(60, kb.ArrowLeft) // it stays on the picture
	if got := label(); !strings.HasPrefix(got, "Box 1: 0% from the left") {
		t.Errorf("at the edge it is called %q", got)
	}
	p.do(chromedp.Click(`[data-do="add"]`))
	press(1, kb.Delete)
	if n := eval[int](p, `document.querySelectorAll(".area .cover").length`); n != 1 {
		t.Errorf("%d boxes after one of two was taken away", n)
	}
	if said := eval[string](p, `document.querySelector("[data-part=said]").textContent`); said != "Box 2 taken away." {
		t.Errorf("it is said that %q", said)
	}
	for _, button := range []string{"wider", "right", "flatter", "up"} { // the same by buttons, without dragging (WCAG 2.5.7)
		p.do(chromedp.Click(`[data-do="` + button + `"]`))
	}
	if got := eval[string](p, `document.querySelector(".cover").getAttribute("aria-label")`); got != "Box 1: 2% from the left, 48% from the top, 22% wide, 16% tall" {
		t.Errorf("after the buttons it is called %q", got)
	}
	p.do(chromedp.Focus(submit), chromedp.KeyEvent(kb.Enter))
	got := p.receives(came)
	if got.name != "document.png" || !dark(t, got.data, 12, 56) || dark(t, got.data, 40, 56) || dark(t, got.data, 12, 30) {
		t.Errorf("%s is not covered where the box was", got.name)
	}
}

func TestCoverIsDrawnWithAMouseAndPulledAtItsCorner(t *testing.T) {
	g := newGallery(t)
	p := newPhone(t, 2*time.Minute)
	came := g.takes("thanked")
	p.do(chromedp.EmulateViewport(1000, 1200), chromedp.Navigate(g.page(payment.English, "documents only")))
	p.choose(leaf(t, "photo.jpg"))
	eval[bool](p, `document.querySelector(".area").scrollIntoView({block: "center"}); true`)
	r := eval[map[string]float64](p, `(({left, top, width, height}) => ({left, top, width, height}))(document.querySelector(".area").getBoundingClientRect())`)
	drag := func(x1, y1, x2, y2 float64) {
		at := func(x, y float64) (float64, float64) { return r["left"] + x*r["width"], r["top"] + y*r["height"] }
		fx, fy := at(x1, y1)
		tx, ty := at(x2, y2)
		left := chromedp.ButtonLeft
		p.do(chromedp.MouseEvent(chromedp.MousePressed, fx, fy, left, chromedp.ClickCount(1)), chromedp.MouseEvent(chromedp.MouseMoved, (fx+tx)/2, (fy+ty)/2, left),
			chromedp.MouseEvent(chromedp.MouseMoved, tx, ty, left), chromedp.MouseEvent(chromedp.MouseReleased, tx, ty, left, chromedp.ClickCount(1)))
	}
	drag(0.2, 0.2, 0.4, 0.4) // draws
	drag(0.3, 0.3, 0.5, 0.3) // moves by a fifth
	drag(0.6, 0.4, 0.8, 0.6) // pulls the corner
	name := eval[string](p, `[...document.querySelectorAll(".cover")].map(c => c.getAttribute("aria-label")).join("; ")`)
	if name != "Box 1: 40% from the left, 20% from the top, 40% wide, 40% tall" {
		t.Errorf("the boxes are %s", name)
	}
	p.do(chromedp.Click(submit))
	if got := p.receives(came); !dark(t, got.data, 60, 40) || dark(t, got.data, 30, 30) || dark(t, got.data, 85, 65) {
		t.Error("what was sent is not covered where it was drawn")
	}
}
