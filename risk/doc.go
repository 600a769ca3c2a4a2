// Package risk holds the words of the risk engine: Facts in, Decision out, and the reasons between them.
//
// Everything here is a value: no clock, no socket, no global state. Facts are what is known of one order; Histories
// is what its entities did before; a policy (package policy) turns both into a Decision. Read facts.go, then
// entity.go, history.go and decision.go. The package knows nothing of gateways or providers and can be used alone.
package risk
