package adyen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
// Only eight fields of an item are signed: the references, the account, the amount, the event code and success. What
// comes of the others (reason, date, checks) informs and must not decide about money.
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
	notifications := make([]providers.Notification, 0, len(envelope.Items))
	for i, it := range envelope.Items {
		if it.Item.text("eventCode") == "" || it.Item.text("pspReference") == "" {
			return nil, fmt.Errorf("%w: item %d has no eventCode or no pspReference", ErrMalformed, i)
		}
		if !a.signed(it.Item) {
			return nil, fmt.Errorf("%w: item %d", ErrSignature, i)
		}
		notifications = append(notifications, a.notification(it.Item))
	}
	return notifications, nil
}

// signed compares the item's signature with that of every key, in constant time, and does not stop at a match.
func (a *Adyen) signed(item object) bool {
	given, err := base64.StdEncoding.DecodeString(item.object("additionalData").text("hmacSignature"))
	if err != nil || len(given) == 0 {
		return false
	}
	text, matched := signedText(item), false
	for _, key := range a.hmacKeys {
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, text)
		if hmac.Equal(given, mac.Sum(nil)) {
			matched = true
		}
	}
	return matched
}

// signedText joins the signed fields as Adyen does for standard webhooks: nothing escaped, nothing for what is missing.
func signedText(item object) string {
	amount := item.object("amount")
	return strings.Join([]string{item.text("pspReference"), item.text("originalReference"), item.text("merchantAccountCode"),
		item.text("merchantReference"), amount.text("value"), amount.text("currency"), item.text("eventCode"), item.text("success")}, ":")
}
