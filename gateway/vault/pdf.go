package vault

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"maps"
	"slices"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Bounds on a PDF's structure, far above what ten pages need. They keep the parser's own memory small.
const (
	maxObjects       = 200_000
	maxDepth         = 64
	maxObjectStreams = 128
	objectBytes      = 8 << 20 // all object streams together, unpacked
)

// inspectPDF refuses a PDF that acts, hides, is locked, is too long or does not parse. It looks twice: at the names
// in the file's bytes, which does not depend on how a reader finds its way through a broken file, and at the objects
// that a parser makes of them.
func inspectPDF(ctx context.Context, data []byte, lim Limits) (Document, error) {
	if err := framed(data); err != nil {
		return Document{}, err
	}
	names := scanNames(data, true)
	if err := names.verdict(); err != nil {
		return Document{}, err
	}
	if names.objectStreams > maxObjectStreams {
		return Document{}, refuse(CodePDFExpansion)
	}
	each := max(objectBytes/max(names.objectStreams, 1), objectBytes/maxObjectStreams)
	file, err := pdfcpu.ReadWithContext(ctx, bytes.NewReader(data), readerLimits(len(data), each))
	if err != nil {
		return Document{}, readError(ctx, err)
	}
	if file.Encrypt != nil {
		return Document{}, refuse(CodePDFEncrypted)
	}
	w := pdfWalk{ctx: ctx, file: file, lim: lim, left: int64(lim.Expansion)}
	if err := w.objects(); err != nil {
		return Document{}, err
	}
	pages, err := w.pages()
	if err != nil {
		return Document{}, err
	}
	return Document{Type: typePDF, Data: data, Pages: pages}, nil
}

// readerLimits is written out rather than taken from the library's default, which reads and makes files in the
// user's configuration folder.
func readerLimits(size, objectStream int) *model.Configuration {
	return &model.Configuration{
		Reader15:       true,
		ValidationMode: model.ValidationRelaxed,
		Cmd:            model.VALIDATE,
		Eol:            types.EolLF,
		Offline:        true,
		Limits: model.ResourceLimits{
			MaxStreamBytes:       int64(size),
			MaxDecodeBytes:       int64(objectStream),
			MaxImagePixels:       1,
			MaxImageBytes:        1,
			MaxObjectCount:       maxObjects,
			MaxObjectStreamCount: maxObjects,
			MaxObjectStreamFirst: 1 << 20,
			MaxXRefEntries:       maxObjects,
			MaxRecursionDepth:    maxDepth,
		},
	}
}

func readError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		return refuse(CodePDFExpansion)
	}
	return refuse(CodeUnreadable)
}

// framed checks that the file ends as a PDF must (ISO 32000-1, 7.5.5): "%%EOF" with nothing but white space after it,
// so that no second file rides behind, and before it a startxref that points into the file.
func framed(data []byte) error {
	end := bytes.TrimRight(data, "\x00\t\n\f\r ")
	body, ok := bytes.CutSuffix(end, []byte("%%EOF"))
	if !ok {
		return refuse(CodeUnreadable)
	}
	at := bytes.LastIndex(body, []byte("startxref"))
	if at < 0 {
		return refuse(CodeUnreadable)
	}
	offset, err := strconv.Atoi(string(bytes.TrimSpace(body[at+len("startxref"):])))
	if err != nil || offset <= 0 || offset >= at {
		return refuse(CodeUnreadable)
	}
	target := bytes.TrimLeft(data[offset:at], "\t\n\f\r ")
	if !bytes.HasPrefix(target, []byte("xref")) && (len(target) == 0 || target[0] < '0' || target[0] > '9') {
		return refuse(CodeUnreadable)
	}
	return nil
}

// pdfWalk visits the parsed file. left is how many bytes its streams may still unpack to.
type pdfWalk struct {
	ctx  context.Context
	file *model.Context
	lim  Limits
	left int64
}

func (w *pdfWalk) objects() error {
	for _, number := range slices.Sorted(maps.Keys(w.file.Table)) {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		entry := w.file.Table[number]
		if entry == nil || entry.Object == nil {
			continue
		}
		if err := w.object(entry.Object, 0); err != nil {
			return err
		}
	}
	return nil
}

func (w *pdfWalk) object(o types.Object, depth int) error {
	if depth > maxDepth {
		return refuse(CodeUnreadable)
	}
	switch v := o.(type) {
	case types.Name:
		return named(string(v)).verdict()
	case types.Array:
		for _, item := range v {
			if err := w.object(item, depth+1); err != nil {
				return err
			}
		}
	case types.Dict:
		return w.dict(v, depth)
	case types.LazyObjectStreamObject:
		inner, err := v.DecodedObject(w.ctx)
		if err != nil {
			return readError(w.ctx, err)
		}
		return w.object(inner, depth+1)
	case types.StreamDict:
		return w.stream(&v, depth)
	case types.ObjectStreamDict:
		if err := w.dict(v.Dict, depth); err != nil {
			return err
		}
		if err := v.DecodeWithLimit(v.MaxDecodeBytes); err != nil {
			return readError(w.ctx, err)
		}
		// The objects no table entry points to are here too.
		return scanNames(v.Content, false).verdict()
	case types.XRefStreamDict:
		return w.dict(v.Dict, depth)
	}
	return nil
}

func (w *pdfWalk) dict(d types.Dict, depth int) error {
	for key, value := range d {
		if _, view := value.(types.Array); !view || unescape([]byte(key)) != "OpenAction" {
			if err := named(key).verdict(); err != nil {
				return err
			}
		}
		if err := w.object(value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// stream measures what a stream unpacks to. Picture codecs are not run: their size is what the dictionary, and for
// JPEG the picture itself, says it is.
func (w *pdfWalk) stream(s *types.StreamDict, depth int) error {
	if err := w.dict(s.Dict, depth); err != nil {
		return err
	}
	if err := w.picture(s); err != nil {
		return err
	}
	measured := types.StreamDict{Dict: s.Dict, Raw: s.Raw, FilterPipeline: generic(s.FilterPipeline)}
	if len(measured.FilterPipeline) == 0 {
		return nil
	}
	// The library reads a limit of 0 as its own large default.
	if err := measured.DecodeWithLimit(max(w.left, 1)); err != nil {
		return readError(w.ctx, err)
	}
	if w.left -= int64(len(measured.Content)); w.left < 0 {
		return refuse(CodePDFExpansion)
	}
	return nil
}

// generic is the part of a pipeline before a picture codec, without the predictors, which do not change a size.
func generic(pipeline []types.PDFFilter) []types.PDFFilter {
	var out []types.PDFFilter
	for _, f := range pipeline {
		switch f.Name {
		case filter.DCT, filter.JPX, filter.JBIG2, filter.CCITTFax:
			return out
		case filter.Flate:
			f.DecodeParms = nil
		}
		out = append(out, f)
	}
	return out
}

func (w *pdfWalk) picture(s *types.StreamDict) error {
	if sub := s.Subtype(); sub == nil || *sub != "Image" {
		return nil
	}
	width, height := w.number(s.Dict, "Width"), w.number(s.Dict, "Height")
	if s.HasSoleFilterNamed(filter.DCT) {
		if cfg, err := jpeg.DecodeConfig(bytes.NewReader(s.Raw)); err == nil {
			width, height = max(width, cfg.Width), max(height, cfg.Height)
		}
	}
	if width <= 0 || height <= 0 {
		return refuse(CodeUnreadable)
	}
	return shape{width: width, height: height, cost: 1}.within(w.lim)
}

func (w *pdfWalk) number(d types.Dict, key string) int {
	o, ok := d.Find(key)
	if !ok {
		return 0
	}
	n, err := w.file.DereferenceInteger(o)
	if err != nil || n == nil {
		return 0
	}
	return n.Value()
}
