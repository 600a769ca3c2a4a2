package flow_test

import (
	"reflect"
	"strings"
	"testing"

	"filippo.io/age"

	"octroi/gateway/hold"
	"octroi/gateway/vault"
)

// ours reports a type of the gateway's or of the library that has the keys. What others' structs hold, of which some are in
// use by goroutines of their own, is not ours to walk.
func ours(typ reflect.Type) bool {
	return typ.PkgPath() == "" || strings.HasPrefix(typ.PkgPath(), "octroi/") || strings.HasPrefix(typ.PkgPath(), "filippo.io/")
}

// reachable walks all of ours that can be reached from a value, hidden fields too, and tells whether any of it is of a
// forbidden type. What closures hold it cannot see.
func reachable(from any, forbidden func(reflect.Type) bool) (found reflect.Type, seen int) {
	type place struct {
		at  uintptr
		typ reflect.Type
	}
	known := map[place]bool{}
	for todo := []reflect.Value{reflect.ValueOf(from)}; len(todo) > 0; {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !v.IsValid() {
			continue
		}
		if seen++; forbidden(v.Type()) {
			return v.Type(), seen
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				continue
			}
			if v.Kind() == reflect.Pointer {
				p := place{v.Pointer(), v.Type()}
				if known[p] {
					continue
				}
				known[p] = true
			}
			todo = append(todo, v.Elem())
		case reflect.Struct:
			for i := 0; ours(v.Type()) && i < v.NumField(); i++ {
				todo = append(todo, v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			if k := v.Type().Elem().Kind(); k >= reflect.Bool && k <= reflect.Complex128 {
				continue
			}
			for i := range v.Len() {
				todo = append(todo, v.Index(i))
			}
		case reflect.Map:
			for it := v.MapRange(); it.Next(); {
				todo = append(todo, it.Key(), it.Value())
			}
		}
	}
	return nil, seen
}

// TestWhatFacesBuyersCannotReadADocument looks through everything that a Flow holds, which is all that the public listener
// has of the documents, for a private half of their keys.
func TestWhatFacesBuyersCannotReadADocument(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	check(t, w.flow.ReceiveDocument(t.Context(), token(p), hold.Identity, "id.png", "image/png", png(t)))
	w.stop()
	identity := reflect.TypeFor[age.Identity]()
	readers := func(typ reflect.Type) bool {
		return typ == reflect.TypeFor[vault.Opener]() || typ.Kind() != reflect.Interface && typ.Implements(identity)
	}
	found, seen := reachable(w.flow, readers)
	if found != nil {
		t.Errorf("a Flow holds a %v, with which documents are read", found)
	}
	if holds, _ := reachable(w.flow, func(typ reflect.Type) bool { return typ == reflect.TypeFor[age.HybridRecipient]() }); holds == nil {
		t.Errorf("of %d things none is the recipient: the walk does not reach the keys", seen)
	}
	if found, _ := reachable(w.vault, readers); found == nil {
		t.Error("the walk does not find the identity where it is")
	}
}
