// Package notify is what leaves the gateway for people and shops: mail to the buyer and signed webhooks to the shop.
//
// It is fed by the outbox alone. A message is claimed under a lease, delivered, and only then marked done; so a crash
// at any point loses nothing and may deliver twice, which is why mails carry a Message-ID and webhooks a webhook-id
// that stay the same on every try. Nothing here decides anything about a payment: what to say, and to whom, was
// written by package flow in the transaction that made it true.
//
// Read mail.go (the words), letter.go with folder.go and smtp.go (the post), webhook.go and guard.go (the shop), then
// notifier.go, which carries messages from the outbox to them.
package notify
