package main

import (
	_ "embed" // the example file
	"github.com/goccy/go-yaml"
)

// exampleFile is the annotated configuration that "octroi serve --example" prints. A test loads it.
//
//go:embed octroi.example.yaml
var exampleFile []byte

// maxConfig bounds a configuration file.
const maxConfig = 1 << 20

// configFile is octroi.yaml as it is written. octroi.example.yaml says what each key means.
type configFile struct {
	Listen struct {
		API     string `yaml:"api"`
		Console string `yaml:"console"`
		Ops     string `yaml:"ops"`
	} `yaml:"listen"`
	PublicURL      string   `yaml:"public_url"`
	ConsoleURL     string   `yaml:"console_url"`
	TrustedProxies []string `yaml:"trusted_proxies"`
	TimeZone       string   `yaml:"time_zone"`
	LogLevel       string   `yaml:"log_level"`
	Database       string   `yaml:"database"`
	DatabaseFile   string   `yaml:"database_file"`
	Redis          string   `yaml:"redis"`
	RedisFile      string   `yaml:"redis_file"`
	Provider       struct {
		Adyen adyenSection `yaml:"adyen"`
	} `yaml:"provider"`
	Keys      keysSection      `yaml:"keys"`
	Documents documentsSection `yaml:"documents"`
	Mail      mailSection      `yaml:"mail"`
	Geo       struct {
		Database string `yaml:"database"`
	} `yaml:"geo"`
	Shops []shopSection `yaml:"shops"`
}

type adyenSection struct {
	Endpoint        string   `yaml:"endpoint"`
	APIKey          string   `yaml:"api_key"`
	APIKeyFile      string   `yaml:"api_key_file"`
	HMACKeyFiles    []string `yaml:"hmac_key_files"`
	MerchantAccount string   `yaml:"merchant_account"`
	ReturnURL       string   `yaml:"return_url"`
}

type keysSection struct {
	FingerprintID   string `yaml:"fingerprint_id"`
	Fingerprint     string `yaml:"fingerprint"`
	FingerprintFile string `yaml:"fingerprint_file"`
	Histories       string `yaml:"histories"`
	HistoriesFile   string `yaml:"histories_file"`
	Body            string `yaml:"body"`
	BodyFile        string `yaml:"body_file"`
	Link            string `yaml:"link"`
	LinkFile        string `yaml:"link_file"`
	Audit           string `yaml:"audit"`
	AuditFile       string `yaml:"audit_file"`
}

type documentsSection struct {
	Dir string `yaml:"dir"`
	S3  *struct {
		Endpoint      string `yaml:"endpoint"`
		Region        string `yaml:"region"`
		Bucket        string `yaml:"bucket"`
		Prefix        string `yaml:"prefix"`
		AccessKey     string `yaml:"access_key"`
		SecretKey     string `yaml:"secret_key"`
		SecretKeyFile string `yaml:"secret_key_file"`
	} `yaml:"s3"`
	Recipient    string `yaml:"recipient"`
	IdentityFile string `yaml:"identity_file"`
}

type mailSection struct {
	From string `yaml:"from"`
	SMTP struct {
		Host         string `yaml:"host"`
		Port         int    `yaml:"port"`
		TLS          string `yaml:"tls"`
		Username     string `yaml:"username"`
		Password     string `yaml:"password"`
		PasswordFile string `yaml:"password_file"`
		HELO         string `yaml:"helo"`
		CAFile       string `yaml:"ca_file"`
	} `yaml:"smtp"`
}

type shopSection struct {
	ID              string              `yaml:"id"`
	Name            string              `yaml:"name"`
	MerchantAccount string              `yaml:"merchant_account"`
	Policy          string              `yaml:"policy"`
	ShadowPolicy    string              `yaml:"shadow_policy"`
	ClearCards      bool                `yaml:"clear_cards"`
	Profile         string              `yaml:"profile"`
	Ask             []string            `yaml:"ask"`
	RespondWithin   duration            `yaml:"respond_within"`
	DecideWithin    map[string]duration `yaml:"decide_within"`
	FourEyesFrom    int64               `yaml:"four_eyes_from"`
	NeedsPerson     []string            `yaml:"needs_person"`
	AtDeadline      string              `yaml:"at_deadline"`
	ReleaseBelow    int                 `yaml:"release_below"`
	ActionTimeout   duration            `yaml:"action_timeout"`
	Statement       string              `yaml:"statement"`
	Methods         []string            `yaml:"methods"`
	RetryURL        string              `yaml:"retry_url"`
	BankTransfer    *transferSection    `yaml:"bank_transfer"`
	Cheque          *chequeSection      `yaml:"cheque"`
	Degraded        struct {
		MaxAmount int64 `yaml:"max_amount"`
		PerMinute int   `yaml:"per_minute"`
	} `yaml:"degraded"`
	Mail struct {
		From      string   `yaml:"from"`
		ReplyTo   string   `yaml:"reply_to"`
		Templates string   `yaml:"templates"`
		Hosts     []string `yaml:"hosts"`
	} `yaml:"mail"`
	Webhook *struct {
		URL         string   `yaml:"url"`
		SecretFiles []string `yaml:"secret_files"`
	} `yaml:"webhook"`
}

// parseFile reads the YAML strictly: an unknown or repeated key is refused by name and line.
func parseFile(name string, src []byte) (configFile, error) {
	var f configFile
	err := yaml.UnmarshalWithOptions(src, &f, yaml.Strict())
	if err == nil {
		return f, nil
	}
	return f, misread(name, src, err)
}
