package policy

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"octroi/risk"
)

// Entity is one that the policy declares from the shop's metadata.
type Entity struct {
	Name string `json:"name"` // as expressions write it
	Key  string `json:"key"`  // of the metadata
}

var (
	entityName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	// metadataKey has the bound of the checkout's contract for keys: 64 characters.
	metadataKey = regexp.MustCompile(`^metadata\.([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})$`)
)

// Entities are the entities the policy declares, in the order of the file. The n-th is kept in the histories as
// risk.EntityCustom1 + n.
func (p *Policy) Entities() []Entity { return slices.Clone(p.entities) }

// Prepare fills f.Custom with the values of the entities the policy declares, "key=value" each, so that two keys never
// share a history; "" where the metadata has no such key or no value. Whoever records and decides calls it first,
// before f.Attempt: the histories then hold these entities.
//
// Once the histories are read, facts are not prepared again: f.Custom says what the histories hold. A shadow policy, or
// another policy in a replay, decides over the facts as the recording policy prepared them: that serves as far as both
// declare the same key at the same place, and any other declared entity reads as not known. Prepared anew, it would
// read another entity's history as its own. A declaration moved to another place begins a new history: new ones go to
// the end.
func (p *Policy) Prepare(f risk.Facts) risk.Facts {
	f.Custom = [risk.CustomEntities]string{}
	for i, e := range p.entities {
		if v := f.Metadata[e.Key]; v != "" {
			f.Custom[i] = e.Key + "=" + v
		}
	}
	return f
}

// prepared reports whether the order's value of an entity is what this policy declares it to be.
func (r *run) prepared(e risk.Entity) bool {
	if e < risk.EntityCustom1 || e.Counted() {
		return true
	}
	i := int(e - risk.EntityCustom1)
	key, custom := r.p.entities[i].Key, r.f.Custom[i]
	return len(custom) > len(key) && custom[:len(key)] == key && custom[len(key)] == '=' && custom[len(key)+1:] == r.f.Metadata[key]
}

// declare reads the declarations: a name and where in the metadata it stands.
func (k *linker) declare(f field) {
	for _, v := range k.entries(f, "entities", "terminal: metadata.terminal") {
		if len(k.entities) == risk.CustomEntities {
			k.fail(at(v.Key), "the policy declares more than %d entities", risk.CustomEntities)
			return
		}
		name, _ := v.Key.(*ast.StringNode)
		if name == nil || !entityName.MatchString(name.Value) {
			k.fail(at(v.Key), "the name of an entity must be lower-case letters, digits and _, such as terminal")
			continue
		}
		if _, taken := risk.EntityNamed(name.Value); taken {
			k.fail(at(v.Key), "the entity %s is built in and cannot be declared", name.Value)
			continue
		}
		c, ok := k.scalar(field{value: v.Value}, "the entity "+name.Value)
		if !ok {
			continue
		}
		key := metadataKey.FindStringSubmatch(c.text)
		if key == nil {
			k.fail(c.start, "an entity is declared from the metadata: write metadata.%s", name.Value)
			continue
		}
		same := func(e Entity) bool { return e.Key == key[1] }
		if i := slices.IndexFunc(k.entities, same); i >= 0 {
			k.fail(c.start, "%s is already the entity %s", c.text, k.entities[i].Name)
			continue
		}
		k.entities = append(k.entities, Entity{Name: name.Value, Key: key[1]})
	}
}

// entityNamed finds a built-in entity or one the policy declares.
func (k *linker) entityNamed(name string) (risk.Entity, bool) {
	if e, ok := risk.EntityNamed(name); ok && (e < risk.EntityCustom1 || e.Counted()) {
		return e, true
	}
	i := slices.IndexFunc(k.entities, func(e Entity) bool { return e.Name == name })
	return risk.EntityCustom1 + risk.Entity(max(i, 0)), i >= 0
}

// entityNames are those an expression may use, as a sentence lists them.
func (k *linker) entityNames() string {
	var names []string
	for e := risk.Entity(0); e < risk.EntityCustom1; e++ {
		names = append(names, e.String())
	}
	for _, e := range risk.CountedEntities() {
		names = append(names, e.String())
	}
	for _, e := range k.entities {
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}
