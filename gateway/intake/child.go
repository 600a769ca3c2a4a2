package intake

import (
	"context"
	"errors"
	"io"
	"time"

	"octroi/gateway/sandbox"
)

// childLimits are what one child may use besides its time: enough for the largest picture there is room for, and the
// file and its re-encoded form.
func childLimits(lim Limits) sandbox.Limits {
	return sandbox.Limits{Memory: uint64(lim.Memory + lim.Bytes + maxKept), CPU: detector * childTime}
}

// childTime bounds the processor time of a child, all its threads together: about twice what the largest picture takes.
const childTime = 4 * time.Second

// Hidden is the name of the command under which a program calls Serve, and its only argument.
const Hidden = "intake"

// Serve is what a child does: it gives up what it does not need, reads one request, answers it, and returns the exit code.
// The program calls it under a hidden command; nothing else may.
func Serve(in io.Reader, out io.Writer) int {
	if err := sandbox.Confine(childLimits(DefaultLimits())); err != nil {
		return 3
	}
	var q request
	if err := readFrame(in, &q); err != nil {
		return 4
	}
	lim := q.Limits.filled()
	if q.Size < 0 || q.Size > lim.Bytes {
		return 4
	}
	data := make([]byte, q.Size)
	if _, err := io.ReadFull(in, data); err != nil {
		return 4
	}
	if err := answer(out, q, data, lim); err != nil {
		return 5
	}
	return 0
}

// errLarge is a picture that takes more memory than there is room for in this lane.
var errLarge = errors.New("intake: a picture for the large lane")

func answer(out io.Writer, q request, data []byte, lim Limits) error {
	ctx, cancel := context.WithTimeout(context.Background(), lim.Time)
	defer cancel()
	doc, err := judge(ctx, q.Name, q.Type, data, lim, q.Room)
	a := reply{Document: doc}
	if err == nil && doc.Type == typePDF && q.Renderer != "" {
		a.Confined, err = render(ctx, q.Renderer, &doc)
		a.Document = doc
	}
	var no *Unacceptable
	switch {
	case errors.Is(err, errLarge):
		return writeFrame(out, reply{Large: true})
	case errors.As(err, &no):
		return writeFrame(out, reply{Refused: no})
	case err != nil:
		return err
	}
	blobs := doc.Views
	if doc.Type != typePDF {
		blobs = [][]byte{doc.Data}
	}
	for _, b := range blobs {
		a.Sizes = append(a.Sizes, len(b))
	}
	a.Document.Data, a.Document.Views = nil, nil
	if err := writeFrame(out, a); err != nil {
		return err
	}
	for _, b := range blobs {
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return nil
}
