package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/vault"
)

// inExample puts the example file and all the secrets it names into a folder.
func inExample(t *testing.T, change func(text string) string) (path string, env func(string) (string, bool)) {
	t.Helper()
	dir := t.TempDir()
	identity, recipient, err := vault.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	key := func(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, keySize)) }
	for name, secret := range map[string]string{"adyen-api-key": "AQE-an-api-key", "adyen-hmac-key": strings.Repeat("0a", 32), "smtp-password": "letmein",
		"fingerprint-key": key(1), "histories-key": key(2), "body-key": key(3), "link-key": key(4), "audit-key": key(5), "same-key": key(5),
		"short-key": "c2hvcnQ=", "demo-key": demoPassword + key(6), "documents-identity": identity, "lumen-webhook": "whsec_" + key(7), "empty": " \n"} {
		put(t, filepath.Join(dir, "secrets", name), secret+"\n")
	}
	text := regexp.MustCompile(`recipient: age\S+`).ReplaceAllString(string(exampleFile), "recipient: "+recipient)
	if change != nil {
		text = change(text)
	}
	path = filepath.Join(dir, "octroi.yaml")
	put(t, path, text)
	return path, func(name string) (string, bool) {
		v, ok := map[string]string{"OCTROI_DATABASE_PASSWORD": "db-pass", "OCTROI_REDIS_PASSWORD": "redis-pass", "A_DEMO_KEY": demoAPIKey}[name]
		return v, ok
	}
}

// onThisMachine is the example with parts that a test can start: SQLite, a Redis and a provider on loopback, any port.
func onThisMachine(t *testing.T, redis, provider string) (path string, env func(string) (string, bool)) {
	return inExample(t, func(text string) string {
		return strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:0", "127.0.0.1:8081", "127.0.0.1:0", "127.0.0.1:8082", "127.0.0.1:0",
			"https://checkout-test.adyen.com/v71\n    api", provider+"/v71\n    api",
			"redis://:${OCTROI_REDIS_PASSWORD}@127.0.0.1:6379/0", "redis://"+redis,
			"postgres://octroi:${OCTROI_DATABASE_PASSWORD}@127.0.0.1:5432/octroi?sslmode=disable", "sqlite:octroi.db").Replace(text)
	})
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheExampleFileLoads(t *testing.T) {
	path, env := inExample(t, nil)
	l, err := loadConfig(path, env)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(l.Database, ":db-pass@") || !strings.Contains(l.Redis, ":redis-pass@") {
		t.Errorf("the environment did not reach the addresses")
	}
	if !l.Secure || l.PublicURL != "https://pay.lumen.example" || l.Zone.String() != "Europe/Paris" {
		t.Errorf("secure %v, public %s, zone %s", l.Secure, l.PublicURL, l.Zone)
	}
	s := l.Shops[0]
	if s.ID != "lumen" || s.Policy != shippedPolicy || s.Terms.Profile != hold.ProfileFR || s.Terms.Respond != 72*time.Hour ||
		s.Terms.Window["cartebancaire"] != 264*time.Hour || s.Terms.Window[""] != 144*time.Hour || s.Endpoint == nil || s.ClearCards ||
		s.Statement != "LUMEN" || s.ActionTimeout != time.Hour {
		t.Errorf("the shop reads %+v", s)
	}
	if !slices.Equal(s.Methods, payment.AllMeans()) || s.Transfer.IBAN != "FR14 2004 1010 0505 0001 3M02 606" || s.Transfer.Within != 168*time.Hour ||
		s.Cheque.PayableTo != "Lumen Électronique SAS" || s.Cheque.Within != 336*time.Hour || s.RetryURL != "https://www.lumen.example/checkout?order={order_reference}" {
		t.Errorf("the shop takes %v, %+v, %+v, %s", s.Methods, s.Transfer, s.Cheque, s.RetryURL)
	}
	if s.Letterhead.From != "commandes@lumen.example" || s.Letterhead.ReplyTo != "clients@lumen.example" ||
		!slices.Equal(s.Letterhead.Hosts, []string{"pay.lumen.example"}) {
		t.Errorf("the shop writes as %+v", s.Letterhead)
	}
	documents := must[*vault.Disk](t)(vault.OpenDisk(t.TempDir()))
	if _, err := vault.NewSealer(documents, l.Documents.Recipient); err != nil {
		t.Errorf("the example's recipient: %v", err)
	}
	if _, err := vault.NewOpener(documents, l.Documents.Identity); err != nil {
		t.Error(err)
	}
	if _, err := openProvider(withClock(l.Config), prometheus.NewRegistry()); err != nil {
		t.Error(err)
	}
}

func withClock(cfg Config) Config { cfg.Clock = time.Now; return cfg }

// TestTheExampleNamesEveryKey holds the example against the structure: what can be set must be explained.
func TestTheExampleNamesEveryKey(t *testing.T) {
	src := string(must[[]byte](t)(os.ReadFile("file.go")))
	for _, m := range regexp.MustCompile(`yaml:"([a-z_]+)"`).FindAllStringSubmatch(src, -1) {
		key := m[1]
		if base, ok := strings.CutSuffix(key, "_file"); ok && strings.Contains(string(exampleFile), base+":") {
			key = base
		}
		named := strings.Contains(string(exampleFile), key+":") || strings.Contains(string(exampleFile), key+"_file:")
		if !named {
			t.Errorf("the example says nothing of the key %s", m[1])
		}
	}
}

// swap puts one text of the example in place of another, which must be there.
func swap(old, with string) func(string) string {
	return func(text string) string {
		if !strings.Contains(text, old) {
			panic("the example does not have " + old + " any more")
		}
		return strings.Replace(text, old, with, 1)
	}
}

// configMistakes are what is made of the example, and what is said of it.
var configMistakes = map[string]struct {
	change func(string) string
	want   string
}{
	"unknown key":          {swap("time_zone:", "timezone:"), `octroi.yaml:LINE: unknown field "timezone"`},
	"unknown nested key":   {swap("    profile: fr", "    legal: fr"), `octroi.yaml:LINE: unknown field "legal"`},
	"not YAML":             {swap("listen:", "listen: ]"), "octroi.yaml:LINE: "},
	"wrong type":           {swap("port: 587", "port: many"), "octroi.yaml:LINE: mail.smtp.port must be a whole number"},
	"repeated key":         {swap("log_level: info", "log_level: info\nlog_level: debug"), `octroi.yaml:LINE: mapping key "log_level" already defined`},
	"missing secret":       {swap("api_key_file: secrets/adyen-api-key", "# "), "provider.adyen.api_key: is missing: set"},
	"secret in the file":   {swap("api_key_file: secrets/adyen-api-key", "api_key: AQE-literal"), "provider.adyen.api_key: secrets do not stand in this file"},
	"secret twice":         {swap("api_key_file: secrets/adyen-api-key", "api_key: ${X}\n    api_key_file: x"), "provider.adyen.api_key: is given twice"},
	"no such file":         {swap("secrets/adyen-api-key", "secrets/none"), "provider.adyen.api_key_file: open"},
	"empty file":           {swap("secrets/adyen-api-key", "secrets/empty"), "provider.adyen.api_key_file: secrets/empty is empty"},
	"variable not set":     {swap("${OCTROI_DATABASE_PASSWORD}", "${NOBODY}"), "database: the environment variable NOBODY is not set"},
	"password in address":  {swap("${OCTROI_DATABASE_PASSWORD}", "hunter2"), "database: the password does not stand in this file"},
	"demo key":             {swap("secrets/audit-key", "secrets/demo-key"), "keys.audit_file: this is a secret of the demo"},
	"demo secret":          {swap("api_key_file: secrets/adyen-api-key", "api_key: ${A_DEMO_KEY}"), "provider.adyen.api_key: this is a secret of the demo"},
	"short key":            {swap("secrets/link-key", "secrets/short-key"), "keys.link: must be 32 random bytes in base64"},
	"one key for two":      {swap("secrets/link-key", "secrets/same-key"), "keys: two keys are the same"},
	"no fingerprint id":    {swap("fingerprint_id: k1", "fingerprint_id: K.1"), "keys.fingerprint_id: must be"},
	"plain public address": {swap("https://pay.lumen.example", "http://pay.lumen.example"), "public_url: must be https"},
	"no address":           {swap("https://fraud.lumen.example", "fraud"), "console_url: must be an address"},
	"no port":              {swap("api: 127.0.0.1:8080", "api: here"), "listen.api: must be host:port"},
	"no time zone":         {swap("Europe/Paris", "Europe/Ys"), "time_zone: \"Europe/Ys\" is not a time zone"},
	"no level":             {swap("log_level: info", "log_level: loud"), "log_level: must be debug"},
	"a time in days":       {swap("respond_within: 72h", "respond_within: 3d"), "octroi.yaml:LINE: shops[0].respond_within must be a time such as 72h"},
	"a time without unit":  {swap("{default: 144h,", "{default: 144,"), "octroi.yaml:LINE: shops[0].decide_within.default must be a time such as 72h"},
	"a wait in days":       {swap("within: 168h", "within: 7d"), "octroi.yaml:LINE: shops[0].bank_transfer.within must be a time such as 72h"},
	"an amount in words":   {swap("four_eyes_from: 100000", "four_eyes_from: lots"), "octroi.yaml:LINE: shops[0].four_eyes_from must be a whole number"},
	"unknown brand":        {swap("cartebancaire: 264h", "mastercard: 264h"), `shops.lumen.decide_within: there is no brand "mastercard": it is default,`},
	"missing policy":       {swap("policy: default ", "policy: none.yaml "), "shops.lumen.policy: there is no file none.yaml"},
	"missing trial":        {swap("# shadow_policy: next.yaml", "shadow_policy: next.yaml"), "shops.lumen.shadow_policy: there is no file next.yaml"},
	"missing mails":        {swap("# templates: mails/lumen", "templates: mails/lumen"), "shops.lumen.mail.templates: there is no folder mails/lumen"},
	"no hmac key":          {swap("[secrets/adyen-hmac-key]", "[]"), "provider.adyen.hmac_key_files: is missing"},
	"no identity":          {swap("identity_file: secrets/documents-identity", "# "), "documents: recipient and identity_file are both needed"},
	"no documents":         {swap("dir: documents ", "# "), "documents: one of dir and s3 is needed, and not both"},
	"two vaults":           {swap("  # s3:", "  s3: {bucket: proofs, secret_key_file: secrets/smtp-password}"), "documents: one of dir and s3 is needed, and not both"},
	"plain bucket secret":  {swap("  # s3:", "  s3: {bucket: proofs, secret_key: hunter2}"), "documents.s3.secret_key: secrets do not stand in this file"},
	"plain mail password":  {swap("tls: starttls", "tls: none"), "mail.smtp: smtp: a password is only sent over TLS"},
	"no certificate":       {swap("# ca_file: relay-ca.pem", "ca_file: secrets/smtp-password #"), "mail.smtp.ca_file: secrets/smtp-password holds no certificate in PEM"},
	"no such certificate":  {swap("# ca_file: relay-ca.pem", "ca_file: none.pem #"), "mail.smtp.ca_file: open none.pem"},
	"no shops":             {func(s string) string { return s[:strings.Index(s, "shops:")] }, "shops: there must be at least one"},
	"shop id":              {swap("- id: lumen", "- id: Lumen SA"), `shops: an id must be 1 to 32 of`},
	"profile":              {swap("profile: fr", "profile: de"), "shops.lumen.profile: must be fr, eu or standard"},
	"card copy in France":  {swap("[threeds, statement_code, identity, address, bank_statement]", "[card_copy]"), "shops.lumen.ask: card_copy may not be asked for under the profile fr"},
	"no such rung":         {swap("[threeds, statement_code,", "[selfie,"), `shops.lumen.ask: there is no rung "selfie": it is one of [threeds statement_code identity`},
	"a rung twice":         {swap("[threeds, statement_code,", "[identity,"), "shops.lumen.ask: identity is named twice"},
	"no such code":         {swap("needs_person: [TAKEOVER_SIGNS]", "needs_person: [takeover]"), `shops.lumen.needs_person: "takeover" is not the code of a reason`},
	"no such end":          {swap("at_deadline: cancel", "at_deadline: forget"), "shops.lumen.at_deadline: must be cancel or release"},
	"release any score":    {swap("at_deadline: cancel", "at_deadline: release"), "shops.lumen.release_below: is needed with at_deadline: release"},
	"a bound of nothing":   {swap("at_deadline: cancel", "at_deadline: cancel\n    release_below: 40"), "shops.lumen.release_below: has no meaning without"},
	"no policy":            {swap("policy: default", "# "), "shops.lumen.policy: is missing"},
	"no name":              {swap("name: Lumen", "#"), "shops.lumen.name: is missing"},
	"statement":            {swap("statement: LUMEN", "statement: LUMEN*ÉLECTRONIQUE"), "shops.lumen.statement: must be at most 22 letters"},
	"long statement":       {swap("statement: LUMEN", "statement: LUMEN ELECTRONIQUE PARIS"), "shops.lumen.statement: must be at most 22 letters"},
	"short step":           {swap("action_timeout: 1h", "action_timeout: 30s"), "shops.lumen.action_timeout: must be between 1m and 12h"},
	"unknown means":        {swap("methods: [card,", "methods: [card, barter,"), `shops.lumen.methods: there is no means "barter"`},
	"means twice":          {swap("methods: [card,", "methods: [card, card,"), "shops.lumen.methods: card is there twice"},
	"means without terms":  {swap("    cheque:\n      payable_to: Lumen Électronique SAS\n      address: Lumen Électronique, 1 rue des Exemples, 75000 Paris\n      within: 336h", "    #"), "shops.lumen.cheque: goes with cheque among the methods, and needs it"},
	"terms without means":  {swap(", bank_transfer, cheque]", ", cheque]"), "shops.lumen.bank_transfer: goes with bank_transfer among the methods"},
	"wrong IBAN":           {swap("iban: FR14 2004", "iban: FR14 2005"), "shops.lumen.bank_transfer.iban: is not an IBAN"},
	"wrong BIC":            {swap("bic: EXMPFRP1XXX", "bic: EXMP"), "shops.lumen.bank_transfer.bic: is not a BIC"},
	"no beneficiary":       {swap("      beneficiary: Lumen Électronique SAS\n", ""), "shops.lumen.bank_transfer.beneficiary: is missing"},
	"nobody to pay":        {swap("      payable_to: Lumen Électronique SAS\n", ""), "shops.lumen.cheque: payable_to and address are both needed"},
	"endless wait":         {swap("within: 168h", "within: 1441h"), "shops.lumen.bank_transfer.within: must be between 1h and 1440h"},
	"no order to retry":    {swap("?order={order_reference}", ""), "shops.lumen.retry_url: must be an http or https address with {order_reference} once"},
	"retry by script":      {swap("https://www.lumen.example/checkout?order=", "javascript:pay?order="), "shops.lumen.retry_url: must be an http or https address"},
	"endless step":         {swap("action_timeout: 1h", "action_timeout: 13h"), "shops.lumen.action_timeout: must be between 1m and 12h"},
	"negative":             {swap("max_amount: 30000", "max_amount: -1"), "shops.lumen.degraded: must not be negative"},
}

func TestEveryMistakeInAConfigurationIsNamed(t *testing.T) {
	for name, c := range configMistakes {
		t.Run(name, func(t *testing.T) {
			path, env := inExample(t, c.change)
			_, err := loadConfig(path, env)
			got := strings.ReplaceAll(fmt.Sprint(err), filepath.Dir(path)+string(filepath.Separator), "")
			got = regexp.MustCompile(`octroi\.yaml:\d+:`).ReplaceAllString(got, "octroi.yaml:LINE:")
			if err == nil || !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			for _, secret := range []string{"hunter2", "AQE-literal", "letmein", "db-pass", demoAPIKey} {
				if strings.Contains(got, secret) {
					t.Errorf("the error repeats a secret: %s", got)
				}
			}
		})
	}
}

func TestAMistakeIsNamedWithItsLine(t *testing.T) {
	path, env := inExample(t, func(string) string { return "listen:\n  api: 127.0.0.1:0\nsecret_of_mine: hunter2\n" })
	_, err := loadConfig(path, env)
	if want := path + `:3: unknown field "secret_of_mine"`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
