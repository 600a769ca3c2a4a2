package intake

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"errors"
	"image/jpeg"
	"io"
	"maps"
	"slices"

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

// judgePDF refuses a PDF that acts, hides, is locked, is too long, shows a card number or does not parse. It looks twice:
// at the names in the file's bytes, which does not depend on how a reader finds its way through a broken file, and at the
// objects that a parser makes of them.
func judgePDF(ctx context.Context, data []byte, lim Limits) (Document, error) {
	if err := framed(data); err != nil {
		return Document{}, err
	}
	names := scanNames(data, true)
	if err := names.verdict(); err != nil {
		return Document{}, err
	}
	if archive(data) {
		return Document{}, refuse(CodePDFFiles)
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
	if err := w.form(); err != nil {
		return Document{}, err
	}
	pages, err := w.pages()
	if err != nil {
		return Document{}, err
	}
	if err := w.text(pages); err != nil {
		return Document{}, err
	}
	return Document{Type: typePDF, Data: data, Pages: len(pages), Exact: sha256.Sum256(data)}, nil
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
	case types.StringLiteral:
		return cardFree(literal([]byte(v)))
	case types.HexLiteral:
		return cardFree(hexadecimal([]byte(v)))
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
	n, err := w.unpacked(s)
	if err != nil {
		return err
	}
	if w.left -= n; w.left < 0 {
		return refuse(CodePDFExpansion)
	}
	return nil
}

// unpacked is how many bytes a stream unpacks to.
func (w *pdfWalk) unpacked(s *types.StreamDict) (int64, error) {
	pipeline := generic(s.FilterPipeline)
	switch {
	case len(pipeline) == 0:
		return 0, nil
	case len(pipeline) == 1 && pipeline[0].Name == filter.Flate:
		return inflated(s.Raw, w.left)
	}
	measured := types.StreamDict{Dict: s.Dict, Raw: s.Raw, FilterPipeline: pipeline}
	// The library reads a limit of 0 as its own large default.
	if err := measured.DecodeWithLimit(max(min(w.left, maxInMemory), 1)); err != nil {
		return 0, readError(w.ctx, err)
	}
	return int64(len(measured.Content)), nil
}

// maxInMemory bounds what is unpacked at once where it cannot be counted on the way.
const maxInMemory = 16 << 20

// inflated counts what deflated bytes unpack to, up to just over limit, without keeping it. An end that comes too early
// is no fault: what counts is what is there.
func inflated(raw []byte, limit int64) (int64, error) {
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return 0, refuse(CodeUnreadable)
	}
	n, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, refuse(CodeUnreadable)
	}
	return n, nil
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
	return shape{width: width, height: height, cost: 10}.within(w.lim)
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
