package intake

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strconv"
	"time"

	"octroi/gateway/sandbox"
)

const (
	// viewSide is the longer side of a page's picture in pixels: an A4 page at 120 dots an inch, on which print of six
	// points can be read.
	viewSide = 1400
	// rendererMemory bounds the renderer's address space. Poppler takes a fifth of it for a page with a large photo.
	rendererMemory = 256 << 20
	// rendererTime bounds its processor time. Ten pages of print take a thirteenth of it, ten A4 pages scanned at 300 dots
	// an inch a third. It is well below Limits.Time, so that on a machine that has other work too a file made to take long
	// is still ended by its own bound, and for good, rather than by the clock.
	rendererTime = 2 * time.Second
)

// render draws the pages of a PDF as an analyst sees them. A file that the renderer cannot draw is refused: nobody could
// look at it.
func render(ctx context.Context, renderer string, doc *Document) (confined bool, err error) {
	cmd := exec.CommandContext(ctx, renderer, "-q", "-f", "1", "-l", strconv.Itoa(doc.Pages), "-scale-to", strconv.Itoa(viewSide), "-")
	cmd.Env, cmd.Dir = []string{}, "/"
	in, err := cmd.StdinPipe()
	if err != nil {
		return false, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if confined, err = sandbox.Start(cmd, sandbox.Limits{Memory: rendererMemory, CPU: rendererTime}); err != nil {
		return false, err
	}
	go func() {
		// A renderer that has gone is noticed where its pages are missing.
		_, _ = in.Write(doc.Data)
		_ = in.Close()
	}()
	pages := bufio.NewReaderSize(out, 64<<10)
	all := sha256.New()
	for i := range doc.Pages {
		if err = addView(pages, doc, i, all); err != nil {
			break
		}
	}
	missing := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !missing {
		_ = cmd.Process.Kill() // it writes what is no picture, and would go on
	}
	var ended *exec.ExitError
	switch werr := cmd.Wait(); {
	case err == nil && werr == nil:
		all.Sum(doc.Exact[:0])
		return confined, nil
	case ctx.Err() != nil || (err == nil || missing) && errors.As(werr, &ended) && !ended.Exited():
		return confined, refuse(CodeUnsafe) // killed by one of its limits
	}
	return confined, refuse(CodeUnreadable)
}

// addView reads one page and adds it to the document.
func addView(pages *bufio.Reader, doc *Document, i int, all io.Writer) error {
	img, err := readPPM(pages)
	if err != nil {
		return err
	}
	known := newPrint(img.Bounds().Size())
	view, err := encodeJPEG(newUpright(img, 1), known.see)
	if err != nil {
		return err
	}
	if len(view) > maxView {
		return errors.New("intake: a page too large to be kept")
	}
	doc.Views = append(doc.Views, view)
	if i == 0 {
		doc.Hash = known.hash()
	}
	exact := known.exact()
	_, err = all.Write(exact[:])
	return err
}

// readPPM reads one picture of raw RGB (ppm(5), "P6"). It is what the renderer writes, so it is not believed either.
func readPPM(r *bufio.Reader) (*image.RGBA, error) {
	var w, h, most int
	if _, err := fmt.Fscanf(r, "P6\n%d %d\n%d\n", &w, &h, &most); err != nil {
		return nil, err
	}
	if w < 1 || h < 1 || w > viewSide+1 || h > viewSide+1 || most != 255 {
		return nil, fmt.Errorf("intake: a page of %d x %d pixels and %d levels", w, h, most)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	row := make([]byte, 3*w)
	for y := range h {
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, err
		}
		to := img.Pix[y*img.Stride:]
		for x := range w {
			to[4*x], to[4*x+1], to[4*x+2], to[4*x+3] = row[3*x], row[3*x+1], row[3*x+2], 255
		}
	}
	return img, nil
}
