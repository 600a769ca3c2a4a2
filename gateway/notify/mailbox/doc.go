// Package mailbox shows the mails that a folder keeps, in a browser: the demo's stand-in for the buyers' own mail
// programs.
//
// It reads what package notify's Folder writes and nothing else, within bounds, and changes nothing. A mail's HTML is shown
// in a frame that can run no script, load nothing and send nothing. It asks nobody for a password and mails hold proof
// links: it is for a demo on loopback.
//
// Read letters.go (the folder), then mailbox.go (the pages).
package mailbox
