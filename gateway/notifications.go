package gateway

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/payment"
)

// notified is POST /v1/notifications/{provider}. The provider's word for "taken" is only said once the reports are
// durable; anything else makes it send them again.
func (s *Server) notified(provider string, n Notifications) func(*call) error {
	return func(k *call) error {
		reports, err := n.Parse(k.c.Context().PostBody())
		switch {
		case err != nil && n.Forged != nil && errors.Is(err, n.Forged):
			s.log.Warn("a notification with a wrong signature was refused", "provider", provider)
			return payment.Errorf(payment.CodeUnauthorised, "The notification's signature is not valid.")
		case err != nil:
			s.log.Warn("a notification could not be read", "provider", provider)
			return payment.Errorf(payment.CodeInvalidJSON, "The notification could not be read.")
		}
		if err := s.cfg.Flow.Notified(k.ctx, provider, reports); err != nil {
			return err
		}
		k.c.Response().Header.SetContentType(fiber.MIMETextPlainCharsetUTF8)
		return k.c.SendString("[accepted]")
	}
}
