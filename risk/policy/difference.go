package policy

import "octroi/risk"

// Difference is what a shadow policy would have done otherwise than the live one with the same order. Every label in it
// is bounded by the two policies' codes.
type Difference struct {
	Live   risk.Outcome `json:"live"`
	Shadow risk.Outcome `json:"shadow"`
	// Harsher is by how many outcomes the shadow is harsher than the live policy; below 0 it is milder.
	Harsher int `json:"harsher"`
	// Score is how much higher the shadow's score is.
	Score int `json:"score"`
	// Added are the codes only the shadow gives as reasons, Dropped those only the live policy gives, each in its order.
	Added   []string `json:"added"`
	Dropped []string `json:"dropped"`
}

// Same reports that both would have done the same with the order, for whatever reasons.
func (d Difference) Same() bool { return d.Live == d.Shadow }

// Compare lays a shadow policy's decision beside the live one of the same order.
func Compare(live, shadow risk.Decision) Difference {
	return Difference{Live: live.Outcome, Shadow: shadow.Outcome,
		Harsher: shadow.Outcome.Severity() - live.Outcome.Severity(), Score: shadow.Score - live.Score,
		Added: codesBeyond(shadow, live), Dropped: codesBeyond(live, shadow)}
}

// codesBeyond are the codes of one decision that the other does not have, never nil.
func codesBeyond(of, other risk.Decision) []string {
	out := []string{}
	for _, r := range of.Reasons {
		if !other.Has(r.Code) && !contains(out, r.Code) {
			out = append(out, r.Code)
		}
	}
	return out
}
