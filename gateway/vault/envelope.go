package vault

import (
	"bytes"
	"fmt"
	"strconv"
)

// mark begins what stands before a document inside its encryption.
const mark = "octroi document 2 "

// envelope is one line that says whose the parts are and how many bytes each has.
func envelope(id string, parts [][]byte) []byte {
	line := []byte(mark + id)
	for _, p := range parts {
		line = fmt.Appendf(line, " %d", len(p))
	}
	return append(line, '\n')
}

// unfold undoes an envelope and what follows it. It reports false unless id and every size agree to the byte.
func unfold(id string, plain []byte) (parts [][]byte, ok bool) {
	rest, ok := bytes.CutPrefix(plain, []byte(mark+id+" "))
	if !ok {
		return nil, false
	}
	line, rest, ok := bytes.Cut(rest, []byte{'\n'})
	if !ok {
		return nil, false
	}
	for size := range bytes.SplitSeq(line, []byte{' '}) {
		n, err := strconv.Atoi(string(size))
		if err != nil || n < 0 || n > len(rest) || len(parts) == maxParts {
			return nil, false
		}
		parts, rest = append(parts, rest[:n:n]), rest[n:]
	}
	return parts, len(rest) == 0 && len(parts) > 0
}

func total(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}
