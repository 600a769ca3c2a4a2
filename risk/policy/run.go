package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/vm"

	"octroi/risk"
	"octroi/risk/address"
)

var errNotFinite = errors.New("the value is not a finite number")

// run is one evaluation of a policy: the inputs, and the values already worked out.
type run struct {
	p        *Policy
	f        risk.Facts
	h        risk.Histories
	l        risk.Lists
	machines []*vm.VM // one for each depth: a definition may be worked out while another program runs
	depth    int      // of the programs running
	cells    []cell   // by slot
	texts    []string // by the place of a slot, as others
	others   []any
	broken   map[int]error // by slot
	answers  []answer      // by fold
	mute     bool          // reasons get no detail
	said     verdict
	compared bool
	address  address.Comparison
}

func (p *Policy) begin(f risk.Facts, h risk.Histories, l risk.Lists) *run {
	r, ok := p.runs.Get().(*run)
	if !ok {
		r = &run{p: p, cells: make([]cell, len(p.slots)), answers: make([]answer, len(p.folds)),
			texts: make([]string, p.texts), others: make([]any, p.others)}
	}
	if h == nil {
		h = none{}
	}
	r.f, r.h, r.l = f, h, l
	return r
}

// end forgets the order before the run serves another.
func (p *Policy) end(r *run) {
	clear(r.cells)
	clear(r.texts)
	clear(r.others)
	clear(r.broken)
	clear(r.answers)
	r.said.clear()
	r.f, r.h, r.l, r.mute = risk.Facts{}, nil, nil, false
	r.compared, r.address = false, address.Comparison{}
	p.runs.Put(r)
}

// machine runs a program on expr's virtual machine.
func (r *run) machine(p *vm.Program) (any, error) {
	if r.depth == len(r.machines) {
		r.machines = append(r.machines, &vm.VM{MemoryBudget: memoryBudget})
	}
	r.depth++
	defer func() { r.depth-- }()
	return r.machines[r.depth-1].Run(p, r)
}

// holds evaluates a truth. Whatever fails below, a history that panics included, is an error.
func (r *run) holds(e *expression) (holds bool, err error) {
	if e.direct != nil {
		defer func() {
			if cause := recover(); cause != nil {
				holds, err = false, fmt.Errorf("%v", cause)
			}
		}()
		return e.direct(r), nil
	}
	v, err := r.machine(e.program)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("the rule gave %T, not true or false", v)
	}
	return b, nil
}

// weigh evaluates a number, or a truth as 1 or 0. Whatever fails below is an error, and so is a number that is not
// finite.
func (r *run) weigh(e *expression) (x float64, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			x, err = math.NaN(), fmt.Errorf("%v", cause)
		}
	}()
	if e.figure != nil {
		x = e.figure(r)
	} else {
		v, err := r.machine(e.program)
		if err != nil {
			return math.NaN(), err
		}
		x = float(v)
		if v == true {
			x = 1
		} else if v == false {
			x = 0
		}
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return math.NaN(), errNotFinite
	}
	return x, nil
}

func (r *run) comparison() address.Comparison {
	if !r.compared {
		r.address = address.Compare(address.Address(r.f.Billing.Address), address.Address(r.f.Delivery.Address), r.f.Delivery.Method)
		r.compared = true
	}
	return r.address
}

// listed is false for an empty value: what is not known stands on no list.
func (r *run) listed(value, list string) bool {
	return value != "" && r.l != nil && r.l.In(list, value)
}

func (r *run) grade() string { return string(r.comparison().Grade) }

// traits is never nil, so that it is [] in JSON.
func (r *run) traits() []string {
	found := r.comparison().Traits
	out := make([]string, 0, len(found))
	for _, t := range found {
		out = append(out, string(t))
	}
	return out
}

// fetchedTraits are those of places where the buyer fetches the parcel, or gets none: being elsewhere is normal there.
var fetchedTraits = []address.Trait{"pickup_point", "locker", "store", "digital"}

func (r *run) fetched() bool {
	return slices.ContainsFunc(r.comparison().Traits, func(t address.Trait) bool { return slices.Contains(fetchedTraits, t) })
}

func (r *run) elsewhere() bool {
	g := r.grade()
	return (g == "other_city" || g == "other_country") && !r.fetched()
}

func (r *run) sameName() bool {
	a, b := r.f.Billing.Name, r.f.Delivery.Recipient
	return a != "" && b != "" && address.SameName(a, b)
}

func (r *run) mailbox() string {
	m, _ := risk.NormaliseEmail(r.f.Buyer.Email)
	return m
}

func (r *run) emailDomain() string {
	_, d := risk.NormaliseEmail(r.f.Buyer.Email)
	return d
}

func (r *run) items() []item {
	out := make([]item, 0, len(r.f.Order.Items))
	for _, i := range r.f.Order.Items {
		out = append(out, item{i.SKU, i.Name, i.Category, float64(i.Quantity), float64(i.UnitAmount)})
	}
	return out
}

func (r *run) quantity() float64 {
	n := 0.0
	for _, i := range r.f.Order.Items {
		n += float64(i.Quantity)
	}
	return n
}

// accountAge is never negative: an account opened after the order has no age.
func (r *run) accountAge() float64 {
	if r.f.Buyer.AccountCreatedAt.IsZero() {
		return 0
	}
	return max(r.f.At.Sub(r.f.Buyer.AccountCreatedAt).Seconds(), 0)
}

// expired reports a date that has passed: a card is good to the end of its month.
func (r *run) expired() bool {
	if r.f.Card.ExpiryMonth == "" {
		return false
	}
	month, err := strconv.Atoi(r.f.Card.ExpiryMonth)
	year, bad := strconv.Atoi(r.f.Card.ExpiryYear)
	if err != nil || bad != nil || month < 1 || month > 12 || year < 2000 {
		return false
	}
	at := r.f.At.UTC()
	return year < at.Year() || year == at.Year() && month < int(at.Month())
}

func (r *run) review() risk.Review {
	if r.f.Review == nil {
		return risk.Review{}
	}
	return *r.f.Review
}

// cardScheme is the brand without the wallet it came through ("mc_applepay"), or what the first digits say: Visa begins
// with 4, Mastercard with 51-55 or 2221-2720 (ISO/IEC 7812 ranges as both schemes publish them).
func cardScheme(c risk.Card) string {
	brand, _, _ := strings.Cut(strings.ToLower(c.Brand), "_")
	switch {
	case brand == "mc":
		return "mastercard"
	case brand != "":
		return brand
	case strings.HasPrefix(c.BIN, "4"):
		return "visa"
	case len(c.BIN) >= 4 && (c.BIN[:2] >= "51" && c.BIN[:2] <= "55" || c.BIN[:4] >= "2221" && c.BIN[:4] <= "2720"):
		return "mastercard"
	}
	return ""
}
