package policy

import (
	"errors"
	"slices"

	"github.com/expr-lang/expr/file"

	"octroi/risk"
)

// Decide scores an order before its authorisation. It is pure: the same inputs give the same decision, bit for bit.
// Nil histories count as away, nil lists as empty. See the package's doc for precedence.
func (p *Policy) Decide(f risk.Facts, h risk.Histories, l risk.Lists) risk.Decision {
	r := p.begin(f, h, l)
	defer p.end(r)
	d := p.decide(r, []risk.Reason{})
	d.Signals = &risk.Signals{Address: risk.AddressSignal{Grade: r.grade(), Traits: r.traits()}}
	return d
}

// Sketch is Decide for whoever counts decisions and reads none. Outcome, score, what is degraded, and the code, points and
// force of every reason are those of Decide; the details of reasons may be missing, and signals are. Reasons are written
// over dst, which is allocated anew only when it is too small.
func (p *Policy) Sketch(f risk.Facts, h risk.Histories, l risk.Lists, dst []risk.Reason) risk.Decision {
	r := p.begin(f, h, l)
	defer p.end(r)
	r.mute = true
	return p.decide(r, dst[:0])
}

func (p *Policy) decide(r *run, dst []risk.Reason) risk.Decision {
	v := p.evaluate(r, stageDecide)
	d := risk.Decision{Policy: p.ref, Reasons: append(append(slices.Grow(dst, len(v.builtin)+len(v.reasons)), v.builtin...), v.reasons...),
		Degraded: append([]string{}, v.degraded...)}
	d.Score, d.Outcome = p.settle(d.Reasons, d.Degraded)
	return d
}

// together is the parts in one slice, which is never nil: a decision without reasons says [] and not null.
func together(parts ...[]risk.Reason) []risk.Reason {
	all := []risk.Reason{}
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// Review takes the decision on once the issuer has answered, with f.Review set, under the policy that decided. It
// adds the rules of stage review. The outcome gets harsher as the score does, up to decline, which after an
// authorisation means cancel; it gets milder only when a rule marked lowers matched, and never from decline. A challenge
// that the buyer has met is over: what it alone asked for is approved.
func (p *Policy) Review(d risk.Decision, f risk.Facts, h risk.Histories, l risk.Lists) risk.Decision {
	r := p.begin(f, h, l)
	defer p.end(r)
	v := p.evaluate(r, stageReview)
	// Built-in reasons stay first, and one that Decide gave already is not given again.
	n := 0
	for n < len(d.Reasons) && slices.Contains(builtinCodes(), d.Reasons[n].Code) {
		n++
	}
	reasons := slices.Clone(d.Reasons[:n])
	for _, b := range v.builtin {
		if !slices.Contains(reasons, b) {
			reasons = append(reasons, b)
		}
	}
	degraded := append([]string{}, d.Degraded...)
	for _, part := range v.degraded {
		if !slices.Contains(degraded, part) {
			degraded = append(degraded, part)
		}
	}
	out := d
	out.Reasons = together(reasons, d.Reasons[n:], v.reasons)
	out.Degraded = degraded
	score, outcome := p.settle(out.Reasons, degraded)
	out.Score = score
	if !v.lowered || d.Outcome == risk.Decline {
		outcome = outcome.AtLeast(d.Outcome)
	}
	if outcome == risk.Challenge && f.Review != nil && f.Review.Authenticated() {
		outcome = risk.Approve
	}
	out.Outcome = outcome
	return out
}

// Shadow gives the reasons that the shadow rules would have added: those of stage decide, and those of stage review
// once f.Review is set. They change no decision. A shadow rule that fails is reported as RULE_FAILED.
func (p *Policy) Shadow(f risk.Facts, h risk.Histories, l risk.Lists) []risk.Reason {
	r := p.begin(f, h, l)
	defer p.end(r)
	reasons := []risk.Reason{}
	for i := range p.rules {
		rule := &p.rules[i]
		if !rule.shadow || rule.stage == stageReview && f.Review == nil {
			continue
		}
		matched, err := r.holds(&rule.when)
		var reason risk.Reason
		if matched {
			reason, err = r.reason(rule)
		}
		if err != nil {
			reasons = append(reasons, failed(rule.code, err))
		}
		if matched && r.sleeps(rule) {
			reason = snoozed(rule)
		}
		if matched {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

// verdict is what the rules of one stage say. It is the run's own, and good until its end.
type verdict struct {
	builtin  []risk.Reason
	reasons  []risk.Reason
	degraded []string
	lowered  bool
}

// clear empties the verdict and keeps its room.
func (v *verdict) clear() {
	clear(v.builtin)
	clear(v.reasons)
	clear(v.degraded)
	*v = verdict{builtin: v.builtin[:0], reasons: v.reasons[:0], degraded: v.degraded[:0]}
}

func (p *Policy) evaluate(r *run, s stage) *verdict {
	v := &r.said
	if !r.h.Available() {
		v.builtin = append(v.builtin, risk.Reason{Code: CodeVelocityUnavailable, Forces: risk.Hold,
			Detail:   "the histories could not be asked, so the order is held",
			DetailFR: "les historiques n'ont pas pu être consultés, la commande est donc retenue"})
		v.degraded = append(v.degraded, "velocity")
	}
	for _, rule := range p.asked[s] {
		matched, err := r.holds(&rule.when)
		if err != nil {
			v.fail(rule.code, err)
		}
		if !matched {
			continue
		}
		reason, err := r.reason(rule)
		if err != nil {
			v.fail(rule.code, err)
		}
		switch {
		case rule.builtIn:
			v.builtin = append(v.builtin, reason)
		case r.sleeps(rule):
			v.reasons = append(v.reasons, snoozed(rule))
		default:
			v.reasons = append(v.reasons, reason)
			v.lowered = v.lowered || rule.lowers
		}
	}
	if s == stageDecide {
		p.add(r, v)
	}
	return v
}

// fail notes a rule or a feature that could not be evaluated.
func (v *verdict) fail(code string, err error) {
	v.builtin = append(v.builtin, failed(code, err))
	v.degraded = append(v.degraded, "rule:"+code)
}

// snoozePrefix begins the name of the list of a rule's snoozes; the rule's code in lower case follows.
const snoozePrefix = "snooze_"

// snoozed is what is left of a rule that sleeps.
func snoozed(rule *rule) risk.Reason {
	return risk.Reason{Code: rule.code, Detail: "snoozed", DetailFR: "en sommeil"}
}

// sleeps reports whether a rule that matched is snoozed for the customer. A rule that forces decline never is: it
// stands for what must not reach the issuer, and an account that was taken over would carry the way round it.
func (r *run) sleeps(rule *rule) bool {
	return rule.force != risk.Decline && r.listed(r.f.Buyer.ID, rule.snooze)
}

// reason is that of a rule that matched. A rule whose detail fails still counts, under its sentence of why, and is an
// error as well.
func (r *run) reason(rule *rule) (risk.Reason, error) {
	reason := risk.Reason{Code: rule.code, Points: rule.points, Forces: rule.force}
	err := r.tell(&reason, &rule.detail, &rule.why)
	return reason, err
}

// tell writes the detail of a reason in both languages, or why in place of one that fails. A mute run writes only what
// may fail.
func (r *run) tell(reason *risk.Reason, detail *[languages]template, why *[languages]string) (failure error) {
	if r.mute && r.tellable(detail) {
		return nil
	}
	for l, text := range []*string{&reason.Detail, &reason.DetailFR} {
		var err error
		if *text, err = detail[l].render(r, language(l)); err != nil {
			*text, failure = why[l], err
		}
	}
	return failure
}

// maxCause bounds what is told of a failure.
const maxCause = 200

// cause is what went wrong, in a line.
func cause(err error) string {
	told := err.Error()
	var e *file.Error
	if errors.As(err, &e) {
		told = e.Message // without the drawing of the expression
	}
	return told[:min(len(told), maxCause)]
}

func failed(code string, err error) risk.Reason {
	told := cause(err)
	return risk.Reason{Code: CodeRuleFailed, Forces: risk.Hold,
		Detail:   "rule " + code + " failed: " + told,
		DetailFR: "la règle " + code + " a échoué : " + told}
}

// settle gives the score and the outcome of a set of reasons, by the precedence of the package's doc.
func (p *Policy) settle(reasons []risk.Reason, degraded []string) (int, risk.Outcome) {
	score, forced, allowed := 0, risk.Approve, false
	for _, r := range reasons {
		score += r.Points
		if r.Forces != "" {
			forced = forced.AtLeast(r.Forces)
			allowed = allowed || r.Forces == risk.Approve
		}
	}
	score = max(score, 0)
	if forced == risk.Decline {
		return score, risk.Decline
	}
	outcome := forced.AtLeast(p.band(score))
	if allowed {
		outcome = risk.Approve
	}
	if len(degraded) > 0 {
		outcome = outcome.AtLeast(risk.Hold)
	}
	return score, outcome
}

func (p *Policy) band(score int) risk.Outcome {
	switch {
	case score >= p.bands[2]:
		return risk.Decline
	case score >= p.bands[1]:
		return risk.Hold
	case score >= p.bands[0]:
		return risk.Challenge
	}
	return risk.Approve
}
