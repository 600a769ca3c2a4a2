package main

import (
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
)

// openCountries opens a MaxMind database (GeoLite2-Country and those of its shape) and gives the lookup of an IP
// address's country, ISO 3166-1 alpha-2; nil without a file. No file is shipped: their licences do not allow it.
func (p *Program) openCountries(path string) (func(ip string) string, error) {
	if path == "" {
		return nil, nil
	}
	db, err := maxminddb.Open(path)
	if err != nil {
		return nil, fmt.Errorf("geo.database: %w", err)
	}
	p.country = db
	return func(ip string) string {
		a, err := netip.ParseAddr(ip)
		if err != nil {
			return ""
		}
		var code string
		// An address the database does not know leaves code empty, which is the answer.
		if err := db.Lookup(a.Unmap()).DecodePath(&code, "country", "iso_code"); err != nil || len(code) != 2 {
			return ""
		}
		return code
	}, nil
}
