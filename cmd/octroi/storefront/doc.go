// Package storefront is a pretend shop for the demo: a checkout that a person, or a browser in a test, can walk through.
//
// It is a client of the gateway like any other: it speaks to the HTTP API with the shop's key, follows the action of a
// payment (a redirect, or 3-D Secure 2 in frames of its own page), receives the webhooks and checks their signatures.
// Nothing of the gateway is imported, and nothing is kept but the last webhooks: an order's state is always asked of
// the API. It takes documented test cards only, listens on loopback, and is no part of a real installation.
//
// Read storefront.go, then checkout.go, order.go and events.go.
package storefront
