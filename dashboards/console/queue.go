package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// openStatuses are the states in which a case waits, those that wait for an analyst first.
var openStatuses = []hold.Status{hold.AwaitingReview, hold.AwaitingSecond, hold.AwaitingProof}

// Assignees that are not people.
const (
	everyone   = ""
	mine       = "mine"
	unassigned = "none"
)

// queueFilter is how an analyst looks at the queue. It comes from the address and goes back into every link.
type queueFilter struct {
	Status   string // "" is every open one
	Assignee string // everyone, mine, unassigned
	Sort     string
}

// filterOf reads the filter from an address; what it does not know it takes for the default.
func filterOf(q url.Values) queueFilter {
	f := queueFilter{Status: q.Get("status"), Assignee: q.Get("assignee"), Sort: q.Get("sort")}
	if !slices.Contains(hold.Statuses(), hold.Status(f.Status)) {
		f.Status = ""
	}
	if f.Assignee != mine && f.Assignee != unassigned {
		f.Assignee = everyone
	}
	if f.Sort != "amount" && f.Sort != "score" {
		f.Sort = "decide_by"
	}
	return f
}

// With is the address of the queue with one thing looked at otherwise. Defaults stay out of it.
func (f queueFilter) With(name, value string) string {
	all := map[string]string{"status": f.Status, "assignee": f.Assignee, "sort": f.Sort}
	all[name] = value
	if all["sort"] == "decide_by" {
		all["sort"] = ""
	}
	q := url.Values{}
	for k, v := range all {
		if v != "" {
			q.Set(k, v)
		}
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

// statuses are those the filter wants.
func (f queueFilter) statuses() []hold.Status {
	if f.Status == "" {
		return openStatuses
	}
	return []hold.Status{hold.Status(f.Status)}
}

// row is one case of the queue.
type row struct {
	Case    hold.Case
	Payment payment.Payment
	Shop    string // its name, where there are several
	Left    clock
	Reasons []reason // the heaviest
	More    int      // how many others there are
}

// queuePageBody is what the queue is rendered from.
type queuePageBody struct {
	Filter queueFilter
	Tabs   []tab
	Rows   []row
	Next   string
	Later  bool // not the first page
	Busy   bool // some case waits for an analyst
}

// tab is one status of the queue and how many cases are in it.
type tab struct {
	Status  string
	Count   int
	Open    bool
	Current bool
}

// queuePage is how many cases a page of the queue shows.
const queuePage = 30

// rowReasons is how many reasons a row of the queue shows.
const rowReasons = 2

func (c *Console) queue(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	f := filterOf(q)
	all, next, err := c.cases(r.Context(), v.user, f, q.Get("cursor"), queuePage)
	if err != nil {
		return err
	}
	s := c.stripNow(r.Context())
	body := queuePageBody{Filter: f, Tabs: tabs(f, s), Later: q.Get("cursor") != "", Busy: s.Cases[hold.AwaitingReview]+s.Cases[hold.AwaitingSecond] > 0}
	for _, snap := range all {
		body.Rows = append(body.Rows, c.row(snap, v.lang))
	}
	if next != "" {
		body.Next = f.With("cursor", next)
	}
	return c.render(w, r, v, http.StatusOK, "queue", "queue.title", body)
}

// cases reads a page of the queue.
func (c *Console) cases(ctx context.Context, who store.User, f queueFilter, cursor string, n int) ([]store.Snapshot, string, error) {
	sf := store.CaseFilter{Statuses: f.statuses(), Unassigned: f.Assignee == unassigned, Sort: f.Sort, Limit: n, Cursor: cursor}
	if f.Assignee == mine {
		sf.Assignee = who.Name
	}
	return c.Store.Cases(ctx, sf)
}

func tabs(f queueFilter, s strip) []tab {
	all := []tab{{Count: s.Open, Open: true, Current: f.Status == ""}}
	for _, status := range slices.Concat(openStatuses, []hold.Status{hold.Approved, hold.Rejected, hold.Expired}) {
		all = append(all, tab{string(status), s.Cases[status], status.Open(), f.Status == string(status)})
	}
	return all
}

func (c *Console) row(snap store.Snapshot, lang string) row {
	reasons := reasonsOf(snap.Payment.Decision, lang)
	heaviest := slices.Clone(reasons)
	slices.SortStableFunc(heaviest, func(a, b reason) int { return b.weight() - a.weight() })
	heaviest = heaviest[:min(rowReasons, len(heaviest))]
	return row{Case: *snap.Case, Payment: snap.Payment, Shop: c.shopName(snap.Payment.Shop), Left: c.left(*snap.Case, lang),
		Reasons: heaviest, More: len(reasons) - len(heaviest)}
}

// shopName is the shop's name where there is more than one to tell apart.
func (c *Console) shopName(id string) string {
	if len(c.Flow.Shops) < 2 {
		return ""
	}
	if s, ok := c.Flow.Shop(id); ok {
		return s.Name
	}
	return id
}
