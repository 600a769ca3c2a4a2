// Package adyensim is a server that speaks Adyen's Checkout dialect (v71 and v72) over real HTTP, for demonstrations
// and tests: payments, captures, cancels, refunds, reversals and amount updates, idempotency keys, error bodies,
// signed webhooks with retries, Adyen's test cards and its holder names that bring about a given refusal.
//
// What it adds to Adyen is a ledger that notices a payment authorised twice, and a switch for faults. It persists
// as an append-only journal, so that a second start finds every payment, idempotency answer and undelivered webhook
// of the first. It keeps of a card its BIN, its last four digits and its brand, nothing else. It knows nothing of
// the gateway that calls it, and imports the standard library alone. It moves no money: bind it to loopback, since
// its /ledger and /faults ask for no key.
//
// Sources: Adyen's Checkout API v71, its pages on refusal reasons, testing, API idempotency and webhooks.
// Read server.go first, then payments.go, modifications.go, ledger.go and webhook.go.
package adyensim
