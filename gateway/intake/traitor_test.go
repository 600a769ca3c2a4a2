package intake

import (
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// traitor is a child that behaves until it is given a real document: only the probe has no name.
func traitor(how string) int {
	var q request
	if err := readFrame(os.Stdin, &q); err != nil {
		return 9
	}
	data := make([]byte, q.Size)
	if _, err := io.ReadFull(os.Stdin, data); err != nil {
		return 9
	}
	say := func(a reply, blobs ...string) {
		_ = writeFrame(os.Stdout, a)
		for _, b := range blobs {
			_, _ = io.WriteString(os.Stdout, b)
		}
	}
	picture := Document{Type: typeJPEG, Pages: 1, Width: 8, Height: 8}
	switch {
	case q.Name == "":
		return min(errCode(answer(os.Stdout, q, data, q.Limits)), 9)
	case how == "dies":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case how == "panics":
		panic("what a decoder might do")
	case how == "hangs":
		time.Sleep(time.Hour)
	case how == "says nothing":
	case how == "says a long head":
		_, _ = os.Stdout.Write([]byte{0xFF, 0xFF, 0xFF, 0xFF})
	case how == "says no JSON":
		_, _ = os.Stdout.Write([]byte{0, 0, 0, 2, '{', '{'})
	case how == "stops half way":
		picture.Width = 8
		say(reply{Document: picture, Sizes: []int{100}}, "\xFF\xD8\xFF")
	case how == "calls a page a picture":
		say(reply{Document: picture, Sizes: []int{6}}, "<html>")
	case how == "invents a type":
		picture.Type = "text/html"
		say(reply{Document: picture, Sizes: []int{6}}, "<html>")
	case how == "sends too much":
		say(reply{Document: picture, Sizes: []int{maxKept + 1}}, strings.Repeat("\xFF\xD8\xFF", maxKept/3+1))
	case how == "sends a negative size":
		say(reply{Document: picture, Sizes: []int{-1}})
	case how == "sends too many pages":
		say(reply{Document: Document{Type: typePDF, Pages: 1000}, Sizes: slices.Repeat([]int{3}, 1000)}, strings.Repeat("\xFF\xD8\xFF", 1000))
	case how == "refuses with a code of its own":
		say(reply{Refused: &Unacceptable{Code: "<script>"}})
	case how == "says it is busy":
		say(reply{Refused: refuse(CodeBusy).(*Unacceptable)})
	case how == "asks for a larger lane for ever":
		say(reply{Large: true})
	}
	return 0
}

func errCode(err error) int {
	if err != nil {
		return 9
	}
	return 0
}

func TestADeadChildIsARefusal(t *testing.T) {
	photo := jpegOf(t, corners(64, 32))
	for how, want := range map[string]string{"dies": died, "panics": died, "says nothing": died, "says a long head": died, "says no JSON": died,
		"stops half way": died, "calls a page a picture": died, "invents a type": died, "sends too much": died, "sends a negative size": died,
		"sends too many pages": died, "refuses with a code of its own": died, "says it is busy": died, "asks for a larger lane for ever": ""} {
		w := opened(t, Config{}, "traitor", how)
		if doc, err := w.Inspect(t.Context(), "case_1", "a.jpg", "", photo); code(err) != CodeUnsafe || doc.Data != nil {
			t.Errorf("a child that %s: %v", how, err)
		}
		if want != "" && testutil.ToFloat64(w.metrics.ended.WithLabelValues(want)) != 1 {
			t.Errorf("a child that %s was not counted as %s", how, want)
		}
		if n := testutil.ToFloat64(w.metrics.documents.WithLabelValues(CodeUnsafe)); n != 1 {
			t.Errorf("a child that %s: %v refusals counted", how, n)
		}
	}
	w := opened(t, Config{Limits: Limits{Time: time.Second}}, "traitor", "hangs")
	if _, err := w.Inspect(t.Context(), "case_1", "a.jpg", "", photo); code(err) != CodeBusy || testutil.ToFloat64(w.metrics.ended.WithLabelValues(outOfTime)) != 1 {
		t.Errorf("a child that hangs: %v", err)
	}
	if left := w.queue.length(); left != 0 || w.queue.running != [lanes]*ticket{} {
		t.Errorf("%d wait, %v run", left, w.queue.running)
	}
}

// FuzzReadReply has a child say anything at all. Whatever is believed is a document within the limits.
func FuzzReadReply(f *testing.F) {
	for _, a := range []reply{{Document: Document{Type: typeJPEG, Pages: 1, Width: 8, Height: 8}, Sizes: []int{6}}, {Refused: refuse(CodeHEIC).(*Unacceptable)},
		{Document: Document{Type: typePDF, Pages: 2}, Sizes: []int{3, 3}}, {Large: true}} {
		b, err := frame(a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(b, "\xFF\xD8\xFF\xFF\xD8\xFF"...))
	}
	lim := DefaultLimits()
	f.Fuzz(func(t *testing.T, said []byte) {
		a, err := readReply(strings.NewReader(string(said)), []byte("%PDF-"), lim)
		d := a.Document
		switch {
		case err != nil || a.Large:
		case a.Refused != nil:
			if a.Refused.Code == CodeBusy || !slices.Contains(Codes(), a.Refused.Code) {
				t.Errorf("believed the code %q", a.Refused.Code)
			}
		case sniff(d.Data) != d.Type || d.Pages < 1 || d.Pages > lim.Pages || len(d.Data) > maxKept || d.Width > lim.Side:
			t.Errorf("believed a %s of %d pages and %d bytes", d.Type, d.Pages, len(d.Data))
		}
		for _, v := range d.Views {
			if err == nil && sniff(v) != typeJPEG {
				t.Error("believed a view that is no JPEG")
			}
		}
	})
}
