package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// trialDays are the windows a comparison can look at, in days; the one in the middle is the usual one.
var trialDays = []int{1, 7, 30}

// triedShown is how many orders that differ a page lists.
const triedShown = 30

// trialsFilter is what a comparison looks at. It comes from the address and goes back into every link.
type trialsFilter struct {
	Shop        string
	Kind        store.TrialKind
	Days        int
	Live, Trial string // versions; "" for the pair last in use
}

// trialsFilterOf reads the filter from an address; what it does not know it takes for the default.
func (c *Console) trialsFilterOf(q url.Values) trialsFilter {
	f := trialsFilter{Shop: q.Get("shop"), Kind: store.TrialKind(q.Get("kind")), Live: q.Get("live"), Trial: q.Get("trial")}
	if shops := c.shops(); !slices.ContainsFunc(shops, func(s named) bool { return s.ID == f.Shop }) && len(shops) > 0 {
		f.Shop = shops[0].ID
	}
	if f.Kind != store.TrialRules {
		f.Kind = store.TrialPolicy
	}
	if f.Days, _ = strconv.Atoi(q.Get("days")); !slices.Contains(trialDays, f.Days) {
		f.Days = trialDays[1]
	}
	return f
}

// With is the address of the comparison with one thing looked at otherwise. Another shop, window or kind has pairs of
// policies of its own.
func (f trialsFilter) With(name, value string) string {
	return f.address(map[string]string{name: value})
}

// Pair is the address of the comparison of one pair of policies.
func (f trialsFilter) Pair(t store.Trial) string {
	return f.address(map[string]string{"live": t.Live.Version, "trial": t.Trial.Version})
}

func (f trialsFilter) address(changed map[string]string) string {
	q := url.Values{"shop": {f.Shop}, "kind": {string(f.Kind)}, "days": {strconv.Itoa(f.Days)}}
	for name, value := range changed {
		q.Set(name, value)
	}
	return "/trials?" + q.Encode()
}

// named is a shop by its id and the name that people know.
type named struct{ ID, Name string }

// shops are all of them, by name.
func (c *Console) shops() []named {
	var all []named
	for id, s := range c.Flow.Shops {
		all = append(all, named{id, s.Name})
	}
	slices.SortFunc(all, func(a, b named) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return all
}

// trialsBody is what the comparison is rendered from.
type trialsBody struct {
	Filter   trialsFilter
	Days     []int
	Shops    []named
	Kinds    []store.TrialKind
	Pairs    []pair
	Cut      bool // there are more orders than were read
	Sum      *store.Trial
	Harsher  int
	Milder   int
	Outcomes []risk.Outcome
	Matrix   []matrixRow
	Orders   []store.TriedOrder
}

// pair is a live policy and what was on trial beside it.
type pair struct {
	store.Trial
	Current bool
}

// matrixRow is what would have become of the orders with one outcome.
type matrixRow struct {
	Live  risk.Outcome
	Cells []cell
}

type cell struct {
	Trial risk.Outcome
	Count int
	Same  bool
}

// trials compares what was done with what would have been.
func (c *Console) trials(w http.ResponseWriter, r *http.Request, v visit) error {
	f := c.trialsFilterOf(r.URL.Query())
	b := trialsBody{Filter: f, Days: trialDays, Shops: c.shops(), Kinds: []store.TrialKind{store.TrialPolicy, store.TrialRules}, Outcomes: risk.Outcomes()}
	sf := store.TrialFilter{Shop: f.Shop, Kind: f.Kind, Since: c.Clock().Add(-time.Duration(f.Days) * 24 * time.Hour)}
	all, cut, err := c.Store.Trials(r.Context(), sf)
	if err != nil {
		return err
	}
	b.Cut = cut
	at := max(0, slices.IndexFunc(all, func(t store.Trial) bool { return t.Live.Version == f.Live && t.Trial.Version == f.Trial }))
	for i, t := range all {
		b.Pairs = append(b.Pairs, pair{t, i == at})
	}
	if len(all) > 0 {
		b.sumUp(all[at])
		if b.Orders, err = c.Store.TriedOrders(r.Context(), sf, all[at].Live.Version, all[at].Trial.Version, triedShown); err != nil {
			return err
		}
	}
	return c.render(w, r, v, http.StatusOK, "trials", "trials.title", b)
}

// sumUp lays out one pair's figures.
func (b *trialsBody) sumUp(t store.Trial) {
	b.Sum = &t
	for o, n := range maps.All(t.Outcomes) {
		switch {
		case o.Trial.Severity() > o.Live.Severity():
			b.Harsher += n
		case o.Trial.Severity() < o.Live.Severity():
			b.Milder += n
		}
	}
	for _, live := range b.Outcomes {
		row := matrixRow{Live: live}
		for _, would := range b.Outcomes {
			row.Cells = append(row.Cells, cell{would, t.Outcomes[store.TrialOutcome{Live: live, Trial: would}], live == would})
		}
		b.Matrix = append(b.Matrix, row)
	}
}

// IsPayment reports whether an order of the comparison has a page: an assessment has none.
func (b trialsBody) IsPayment(id string) bool { return strings.HasPrefix(id, payment.PrefixPayment) }
