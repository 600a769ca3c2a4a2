package intake

import (
	"context"
	"slices"
	"testing"
)

// bench is a queue driven by hand.
type bench struct {
	t *testing.T
	q *queue
}

// come adds a ticket without waiting for its turn.
func (b bench) come(from string, large bool) *ticket {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	got := make(chan *ticket, 1)
	before := b.q.length()
	running := b.q.running
	go func() {
		t, ok, err := b.q.enter(context.WithoutCancel(ctx), from, large)
		if !ok || err != nil {
			t = nil
		}
		got <- t
	}()
	for b.q.length() == before {
		b.q.mu.Lock()
		changed := b.q.running != running
		b.q.mu.Unlock()
		if changed {
			return <-got
		}
	}
	b.q.mu.Lock()
	defer b.q.mu.Unlock()
	return b.q.waiting[len(b.q.waiting)-1]
}

// turn reports whether the ticket's turn has come.
func turnOf(t *ticket) bool {
	select {
	case <-t.ready:
		return true
	default:
		return false
	}
}

func TestSourcesTakeTurnsAndNobodyHasBothLanes(t *testing.T) {
	b := bench{t, newQueue()}
	greedy := []*ticket{b.come("greedy", false), b.come("greedy", false), b.come("greedy", false)}
	if !turnOf(greedy[0]) || turnOf(greedy[1]) || turnOf(greedy[2]) {
		t.Fatal("one source has more than one lane, or none")
	}
	if _, ok, _ := b.q.enter(t.Context(), "greedy", false); ok {
		t.Fatal("a source brought more than its share")
	}
	good := b.come("good", false)
	if !turnOf(good) {
		t.Fatal("the other lane was free")
	}
	later := b.come("later", false)
	b.q.leave(greedy[0])
	if !turnOf(later) || turnOf(greedy[1]) {
		t.Fatal("who was served before came before who was not")
	}
	b.q.leave(good)
	if !turnOf(greedy[1]) || turnOf(greedy[2]) {
		t.Fatal("a free lane stayed empty")
	}
	for _, x := range []*ticket{later, greedy[1], greedy[2]} {
		b.q.leave(x)
	}
	if len(b.q.sources) != 0 || len(b.q.waiting) != 0 || b.q.running != [lanes]*ticket{} {
		t.Errorf("left behind: %d sources, %d waiting", len(b.q.sources), len(b.q.waiting))
	}
}

func TestLargeFilesKeepToTheirLane(t *testing.T) {
	b := bench{t, newQueue()}
	pdf, second := b.come("a", true), b.come("b", true)
	if pdf.lane != laneLarge || !turnOf(pdf) || turnOf(second) {
		t.Fatal("two large files at once")
	}
	photo := b.come("c", false)
	if !turnOf(photo) || photo.lane != laneSmall {
		t.Fatal("a photo waited for a PDF")
	}
	other := b.come("d", false)
	b.q.leave(pdf)
	if !turnOf(second) || turnOf(other) {
		t.Fatal("a small file took the large lane while a large one waited")
	}
	b.q.leave(second)
	if !turnOf(other) || other.lane != laneLarge {
		t.Fatal("the large lane stayed empty")
	}
}

func TestWhoeverGivesUpWaitingLeavesNoTrace(t *testing.T) {
	b := bench{t, newQueue()}
	running := b.come("a", false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok, err := b.q.enter(ctx, "a", false); ok || err == nil {
		t.Fatalf("%t, %v", ok, err)
	}
	if b.q.length() != 0 || b.q.sources["a"].here != 1 {
		t.Errorf("%d wait, %d of the source are here", b.q.length(), b.q.sources["a"].here)
	}
	b.q.leave(running)
	if !slices.Equal(b.q.waiting, nil) || len(b.q.sources) != 0 {
		t.Error("something is left")
	}
}
