// Package vault takes in the documents buyers send as proof, and keeps them encrypted until they are destroyed.
//
// Two ideas live here. Intake (intake.go, picture.go, jpegheader.go, orient.go, pdf*.go, unacceptable.go) judges
// untrusted bytes and gives back a Document that is safe to keep: pictures re-encoded from their pixels, PDF files
// without anything that acts. The store (seal.go, open.go, destroy.go, disk.go) writes a document encrypted to a
// public age recipient, reads it back with the private identity, and destroys it.
//
// A Sealer holds only public key material: the process that faces the Internet gets a Sealer and so cannot read a
// single document back. An Opener holds the identity and belongs to the analysts' side. What a document is, whose it
// is and when it must go is known to the database, never to this package.
package vault
