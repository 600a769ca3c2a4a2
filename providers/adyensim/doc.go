// Package adyensim is a server that speaks Adyen's Checkout dialect (v71 and v72) over real HTTP, for demonstrations
// and tests: payments and their details, captures, cancels, refunds, reversals and amount updates, idempotency keys,
// error bodies, signed webhooks with Adyen's retries, Adyen's test cards and its holder names that bring about a given
// refusal. What a buyer would see is there too, as pages for a browser without script: the issuer's page of 3-D Secure
// 2 behind a redirect or in a merchant's frame, the pages of PayPal and Alma, and the statements of the buyers' banks.
//
// What it adds to Adyen is a ledger that notices a payment authorised twice, a switch for faults, and a way to let
// happen what takes days in the world (POST /ledger/{psp}). It persists as an append-only journal, so that a second
// start finds every payment, idempotency answer, unfinished step and undelivered webhook of the first. It keeps of a
// card its BIN, its last four digits and its brand, nothing else. It knows nothing of the gateway that calls it, and
// imports the standard library alone. It moves no money: bind it to loopback, since /ledger, /bank and /faults ask for
// no key.
//
// How payments are steered, beside Adyen's holder names (reasons.go) and cards (testcards.go): 3-D Secure is done when
// attemptAuthentication is "always", when the native flow is asked for with a complete browserInfo, and when the card's
// issuer demands it; a soft decline goes away when "always" is sent; the holder "AMBER", or a fraudOffset from 50, puts
// an approval before Adyen's analysts, and one from 100 is refused as FRAUD. A redirect ends at returnUrl with a
// redirectResult; the code on the issuer's page is 1234. PayPal and Alma take the money on their page, so that their
// AUTHORISATION may come before the buyer does.
//
// Sources: Adyen's Checkout API v71, its pages on refusal reasons, testing, 3-D Secure, API idempotency and webhooks, and
// EMV 3-D Secure for the messages between browser and issuer. The error codes that begin with 14_ are from memory.
// Read server.go first, then payments.go, authentication.go, details.go, modifications.go, ledger.go and webhook.go.
package adyensim
