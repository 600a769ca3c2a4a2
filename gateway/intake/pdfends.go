package intake

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

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

// archive tells a file that is a ZIP too: readers of those look at the end, and take what stands before for somebody
// else's (APPNOTE.TXT 4.3.16). The directory's own signature keeps chance bytes from being taken for one.
func archive(data []byte) bool {
	const ending = 22 // bytes of an end record, but for its comment of up to 65535
	for at := len(data) - ending; at >= max(len(data)-ending-0xFFFF, 0); at-- {
		if !bytes.HasPrefix(data[at:], []byte("PK\x05\x06")) {
			continue
		}
		size := int(binary.LittleEndian.Uint32(data[at+12:]))
		if size == 0 || size <= at && bytes.HasPrefix(data[at-size:], []byte("PK\x01\x02")) {
			return true
		}
	}
	return false
}
