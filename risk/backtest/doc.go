// Package backtest tells what a policy would have done with orders of the past, and fits a policy's points to them.
//
// Recorded orders and what became of them go in, oldest first (Entry). A Backtest keeps the very histories the gateway
// would have kept, asks the policy about the orders of the days under test, and sets its answers against what happened
// (Report). A Fitting takes the features of the orders of the training days instead, and gives the policy's text again
// with points estimated from them. What a day could not know yet stays unknown to it: a chargeback or fraud report
// becomes known with a delay, to the histories, to the cards left out and to the labels of a fitting alike.
//
// Nothing here opens a file, reads a clock or is random: the same entries give the same figures and the same text, bit
// for bit. The policy is asked as at the checkout: its rules after the authorisation are not, because what an issuer
// said of addresses and codes is not among recorded orders, and its lists are empty unless they are given.
//
// What became of an order is taken as recorded, of those too that the policy would have declined: the issuer's answers to
// them, which would not have come, stay in the histories. Over a long attack that makes a policy look a little worse at the
// attack and a little better at its honest victims than it would be; traffic.Measure lets only that happen which would.
//
// An order costs what it adds, not what was there before: about 37 microseconds of one core with its outcome and the
// shipped policy where every list is full, its line read included. `go test -run - -bench Backtest ./cmd/octroi`
// measures the whole command over full lists and over a month with every attack. A replay keeps half a year of orders for
// the events that name them, some 400 bytes each, and one retention of entities, some 1,600 bytes for an order of a buyer
// never seen before; however long the recording, it needs no more.
//
// Read entry.go and replay.go first (ledger.go is what a replay remembers of orders), then backtest.go with metrics.go
// and desk.go, then fit.go with newton.go and scale.go; report.go, page.go and plot.go are how it is shown.
package backtest
