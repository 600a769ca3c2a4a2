package main

import (
	"crypto/x509"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/notify"
	"octroi/gateway/vault"
	"octroi/providers/adyen"
)

// loaded is a configuration file read and checked: everything but the clock, the randomness and the logger.
type loaded struct {
	Config
	Level slog.Level
}

// loadConfig reads a configuration file. It tells everything that is wrong at once, and starts nothing.
func loadConfig(path string, env func(string) (string, bool)) (loaded, error) {
	src, err := readBounded(path, maxConfig)
	if err != nil {
		return loaded{}, err
	}
	f, err := parseFile(path, src)
	if err != nil {
		return loaded{}, err
	}
	r := &reader{name: path, dir: filepath.Dir(path), env: env}
	l := r.config(f)
	return l, r.err()
}

// lookupEnv is the process's environment.
func lookupEnv(name string) (string, bool) { return os.LookupEnv(name) }

func (r *reader) config(f configFile) loaded {
	l := loaded{Level: r.level("log_level", f.LogLevel)}
	l.Listen = Listen{API: r.listener("listen.api", f.Listen.API), Console: r.listener("listen.console", f.Listen.Console),
		Ops: r.listener("listen.ops", f.Listen.Ops)}
	l.PublicURL = r.site("public_url", f.PublicURL)
	l.Secure = strings.HasPrefix(r.site("console_url", f.ConsoleURL), "https:")
	l.TrustedProxies, l.Zone = f.TrustedProxies, r.zone("time_zone", f.TimeZone)
	l.Database = r.address("database", f.Database, f.DatabaseFile)
	if rest, ok := strings.CutPrefix(l.Database, "sqlite:"); ok {
		l.Database = "sqlite:" + r.path(rest)
	}
	l.Redis = r.address("redis", f.Redis, f.RedisFile)
	a := f.Provider.Adyen
	l.Adyen = adyen.Config{Endpoint: a.Endpoint, APIKey: r.secret("provider.adyen.api_key", a.APIKey, a.APIKeyFile),
		HMACKeys: r.secretFiles("provider.adyen.hmac_key_files", a.HMACKeyFiles), Account: a.MerchantAccount, ReturnURL: a.ReturnURL}
	l.Keys = r.keys(f.Keys)
	l.Documents = r.documents(f.Documents)
	l.CountryFile = r.path(f.Geo.Database)
	r.mail(f.Mail, &l.Config)
	l.Shops = r.shops(f.Shops)
	if u, err := url.Parse(l.PublicURL); err == nil {
		for i := range l.Shops { // mails may always lead to the proof page's host
			l.Shops[i].Letterhead.Hosts = append(l.Shops[i].Letterhead.Hosts, u.Host)
		}
	}
	return l
}

// keys reads the keys, which must all differ: one that serves two purposes lets one purpose be used against the other.
func (r *reader) keys(k keysSection) Keys {
	out := Keys{Audit: r.key("keys.audit", k.Audit, k.AuditFile), Histories: r.key("keys.histories", k.Histories, k.HistoriesFile)}
	out.Fingerprint = r.key("keys.fingerprint", k.Fingerprint, k.FingerprintFile)
	out.Body = r.key("keys.body", k.Body, k.BodyFile)
	out.Link = r.key("keys.link", k.Link, k.LinkFile)
	out.FingerprintID = k.FingerprintID
	if out.FingerprintID == "" || len(out.FingerprintID) > 16 || strings.Trim(out.FingerprintID, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		r.bad("keys.fingerprint_id", "must be 1 to 16 of a-z and 0-9, and change whenever the key does")
	}
	seen := map[string]bool{}
	for _, b := range [][]byte{out.Audit, out.Histories, out.Fingerprint, out.Body, out.Link} {
		if b != nil && seen[string(b)] {
			r.bad("keys", "two keys are the same")
		}
		seen[string(b)] = true
	}
	return out
}

// documents reads where documents are kept.
func (r *reader) documents(d documentsSection) Documents {
	out := Documents{Dir: r.path(d.Dir), Recipient: d.Recipient}
	if (d.Dir == "") == (d.S3 == nil) {
		r.bad("documents", "one of dir and s3 is needed, and not both")
	}
	if d.S3 != nil {
		out.S3 = &vault.S3Config{Endpoint: d.S3.Endpoint, Region: d.S3.Region, Bucket: d.S3.Bucket, Prefix: d.S3.Prefix, AccessKey: d.S3.AccessKey,
			SecretKey: r.secret("documents.s3.secret_key", d.S3.SecretKey, d.S3.SecretKeyFile).Reveal()}
	}
	if d.Recipient == "" || d.IdentityFile == "" {
		r.bad("documents", "recipient and identity_file are both needed")
		return out
	}
	out.Identity = r.secretFile("documents.identity_file", d.IdentityFile).Reveal()
	return out
}

func (r *reader) mail(m mailSection, to *Config) {
	cfg := notify.SMTPConfig{Host: m.SMTP.Host, Port: m.SMTP.Port, TLS: notify.TLSMode(m.SMTP.TLS), Username: m.SMTP.Username, HELO: m.SMTP.HELO}
	before := len(r.errs)
	if m.SMTP.Username != "" {
		cfg.Password = r.secret("mail.smtp.password", m.SMTP.Password, m.SMTP.PasswordFile)
	}
	if m.From == "" {
		r.bad("mail.from", "is missing")
	}
	if m.SMTP.CAFile != "" {
		cfg.Roots = r.authorities("mail.smtp.ca_file", m.SMTP.CAFile)
	}
	if len(r.errs) > before {
		return // the server would complain of what has been said
	}
	mailer, err := notify.NewSMTP(cfg)
	if err != nil {
		r.bad("mail.smtp", "%v", err)
		return
	}
	to.Mailer, to.MailFrom = mailer, m.From
}

// authorities reads certificates that may vouch for a server, in place of the system's.
func (r *reader) authorities(key, file string) *x509.CertPool {
	pool := x509.NewCertPool()
	b, err := readBounded(r.path(file), maxSecret)
	if err != nil {
		r.bad(key, "%v", err)
	} else if !pool.AppendCertsFromPEM(b) {
		r.bad(key, "%s holds no certificate in PEM", file)
	}
	return pool
}

func (r *reader) shops(sections []shopSection) (out []Shop) {
	if len(sections) == 0 {
		r.bad("shops", "there must be at least one")
	}
	seen := map[string]bool{}
	for _, s := range sections {
		key := "shops." + s.ID
		if s.ID == "" || len(s.ID) > 32 || strings.Trim(s.ID, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
			r.bad("shops", "an id must be 1 to 32 of a-z, 0-9, _ and -, not %q", s.ID)
			continue
		}
		if seen[s.ID] {
			r.bad(key, "is there twice")
		}
		seen[s.ID] = true
		out = append(out, r.shop(key, s))
	}
	return out
}

func (r *reader) shop(key string, s shopSection) Shop {
	if s.Name == "" {
		r.bad(key+".name", "is missing: buyers read it in mails and on the proof page")
	}
	if s.Degraded.MaxAmount < 0 || s.Degraded.PerMinute < 0 {
		r.bad(key+".degraded", "must not be negative")
	}
	r.buyersStep(key, s)
	out := Shop{MerchantAccount: s.MerchantAccount, Policy: s.Policy, Shop: flow.Shop{ID: s.ID, Name: s.Name, ClearCards: s.ClearCards,
		Statement: s.Statement, ActionTimeout: time.Duration(s.ActionTimeout), Terms: r.terms(key, s),
		Degraded: flow.DegradedLimit{MaxAmount: s.Degraded.MaxAmount, PerMinute: s.Degraded.PerMinute}}}
	switch s.Policy {
	case "":
		r.bad(key+".policy", "is missing: name a file, or %s for the shipped one", shippedPolicy)
	case shippedPolicy:
	default:
		out.Policy = r.there(key+".policy", s.Policy, false)
	}
	if out.ShadowPolicy = s.ShadowPolicy; out.ShadowPolicy != shippedPolicy {
		out.ShadowPolicy = r.there(key+".shadow_policy", s.ShadowPolicy, false)
	}
	r.means(key, s, &out.Shop)
	out.Letterhead = notify.Letterhead{From: s.Mail.From, ReplyTo: s.Mail.ReplyTo, Templates: r.there(key+".mail.templates", s.Mail.Templates, true), Hosts: s.Mail.Hosts}
	if s.Webhook != nil {
		out.Endpoint = &notify.Endpoint{URL: s.Webhook.URL, Secrets: r.secretFiles(key+".webhook.secret_files", s.Webhook.SecretFiles)}
	}
	return out
}

// Bounds of how long a buyer may take over a step: nobody finds a telephone in less than a minute, and Adyen closes the
// offer of a card payment after twelve hours.
const leastStep, longestStep = time.Minute, 12 * time.Hour

// statementLetters are what Adyen lets stand on a bank statement, in at most 22 characters (shopperStatement).
const statementLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,'_-?+*/"

// buyersStep checks what concerns the buyer's bank.
func (r *reader) buyersStep(key string, s shopSection) {
	if s.ActionTimeout != 0 && (time.Duration(s.ActionTimeout) < leastStep || time.Duration(s.ActionTimeout) > longestStep) {
		r.bad(key+".action_timeout", "must be between 1m and 12h")
	}
	if len(s.Statement) > 22 || strings.Trim(s.Statement, statementLetters) != "" {
		r.bad(key+".statement", "must be at most 22 letters without accents, digits, spaces and .,'_-?+*/")
	}
}
