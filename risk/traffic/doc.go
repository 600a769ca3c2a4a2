// Package traffic makes up the orders of a shop from a seed, honest trade and every attack of DOMAIN.md, and measures
// what a policy does to them.
//
// Nothing in it is anybody's: towns and their postal codes are real, people, doors, mailboxes and cards are drawn. IP
// addresses are of the ranges no subscriber has (RFC 1918, RFC 6598, RFC 3849) and card ranges begin with 9, which no
// scheme uses. The shares of honest trade are those of Mix, each with where it comes from.
//
// A Generator gives Items in order of time: orders, and what later became of them. What the issuer would say to an order
// is drawn with it, but is told only once the policy has let the order reach the provider: Measure closes that loop,
// so a policy that declines early learns as little as it would in a shop.
//
// # What the default policy does
//
// README.md has the table; `go test -run Table -v ./risk/traffic` prints it.
//
// Read traffic.go, then mix.go and honest.go, then attacks.go, then measure.go. Nothing here does I/O or reads a clock.
package traffic
