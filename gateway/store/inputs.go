package store

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxInputs bounds what one recorded decision may unpack to.
const maxInputs = 8 << 20

// deflater packs and unpacks recorded decisions. A flate.Writer is large, hence kept for the next one.
type deflater struct{ writers sync.Pool }

func newDeflater() *deflater {
	return &deflater{writers: sync.Pool{New: func() any {
		w, _ := flate.NewWriter(io.Discard, flate.BestSpeed) // fails only for a level that does not exist
		return w
	}}}
}

// pack gives the deflated JSON of in.
func (d *deflater) pack(in Recorded) ([]byte, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("record a decision: %w", err)
	}
	var out bytes.Buffer
	out.Grow(len(text) / 2)
	w, _ := d.writers.Get().(*flate.Writer)
	defer d.writers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("record a decision: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("record a decision: %w", err)
	}
	return out.Bytes(), nil
}

// unpack undoes pack; nothing at all is inputs that were emptied.
func (d *deflater) unpack(packed []byte) (in Recorded, err error) {
	if len(packed) == 0 {
		return Recorded{Emptied: true}, nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxInputs+1))
	if err == nil && len(text) > maxInputs {
		err = errors.New("it is larger than any decision")
	}
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		return Recorded{}, fmt.Errorf("read a recorded decision: %w", err)
	}
	return in, nil
}
