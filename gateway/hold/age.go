package hold

// Forgets reports whether the case can do without its buyer: it is closed, and no document of it lies in the vault.
func (c Case) Forgets() bool { return !c.Status.Open() && !c.undestroyed() }

// Forgotten is what is left of a closed case whose buyer is no longer to be known: what was asked for, what came and what
// was made of it, by whom and when. What people wrote goes, and so does the link. It names what it keeps, so that a field
// added tomorrow goes unless it is named too.
func (c Case) Forgotten() Case {
	left := Case{ID: c.ID, PaymentID: c.PaymentID, Status: c.Status, Score: c.Score, Amount: c.Amount, Assignee: c.Assignee, Owner: c.Owner,
		RespondBy: c.RespondBy, DecideBy: c.DecideBy, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, DecidedAt: c.DecidedAt,
		Shop: c.Shop, Language: c.Language, Version: c.Version, FirstApproval: c.FirstApproval, Reminded: c.Reminded,
		Proof:    Proof{Requested: c.Proof.Requested, Documents: make([]Document, len(c.Proof.Documents)), Code: c.Proof.Code},
		Messages: []Message{}, Events: make([]Event, len(c.Events))}
	for i, d := range c.Proof.Documents {
		left.Proof.Documents[i] = Document{ID: d.ID, Kind: d.Kind, Status: d.Status, Type: d.Type, Size: d.Size, ReceivedAt: d.ReceivedAt}
	}
	for i, e := range c.Events {
		left.Events[i] = Event{At: e.At, Actor: e.Actor, Type: e.Type}
	}
	return left
}
