package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/sandbox"
)

// Config is what an Intake is made of. Renderer and Limits may be left out.
type Config struct {
	// Command starts a child: a program and arguments that end in Serve, as a rule the program itself.
	Command []string
	// Renderer is the path of poppler's pdftoppm. Without one a PDF has no Views.
	Renderer   string
	Limits     Limits
	Clock      func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Intake has files from strangers judged, each in a child of its own. It is safe for concurrent use.
type Intake struct {
	cfg     Config
	box     *sandbox.Sandbox
	queue   *queue
	metrics *metrics
}

// patience is how long a file may wait for its turn.
const patience = 5 * time.Second

// New tries the command, and the renderer if there is one, on a page of its own: an intake that cannot work is known at
// the start. It logs what does not hold a child on this machine.
func New(ctx context.Context, cfg Config) (*Intake, error) {
	if cfg.Clock == nil || cfg.Logger == nil || cfg.Registerer == nil {
		return nil, errors.New("intake: clock, logger and registerer are all needed")
	}
	cfg.Limits = cfg.Limits.filled()
	in := &Intake{cfg: cfg, queue: newQueue()}
	var a reply
	head, err := in.head("", typePDF, len(probe), laneLarge)
	if err != nil {
		return nil, err
	}
	in.box, err = sandbox.New(ctx, cfg.Command, append(head, probe...), func(r io.Reader) (err error) {
		if a, err = readReply(r, []byte(probe), cfg.Limits); err == nil && a.Document.Type != typePDF {
			err = errNonsense
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("intake: trying the command that looks at documents: %w", err)
	}
	if cfg.Renderer != "" && len(a.Document.Views) != 1 {
		return nil, fmt.Errorf("intake: %s drew %d pages of a document with one: install poppler's pdftoppm, or leave it out", cfg.Renderer, len(a.Document.Views))
	}
	if in.metrics, err = newMetrics(cfg.Registerer, in); err != nil {
		return nil, fmt.Errorf("intake: registering metrics: %w", err)
	}
	in.tell(a)
	return in, nil
}

// tell says what does not hold a child here.
func (in *Intake) tell(a reply) {
	if !in.box.Isolated() {
		in.cfg.Logger.Warn("documents are looked at without namespaces of their own: the kernel refused; memory, time and files are limited all the same")
	}
	switch {
	case in.cfg.Renderer == "":
		in.cfg.Logger.Warn("no pdftoppm: analysts get PDF documents as files only, not as pictures of their pages")
	case !a.Confined:
		in.cfg.Logger.Warn("pdftoppm may read what its user may read: the kernel has no Landlock")
	}
}

// Inspect judges a file. Source is whose it is, a case as a rule: sources take turns, and each may have a few files here
// at once. The error is an *Unacceptable, whose Code is CodeBusy when the file was not looked at, or the context's.
func (in *Intake) Inspect(ctx context.Context, source, filename, declaredType string, data []byte) (Document, error) {
	begun := in.cfg.Clock()
	doc, err := in.inspect(ctx, source, filename, declaredType, data)
	var no *Unacceptable
	switch {
	case err == nil:
		in.metrics.judged(accepted, in.cfg.Clock().Sub(begun))
	case errors.As(err, &no):
		in.metrics.judged(no.Code, in.cfg.Clock().Sub(begun))
	}
	return doc, err
}

func (in *Intake) inspect(ctx context.Context, source, filename, declaredType string, data []byte) (Document, error) {
	if err := sized(data, in.cfg.Limits); err != nil {
		return Document{}, err
	}
	// Names and first bytes are looked at here: most of what is plainly wrong costs no child.
	kind, err := agree(filename, declaredType, data)
	if err != nil {
		return Document{}, err
	}
	a, err := in.ask(ctx, source, filename, declaredType, data, kind == typePDF)
	if err == nil && a.Large {
		a, err = in.ask(ctx, source, filename, declaredType, data, true)
	}
	switch {
	case err != nil:
		return Document{}, err
	case a.Large: // there is no larger lane
		return Document{}, refuse(CodeUnsafe)
	case a.Refused != nil:
		return Document{}, a.Refused
	}
	return a.Document, nil
}

// ask waits for a turn and has a child look at the file.
func (in *Intake) ask(ctx context.Context, source, filename, declaredType string, data []byte, large bool) (a reply, err error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	t, ok, err := in.queue.enter(waiting, source, large)
	switch {
	case ctx.Err() != nil && !ok:
		return reply{}, ctx.Err()
	case !ok:
		return reply{}, refuse(CodeBusy)
	}
	defer in.queue.leave(t)
	head, err := in.head(filename, declaredType, len(data), t.lane)
	if err != nil {
		return reply{}, err
	}
	job := sandbox.Job{Request: [][]byte{head, data}, Within: in.cfg.Limits.Time, Nice: nices[t.lane]}
	err = in.box.Run(ctx, job, func(r io.Reader) (err error) {
		a, err = readReply(r, data, in.cfg.Limits)
		return err
	})
	return a, in.fate(err)
}

// head is what stands before a file on its way to a child. Of what the buyer's browser says only what it claims is
// passed on.
func (in *Intake) head(filename, declaredType string, size, lane int) ([]byte, error) {
	q := request{Name: filename[max(len(filename)-maxName, 0):], Type: declaredMedia(declaredType), Size: size, Limits: in.cfg.Limits,
		Room: smallRoom, Renderer: in.cfg.Renderer}
	if lane == laneLarge {
		q.Room = in.cfg.Limits.Memory
	}
	b, err := frame(q)
	if err != nil {
		return nil, fmt.Errorf("intake: writing a request: %w", err)
	}
	return b, nil
}

// maxName is how much of a file's name, from its end, is looked at: an extension that is longer is none we take.
const maxName = 64

// fate turns what became of a child into an answer.
func (in *Intake) fate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sandbox.ErrNotStarted):
		in.metrics.ended.WithLabelValues(notStarted).Inc()
		in.cfg.Logger.Error("no document can be looked at", "error", err)
		return refuse(CodeBusy)
	case errors.Is(err, sandbox.ErrOutOfTime):
		// A file that takes too much work is ended by the bound on processor time. This one was given too little of it.
		in.metrics.ended.WithLabelValues(outOfTime).Inc()
		return refuse(CodeBusy)
	case errors.Is(err, sandbox.ErrDied):
		in.metrics.ended.WithLabelValues(died).Inc()
		in.cfg.Logger.Warn("a document was refused because the process that looked at it died", "error", err)
	default:
		return err
	}
	return refuse(CodeUnsafe)
}
