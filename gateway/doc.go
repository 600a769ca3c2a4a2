// Package gateway is the HTTP face of the gateway: the checkout's API, the analysts' API, the buyer's proof page, the
// providers' notifications, and the published contract. It decodes strictly, authorises every route, hands the work
// to package flow, and turns every failure into one problem document (RFC 9457). It reads through package store and
// never writes by itself.
//
// Read routes.go for what is served, then strict.go for what a body must be, problem.go for how a request fails, and
// proof.go for the buyer's page. Texts, styles and the OpenAPI document lie in views.
package gateway
