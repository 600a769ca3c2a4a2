package console

import (
	"net/http"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// maxForm bounds the body of any form in bytes: the longest text a case takes, percent-encoded, and its neighbours.
const maxForm = 32 << 10

// anybody marks a route that needs no session.
const anybody store.Role = ""

// route is one address of the console and who may use it. The table below is the only place where either is said.
type route struct {
	pattern string
	min     store.Role
	serve   func(http.ResponseWriter, *http.Request, visit) error
}

// routes is everything the console answers to.
func (c *Console) routes() []route {
	all := []route{
		{"GET /static/{name}", anybody, c.asset},
		{"GET /signin", anybody, c.showSignIn},
		{"POST /signin", anybody, c.signIn},
		{"POST /signout", anybody, c.signOut},
		{"GET /{$}", store.RoleAnalyst, c.queue},
		{"POST /claim-next", store.RoleAnalyst, c.claimNext},
		{"GET /cases/{id}", store.RoleAnalyst, c.showCase},
		{"GET /cases/{id}/documents/{document}", store.RoleAnalyst, c.showCase},
		{"GET /cases/{id}/documents/{document}/pages/{page}", store.RoleAnalyst, c.documentPage},
		{"POST /cases/{id}/documents/{document}/original", store.RoleAnalyst, c.original},
		{"GET /payments", store.RoleAnalyst, c.payments},
		{"GET /payments/{id}", store.RoleAnalyst, c.showPayment},
		{"GET /lists", store.RoleSenior, c.lists},
		{"POST /lists/add", store.RoleSenior, c.addListEntry},
		{"POST /lists/remove", store.RoleSenior, c.removeListEntry},
		{"GET /trials", store.RoleSenior, c.trials},
		{"GET /office", store.RoleAdmin, c.office},
		{"POST /office/revive", store.RoleAdmin, c.revive},
		{"POST /office/enable", store.RoleAdmin, c.enable},
		{"GET /webhooks", store.RoleAdmin, c.webhooks},
		{"POST /webhooks/replay", store.RoleAdmin, c.replay},
		{"/", store.RoleAnalyst, c.nowhere},
	}
	for name, d := range deeds {
		on := "POST /cases/{id}/"
		if d.verdict != "" {
			on += "documents/{document}/"
		}
		all = append(all, route{on + name, store.RoleAnalyst, c.deed(name, d)})
	}
	return all
}

// guarded puts the checks that hold for every route before it: where the request comes from, how large it is, who
// sends it and what they may do.
func (c *Console) guarded(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visit{lang: acceptable(r)}
		if err := c.origins.Check(r); err != nil {
			c.fail(w, r, v, payment.Errorf(payment.CodeForbidden, "The request came from another site."))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if rt.min != anybody {
			known, err := c.visitor(r)
			if payment.CodeOf(err) == payment.CodeUnauthorised {
				c.toSignIn(w, r)
				return
			}
			if err != nil {
				c.fail(w, r, v, err)
				return
			}
			if v = known; !v.user.Role.Includes(rt.min) {
				c.fail(w, r, v, payment.Errorf(payment.CodeForbidden, "This needs the role %s.", rt.min))
				return
			}
		}
		if err := readForm(r); err != nil {
			c.fail(w, r, v, err)
			return
		}
		if err := rt.serve(w, r, v); err != nil {
			c.fail(w, r, v, err)
		}
	}
}

// readForm parses the form of a POST within its bound.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	err := r.ParseForm()
	if _, tooLarge := err.(*http.MaxBytesError); tooLarge {
		return payment.Errorf(payment.CodeTooLarge, "The form is larger than %d bytes.", maxForm)
	}
	if err != nil {
		return payment.Errorf(payment.CodeInvalid, "The form cannot be read.")
	}
	return nil
}

// nowhere answers to every address that is not in the table.
func (c *Console) nowhere(http.ResponseWriter, *http.Request, visit) error {
	return payment.Errorf(payment.CodeNotFound, "There is no such page.")
}
