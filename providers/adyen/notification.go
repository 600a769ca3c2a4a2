package adyen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"octroi/providers"
)

// What a notification can be refused for. Neither is ever a reason to act on its content.
var (
	ErrMalformed = errors.New("adyen: malformed notification")
	ErrSignature = errors.New("adyen: notification with a missing or wrong signature")
)

const (
	maxNotification = 256 << 10
	maxItems        = 100
)

// Notifications reads one webhook of Adyen's: a batch of one or more signed items. It is all or nothing: a body over
// 256 KiB or 100 items, or without the shape of a notification, is ErrMalformed, and one item whose signature fits
// none of the keys makes the whole ErrSignature. Event codes it does not know are providers.KindInformation.
//
// Items of a merchant account that the configuration does not name are left out although they are signed: a company's
// webhook reports all its accounts, and refusing them would only make Adyen hold back what follows. A report that is
// given speaks for its own Account alone: see Serves.
//
// Only eight fields of an item are signed: the references, the account, the amount, the event code and success. What
// comes of the others (reason, date, checks, method) informs and must not decide about money.
func (a *Adyen) Notifications(body []byte) ([]providers.Notification, error) {
	if len(body) > maxNotification {
		return nil, fmt.Errorf("%w: over %d bytes", ErrMalformed, maxNotification)
	}
	var envelope struct {
		Items []struct {
			Item object `json:"NotificationRequestItem"`
		} `json:"notificationItems"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fmt.Errorf("%w: not the JSON of a notification", ErrMalformed)
	}
	if n := len(envelope.Items); n == 0 || n > maxItems {
		return nil, fmt.Errorf("%w: %d items", ErrMalformed, n)
	}
	items := make([]object, 0, len(envelope.Items))
	for i, it := range envelope.Items {
		if it.Item.text("eventCode") == "" || it.Item.text("pspReference") == "" {
			return nil, fmt.Errorf("%w: item %d has no eventCode or no pspReference", ErrMalformed, i)
		}
		if !a.signed(it.Item) {
			return nil, fmt.Errorf("%w: item %d", ErrSignature, i)
		}
		items = append(items, it.Item)
	}
	notifications := make([]providers.Notification, 0, len(items))
	for _, item := range items {
		if account := item.text("merchantAccountCode"); !a.ours(account) {
			a.unknown(fieldAccount, account)
			continue
		}
		n := a.notification(item)
		notifications = append(notifications, n)
		if again, ok := recaptured(n); ok {
			notifications = append(notifications, again)
		}
	}
	return notifications, nil
}

// signed compares the item's signature with that of every key, in constant time, and does not stop at a match.
func (a *Adyen) signed(item object) bool {
	given, err := base64.StdEncoding.DecodeString(item.object("additionalData").text("hmacSignature"))
	if err != nil || len(given) == 0 {
		return false
	}
	text, unambiguous := signedText(item)
	matched := false
	for _, key := range a.hmacKeys {
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, text)
		if hmac.Equal(given, mac.Sum(nil)) {
			matched = unambiguous
		}
	}
	return matched
}

// signedText joins the signed fields as Adyen does for standard webhooks: nothing escaped, nothing for what is missing.
// Since nothing is escaped, the fields' borders could be moved within a text that stays signed; with colons in no field
// but the merchantReference, which its owner chose, they cannot, and only such a text is unambiguous.
func signedText(item object) (text string, unambiguous bool) {
	const reference = 3
	amount := item.object("amount")
	fields := []string{item.text("pspReference"), item.text("originalReference"), item.text("merchantAccountCode"),
		item.text("merchantReference"), amount.text("value"), amount.text("currency"), item.text("eventCode"), item.text("success")}
	rest := strings.Join(slices.Concat(fields[:reference], fields[reference+1:]), "")
	return strings.Join(fields, ":"), !strings.Contains(rest, ":")
}
