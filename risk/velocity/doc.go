// Package velocity keeps what the entities of an order did before (the card, the e-mail, the IP address …) and answers
// the questions of risk.Histories from it.
//
// A history is not a counter. For every entity Redis holds one string: the entity's latest events, one short binary
// record each. Observe appends the order's own attempt to each of its entities' lists and reads the lists back in one
// pipelined round trip; every figure is then a pure fold over those few bytes. So windows are exact, an event that
// arrives twice counts once, concurrent attempts see each other, and a new rule needs neither a new key nor a warm-up.
//
// The rules of time: a window is (now-window, now], where now is the order's own time, not the server's. An event
// dated later than now (a gateway whose clock runs ahead, a request that overtook ours) was stored before we
// read, so it happened before our decision: it counts as having happened now. Nothing is dropped for its clock.
//
// What sees too much traffic for a list, the shop and the issuer's country (risk.Entity.Counted), is counted in buckets of
// time instead, in the same pipeline. Those figures are coarser: a window is whole buckets, and an event counts at least
// once, not exactly once. An attempt that is observed again counts once as long as its histories still hold it (in a
// Cluster, those on the node of the counts), and as long as the first time was not cut off between count and list; an
// attempt or an outcome that is appended again, after a crash or an answer that was lost, counts again. So rules over
// them ask for many, never for one.
//
// Pure: codec.go (the record), cut.go (how a list is shortened), index.go, folds.go, finished.go and set.go (the answers),
// counts.go (buckets and their answers), memory.go, kept.go, shelf.go and tallies.go (the same histories without Redis,
// for backtests), recording.go (histories written down for replay). Talking to Redis: keys.go (every key), scripts.go,
// store.go, look.go, write.go, counters.go, dial.go, circuit.go. Only this package and the wiring may import go-redis. Read
// codec.go first, then index.go and folds.go.
package velocity
