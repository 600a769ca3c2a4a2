package adyensim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// adyenBackoff is how long Adyen waits between deliveries of a webhook that is not acknowledged: three quick retries,
// then those of its retry queue, whose last pause repeats.
var adyenBackoff = []time.Duration{9 * time.Second, 18 * time.Second, 27 * time.Second, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}

// acknowledgeWithin is how long Adyen waits for a webhook to be acknowledged.
const acknowledgeWithin = 10 * time.Second

// retriedFor is how long Adyen keeps trying to deliver a webhook.
const retriedFor = 30 * 24 * time.Hour

// Run delivers webhooks until ctx ends: in the order of their events, each again and again until it is acknowledged
// with a 2xx, so that one that is refused delays those behind it, as at Adyen. After thirty days one is given up.
func (s *Server) Run(ctx context.Context) error {
	failures := 0
	var waited int64 // the webhook whose delay has been sat out, whatever the clock says
	for {
		batch, url, pause := s.next()
		switch {
		case len(batch) == 0:
			pause = -1
		case pause > 0 && batch[0].ID != waited:
			waited = batch[0].ID
		default:
			pause = 0
			err := s.deliver(ctx, url, batch)
			if err == nil || s.tooOld(batch[0]) {
				failures = 0
				err = errors.Join(err, s.settle(batch))
			} else {
				pause = s.cfg.WebhookBackoff[min(failures, len(s.cfg.WebhookBackoff)-1)]
				failures++
			}
			if err != nil {
				s.log.Warn("webhook not acknowledged", "error", err, "again_in", pause)
			}
		}
		if err := s.wait(ctx, pause); err != nil {
			return err
		}
	}
}

// wait pauses; a negative pause lasts until there may be something to deliver.
func (s *Server) wait(ctx context.Context, pause time.Duration) error {
	if pause < 0 {
		select {
		case <-s.wake:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if pause == 0 {
		return ctx.Err()
	}
	return s.cfg.Sleep(ctx, pause)
}

// sleep is a pause in the world's time.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) tooOld(w webhook) bool { return s.cfg.Clock().Sub(w.Due) > retriedFor }

// settle takes webhooks off the queue: acknowledged, or given up.
func (s *Server) settle(batch []webhook) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	var ids []int64
	for _, w := range batch {
		ids = append(ids, w.ID)
	}
	return s.record(entry{Delivered: ids})
}

// next takes the webhooks to deliver together, and how long the first of them has yet to wait.
func (s *Server) next() ([]webhook, string, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.book.pending) == 0 || s.url == "" || s.fault.HoldWebhooks {
		return nil, "", 0
	}
	n := min(max(1, s.fault.BatchWebhooks), len(s.book.pending))
	batch := slices.Clone(s.book.pending[:n])
	if s.fault.ReorderWebhooks {
		batch = slices.Clone(s.book.pending[len(s.book.pending)-n:])
		slices.Reverse(batch)
	}
	return batch, s.url, batch[0].Due.Sub(s.cfg.Clock())
}

// deliver posts the webhooks as one notification, as often as the fault of duplicates asks.
func (s *Server) deliver(ctx context.Context, url string, batch []webhook) error {
	type wrapped struct {
		Item item `json:"NotificationRequestItem"`
	}
	var envelope struct {
		Live  string    `json:"live"`
		Items []wrapped `json:"notificationItems"`
	}
	envelope.Live = "false"
	for _, w := range batch {
		envelope.Items = append(envelope.Items, wrapped{w.Item})
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		return err
	}
	s.mu.Lock()
	times := 1 + s.fault.DuplicateWebhooks
	s.mu.Unlock()
	for range times {
		if err := s.post(ctx, url, body); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) post(ctx context.Context, url string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.cfg.Deliver(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	return nil
}
