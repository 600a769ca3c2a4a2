package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// route is one call of the contract.
type route struct {
	method, path string
	need         need
	query        []string // the query parameters it knows; nil on a page lets any pass, links gather them on their way
	handle       func(*call) error
}

// routes is everything listener 1 serves. A test holds it against the OpenAPI document, both ways.
func (s *Server) routes() []route {
	none, paged := []string{}, []string{"limit", "cursor"}
	out := []route{
		{"POST", "/v1/payments", aShop, none, s.pay},
		{"GET", "/v1/payments", aShop, append(paged, "order_reference", "status"), s.listPayments},
		{"GET", "/v1/payments/:id", aShop, none, s.readPayment},
		{"POST", "/v1/payments/:id/details", aShop, none, s.details},
		{"POST", "/v1/payments/:id/captures", aShop, none, s.operate(payment.OpCapture)},
		{"POST", "/v1/payments/:id/cancellations", aShop, none, s.operate(payment.OpCancel)},
		{"POST", "/v1/payments/:id/refunds", aShop, none, s.operate(payment.OpRefund)},
		{"POST", "/v1/payments/:id/events", aShop, none, s.paymentHappened},
		{"POST", "/v1/assessments", aShop, none, s.assess},
		{"POST", "/v1/assessments/:id/events", aShop, none, s.assessmentHappened},

		{"GET", "/v1/cases", anAnalyst, append(paged, "status", "assignee", "sort"), s.listCases},
		{"GET", "/v1/cases/:id", anAnalyst, none, s.readCase},
		{"POST", "/v1/cases/:id/claim", anAnalyst, none, s.act(s.claim)},
		{"POST", "/v1/cases/:id/release", anAnalyst, none, s.act(s.release)},
		{"POST", "/v1/cases/:id/approve", anAnalyst, none, s.act(s.approve)},
		{"POST", "/v1/cases/:id/reject", anAnalyst, none, s.act(s.reject)},
		{"POST", "/v1/cases/:id/request_proof", anAnalyst, none, s.act(s.requestProof)},
		{"POST", "/v1/cases/:id/notes", anAnalyst, none, s.act(s.note)},
		{"POST", "/v1/cases/:id/messages", anAnalyst, none, s.reply},
		{"POST", "/v1/cases/:id/documents/:document/accept", anAnalyst, none, s.judge(hold.VerdictAccepted)},
		{"POST", "/v1/cases/:id/documents/:document/unreadable", anAnalyst, none, s.judge(hold.VerdictUnreadable)},
		{"POST", "/v1/cases/:id/documents/:document/refuse", anAnalyst, none, s.judge(hold.VerdictRefused)},
		{"POST", "/v1/cases/:id/documents/:document/card_data", anAnalyst, none, s.judge(hold.VerdictCardData)},
		{"GET", "/v1/lists", anAnalyst, append(paged, "list"), s.listEntries},
		{"POST", "/v1/lists/:name/entries", aSenior, none, s.putEntry},
		{"DELETE", "/v1/lists/:name/entries/:value", aSenior, none, s.removeEntry},

		{"GET", "/", anybody, nil, s.toReference},
		{"GET", "/openapi.json", anybody, nil, s.readOpenAPI},
		{"GET", "/docs", anybody, nil, s.readReference},
		{"GET", assets + ":name", anybody, nil, s.readAsset},
		{"GET", "/proof", anybody, nil, s.inside(costPage, s.proofPage)},
		{"POST", "/proof/code", anybody, nil, s.inside(costSecret, s.enterCode)},
		{"POST", "/proof/documents", anybody, nil, s.inside(costUpload, s.receiveDocument)},
		{"POST", "/proof/messages", anybody, nil, s.inside(costPage, s.receiveMessage)},
		{"POST", "/proof/human", anybody, nil, s.inside(costPage, s.askHuman)},
		{"GET", "/proof/withdraw", anybody, nil, s.inside(costPage, s.withdrawPage)},
		{"POST", "/proof/withdraw", anybody, nil, s.inside(costPage, s.withdraw)},
		{"GET", "/proof/:token", anybody, nil, s.linkPage},
		{"POST", "/proof/:token", anybody, nil, s.openLink},
		{"POST", "/proof/:token/documents", anybody, nil, s.byToken(costUpload, s.receiveDocument)},
		{"POST", "/proof/:token/code", anybody, nil, s.byToken(costSecret, s.enterCode)},
		{"POST", "/proof/:token/messages", anybody, nil, s.byToken(costPage, s.receiveMessage)},
	}
	for name, n := range s.cfg.Notifications {
		out = append(out, route{"POST", "/v1/notifications/" + name, anybody, nil, s.notified(name, n)})
	}
	return out
}

// call is one request on its way through a handler.
type call struct {
	c     *fiber.Ctx
	ctx   context.Context
	shop  flow.Shop         // on routes for shops
	user  store.User        // on routes for people
	query map[string]string // checked against the route's names
	ends  []func()          // what is to be done when the call is over, the last first
}

// after has something done when the call is over.
func (k *call) after(do func()) { k.ends = append(k.ends, do) }

func (k *call) end() {
	for _, do := range slices.Backward(k.ends) {
		do()
	}
}

// serve makes Fiber's handler of a route: deadline, authorisation, query, the body, then the handler itself. The context
// does not end when the client goes away: an authorisation that has begun is seen through. The pages for buyers read
// their bodies by themselves, when they have let somebody in.
func (s *Server) serve(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Limits.Request)
		defer cancel()
		k := call{c: c, ctx: ctx}
		defer k.end()
		if err := s.authorise(&k, r.need); err != nil {
			return err
		}
		if r.query != nil {
			if err := k.readQuery(r.query); err != nil {
				return err
			}
		}
		if !strings.HasPrefix(r.path, "/proof") {
			if err := s.readBody(&k); err != nil {
				return err
			}
		}
		return r.handle(&k)
	}
}

// maxQuery bounds one query parameter.
const maxQuery = 512

// readQuery takes the query apart. Parameters that are unknown, repeated, too long or not text are refused by name.
func (k *call) readQuery(names []string) error {
	k.query = map[string]string{}
	var err error
	refuse := func(name, why string) {
		if err == nil {
			err = payment.Errorf(payment.CodeInvalid, "The query parameter %q %s.", name, why)
		}
	}
	k.c.Context().QueryArgs().VisitAll(func(rawName, rawValue []byte) {
		name, value := string(rawName), string(rawValue)
		_, twice := k.query[name]
		switch {
		case !contains(names, name):
			if len(name) > 64 {
				name = name[:64]
			}
			refuse(strings.ToValidUTF8(name, ""), "is not known")
		case twice:
			refuse(name, "is given twice")
		case len(value) > maxQuery || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
			refuse(name, fmt.Sprintf("must be text of at most %d bytes", maxQuery))
		case value == "":
			refuse(name, "is empty: leave it out instead")
		}
		k.query[name] = value
	})
	return err
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// limit is the query's page size, 1 to 100; 0 when not given.
func (k *call) limit() (int, error) {
	text, ok := k.query["limit"]
	if !ok {
		return 0, nil
	}
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' || n > 100 {
			n = 0
			break
		}
		n = n*10 + int(r-'0')
	}
	if n < 1 || n > 100 {
		return 0, payment.Errorf(payment.CodeInvalid, `The query parameter "limit" must be a number from 1 to 100.`)
	}
	return n, nil
}

// id is a path parameter that names something of ours. What cannot be an id is not looked for.
func (k *call) id(name string) (string, error) {
	id := strings.Clone(k.c.Params(name))
	if len(id) == 0 || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	}) {
		return "", payment.Errorf(payment.CodeNotFound, "There is no such %s.", strings.TrimPrefix(name, ":"))
	}
	return id, nil
}

// read decodes the JSON body into v by its shape and gives the raw body, which is only good during the call.
func (k *call) read(s *shape, v any) ([]byte, error) {
	if err := isJSON(k.c.Get(fiber.HeaderContentType)); err != nil {
		return nil, err
	}
	body := k.c.Context().PostBody()
	return body, decode(body, s, v)
}

// readOptional is read for calls whose body may be left out.
func (k *call) readOptional(s *shape, v any) ([]byte, error) {
	if len(k.c.Context().PostBody()) == 0 {
		return []byte("{}"), nil
	}
	return k.read(s, v)
}

// isJSON holds a Content-Type against application/json. The only charset JSON has is UTF-8 (RFC 8259 section 8.1).
func isJSON(contentType string) error {
	media, params, err := mime.ParseMediaType(contentType)
	if err == nil && media == "application/json" && (params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8")) {
		return nil
	}
	return payment.Errorf(payment.CodeMediaType, "The Content-Type must be application/json.")
}

// answer writes v as JSON.
func (k *call) answer(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	k.c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	k.c.Status(status).Response().SetBodyRaw(body)
	return nil
}

// page is one page of a list.
type page[T any] struct {
	Data []T    `json:"data"`
	Next string `json:"next_cursor,omitempty"`
}

// plain refuses control characters in a text of people, other than line ends and tabs.
func plain(pointer, text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }) {
		return payment.Invalid(payment.FieldError{Pointer: pointer, Detail: "must not contain control characters"})
	}
	return nil
}
