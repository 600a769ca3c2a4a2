package wording

import "testing"

func TestShippedMailsPassTheirOwnLinter(t *testing.T) {
	if _, err := Shipped(); err != nil {
		t.Fatal(err)
	}
}
