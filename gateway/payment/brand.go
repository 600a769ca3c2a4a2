package payment

import (
	"maps"
	"slices"
)

// Brands are the card brands that the gateway knows by name, as Adyen writes them, sorted.
func Brands() []string { return slices.Sorted(maps.Keys(brandNames)) }

// KnownBrand reports whether a name is one of Brands.
func KnownBrand(name string) bool { _, ok := brandNames[name]; return ok }
