package gateway

import (
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// caseView is a case as analysts see it, with its payment.
type caseView struct {
	hold.Case
	Payment payment.Payment `json:"payment"`
}

// view shows a case. The payment comes without its summary of the case: that holds the buyer's link, which is the
// buyer's alone.
func (s *Server) view(snapshot store.Snapshot) caseView {
	v := caseView{Payment: s.cfg.Flow.View(snapshot)}
	v.Payment.Case = nil
	if snapshot.Case != nil {
		v.Case = *snapshot.Case
	}
	return v
}

// listCases is GET /v1/cases.
func (s *Server) listCases(k *call) error {
	limit, err := k.limit()
	if err != nil {
		return err
	}
	f := store.CaseFilter{Assignee: k.query["assignee"], Sort: k.query["sort"], Limit: limit, Cursor: k.query["cursor"]}
	if status := hold.Status(k.query["status"]); status != "" {
		if !knownStatus(status) {
			return payment.Errorf(payment.CodeInvalid, `The query parameter "status" is not a status of a case.`)
		}
		f.Statuses = []hold.Status{status}
	}
	if f.Sort != "" && f.Sort != "decide_by" && f.Sort != "amount" && f.Sort != "score" {
		return payment.Errorf(payment.CodeInvalid, `The query parameter "sort" must be decide_by, amount or score.`)
	}
	snapshots, next, err := s.cfg.Store.Cases(k.ctx, f)
	if err != nil {
		return err
	}
	out := page[caseView]{Data: make([]caseView, len(snapshots)), Next: next}
	for i, snapshot := range snapshots {
		out.Data[i] = s.view(snapshot)
	}
	return k.answer(200, out)
}

func knownStatus(want hold.Status) bool {
	for _, have := range hold.Statuses() {
		if have == want {
			return true
		}
	}
	return false
}

// readCase is GET /v1/cases/{id}.
func (s *Server) readCase(k *call) error {
	id, err := k.id("id")
	if err != nil {
		return err
	}
	snapshot, err := s.cfg.Store.Case(k.ctx, id)
	if err != nil {
		return err
	}
	return k.answer(200, s.view(snapshot))
}

// act makes the handler of one thing an analyst can do to a case.
func (s *Server) act(do func(k *call, id string, a caseAct) (store.Snapshot, error)) func(*call) error {
	return func(k *call) error {
		id, err := k.id("id")
		if err != nil {
			return err
		}
		var a caseAct
		if _, err := k.readOptional(s.bodies.caseAct, &a); err != nil {
			return err
		}
		for pointer, text := range map[string]string{"/note": a.Note, "/reason": a.Reason} {
			if err := plain(pointer, text); err != nil {
				return err
			}
		}
		snapshot, err := do(k, id, a)
		if err != nil {
			return err
		}
		return k.answer(200, s.view(snapshot))
	}
}

func (s *Server) claim(k *call, id string, _ caseAct) (store.Snapshot, error) {
	return s.cfg.Flow.Claim(k.ctx, k.user, id)
}

func (s *Server) release(k *call, id string, _ caseAct) (store.Snapshot, error) {
	return s.cfg.Flow.Release(k.ctx, k.user, id)
}

func (s *Server) approve(k *call, id string, a caseAct) (store.Snapshot, error) {
	return s.cfg.Flow.Approve(k.ctx, k.user, id, a.Note)
}

func (s *Server) reject(k *call, id string, a caseAct) (store.Snapshot, error) {
	return s.cfg.Flow.Reject(k.ctx, k.user, id, a.Reason)
}

func (s *Server) requestProof(k *call, id string, a caseAct) (store.Snapshot, error) {
	return s.cfg.Flow.RequestProof(k.ctx, k.user, id, a.Kinds, a.Note)
}

func (s *Server) note(k *call, id string, a caseAct) (store.Snapshot, error) {
	return s.cfg.Flow.Note(k.ctx, k.user, id, a.Note)
}

// judge makes the handler of a verdict on one document of a case.
func (s *Server) judge(v hold.Verdict) func(*call) error {
	return s.act(func(k *call, id string, a caseAct) (store.Snapshot, error) {
		document, err := k.id("document")
		if err != nil {
			return store.Snapshot{}, err
		}
		return s.cfg.Flow.JudgeDocument(k.ctx, k.user, id, document, v, a.Reason)
	})
}

// reply is POST /v1/cases/{id}/messages: a line to the buyer.
func (s *Server) reply(k *call) error {
	id, err := k.id("id")
	if err != nil {
		return err
	}
	var r reply
	if _, err := k.read(s.bodies.reply, &r); err != nil {
		return err
	}
	if err := plain("/text", r.Text); err != nil {
		return err
	}
	snapshot, err := s.cfg.Flow.Reply(k.ctx, k.user, id, r.Text)
	if err != nil {
		return err
	}
	return k.answer(200, s.view(snapshot))
}
