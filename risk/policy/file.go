package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"octroi/risk"
)

// maxRules and maxPoints bound a policy.
const (
	maxRules  = 500
	maxPoints = 10_000
)

var (
	policyName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)
	// ruleCode is bounded so that the name of a code's snooze list is one that lists take (64 characters).
	ruleCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,56}$`)
)

// Parse compiles a policy file; name is what errors call it. A bad file gives an *Error, or several under errors.Join
// in the order of the file. The version of the policy is "sha256:" and the hash of src.
func Parse(name string, src []byte) (*Policy, error) {
	if len(src) > maxFileBytes { // before anything is copied
		return nil, &Error{File: name, Line: 1, Column: 1,
			Detail: fmt.Sprintf("the file has %d bytes, a policy may have %d", len(src), maxFileBytes)}
	}
	k := newLinker(&source{file: name, text: string(src)})
	p := &Policy{text: string(src)}
	if root := k.document(); root != nil {
		k.policy(root, p)
	}
	if err := joined(k.errs); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(src)
	p.ref.Version = "sha256:" + hex.EncodeToString(sum[:])
	p.slots, p.folds, p.entities = k.slots, k.folds, k.entities
	p.texts, p.others = shelve(p.slots)
	p.asked = map[stage][]*rule{}
	for i := range p.rules {
		if r := &p.rules[i]; !r.shadow {
			p.asked[r.stage] = append(p.asked[r.stage], r)
		}
	}
	p.lists = slices.Sorted(maps.Keys(k.lists))
	p.tallies = k.tallies
	p.horizon = map[risk.Entity]time.Duration{}
	for e, d := range k.horizon {
		if d > 0 {
			p.horizon[risk.Entity(e)] = d
		}
	}
	return p, nil
}

func (k *linker) policy(root ast.Node, p *Policy) {
	fields := k.mapping(root, "the policy", "name", "bands", "entities", "define", "rules", "scorecard")
	if fields == nil {
		return
	}
	for _, need := range []string{"name", "bands", "rules"} {
		if _, ok := fields[need]; !ok {
			k.fail(at(root), "the policy has no %s", need)
		}
	}
	if f, ok := fields["name"]; ok {
		if c, ok := k.scalar(f, "the name"); ok {
			p.ref.Name = c.text
			if !policyName.MatchString(c.text) {
				k.fail(c.start, "the name must be lower-case letters, digits, - and _, such as default")
			}
		}
	}
	if f, ok := fields["bands"]; ok {
		p.bands = k.bands(f)
	}
	if f, ok := fields["entities"]; ok {
		k.declare(f) // before anything asks about them
	}
	if f, ok := fields["define"]; ok {
		k.define(f)
	}
	seen := map[string]place{}
	p.rules = k.schemes()
	if f, ok := fields["rules"]; ok {
		p.rules = append(p.rules, k.rules(f, seen)...)
	}
	if f, ok := fields["scorecard"]; ok {
		p.card = k.scorecard(f, seen)
	}
	k.idle()
}

// bands reads the three thresholds, which must rise.
func (k *linker) bands(f field) [3]int {
	var bands [3]int
	names := []string{"challenge", "hold", "decline"}
	fields := k.mapping(f.value, "bands", names...)
	if fields == nil {
		return bands
	}
	for i, name := range names {
		b, ok := fields[name]
		if !ok {
			k.fail(f.key, "bands has no %s", name)
			return bands
		}
		if bands[i], ok = k.integer(b, name, 1, maxPoints); !ok {
			return bands
		}
		if i > 0 && bands[i] <= bands[i-1] {
			k.fail(at(b.value), "%s must be above %s: an order is held at a higher score than it is challenged, and declined at a higher one still",
				name, names[i-1])
		}
	}
	return bands
}

func (k *linker) rules(f field, seen map[string]place) []rule {
	list, ok := f.value.(*ast.SequenceNode)
	if !ok {
		k.fail(f.key, "rules must be a list")
		return nil
	}
	if len(list.Values) > maxRules {
		k.fail(at(list.Values[maxRules]), "the policy has %d rules, it may have %d", len(list.Values), maxRules)
		return nil
	}
	rules := make([]rule, 0, len(list.Values))
	for _, n := range list.Values {
		rules = append(rules, k.rule(n, seen))
	}
	return rules
}

func (k *linker) rule(n ast.Node, seen map[string]place) rule {
	r := rule{stage: stageDecide}
	fields := k.mapping(n, "a rule", "code", "stage", "when", "points", "force", "opens", "lowers", "shadow", "detail", "why")
	if fields == nil {
		return r
	}
	for _, need := range []string{"code", "when", "detail", "why"} {
		if _, ok := fields[need]; !ok {
			k.fail(at(n), "the rule has no %s", need)
		}
	}
	if f, ok := fields["code"]; ok {
		r.code = k.code(f, seen)
		r.snooze = snoozePrefix + strings.ToLower(r.code)
	}
	if f, ok := fields["stage"]; ok {
		c, ok := k.scalar(f, "the stage")
		if r.stage = stage(c.text); ok && r.stage != stageDecide && r.stage != stageReview {
			k.fail(c.start, "the stage must be decide or review")
			r.stage = stageReview // so that its facts are not noted as well
		}
	}
	if f, ok := fields["when"]; ok {
		k.when(f, &r)
	}
	k.weight(n, fields, &r)
	if f, ok := fields["opens"]; ok {
		k.opens(f, &r)
	}
	if f, ok := fields["detail"]; ok {
		for l, c := range k.texts(f, "the detail") {
			r.detail[l], _ = k.template(c, r.stage)
		}
	}
	if f, ok := fields["why"]; ok {
		for l, c := range k.texts(f, "why") {
			r.why[l] = c.text
		}
	}
	return r
}

func (k *linker) code(f field, seen map[string]place) string {
	c, ok := k.scalar(f, "the code")
	if !ok {
		return ""
	}
	if !ruleCode.MatchString(c.text) {
		k.fail(c.start, "the code must be 2 to 57 upper-case letters, digits and _, such as ADDRESS_OTHER_CITY")
	}
	if slices.Contains(reservedCodes(), c.text) {
		k.fail(c.start, "the code %s is built in: choose another", c.text)
	}
	if first, twice := seen[c.text]; twice {
		k.fail(c.start, "the code %s is already taken on line %d", c.text, first.line)
	}
	seen[c.text] = c.start
	return c.text
}

func (k *linker) when(f field, r *rule) {
	c, ok := k.scalar(f, "when")
	if !ok {
		return
	}
	r.text = c.text
	if r.when, ok = k.compile(c, r.stage); ok && r.when.result.Kind() != reflect.Bool {
		k.fail(c.start, "when must be true or false, this is %s", typeName(r.when.result))
	}
}

const (
	aNumber = "a number"
	aTruth  = "true or false"
	aText   = "a text"
)

// typeName is a type in the words of the language.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Float64, reflect.Int:
		return aNumber
	case reflect.Bool:
		return aTruth
	case reflect.String:
		return aText
	}
	return "neither"
}

// weight reads what a rule does: points or force, and the two marks.
func (k *linker) weight(n ast.Node, fields map[string]field, r *rule) {
	points, scored := fields["points"]
	force, forced := fields["force"]
	if scored == forced {
		k.fail(at(n), "the rule must have either points or force")
		return
	}
	if scored {
		r.points, _ = k.integer(points, "points", -maxPoints, maxPoints)
	}
	if forced {
		c, ok := k.scalar(force, "force")
		if r.force = risk.Outcome(c.text); ok && r.force.Severity() < 0 {
			k.fail(c.start, "force must be approve, challenge, hold or decline")
		}
	}
	if f, ok := fields["shadow"]; ok {
		r.shadow = k.boolean(f, "shadow")
	}
	if f, ok := fields["lowers"]; ok {
		r.lowers = k.boolean(f, "lowers")
		if r.lowers && (r.stage != stageReview || r.points >= 0) {
			k.fail(f.key, "lowers is for rules of stage review that take points away")
		}
	}
}

// texts reads a text in both languages, or one that serves both.
func (k *linker) texts(f field, what string) [languages]scalar {
	var out [languages]scalar
	switch f.value.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		c, _ := k.scalar(f, what)
		return [languages]scalar{c, c}
	}
	fields := k.mapping(f.value, what, languageNames[:]...)
	for l, name := range languageNames {
		v, ok := fields[name]
		if !ok {
			k.fail(f.key, "%s has no text in %s", what, name)
			continue
		}
		if c, ok := k.scalar(v, what); ok && c.text == "" {
			k.fail(c.start, "%s is empty", what)
		} else {
			out[l] = c
		}
	}
	return out
}
