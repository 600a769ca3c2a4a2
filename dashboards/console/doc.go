// Package console is the fraud analysts' web console: the queue of held orders, the case with everything that speaks for
// and against its buyer, the search of payments, and the lists.
//
// Pages are rendered here from views/ and work without script; static/ holds one style sheet and one small script for
// the keyboard. Everything is read through package store and changed through package flow: no rule of a case or of a
// payment lives here. Read routes.go for what there is and who may see it, session.go for who somebody is, then
// queue.go, casepage.go and deeds.go. Nothing in it speaks to shops, buyers or providers.
package console
