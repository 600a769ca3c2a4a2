package address

// maxWord bounds the words the distance looks at: longer ones are cut.
const maxWord = 40

// edits says how two words differ.
type edits struct {
	n            int  // Damerau-Levenshtein distance, adjacent letters swapped counting one
	substitution bool // for n == 1: a letter was put in place of another, which makes words more often than typos
}

// distance is the restricted Damerau-Levenshtein distance of two words (bytes of folded text), or limit+1 as soon as it is
// known to be greater than limit.
func distance(a, b string, limit int) edits {
	a, b = a[:min(len(a), maxWord)], b[:min(len(b), maxWord)]
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		return edits{n: min(max(len(a), len(b)), limit+1)}
	}
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return edits{n: limit + 1}
	}
	if len(a) == 1 && len(b) == 1 {
		return edits{n: 1, substitution: true}
	}
	return edits{n: grid(a, b, limit)}
}

// grid fills the table of distances row by row, keeping three rows.
func grid(a, b string, limit int) int {
	var rows [3][maxWord + 1]uint8
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if int(least) > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(int(last[len(b)]), limit+1)
}

// tolerance is how many mistyped letters a word of this length forgives.
func tolerance(length int) int {
	switch {
	case length < 3:
		return 0
	case length < 10:
		return 1
	case length < 15:
		return 2
	}
	return 3
}

// alike is true when one word may be the other mistyped or its initial. A letter put in place of another makes a
// different short word (port, fort; poète, poste) more often than it is a typing error, above all at the beginning, so short
// words forgive only a letter left out, added or swapped.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == "" || isDigit(a[0]) || isDigit(b[0]) {
		return false
	}
	if len(a) == 1 {
		return a[0] == b[0]
	}
	limit := tolerance(len(b))
	e := distance(a, b, limit)
	if e.n > limit {
		return false
	}
	return !e.substitution || len(b) >= 6 && a[0] == b[0] || len(b) >= 9
}

// isVowel is true of the vowels left after folding.
func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'
}
