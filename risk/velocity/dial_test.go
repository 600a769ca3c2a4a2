package velocity

import (
	"strings"
	"testing"
)

func TestOptionsReadsEveryKindOfAddress(t *testing.T) {
	for address, want := range map[string]struct {
		addrs    string
		db       int
		user     string
		pass     string
		master   string
		sentinel string
		tls      bool
		cluster  bool
	}{
		"redis://127.0.0.1:6390":                     {addrs: "127.0.0.1:6390"},
		"redis://cache":                              {addrs: "cache:6379"},
		"redis://me:p%40ss@cache:1/3":                {addrs: "cache:1", db: 3, user: "me", pass: "p@ss"},
		"rediss://:word@cache/":                      {addrs: "cache:6379", pass: "word", tls: true},
		"redis://a:1,b,[::1]:3":                      {addrs: "a:1 b:6379 [::1]:3"},
		"redis://a:1?cluster=true&pool_size=7":       {addrs: "a:1", cluster: true},
		"redis://u:p@a:26379,b:26379/2?master=front": {addrs: "a:26379 b:26379", db: 2, user: "u", pass: "p", master: "front"},
		"rediss://:p@a,b?master=front&sentinel_user=watch&sentinel_password=o%26ut": {
			addrs: "a:6379 b:6379", pass: "p", master: "front", sentinel: "watch o&ut", tls: true},
	} {
		o, err := options(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := strings.Join(o.Addrs, " "); got != want.addrs || o.DB != want.db || o.Username != want.user || o.Password != want.pass ||
			o.MasterName != want.master || strings.TrimSpace(o.SentinelUsername+" "+o.SentinelPassword) != want.sentinel || (o.TLSConfig != nil) != want.tls || o.IsClusterMode != want.cluster {
			t.Errorf("%s gives addresses %q, database %d, user %q, master %q", address, got, o.DB, o.Username, o.MasterName)
		}
		if o.MaxRetries != -1 || !o.ContextTimeoutEnabled {
			t.Errorf("%s: the client may send a command twice or outstay its budget", address)
		}
	}
}

func TestOptionsRefusesWhatItCannotReadWithoutRepeatingIt(t *testing.T) {
	for _, address := range []string{"", "cache:6379", "http://hunter2@cache", "redis://", "redis://u:hunter2@", "redis://u:hunter2@a:x",
		"redis://u:hunter2@a:0", "redis://u:hunter2@a/first", "redis://u:hunter2@a,b/1", "redis://u:hunter2@a?retries=3",
		"redis://u:hunter2%zz@a", "redis://u:hunter2@a?master=m&cluster=true", "redis://u:hunter2@a?pool_size=0", "redis://a,,b",
		"redis://u:12?hunter2@a", "redis://a?sentinel_password=hunter2", "redis://a,b?sentinel_user=hunter2", "redis://:hunter2@a?ca=/ca.pem",
		"rediss://:hunter2@a?cert=/cert.pem", "rediss://:hunter2@a?key=/key.pem", "rediss://:hunter2@a?ca=ca.pem",
		"rediss://:hunter2@a?ca=/nowhere/ca.pem", "rediss://:hunter2@a?cert=/nowhere/cert.pem&key=/nowhere/key.pem",
		"rediss://:hunter2@a?ca=/dev/null"} {
		_, err := options(address)
		if err == nil {
			t.Errorf("%q was taken", address)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the password: %v", err)
		}
		if _, err := Dial(address); err == nil {
			t.Errorf("%q was dialled", address)
		}
	}
	if c, err := Dial("redis://a,b"); err != nil || c == nil {
		t.Error(err)
	}
}
