// Package providers is the contract between a gateway and any payment provider, and the words of a card payment:
// Amount, Card, Authorisation, Result, Refusal, Modification, Notification.
//
// It knows no provider, no gateway and no risk engine. A provider's adapter translates its own dialect into these
// words; whatever it does not recognise it must report as unknown, never as refused and never as authorised.
// Read provider.go first, then authorise.go, refusal.go and notification.go.
package providers
