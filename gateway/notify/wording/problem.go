package wording

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a folder of templates.
type Problem struct {
	File string // as it lies in the folder, with forward slashes
	Line int    // from 1; 0 when it is about the file as a whole
	What string // the problem, and what to do
}

// String is the form that editors jump to: file:line: what.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.What
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.What
}

// Problems is everything that is wrong with a folder, as one error: a line each, in the order of the files.
type Problems []Problem

// Error implements error.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// sorted gives the problems in reading order, each once; nil when there is none.
func (ps Problems) sorted() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.What, b.What))
	})
	return slices.Compact(ps)
}

func (ps *Problems) add(file string, line int, format string, args ...any) {
	*ps = append(*ps, Problem{File: file, Line: line, What: fmt.Sprintf(format, args...)})
}

// placed takes file and line out of an error of the template packages, which begin with "template: file:line:" or
// "html/template:file:line:".
var placed = regexp.MustCompile(`(?s)^(?:html/)?template: ?[^:]*:(\d+):(?:\d+:)? ?(.*)$`)

// template adds an error of the template packages.
func (ps *Problems) template(file string, err error) {
	if m := placed.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		ps.add(file, line, "%s", m[2])
		return
	}
	ps.add(file, 0, "%s", err.Error())
}

// lineAt is the line, from 1, of an offset in a text.
func lineAt(source string, offset int) int { return 1 + strings.Count(source[:offset], "\n") }
