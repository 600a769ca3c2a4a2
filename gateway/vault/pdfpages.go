package vault

import "github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

// pages counts the leaves of the page tree itself: the number written in the file is only a claim.
func (w *pdfWalk) pages() (int, error) {
	root, err := w.file.Catalog()
	if err != nil {
		return 0, refuse(CodeUnreadable)
	}
	top, ok := root["Pages"].(types.IndirectRef)
	if !ok {
		return 0, refuse(CodeUnreadable)
	}
	seen, count := map[types.IndirectRef]bool{}, 0
	for ahead := []types.IndirectRef{top}; len(ahead) > 0; {
		ref := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if seen[ref] {
			return 0, refuse(CodeUnreadable)
		}
		seen[ref] = true
		node, err := w.file.DereferenceDict(ref)
		if err != nil || node == nil {
			return 0, refuse(CodeUnreadable)
		}
		below, inner := node["Kids"]
		if !inner {
			if count++; count > w.lim.Pages {
				return 0, &Unacceptable{Code: CodePDFPages, Limit: w.lim.Pages}
			}
			continue
		}
		kids, err := w.file.DereferenceArray(below)
		if err != nil {
			return 0, refuse(CodeUnreadable)
		}
		for _, kid := range kids {
			ref, ok := kid.(types.IndirectRef)
			if !ok {
				return 0, refuse(CodeUnreadable)
			}
			ahead = append(ahead, ref)
		}
	}
	if count == 0 {
		return 0, refuse(CodeUnreadable)
	}
	return count, nil
}
