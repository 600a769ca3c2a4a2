// Package intake judges the files that buyers send as proof, and gives back documents that are safe to keep: pictures
// made anew from their pixels, PDF files without anything that acts and with their pages drawn as pictures.
//
// The judging itself is pure: inspect.go decides what a file is, picture.go and what it calls (jpegheader.go, webp.go,
// orient.go, bands.go, fingerprint.go) look at pictures, pdf*.go at PDF files and their text. It happens in a
// child process that can do next to nothing (child.go, package sandbox), one file each; what the child says (wire.go) is
// believed no further than a document within the limits. The parent (intake.go, queue.go) decides who is next. What a
// buyer is told is in unacceptable.go and sentences.go.
//
// Nothing here keeps a document, and no byte of one is logged. The text of a PDF is searched for card numbers; a file that
// holds one is refused, and its bytes, which were in memory alone, are gone. Numbers in pictures, and in PDF files that are
// pictures, are not looked for: that would take reading letters from pixels, which no library of Go does in the time and
// memory a child has, and a foreign reader in C++ would have to be given every picture that now only Go decodes. The mask on
// the proof page and the analyst's verdict card_data, which destroys a document on the spot, stand in for it.
package intake
