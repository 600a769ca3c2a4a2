// Package flow is the life of a payment, and the only writer of it: a checkout's call, a provider's notification, an
// analyst's verdict, a buyer's document and the clock all end here.
//
// Each act reads what it needs, lets a pure function say what must change, and commits all of it in one transaction
// together with the outbox messages that follow from it. Nothing leaves the gateway from inside a request but the one
// authorisation the checkout waits for. Read authorise.go for the way of one payment, settle.go for what an answer
// means, taken.go and funds.go for payments whose money is taken at once or comes by itself, refusal.go for what buyers
// are told, notified.go for what a provider's report means, and run.go for what happens in the background.
package flow
