// Package wording is the words of the mails that buyers get: the shipped templates in English and French, a shop's own
// in their place, and the linter that says no to what a mail to a buyer must never hold.
//
// A mail is written once, as plain paragraphs under a subject line; its plain text and its HTML come from the same
// words, so that they cannot say different things. Values come in as a View, already put into the buyer's language:
// nothing here knows a payment, a case or a clock, reads anything but the files it is given, or sends anything.
//
// Read view.go (what a mail may say), template.go (how one is read and filled), set.go (all of them, a shop's over the
// shipped ones), then lint.go, fields.go, markup.go and trial.go, which refuse.
package wording
