package intake

import (
	"bytes"
	"encoding/binary"
)

// maxScans bounds the passes of a progressive JPEG. Encoders write about ten; each pass costs a walk over the whole
// picture, so thousands of nearly empty ones would be a cheap way to keep a processor busy.
const maxScans = 32

// jpegHeader is what the markers of a JPEG file tell (ITU-T T.81 annex B).
type jpegHeader struct {
	scans       int
	progressive bool
	rgb         bool // the colours are stored as they are: Adobe's marker says so, or the components' names
	components  int
	samples     int // for ten pixels
	orientation int
}

// cost is the memory of ten pixels while the picture is decoded and written anew (image/jpeg): a byte for each sample; a
// 32-bit coefficient for each when it is progressive, until the last scan is read; four bytes more for each pixel when the
// colours may be others than JPEG's own, eight with a fourth ink.
func (h jpegHeader) cost() int {
	samples := max(h.samples, 10)
	c := samples
	if h.progressive {
		c += 4 * samples
	}
	switch {
	case h.components > 3:
		c += 80
	case h.rgb:
		c += 40
	}
	return c
}

// readJPEG walks the file's marker segments. It never fails: what it cannot follow it leaves to the decoder.
func readJPEG(data []byte) jpegHeader {
	h := jpegHeader{orientation: 1}
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xFF {
			next := bytes.IndexByte(data[i:], 0xFF)
			if next < 0 {
				break
			}
			i += next
			continue
		}
		marker := data[i+1]
		switch {
		case marker == 0xFF: // fill byte
			i++
			continue
		case marker == 0x00 || marker == 0x01 || marker >= 0xD0 && marker <= 0xD8: // no segment follows
			i += 2
			continue
		case marker == 0xD9: // end of image: what comes after is not decoded
			return h
		}
		n := int(binary.BigEndian.Uint16(data[i+2:]))
		if n < 2 || i+2+n > len(data) {
			break
		}
		h.segment(marker, data[i+4:i+2+n])
		i += 2 + n
	}
	return h
}

func (h *jpegHeader) segment(marker byte, body []byte) {
	switch marker {
	case 0xDA: // start of scan
		h.scans++
	case 0xC0, 0xC1, 0xC2: // start of frame; 0xC2 is the progressive one
		h.progressive = h.progressive || marker == 0xC2
		h.samples = max(h.samples, samplesOf(body))
		if len(body) > 5 {
			h.components = max(h.components, int(body[5]))
			h.rgb = h.rgb || namedRGB(body)
		}
	case 0xEE:
		if adobe, ok := bytes.CutPrefix(body, []byte("Adobe")); ok && len(adobe) > 6 {
			h.rgb = h.rgb || adobe[6] == 0
		}
	case 0xE1:
		if bytes.HasPrefix(body, []byte(exifMark)) {
			h.orientation = orientationOf(trimExif(body))
		}
	}
}

// exifMark stands before the directory in a JPEG; some write it in WebP files too.
const exifMark = "Exif\x00\x00"

func trimExif(body []byte) []byte { return bytes.TrimPrefix(body, []byte(exifMark)) }

// samplesOf sums the components' sampling factors against the largest, for ten pixels.
func samplesOf(frame []byte) int {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
		return 40
	}
	sum, most := 0, 1
	for c := range int(frame[5]) {
		area := int(frame[7+3*c]>>4) * int(frame[7+3*c]&15)
		sum, most = sum+area, max(most, area)
	}
	return (10*sum + most - 1) / most
}

// namedRGB tells a frame whose components are called R, G and B.
func namedRGB(frame []byte) bool {
	return len(frame) >= 15 && frame[6] == 'R' && frame[9] == 'G' && frame[12] == 'B'
}

// orientationOfPNG reads the eXIf chunk (PNG third edition, 11.3.4.5), which must stand before the pixels to count.
func orientationOfPNG(data []byte) int {
	for i := 8; i+12 <= len(data); {
		n := int(binary.BigEndian.Uint32(data[i:]))
		if n < 0 || n > len(data)-i-12 {
			break
		}
		switch string(data[i+4 : i+8]) {
		case "eXIf":
			return orientationOf(data[i+8 : i+8+n])
		case "IDAT":
			return 1
		}
		i += 12 + n
	}
	return 1
}

// orientationOf reads tag 0x0112 of a TIFF header's first directory (Exif 2.32, 4.6.4); 1, upright, when there is none.
func orientationOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at > len(tiff)-2 {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for at += 2; entries > 0 && at+12 <= len(tiff); at, entries = at+12, entries-1 {
		if order.Uint16(tiff[at:]) != 0x0112 {
			continue
		}
		if o := int(order.Uint16(tiff[at+8:])); o >= 1 && o <= 8 {
			return o
		}
		return 1
	}
	return 1
}
