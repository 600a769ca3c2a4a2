// Package payment holds the gateway's words: Request, Payment, Status and its transitions, Error and ID. They are made
// of the words of packages risk and providers, and their JSON form is the public contract, so no second set of structs
// stands between them and the wire.
//
// Everything here is pure. Read request.go for what comes in, payment.go for what goes out, status.go for what may
// follow what, and errors.go for how a request fails.
package payment
