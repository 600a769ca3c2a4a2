package policy

import (
	_ "embed"
	"maps"
	"slices"
	"sync"
	"time"

	"octroi/risk"
)

// Memory is how far back age, since, streak and their kin look: they ask about all that is remembered, and half a
// year tells a stranger from a regular.
const Memory = 180 * 24 * time.Hour

// The reasons a decision can have without any rule of the file. They come first among the reasons.
const (
	CodeVelocityUnavailable = "VELOCITY_UNAVAILABLE" // the histories could not be asked
	CodeRuleFailed          = "RULE_FAILED"          // a rule failed while it was evaluated
)

// builtinCodes are those that come before the file's rules in a decision.
func builtinCodes() []string {
	return []string{CodeVelocityUnavailable, CodeRuleFailed, CodeNeverRetry, CodeReattempts, CodeDeclinesDay}
}

// reservedCodes are those no rule or feature of a file can have.
func reservedCodes() []string { return append(builtinCodes(), CodeScorecardBase) }

// stage is when a rule is asked.
type stage string

const (
	stageDecide stage = "decide" // before the authorisation
	stageReview stage = "review" // after it
	// stageScorecard is decide for the features of a scorecard.
	stageScorecard stage = "scorecard"
	// stageDefine is that of definitions, which take the stage of where they are used.
	stageDefine stage = "define"
)

// Policy is a compiled file. It does not change, and serves any number of decisions at once.
type Policy struct {
	ref      risk.PolicyRef
	bands    [3]int // score from which: challenge, hold, decline
	entities []Entity
	rules    []rule
	card     scorecard
	asked    map[stage][]*rule // of the rules, those that a stage asks
	slots    []slot
	texts    int // how many slots hold a text
	others   int // how many hold what is no number, truth or text
	folds    []fold
	horizon  map[risk.Entity]time.Duration
	tallies  []risk.Tally
	lists    []string
	text     string // of the file
	runs     sync.Pool
}

// rule is one compiled rule.
type rule struct {
	code    string
	stage   stage
	text    string
	when    expression
	points  int
	force   risk.Outcome
	opens   []string // rungs of the proof ladder
	lowers  bool
	shadow  bool
	builtIn bool
	snooze  string // the list of customers for whom the rule sleeps
	detail  [languages]template
	why     [languages]string
}

// Rule is a rule as shown to people.
type Rule struct {
	Code    string       `json:"code"`
	Stage   string       `json:"stage"` // decide, review
	When    string       `json:"when"`  // the expression as written
	Points  int          `json:"points"`
	Force   risk.Outcome `json:"force,omitempty"`
	Opens   []string     `json:"opens,omitempty"`    // rungs of the proof ladder, see Rungs
	Lowers  bool         `json:"lowers,omitempty"`   // may make a review milder than the decision
	Shadow  bool         `json:"shadow,omitempty"`   // reported by Shadow alone
	BuiltIn bool         `json:"built_in,omitempty"` // part of every policy
	Why     string       `json:"why"`
	WhyFR   string       `json:"why_fr"`
}

//go:embed default.yaml
var defaultSource []byte

// DefaultSource is the text of the policy that is shipped.
func DefaultSource() []byte { return slices.Clone(defaultSource) }

// Default compiles the shipped policy. It panics if that does not compile, which its tests exclude.
func Default() *Policy {
	p, err := Parse("default.yaml", defaultSource)
	if err != nil {
		panic(err)
	}
	return p
}

// Ref names the policy and the very text of it.
func (p *Policy) Ref() risk.PolicyRef { return p.ref }

// Codes are all the reason codes a decision of this policy can have: the built-in ones, then the rules' in the order
// of the file, shadow rules included, then the scorecard's. They are bounded (at most 500 rules and 200 features), and
// so fit for metric labels.
func (p *Policy) Codes() []string {
	codes := []string{CodeVelocityUnavailable, CodeRuleFailed}
	for _, r := range p.rules {
		codes = append(codes, r.code)
	}
	if p.card.present {
		codes = append(codes, CodeScorecardBase)
	}
	for _, f := range p.card.features {
		codes = append(codes, f.code)
	}
	return codes
}

// Rules are the schemes' limits, then the rules in the order of the file, for display.
func (p *Policy) Rules() []Rule {
	out := make([]Rule, 0, len(p.rules))
	for _, r := range p.rules {
		out = append(out, Rule{Code: r.code, Stage: string(r.stage), When: r.text, Points: r.points, Force: r.force,
			Opens: slices.Clone(r.opens), Lowers: r.lowers, Shadow: r.shadow, BuiltIn: r.builtIn, Why: r.why[english], WhyFR: r.why[french]})
	}
	return out
}

// Bands are the scores from which the policy asks for each outcome.
func (p *Policy) Bands() map[risk.Outcome]int {
	return map[risk.Outcome]int{risk.Challenge: p.bands[0], risk.Hold: p.bands[1], risk.Decline: p.bands[2]}
}

// Horizon is how far back the histories of each entity must reach for every rule to be answered in full. An entity no
// rule asks about is absent.
func (p *Policy) Horizon() map[risk.Entity]time.Duration { return maps.Clone(p.horizon) }

// Lists are the names of the lists the rules and features ask, in alphabetical order. The snooze lists, one for each
// rule, are not among them.
func (p *Policy) Lists() []string { return slices.Clone(p.lists) }
