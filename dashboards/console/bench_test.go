package console

import (
	"net/http"
	"testing"

	"octroi/gateway/hold"
)

// BenchmarkPages is what a page costs the gateway, from the session to the last byte, on SQLite.
func BenchmarkPages(b *testing.B) {
	o := opened(b, nil)
	p := o.reviewed(0)
	for i := 1; i < 40; i++ {
		o.sends(o.held(risky(i)), hold.Identity)
	}
	ana := o.as("ana")
	for name, path := range map[string]string{"queue": "/", "case": "/cases/" + p.Case.ID, "payments": "/payments", "payment": "/payments/" + p.ID} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := ana.get(path); a.status != http.StatusOK {
					b.Fatal(a.status)
				}
			}
		})
	}
}
