package intake

import (
	"encoding/binary"
)

// webpHeader is what the chunks of a WebP file tell (RFC 9649 section 2).
type webpHeader struct {
	lossless, alpha bool
	orientation     int
}

// readWebP walks the file's chunks. It never fails: what it cannot follow it leaves to the decoder.
func readWebP(data []byte) webpHeader {
	h := webpHeader{orientation: 1}
	for i := 12; i+8 <= len(data); {
		n := int(binary.LittleEndian.Uint32(data[i+4:]))
		if n < 0 || n > len(data)-i-8 {
			break
		}
		body := data[i+8 : i+8+n]
		switch string(data[i : i+4]) {
		case "VP8L":
			h.lossless = true
		case "ALPH":
			h.alpha = true
		case "EXIF":
			h.orientation = orientationOf(trimExif(body))
		}
		i += 8 + n + n&1 // chunks are padded to an even length
	}
	return h
}

// cost is the memory of ten pixels: a lossless picture is unpacked twice, one with transparency is laid on paper.
func (h webpHeader) cost() int {
	switch {
	case h.lossless && h.orientation > 1:
		return 120
	case h.lossless:
		return 80
	case h.alpha:
		return 120
	}
	return 15
}

// sniffWebP tells a WebP file by its first twelve bytes.
func sniffWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}
