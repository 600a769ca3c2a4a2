package payment

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"octroi/providers"
	"octroi/risk"
)

// Fingerprint is a card number's keyed name: HMAC-SHA-256 over the whole number, as PCI DSS 3.5.1.1 asks, with the
// key's id in front so that keys can be rotated. With the number's BIN and last four digits known, an unkeyed hash
// could be undone in a thousand tries.
func Fingerprint(keyID string, key []byte, number providers.Secret) string {
	if number == "" {
		return ""
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(number.Reveal()))
	return keyID + ":" + hex.EncodeToString(m.Sum(nil)[:16])
}

// AliasFingerprint names a card by the provider's own lasting name of it, where the number is not ours to see: keyed like
// Fingerprint, and never equal to one. "" for a card that the provider did not name.
func AliasFingerprint(keyID string, key []byte, provider string, alias providers.Secret) string {
	if alias == "" {
		return ""
	}
	return Fingerprint(keyID, key, "alias\x00"+providers.Secret(provider)+"\x00"+alias)
}

// CardOf is what may be kept of a clear card number: brand, BIN and last four digits.
func CardOf(number providers.Secret, fingerprint string) Card {
	n := number.Reveal()
	if len(n) < 12 {
		return Card{Fingerprint: fingerprint}
	}
	return Card{Brand: providers.Brand(n), BIN: n[:8], Last4: n[len(n)-4:], Fingerprint: fingerprint}
}

// Facts are what the risk engine is told of a payment. at is the moment the order was first seen.
func (p Payment) Facts(at time.Time) risk.Facts {
	f := facts(p.Detail.Order, p.Detail.Billing, p.Detail.Buyer, p.Amount, p.Detail.Metadata)
	f.ID, f.At, f.Shop = p.ID, at, p.Shop
	f.Method = factsMethod(p.Method.Type)
	f.Card.HolderName = p.Detail.Holder
	if p.Card != nil {
		f.Card.Fingerprint, f.Card.BIN, f.Card.Last4, f.Card.Brand = p.Card.Fingerprint, p.Card.BIN, p.Card.Last4, p.Card.Brand
		f.Card.IssuerCountry, f.Card.Funding = p.Card.IssuerCountry, p.Card.Funding
	}
	return f
}

// factsMethod names a means of payment to the risk engine, to which a card goes without saying.
func factsMethod(m Means) string {
	if m.IsCard() {
		return ""
	}
	return string(m)
}

// Facts are what the risk engine is told of an assessment.
func (r AssessmentRequest) Facts(id, shop, fingerprint string, at time.Time) risk.Facts {
	f := facts(r.Order, r.Billing, r.Buyer, r.Amount, r.Metadata)
	f.ID, f.At, f.Shop = id, at, shop
	known := CardOf(r.Card.Number, fingerprint)
	f.Card = risk.Card{Fingerprint: fingerprint, BIN: r.Card.BIN, Last4: r.Card.Last4, Brand: known.Brand,
		ExpiryMonth: r.Card.ExpiryMonth, ExpiryYear: r.Card.ExpiryYear, IssuerCountry: r.Card.IssuerCountry}
	if known.BIN != "" {
		f.Card.BIN, f.Card.Last4 = known.BIN, known.Last4
	}
	return f
}

func facts(o Order, billing Party, b Buyer, a providers.Amount, metadata map[string]string) risk.Facts {
	items := make([]risk.Item, len(o.Items))
	for i, it := range o.Items {
		items[i] = risk.Item{SKU: it.SKU, Name: it.Name, Category: it.Category, Quantity: it.Quantity, UnitAmount: it.UnitAmount}
	}
	return risk.Facts{
		Order: risk.Order{Reference: o.Reference, Items: items}, Amount: a.Value, Currency: a.Currency,
		Billing: risk.Party{Name: billing.Name, Address: risk.Address(billing.Address)},
		Delivery: risk.Delivery{Method: o.Delivery.Method, Recipient: o.Delivery.Recipient,
			Address: risk.Address(o.Delivery.Address)},
		Buyer: risk.Buyer{ID: b.ID, Email: b.Email, Phone: b.Phone, IP: b.IP, DeviceID: b.DeviceID,
			UserAgent: b.UserAgent, Locale: b.Locale, AccountCreatedAt: b.AccountCreatedAt},
		Metadata: metadata,
	}
}
