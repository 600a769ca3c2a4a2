package policy

import (
	"errors"
	"fmt"
	"slices"
	"sort"
)

// Error is one mistake in a policy file, at the place in the YAML where it stands.
type Error struct {
	File         string
	Line, Column int // from 1; columns are characters
	Detail       string
}

// Error is "file:line:column: detail".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Detail)
}

// maxErrors is how many mistakes of one file are reported; the rest would not be read.
const maxErrors = 50

// joined gives the mistakes in the order of the file: nil, the one *Error, or all of them under errors.Join, where
// errors.As finds the first.
func joined(errs []*Error) error {
	if len(errs) == 0 {
		return nil
	}
	sort.SliceStable(errs, func(i, j int) bool {
		if errs[i].Line != errs[j].Line {
			return errs[i].Line < errs[j].Line
		}
		return errs[i].Column < errs[j].Column
	})
	// A text that serves both languages is compiled twice, and its mistake found twice.
	errs = slices.CompactFunc(errs, func(a, b *Error) bool { return *a == *b })
	if len(errs) == 1 {
		return errs[0]
	}
	all := make([]error, 0, len(errs))
	for i, e := range errs {
		if i == maxErrors {
			break
		}
		all = append(all, e)
	}
	return errors.Join(all...)
}
