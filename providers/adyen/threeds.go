package adyen

import (
	"strings"

	"octroi/providers"
)

// threeDS tells how far authentication went; "" when it was not tried or nothing is said. The statuses are those of
// EMV 3-D Secure's transStatus: Y authenticated, A attempted with proof, N and R failed and rejected.
func threeDS(data, result object) string {
	status := data.text("threeDAuthenticatedResponse")
	if status == "" {
		status = result.text("transStatus")
	}
	switch {
	case status == "Y":
		return "authenticated"
	case status == "A":
		return "attempted"
	case status == "N", status == "R":
		return "failed"
	case data.text("threeDAuthenticated") == "true":
		return "authenticated"
	case data.text("threeDOfferedResponse") == "N":
		return "not_enrolled"
	}
	return ""
}

// liability tells who bears a fraud chargeback, from additionalData.liabilityShift (to be switched on in the customer
// area); "" when Adyen does not say.
func liability(data object) string {
	switch strings.ToLower(data.text("liabilityShift")) {
	case "true":
		return "issuer"
	case "false":
		return "shop"
	}
	return ""
}

// exemption is the PSD2 exemption that was asked for the authorisation (additionalData.scaExemptionRequested), or that
// the issuer applied to the authentication (threeDS2Result.exemptionIndicator): a word such as lowValue or
// transactionRiskAnalysis; "" when there was none.
func exemption(data, result object) string {
	for _, s := range []string{data.text("scaExemptionRequested"), result.text("exemptionIndicator")} {
		letters := !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
		if s != "" && letters && len(s) <= 40 {
			return s
		}
	}
	return ""
}

// readAction normalises what the buyer's browser must do; nil when it is nothing this package knows, or lacks what the
// step cannot be taken without. Data holds the action's own text fields under their names, the type among them, so that
// a checkout can put Adyen's object together again for Adyen's own component; the fields of a form to post stand under
// "form." and their names. Addresses are https, or plain http where plain says that Adyen itself is spoken to so.
func readAction(o object, resultCode string, plain bool) *providers.Action {
	act := &providers.Action{URL: o.text("url"), Data: map[string]string{}}
	switch kind, sub := o.text("type"), o.text("subtype"); {
	case kind == "redirect":
		act.Type = "redirect"
	case kind == "threeDS2Fingerprint", kind == "threeDS2" && (sub == "fingerprint" || sub == "" && resultCode == "IdentifyShopper"):
		act.Type = "threeds2_fingerprint"
	case kind == "threeDS2Challenge", kind == "threeDS2" && (sub == "challenge" || sub == "" && resultCode == "ChallengeShopper"):
		act.Type = "threeds2_challenge"
	}
	reachable := strings.HasPrefix(act.URL, "https://") || plain && strings.HasPrefix(act.URL, "http://")
	switch {
	case act.Type == "", act.URL != "" && !reachable,
		act.Type == "redirect" && act.URL == "",
		act.Type != "redirect" && o.text("token") == "":
		return nil
	}
	for _, name := range []string{"type", "method", "paymentMethodType", "paymentData", "subtype", "token", "authorisationToken"} {
		if v := o.text(name); v != "" {
			act.Data[name] = v
		}
	}
	form := o.object("data")
	for name := range form {
		act.Data["form."+name] = form.text(name)
	}
	return act
}
