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
//	entities:                            # at most four, in their order: new ones go to the end
//	  terminal: metadata.terminal_id     # so that rules can write count("terminal", "attempt", "1h")
//	define:                              # names for expressions, see Definitions
//	  stranger: count("card", "authorised", "180d") == 0
//	  refusals(entity, least): count(entity, "refused", "30m") >= least
//	rules:
//	  - code: ADDRESS_OTHER_CITY         # unique, upper case
//	    stage: decide                    # or review, after the authorisation; decide when absent
//	    when: address.grade == "other_city"
//	    points: 30                       # or force: approve, challenge, hold, decline
//	    opens: [statement_code, address] # how a buyer who is held for it can prove to own the card, see Rungs
//	    detail: {en: "to {{delivery.city}}", fr: "vers {{delivery.city}}"}
//	    why: {en: "A sentence.", fr: "Une phrase."}
//	    lowers: true                     # review only, see Review
//	    shadow: true                     # evaluated by Shadow alone
//	scorecard:                           # a sum over numbers, as policy fit writes it
//	  base: 400                          # added once, so that the score does not fall below 0
//	  features:
//	    - code: AMOUNT
//	      value: amount / 100            # a number, or true and false as 1 and 0
//	      edges: [50, 100, 220]          # rising, at most 64; [] before the first fit
//	      points: [10, 12, 31]           # added when the value reaches the edge; absent for none
//	      detail: {en: "{{money(amount)}}", fr: "{{money(amount)}}"}    # or the code and the value
//	      why: {en: "A sentence.", fr: "Une phrase."}
//
// The facts are listed by Facts, the functions by Functions. The limits of the card schemes (see CodeNeverRetry) are
// part of every policy. A scorecard is added up by Decide; each feature that gives points is a reason, after those of
// the rules, and so is the base: the points of the reasons are the score.
//
// # Definitions
//
// A definition gives an expression a name, so that a rule reads as a sentence:
//
//	when: stranger && refusals("bin", 8)
//
// It may be used in rules, features, details and other definitions, whatever their order in the file, but never so that
// it needs itself. What it gives is true or false, a number or a text. One with parameters is used with literals alone:
// they take the place of the parameters before anything is checked, so that an entity or a window stays a literal and a
// mistake in one is told at its use. Every other mistake is told at its place in the definition, under its name.
//
// A definition is worked out for an order when something first needs it, and then once for the same arguments. If that
// fails, every rule fails that needs it. One that reads review.* serves rules of stage review alone. A definition that
// nothing uses is refused. There may be 100 of them, with 8 parameters each, used with 1000 different arguments in all.
//
// # The proof ladder
//
// A rule may open rungs of the ladder by which a held buyer proves to own the card. Opens gives those of all reasons of
// a decision; whoever holds the order offers the ones that the shop and the law allow, and all of those when no reason
// opens any.
//
// # Counted entities
//
// The shop and the card's issuer_country are counted in buckets of time, not remembered event by event. Of them count,
// count_before and rate may be asked, for attempt, authorised, refused, declined and held:
//
//	count("shop", "refused", "10m") >= 30 && rate("shop", "refused", "10m", "0m") > 0.5
//
// Windows are multiples of 5m up to 2h, or of 1h up to 24h, the delay of a rate included; they reach back up to one
// bucket further than they say. An event counts at least once, so such a rule asks for many.
//
// # Events
//
// The events of an order are those of risk.EventKind, by their names. code_failed says that a wrong statement code was
// typed for it: count("card", "code_failed", "30d") is how many orders of the card that happened to. Of a card that came
// in the provider's encrypted fields nothing is known before the provider has named it: see Named.
//
// # Snooze
//
// A rule rests for one customer while buyer.id stands on the list snooze_ and the rule's code in lower case, such as
// snooze_address_other_city. When it matches it is told, with 0 points and the detail "snoozed", and forces nothing. A
// rule that forces decline cannot be snoozed, nor can a feature or a scheme's limit.
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
// every buyer a stranger. A mean of nothing is 0; ratio says what to take instead.
//
// Nothing here may do I/O, read a clock or hold state between two decisions. Read file.go, then language.go,
// unit.go, compile.go, define.go, meaning.go, slots.go and decide.go; scorecard.go and fitted.go for scorecards.
package policy
