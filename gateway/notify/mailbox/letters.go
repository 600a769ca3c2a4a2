package mailbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Bounds of what is read.
const (
	maxShown   = 100       // mails of a list, the newest
	maxNames   = 100_000   // names of the folder that are looked at
	maxHeader  = 32 << 10  // bytes of a mail's header
	maxLetter  = 512 << 10 // bytes of a mail
	maxParts   = 4
	namesBatch = 1024
)

// letterName is how the folder names its files: the moment, and an id. Nothing else is opened.
var letterName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z-[A-Za-z0-9._]{1,120}\.eml$`)

// letter is one mail.
type letter struct {
	ID            string // the file's name without .eml
	At            time.Time
	From, To      string
	Subject, Lang string
	Text, HTML    string // empty in a list
}

// list gives the newest mails, and how many there are.
func list(root *os.Root) ([]letter, int, error) {
	names, count, err := newest(root)
	if err != nil {
		return nil, 0, err
	}
	all := make([]letter, 0, len(names))
	for _, name := range names {
		l, err := head(root, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken away since
		}
		if err != nil {
			return nil, 0, err
		}
		all = append(all, l)
	}
	return all, count, nil
}

// newest gives the names that sort last, newest first, holding no more of them in memory than two batches.
func newest(root *os.Root) (names []string, count int, err error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, 0, err
	}
	defer dir.Close()
	for looked := 0; looked < maxNames; looked += namesBatch {
		batch, err := dir.Readdirnames(namesBatch)
		for _, name := range batch {
			if letterName.MatchString(name) {
				names = append(names, name)
				count++
			}
		}
		slices.Sort(names)
		slices.Reverse(names)
		names = names[:min(len(names), maxShown)]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return names, count, nil
}

// head reads a mail's header.
func head(root *os.Root, name string) (letter, error) {
	f, err := root.Open(name)
	if err != nil {
		return letter{}, err
	}
	defer f.Close()
	m, err := mail.ReadMessage(io.LimitReader(f, maxHeader))
	if err != nil {
		return letter{}, fmt.Errorf("read the header of %s: %w", name, err)
	}
	return headed(name, m.Header), nil
}

// headed takes what is shown out of a header. A field that cannot be read is shown as it stands.
func headed(name string, h mail.Header) letter {
	l := letter{ID: strings.TrimSuffix(name, ".eml"), From: named(h, "From"), To: named(h, "To"), Subject: decoded(h.Get("Subject")),
		Lang: h.Get("Content-Language")}
	l.At, _ = h.Date() // none shows as none
	return l
}

func decoded(s string) string {
	if d, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return d
	}
	return s
}

func named(h mail.Header, field string) string {
	a, err := h.AddressList(field)
	if err != nil || len(a) == 0 {
		return decoded(h.Get(field))
	}
	if a[0].Name == "" {
		return a[0].Address
	}
	return a[0].Name + " <" + a[0].Address + ">"
}

// whole reads one mail; fs.ErrNotExist when there is none of that id.
func whole(root *os.Root, id string) (letter, error) {
	name := id + ".eml"
	if !letterName.MatchString(name) {
		return letter{}, fs.ErrNotExist
	}
	f, err := root.Open(name)
	if err != nil {
		return letter{}, err
	}
	defer f.Close()
	in := &io.LimitedReader{R: f, N: maxLetter + 1}
	m, err := mail.ReadMessage(in)
	if err != nil {
		return letter{}, fmt.Errorf("read %s: %w", name, err)
	}
	l := headed(name, m.Header)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return letter{}, fmt.Errorf("read %s: it is not a mail of text and HTML", name)
	}
	if err := l.bodies(multipart.NewReader(m.Body, params["boundary"])); err != nil {
		return letter{}, fmt.Errorf("read %s: %w", name, err)
	}
	if in.N <= 0 {
		return letter{}, fmt.Errorf("read %s: it is larger than %d bytes", name, maxLetter)
	}
	return l, nil
}

// bodies decodes the two forms of a mail.
func (l *letter) bodies(r *multipart.Reader) error {
	for range maxParts {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var body io.Reader = p
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(p)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		text := strings.ToValidUTF8(strings.ReplaceAll(string(b), "\r\n", "\n"), "\uFFFD")
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			l.Text = text
		case "text/html":
			l.HTML = text
		}
	}
	return nil
}
