// Package hold is the case: an analyst's work on one held payment. It says which states follow which, what proof may
// be asked for under which legal profile, and by when everybody must have acted.
//
// Everything here is pure: functions take a case and a time and return a case and what happened. Storing it, sending
// mail and moving money belong to packages store, notify and flow. Read case.go, then proof.go and clock.go.
package hold
