package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/backtest"
)

// maxRecorded bounds a line of recorded orders: the largest body the API takes, and room for what stands around it.
const maxRecorded = 256<<10 + 4<<10

// recordedLine is one line of recorded orders.
type recordedLine struct {
	At    string                     `json:"at"`
	ID    string                     `json:"id"`
	Order *payment.AssessmentRequest `json:"order"`
	Event *recordedEvent             `json:"event"`
}

// recordedEvent is what became of an order, as the API takes it.
type recordedEvent struct {
	Type    string `json:"type"`
	Refusal string `json:"refusal"`
	Detail  string `json:"detail"`
}

// orderReader reads recorded orders. Orders are history: what the API would ask of a new one (an e-mail, an amount above
// zero) is not asked of them, only that they can be read without doubt. Clear card numbers become fingerprints under
// the key, which the caller throws away.
type orderReader struct {
	in    *bufio.Reader
	key   []byte
	line  int
	shape *shape // of a line
	// The latest line: read over at the next.
	latest recordedLine
	facts  risk.Facts
}

// recordedOrders gives the entries of a file, oldest first; every error is a *backtest.Error, or the file's own. The
// order of an entry is good until the next.
func recordedOrders(in io.Reader, key []byte) backtest.Entries {
	return func(yield func(backtest.Entry, error) bool) {
		line := reflect.TypeFor[recordedLine]()
		r := &orderReader{in: bufio.NewReaderSize(in, maxRecorded), key: key, shape: shapeOf(line)}
		r.shape.reuse(line)
		for {
			e, err := r.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (r *orderReader) wrong(format string, args ...any) error {
	return &backtest.Error{Line: r.line, Detail: fmt.Sprintf(format, args...)}
}

// next reads one line; io.EOF after the last.
func (r *orderReader) next() (backtest.Entry, error) {
	r.line++
	text, err := r.in.ReadSlice('\n')
	last := errors.Is(err, io.EOF)
	switch {
	case last && len(text) == 0:
		return backtest.Entry{}, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		return backtest.Entry{}, r.wrong("the line has more than %d bytes", maxRecorded)
	case err != nil && !last:
		return backtest.Entry{}, fmt.Errorf("after line %d: %w", r.line-1, err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return backtest.Entry{}, r.wrong("the line is empty")
	}
	l := &r.latest
	*l = recordedLine{}
	if r.shape.into(string(text), l) {
		return r.entry(l)
	}
	*l = recordedLine{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(l); err != nil {
		return backtest.Entry{}, r.unreadable(err, last)
	}
	if len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return backtest.Entry{}, r.wrong("more than one JSON value stands on the line")
	}
	return r.entry(l)
}

// unreadable tells what is wrong with a line's JSON without repeating any value of it.
func (r *orderReader) unreadable(err error, last bool) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var moment *time.ParseError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) && last:
		return r.wrong("the file ends in the middle of the line: it was cut")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return r.wrong("the JSON ends in the middle")
	case errors.As(err, &kind):
		return r.wrong("%s cannot be a JSON %s", named(kind.Field), strings.Fields(kind.Value)[0])
	case errors.As(err, &syntax):
		return r.wrong("this is not JSON at byte %d", syntax.Offset)
	case errors.As(err, &moment):
		return r.wrong("a time is not written as RFC 3339 wants it, such as 2018-08-08T09:30:00Z")
	}
	const most = 120
	text := strings.TrimPrefix(err.Error(), "json: ") // the library has no type for an unknown field
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return r.wrong("%s", text)
}

func named(field string) string {
	if field == "" {
		return "the line"
	}
	return field
}

// entry checks a line that is good JSON.
func (r *orderReader) entry(l *recordedLine) (backtest.Entry, error) {
	e := backtest.Entry{Line: r.line, ID: l.ID}
	var err error
	if e.At, err = time.Parse(time.RFC3339Nano, l.At); err != nil {
		return e, r.wrong("at must be a time as RFC 3339 writes it, such as 2018-08-08T09:30:00Z")
	}
	e.At = e.At.UTC()
	switch {
	case l.ID == "" || len(l.ID) > payment.MaxText:
		return e, r.wrong("id must have 1 to %d bytes", payment.MaxText)
	case (l.Order == nil) == (l.Event == nil):
		return e, r.wrong("the line must have either an order or an event")
	case l.Order != nil:
		e.Order, err = r.order(&e, l.Order)
	default:
		e.Event, err = r.event(l.Event)
	}
	return e, err
}

func (r *orderReader) order(e *backtest.Entry, o *payment.AssessmentRequest) (*risk.Facts, error) {
	switch {
	case o.Amount.Value < 0 || o.Amount.Value > providers.MaxAmount:
		return nil, r.wrong("order.amount.value must be between 0 and %d minor units", int64(providers.MaxAmount))
	case o.Card.Fingerprint != "" && o.Card.Number != "":
		return nil, r.wrong("order.card has both a fingerprint and a number: it may have one")
	}
	print := o.Card.Fingerprint
	if o.Card.Number != "" {
		print = payment.Fingerprint("recorded", r.key, o.Card.Number)
	}
	r.facts = o.Facts(e.ID, "", print, e.At)
	return &r.facts, nil
}

func (r *orderReader) event(v *recordedEvent) (risk.Event, error) {
	kind, known := risk.EventNamed(v.Type)
	switch {
	case !known || kind == risk.EventAttempt:
		return risk.Event{}, r.wrong("event.type is not one of %s", strings.Join(eventTypes(), ", "))
	case v.Refusal != "" && kind != risk.EventRefused:
		return risk.Event{}, r.wrong("event.refusal goes with the type refused alone")
	case v.Refusal != "" && !slices.Contains(providers.RefusalCodes(), providers.RefusalCode(v.Refusal)):
		return risk.Event{}, r.wrong("event.refusal is not a refusal code")
	}
	return risk.Event{Kind: kind, Code: v.Refusal}, nil
}

func eventTypes() []string {
	var out []string
	for k := risk.EventAttempt + 1; k < risk.EventKindCount; k++ {
		out = append(out, k.String())
	}
	return out
}

// progressEvery is after how many lines the bar is drawn again.
const progressEvery = 10_000

// orderFile is a file of recorded orders being read, with a bar on the terminal that says how far.
type orderFile struct {
	*os.File
	size, read int64
	bar        io.Writer // nil when nobody looks
}

func openOrders(path string, errs io.Writer) (*orderFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recorded orders: %w", err)
	}
	o := &orderFile{File: f}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		o.size = info.Size()
	}
	if t, ok := errs.(*os.File); ok && o.size > 0 {
		if info, err := t.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			o.bar = t
		}
	}
	return o, nil
}

// Read counts what is read.
func (o *orderFile) Read(p []byte) (int, error) {
	n, err := o.File.Read(p)
	o.read += int64(n)
	return n, err
}

// each gives the file's entries to take, with the bar going on.
func (o *orderFile) each(key []byte, take func(backtest.Entry) error) error {
	defer o.draw(0, true)
	for e, err := range recordedOrders(o, key) {
		if err == nil {
			err = take(e)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", o.Name(), err)
		}
		if e.Line%progressEvery == 0 {
			o.draw(e.Line, false)
		}
	}
	return nil
}

// draw draws the bar, or wipes it away.
func (o *orderFile) draw(lines int, wipe bool) {
	if o.bar == nil {
		return
	}
	const wide = 30
	text := strings.Repeat(" ", wide+30)
	if !wipe {
		n := int(min(wide, wide*o.read/o.size))
		text = fmt.Sprintf("[%s%s] %3d %%  %d lines", strings.Repeat("=", n), strings.Repeat(" ", wide-n), 100*o.read/o.size, lines)
	}
	_, _ = fmt.Fprintf(o.bar, "\r%s\r", text)
}
