// Package store keeps what must never be lost: payments, decisions and the inputs they were made from, cases,
// documents' metadata, outbox, audit, credentials. Every SQL statement of the program is here, one text for SQLite and
// PostgreSQL.
//
// Reads are methods named after what they give. Writes to a payment and all that hangs on it go through two doors:
// Begin, which makes a payment under its idempotency key, and Commit (or Change, which reads first), which writes a
// whole Writes in one transaction or nothing. Read types.go first.
package store
