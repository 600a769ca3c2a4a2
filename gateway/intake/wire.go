package intake

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// request is what the parent asks a child. The file's bytes follow it.
type request struct {
	Name, Type string // as the buyer's browser says
	Size       int
	Limits     Limits
	Room       int    // bytes a picture may take in this lane; one that takes more is answered Large
	Renderer   string // program that draws PDF pages; "" for none
}

// reply is what a child answers. The kept bytes and the views follow it, Sizes of them in this order; a PDF's own bytes
// do not, because the parent has them.
type reply struct {
	Refused  *Unacceptable `json:",omitempty"`
	Large    bool          `json:",omitempty"`
	Document Document      // without Data and Views
	Sizes    []int
	Confined bool // the renderer, if there was one, was held to the system's folders
}

// maxHead bounds the JSON before the bytes. A name can be as long as it may be on any file system.
const maxHead = 16 << 10

// maxView bounds one page's picture, in bytes.
const maxView = 4 << 20

// writeFrame writes the head, preceded by its length in four bytes.
func writeFrame(w io.Writer, head any) error {
	b, err := frame(head)
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

func frame(head any) ([]byte, error) {
	b, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	if len(b) > maxHead {
		return nil, fmt.Errorf("intake: a head of %d bytes", len(b))
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...), nil
}

func readFrame(r io.Reader, head any) error {
	var n [4]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(n[:])
	if size > maxHead {
		return fmt.Errorf("intake: a head of %d bytes", size)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	return json.Unmarshal(b, head)
}

// errNonsense is an answer that no child of ours gives: it is taken for a death.
var errNonsense = errors.New("intake: the child's answer makes no sense")

// readReply reads a child's answer about data and believes nothing of it: a decoder that was taken over can say what it
// likes, but not more than a document within the limits.
func readReply(r io.Reader, data []byte, lim Limits) (reply, error) {
	var a reply
	if err := readFrame(r, &a); err != nil {
		return reply{}, err
	}
	switch {
	case a.Large:
		return reply{Large: true}, nil
	case a.Refused != nil:
		if a.Refused.Code == CodeBusy || !slices.Contains(Codes(), a.Refused.Code) {
			return reply{}, errNonsense
		}
		return reply{Refused: a.Refused}, nil
	}
	d := a.Document
	picture := d.Type == typeJPEG || d.Type == typePNG
	switch {
	case picture && (d.Pages != 1 || len(a.Sizes) != 1 || d.Width < 1 || d.Height < 1 || d.Width > lim.Side || d.Height > lim.Side),
		!picture && (d.Type != typePDF || d.Pages < 1 || d.Pages > lim.Pages || len(a.Sizes) != 0 && len(a.Sizes) != d.Pages):
		return reply{}, errNonsense
	}
	return a, a.take(r, data)
}

// take reads the bytes that follow an answer.
func (a *reply) take(r io.Reader, data []byte) error {
	d, most, signature := &a.Document, maxView, signatures[typeJPEG]
	if d.Type != typePDF {
		most, signature = maxKept, signatures[d.Type]
	}
	d.Data, d.Views = nil, nil
	for _, size := range a.Sizes {
		if size < 1 || size > most {
			return errNonsense
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		if !strings.HasPrefix(string(b[:min(len(b), len(signature))]), signature) {
			return errNonsense
		}
		if d.Type != typePDF {
			d.Data = b
		} else {
			d.Views = append(d.Views, b)
		}
	}
	if d.Type == typePDF {
		d.Data = data
	}
	return nil
}
