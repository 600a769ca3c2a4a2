package storefront

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// money is an amount in minor units.
type money struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// String writes an amount of a two-decimal currency, which all of this shop's are.
func (m money) String() string {
	return fmt.Sprintf("%d.%02d %s", m.Value/100, m.Value%100, m.Currency)
}

// payment is what this shop reads of a payment.
type payment struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Order    string `json:"order_reference"`
	Amount   money  `json:"amount"`
	Captured *money `json:"captured_amount"`
	Refunded *money `json:"refunded_amount"`
	Decision *struct {
		Outcome string `json:"outcome"`
	} `json:"decision"`
	Method struct {
		Type string `json:"type"`
	} `json:"payment_method"`
	Refusal    *unpaid `json:"refusal"`
	Decline    *unpaid `json:"decline"`
	Action     *action `json:"action"`
	Operations []struct {
		Type   string `json:"type"`
		Status string `json:"status"`
	} `json:"operations"`
	Case *struct {
		Status    string `json:"status"`
		RespondBy string `json:"respond_by"`
		ProofURL  string `json:"proof_url"`
	} `json:"case"`
	CreatedAt string `json:"created_at"`
}

// unpaid is what a buyer may be told of a payment that did not come about.
type unpaid struct {
	BuyerMessage string   `json:"buyer_message"`
	OtherMethods []string `json:"other_methods"`
}

// Unpaid is the refusal or the decline of the payment; nil for neither.
func (p *payment) Unpaid() *unpaid {
	if p.Refusal != nil {
		return p.Refusal
	}
	return p.Decline
}

// RefundDue tells that this shop has to send money back itself, as of a transfer.
func (p *payment) RefundDue() bool {
	for _, op := range p.Operations {
		if op.Type == "refund" && op.Status == "requested" && (p.Method.Type == "bank_transfer" || p.Method.Type == "cheque") {
			return true
		}
	}
	return false
}

// action is what the buyer's browser must do next.
type action struct {
	Type string            `json:"type"`
	URL  string            `json:"url"`
	Data map[string]string `json:"data"`
}

// problem is an error of the gateway's (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
}

// Error implements error.
func (p *problem) Error() string { return p.Title + " " + p.Detail }

// call sends one request to the gateway. A body is sent as JSON; key is its idempotency key, where one is needed. An
// answer of 400 or more is a *problem.
func (s *Shop) call(ctx context.Context, method, path, key string, body, into any) error {
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("storefront: encode a request: %w", err)
		}
		send = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.cfg.API+path, send)
	if err != nil {
		return fmt.Errorf("storefront: make a request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.cfg.Key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("storefront: call the gateway: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxForm))
	if err != nil {
		return fmt.Errorf("storefront: read the gateway's answer: %w", err)
	}
	if resp.StatusCode >= 400 {
		p := &problem{Title: resp.Status}
		_ = json.Unmarshal(answer, p) // what is not a problem document keeps the status line as its title
		return p
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("storefront: read the gateway's answer: %w", err)
	}
	return nil
}

// latest finds the newest payment of an order; nil when it has none.
func (s *Shop) latest(ctx context.Context, reference string) (*payment, error) {
	var list struct {
		Data []payment `json:"data"`
	}
	if err := s.call(ctx, http.MethodGet, "/v1/payments?limit=1&order_reference="+url.QueryEscape(reference), "", nil, &list); err != nil {
		return nil, err
	}
	if len(list.Data) == 0 {
		return nil, nil
	}
	return &list.Data[0], nil
}
