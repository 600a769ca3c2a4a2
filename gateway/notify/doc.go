// Package notify is what leaves the gateway for people and shops: mail to the buyer and signed webhooks to the shop.
//
// It is fed by the outbox alone. A message is claimed under a lease, delivered, and only then marked done; so a crash
// at any point loses nothing and may deliver twice, which is why mails carry a Message-ID and webhooks a webhook-id
// that stay the same on every try. Nothing here decides anything about a payment: what to say, and to whom, was
// written by package flow in the transaction that made it true.
//
// Mails are written by package wording, in the shipped words or a shop's own, and package mailbox shows the ones that a
// folder keeps.
//
// Read mail.go with words.go (what a mail says) and letterhead.go (how a shop writes), letter.go with folder.go and smtp.go
// (the post), webhook.go, sign.go, guard.go and closed.go (the shop), then notifier.go and lane.go, which carry messages
// from the outbox to them.
package notify
