package adyensim

import (
	"strings"
)

// The payment methods of the simulated account, in Adyen's words.
const (
	methodCard   = "scheme"
	methodPayPal = "paypal"
	methodAlma   = "alma"
)

// isWallet reports a method that takes the buyer to a page of its own and takes the money there.
func isWallet(method string) bool { return method == methodPayPal || method == methodAlma }

// payWallet sends the buyer to the method's page. The caller holds the lock.
func (s *Server) payWallet(r request, q paymentRequest) (outcome, error) {
	psp, err := s.newPSP()
	if err != nil {
		return outcome{}, err
	}
	method := q.PaymentMethod.Type
	p := Payment{PSPReference: psp, Reference: q.Reference, OrderReference: q.MerchantOrderReference, Amount: *q.Amount,
		Status: StatusAwaiting, Method: method, Brand: method, ShopperStatement: q.ShopperStatement, CreatedAt: s.cfg.Clock().UTC()}
	return s.sendShopper(r, q, p, verdict{reason: reasons["APPROVED"]}, nil, stepRedirect, false)
}

// walletData is the additionalData of a payment without a card.
func walletData(p Payment) map[string]string {
	return map[string]string{"paymentMethod": p.Method, "merchantReference": p.Reference, "liabilityShift": "true",
		"fraudManualReview": "false", "fraudResultType": "GREEN"}
}

// walletChosen settles a payment as its buyer chose on the method's page: the money is taken there and then, and the
// webhook does not wait for the buyer to come back to the shop. The caller holds the lock.
func (s *Server) walletChosen(p Payment, choice string) (entry, error) {
	switch choice {
	case chosePay:
		return s.settleWallet(p, reasons["APPROVED"])
	case choseCancel:
		return s.settleWallet(p, reasons["SHOPPER_CANCELLED"])
	case choseRefusal:
		return s.settleWallet(p, reasons["DECLINED"])
	}
	p.ResultCode = "Pending"
	if p.Method == methodAlma {
		p.ResultCode = "Received"
	}
	return entry{Payments: []Payment{p}}, nil
}

// settleWallet is the last word on a payment without a card. The caller holds the lock.
func (s *Server) settleWallet(p Payment, r reason) (entry, error) {
	v := verdict{reason: r}
	if !v.approved() {
		v.Raw = strings.ToUpper(r.Name)
	}
	out, err := s.conclude(p, v, walletData(p), nil)
	if err != nil {
		return entry{}, err
	}
	if settled := &out.entry.Payments[0]; v.approved() {
		settled.Captured, settled.Status = settled.Amount.Value, StatusCaptured
	}
	return out.entry, nil
}

// walletDetails answers with what the payment has become meanwhile; one that is still open may be asked for again.
func (s *Server) walletDetails(ses session, p Payment) outcome {
	if p.Status != StatusAwaiting {
		ses.Step = stepDone
	}
	data := walletData(p)
	if p.RefusalRaw != "" {
		data["refusalReasonRaw"] = p.RefusalRaw
	}
	return outcome{status: 200, body: answerOf(p, data), entry: entry{Sessions: []session{ses}}}
}
