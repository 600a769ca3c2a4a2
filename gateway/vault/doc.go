// Package vault keeps the documents buyers send as proof encrypted, until they are destroyed.
//
// seal.go writes a document encrypted to a public age recipient, open.go reads it back with the private identity,
// destroy.go makes it unreadable for good; disk.go is where the blobs lie.
//
// A Sealer holds only public key material: the process that faces the Internet gets a Sealer and so cannot read a
// single document back. An Opener holds the identity and belongs to the analysts' side. What a document is, whose it
// is and when it must go is known to the database, never to this package; what may be kept at all, package intake says.
package vault
