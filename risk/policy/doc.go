// Package policy turns a YAML file of rules into decisions: Facts, Histories and Lists in, a risk.Decision out.
//
// A rule is an expr-lang expression over named facts and over what the order's entities did before. Parse checks
// everything that can be checked before an order comes: names, entities, events, windows, types, sizes. What is left
// for run time is bounded: a rule cannot loop over more than the order brings, and a rule that fails counts as a
// reason to hold.
//
// # The file
//
//	name: default
//	bands: {challenge: 30, hold: 50, decline: 100}
//	rules:
//	  - code: ADDRESS_OTHER_CITY         # unique, upper case
//	    stage: decide                    # or review, after the authorisation; decide when absent
//	    when: address.grade == "other_city"
//	    points: 30                       # or force: approve, challenge, hold, decline
//	    detail: {en: "to {{delivery.city}}", fr: "vers {{delivery.city}}"}
//	    why: {en: "A sentence.", fr: "Une phrase."}
//	    lowers: true                     # review only, see Review
//	    shadow: true                     # evaluated by Shadow alone
//
// The facts are listed by Facts, the functions by Functions.
//
// # Precedence
//
// Decide and Review settle the outcome in this order, the first that applies:
//
//  1. a rule that forces decline: decline;
//  2. anything degraded (histories away, a failed rule): whatever follows, but at least hold;
//  3. a rule that forces approve, such as one over an allow list: approve, whatever the points and whatever forces
//     challenge or hold;
//  4. the harsher of the band of the score and what rules force.
//
// # What is not known
//
// A history that is missing reads as 0. For age and since that is "just now", never "long ago"; known, first_seen
// and happened tell the difference. first_seen is false when the histories are away, so that an outage does not make
// every buyer a stranger.
//
// Nothing here may do I/O, read a clock or hold state between two decisions. Read file.go, then language.go,
// compile.go and decide.go.
package policy
