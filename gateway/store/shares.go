package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// claimable is the condition of a webhook, called o, that may be claimed at the moment $1: see Claim.
const claimable = `o.kind = 'webhook' AND o.state = 'waiting' AND o.due <= $1 AND o.lease_until <= $1
 AND (o.payment_id = '' OR NOT EXISTS (SELECT 1 FROM outbox e WHERE e.state = 'waiting' AND e.payment_id = o.payment_id
  AND e.kind = o.kind AND e.id < o.id))`

// shopsWaiting names the shops that have a webhook waiting, and the moment since when one may be claimed, NULL for none. It
// leaps from shop to shop through the index, past whatever else each has waiting.
const shopsWaiting = `WITH RECURSIVE named(shop) AS (
 SELECT (SELECT shop FROM outbox WHERE kind = 'webhook' AND state = 'waiting' ORDER BY shop LIMIT 1)
 UNION ALL SELECT (SELECT o.shop FROM outbox o WHERE o.kind = 'webhook' AND o.state = 'waiting' AND o.shop > n.shop ORDER BY o.shop LIMIT 1)
  FROM named n WHERE n.shop IS NOT NULL)
 SELECT n.shop, (SELECT o.due FROM outbox o WHERE o.shop = n.shop AND ` + claimable + ` ORDER BY o.due, o.id LIMIT 1)
  FROM named n WHERE n.shop IS NOT NULL`

// queued is a webhook that may be claimed, or stands for the first one of its shop.
type queued struct {
	id, due int64
	shop    string
}

// ClaimWebhooks is Claim for webhooks, shared among shops: of free slots every shop that has something due gets the same
// as every other, and none may have more in hand than slots stay free. So however slow some shops' endpoints are, those
// of n shops hold n slots in n+1 at most once they have had an answer each, and a shop that has nothing in hand finds a
// slot. busy is how many webhooks the caller has in hand already, by shop.
func (s *Store) ClaimWebhooks(ctx context.Context, free int, busy map[string]int, lease time.Duration) ([]Message, error) {
	free, now := min(free, maxClaim), s.now()
	shops, err := s.shopsWaiting(ctx, free, busy, now)
	if err != nil || len(shops) == 0 {
		return nil, err
	}
	// What is found here may be gone when it is taken: the statement that takes it asks again.
	text, args := firstOfEach(shops, free, busy, now)
	rows, err := s.db.query(ctx, text, args...)
	found, err := collect(rows, err, scanQueued)
	if err != nil {
		return nil, failed(err)
	}
	chosen := shared(found, free, busy)
	if len(chosen) == 0 {
		return nil, nil
	}
	list, args := among([]any{now.Add(lease), now}, chosen)
	all, err := claim(ctx, s, `WITH next AS MATERIALIZED (SELECT id FROM outbox WHERE state = 'waiting' AND lease_until <= $2 AND id IN `+list+
		` ORDER BY id`+s.db.skipLocked()+`)
 UPDATE outbox SET attempts = attempts + 1, lease_until = $1 WHERE id IN (SELECT id FROM next) RETURNING `+messageColumns, args, scanMessage)
	slices.SortFunc(all, byID)
	return all, err
}

// shopsWaiting names the shops that may come into question for free slots, at most one for each slot.
func (s *Store) shopsWaiting(ctx context.Context, free int, busy map[string]int, now time.Time) ([]string, error) {
	if free <= 0 {
		return nil, nil
	}
	rows, err := s.db.query(ctx, shopsWaiting, now)
	firsts, err := collect(rows, err, scanFirst)
	if err != nil {
		return nil, failed(err)
	}
	firsts = slices.DeleteFunc(firsts, func(q queued) bool { return q.due == never || busy[q.shop] >= free })
	slices.SortFunc(firsts, func(a, b queued) int {
		return cmp.Or(busy[a.shop]-busy[b.shop], cmp.Compare(a.due, b.due), strings.Compare(a.shop, b.shop))
	})
	var shops []string
	for _, q := range firsts[:min(len(firsts), free)] {
		shops = append(shops, q.shop)
	}
	return shops, nil
}

// firstOfEach finds as many webhooks of each shop as it could get if no other shop had any.
func firstOfEach(shops []string, free int, busy map[string]int, now time.Time) (text string, args []any) {
	args = []any{now}
	var parts []string
	for _, shop := range shops {
		args = append(args, shop, (free-busy[shop]+1)/2)
		parts = append(parts, fmt.Sprintf("SELECT id, due, shop FROM (SELECT o.id, o.due, o.shop FROM outbox o WHERE o.shop = $%d AND %s ORDER BY o.due, o.id LIMIT $%d) s%d",
			len(args)-1, claimable, len(args), len(args)))
	}
	return strings.Join(parts, " UNION ALL "), args
}

// never is the due of a shop that has nothing to claim.
const never = -1

func scanFirst(rows *sql.Rows) (q queued, err error) {
	var since sql.NullInt64
	err = rows.Scan(&q.shop, &since)
	if q.due = since.Int64; !since.Valid {
		q.due = never
	}
	return q, err
}

func scanQueued(rows *sql.Rows) (q queued, err error) { return q, rows.Scan(&q.id, &q.due, &q.shop) }

// shared chooses which of the webhooks found get one of the free slots: again and again the one that is due longest of a
// shop that has fewest in hand, as long as that shop has fewer in hand than slots are free.
func shared(found []queued, free int, busy map[string]int) (ids []int64) {
	slices.SortFunc(found, func(a, b queued) int { return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.id, b.id)) })
	inHand, level := map[string]int{}, make(map[int64]int, len(found))
	for _, q := range found {
		if _, met := inHand[q.shop]; !met {
			inHand[q.shop] = busy[q.shop]
		}
		level[q.id] = inHand[q.shop]
		inHand[q.shop]++
	}
	slices.SortStableFunc(found, func(a, b queued) int { return level[a.id] - level[b.id] })
	for _, q := range found {
		if level[q.id] >= free-len(ids) {
			break
		}
		ids = append(ids, q.id)
	}
	return ids
}
