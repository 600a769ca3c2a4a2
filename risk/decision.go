package risk

// Outcome is what a policy wants done with an order.
type Outcome string

// The outcomes, mildest first.
const (
	Approve   Outcome = "approve"
	Challenge Outcome = "challenge" // authenticate the buyer with 3-D Secure
	Hold      Outcome = "hold"      // authorise, and keep until ownership is proven
	Decline   Outcome = "decline"   // do not ask the issuer
)

// Outcomes lists them mildest first.
func Outcomes() []Outcome { return []Outcome{Approve, Challenge, Hold, Decline} }

// Severity orders outcomes: approve 0 … decline 3.
func (o Outcome) Severity() int {
	for i, x := range Outcomes() {
		if x == o {
			return i
		}
	}
	return -1
}

// AtLeast is the harsher of two outcomes.
func (o Outcome) AtLeast(floor Outcome) Outcome {
	if o.Severity() < floor.Severity() {
		return floor
	}
	return o
}

// Reason is one thing that counted for or against an order.
type Reason struct {
	Code   string `json:"code"`   // stable name, upper case
	Points int    `json:"points"` // what it added to the score; 0 for a reason that forced the outcome or only informs
	Detail string `json:"detail"` // for a person, in English
	// DetailFR is the same in French.
	DetailFR string `json:"detail_fr,omitempty"`
	// Forces is the outcome the rule asked for by itself, if it did.
	Forces Outcome `json:"forces,omitempty"`
}

// PolicyRef names the very text a decision was made with.
type PolicyRef struct {
	Name    string `json:"name"`
	Version string `json:"version"` // "sha256:" and the hash of the file
}

// Decision is what a policy made of an order. It is equal bit for bit whenever it is made again from the same facts,
// histories, policy and lists.
type Decision struct {
	Outcome  Outcome   `json:"outcome"`
	Score    int       `json:"score"` // sum of points, never below 0
	Policy   PolicyRef `json:"policy"`
	Reasons  []Reason  `json:"reasons"`
	Degraded []string  `json:"degraded"` // parts that were away or failed, e.g. "velocity"
	Signals  *Signals  `json:"signals,omitempty"`
}

// Has reports whether a reason with the code is among the decision's.
func (d Decision) Has(code string) bool {
	for _, r := range d.Reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

// Signals are intermediate findings worth showing to the shop and to analysts, never to buyers.
type Signals struct {
	Address AddressSignal `json:"address"`
}

// AddressSignal is how alike billing and delivery addresses are.
type AddressSignal struct {
	Grade  string   `json:"grade"` // see package address; "" when one side is not known
	Traits []string `json:"traits"`
}
