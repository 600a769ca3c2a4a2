package intake

import "github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

// page is a leaf of the page tree, with the resources that it has from itself or from above.
type page struct{ dict, resources types.Dict }

// pages finds the leaves of the page tree itself: the number written in the file is only a claim.
func (w *pdfWalk) pages() ([]page, error) {
	root, err := w.file.Catalog()
	top, ok := root["Pages"].(types.IndirectRef)
	if err != nil || !ok {
		return nil, refuse(CodeUnreadable)
	}
	type ahead struct {
		ref       types.IndirectRef
		resources types.Dict
	}
	seen, leaves := map[types.IndirectRef]bool{}, []page(nil)
	for todo := []ahead{{ref: top}}; len(todo) > 0; {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[next.ref] {
			return nil, refuse(CodeUnreadable)
		}
		seen[next.ref] = true
		node, err := w.file.DereferenceDict(next.ref)
		if err != nil || node == nil {
			return nil, refuse(CodeUnreadable)
		}
		if own, err := w.file.DereferenceDict(node["Resources"]); err == nil && own != nil {
			next.resources = own
		}
		below, inner := node["Kids"]
		if !inner {
			if leaves = append(leaves, page{node, next.resources}); len(leaves) > w.lim.Pages {
				return nil, &Unacceptable{Code: CodePDFPages, Limit: w.lim.Pages}
			}
			continue
		}
		kids, err := w.file.DereferenceArray(below)
		if err != nil {
			return nil, refuse(CodeUnreadable)
		}
		for _, kid := range kids {
			ref, ok := kid.(types.IndirectRef)
			if !ok {
				return nil, refuse(CodeUnreadable)
			}
			todo = append(todo, ahead{ref, next.resources})
		}
	}
	if len(leaves) == 0 {
		return nil, refuse(CodeUnreadable)
	}
	return leaves, nil
}

// form refuses a form with fields to fill in (ISO 32000-1, 12.7.2). Fields that hold a signature are how banks and
// authorities sign what they issue.
func (w *pdfWalk) form() error {
	root, err := w.file.Catalog()
	if err != nil {
		return refuse(CodeUnreadable)
	}
	acro, err := w.file.DereferenceDict(root["AcroForm"])
	if err != nil || acro == nil {
		return nil
	}
	todo, err := w.file.DereferenceArray(acro["Fields"])
	if err != nil {
		return refuse(CodePDFForm)
	}
	for n := 0; len(todo) > 0; n++ {
		field, err := w.file.DereferenceDict(todo[0])
		todo = todo[1:]
		if err != nil || n > maxFields {
			return refuse(CodePDFForm)
		}
		if kind := field.NameEntry("FT"); kind != nil && *kind != "Sig" {
			return refuse(CodePDFForm)
		}
		if kids, err := w.file.DereferenceArray(field["Kids"]); err == nil {
			todo = append(todo, kids...)
		}
	}
	return nil
}

// maxFields bounds the fields that are looked at; what is signed has a handful.
const maxFields = 256
