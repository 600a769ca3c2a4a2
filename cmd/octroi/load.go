package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"octroi/providers"
)

// reader turns the file's text into values, and gathers everything that is wrong by its key.
type reader struct {
	name string // of the file, for messages
	dir  string // relative paths start here
	env  func(string) (string, bool)
	errs []error
}

func (r *reader) bad(key, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s: %s", r.name, key, fmt.Sprintf(format, args...)))
}

// path gives a path of the file's as seen from here.
func (r *reader) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(r.dir, p)
}

// there is the path of a file, or of a folder, that must be there already; "" is none.
func (r *reader) there(key, p string, folder bool) string {
	if p == "" {
		return ""
	}
	what := map[bool]string{false: "file", true: "folder"}[folder]
	at, err := os.Stat(r.path(p))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.bad(key, "there is no %s %s; paths start at the folder of this configuration", what, r.path(p))
	case err != nil:
		r.bad(key, "the %s %s cannot be looked at: %v", what, p, err)
	case at.IsDir() != folder:
		r.bad(key, "%s is no %s", p, what)
	}
	return r.path(p)
}

// The form of a reference to the environment, alone and within a text.
var (
	reference  = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)
	references = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
)

// maxSecret bounds a secret's file.
const maxSecret = 64 << 10

// secret reads a secret from the environment (a value "${NAME}") or from a file, one of which there must be.
func (r *reader) secret(key, value, file string) providers.Secret {
	switch {
	case value != "" && file != "":
		r.bad(key, "is given twice: keep %s or %s_file", key, key)
	case value == "" && file == "":
		r.bad(key, "is missing: set %s_file to a file's path, or %s to ${NAME}", key, key)
	case file != "":
		return r.secretFile(key+"_file", file)
	default:
		m := reference.FindStringSubmatch(value)
		if m == nil {
			r.bad(key, "secrets do not stand in this file: set %s_file to a file's path, or %s to ${NAME}", key, key)
			return ""
		}
		return r.checked(key, r.variable(key, m[1]))
	}
	return ""
}

func (r *reader) variable(key, name string) string {
	v, _ := r.env(name)
	if v == "" {
		r.bad(key, "the environment variable %s is not set", name)
	}
	return v
}

// secretFile reads one secret from one file; white space around it is dropped.
func (r *reader) secretFile(key, file string) providers.Secret {
	b, err := readBounded(r.path(file), maxSecret)
	if err != nil {
		r.bad(key, "%v", err)
		return ""
	}
	s := strings.TrimSpace(string(b))
	if s == "" {
		r.bad(key, "%s is empty", file)
	}
	return r.checked(key, s)
}

func (r *reader) secretFiles(key string, files []string) (out []providers.Secret) {
	for i, f := range files {
		out = append(out, r.secretFile(fmt.Sprintf("%s[%d]", key, i), f))
	}
	if len(files) == 0 {
		r.bad(key, "is missing: name at least one file")
	}
	return out
}

// demoMarks are in every secret that the demo makes or prints: octroi-demo- as text, in hexadecimal, and as an identity
// for documents begins with it.
var demoMarks = []string{demoPassword, hex.EncodeToString([]byte(demoPassword)), "age-secret-key-pq-1da3hgun0dykkgetdduk", "sk_demo_", "an_demo_"}

// isDemoSecret reports whether a secret comes from the demo, where it is printed on the screen.
func isDemoSecret(s string) bool {
	for _, m := range demoMarks {
		if strings.Contains(strings.ToLower(s), m) { // hexadecimal and identities read the same in either case
			return true
		}
	}
	return false
}

func (r *reader) checked(key, s string) providers.Secret {
	if isDemoSecret(s) {
		r.bad(key, "this is a secret of the demo: make one of your own")
	}
	return providers.Secret(s)
}

// keySize is the size of the keys of keyed hashes, in bytes.
const keySize = 32

// key reads a 32-byte key in base64.
func (r *reader) key(key, value, file string) []byte {
	before := len(r.errs)
	s := r.secret(key, value, file)
	if len(r.errs) > before {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(s.Reveal())
	if err != nil || len(b) != keySize {
		r.bad(key, "must be %d random bytes in base64, as \"openssl rand -base64 %d\" prints them", keySize, keySize)
		return nil
	}
	return b
}

// address reads the address of a server, whose password must come from the environment or with the whole address from
// a file.
func (r *reader) address(key, value, file string) string {
	if file != "" || value == "" {
		return r.secret(key, value, file).Reveal()
	}
	if clearPassword(value) {
		r.bad(key, "the password does not stand in this file: write ${NAME} in its place, or use %s_file", key)
		return ""
	}
	out := references.ReplaceAllStringFunc(value, func(m string) string { return r.variable(key, reference.FindStringSubmatch(m)[1]) })
	return string(r.checked(key, out).Reveal())
}

// clearPassword reports whether an address holds a password that is no reference to the environment: before its last @,
// or in a setting such as sentinel_password. Lists of hosts are no URL, and are understood all the same.
func clearPassword(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	var found []string
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		_, password, _ := strings.Cut(rest[:at], ":")
		found = append(found, password)
	}
	for _, setting := range strings.FieldsFunc(rest, func(c rune) bool { return c == '?' || c == '&' }) {
		if name, value, _ := strings.Cut(setting, "="); strings.HasSuffix(name, "password") {
			found = append(found, value)
		}
	}
	return slices.ContainsFunc(found, func(s string) bool { return references.ReplaceAllString(s, "") != "" })
}

// listener checks the address of a door.
func (r *reader) listener(key, value string) string {
	if _, _, err := net.SplitHostPort(value); err != nil {
		r.bad(key, "must be host:port, such as 127.0.0.1:8080")
	}
	return value
}

// site checks an address that browsers use: https, or http on this machine.
func (r *reader) site(key, value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		r.bad(key, "must be an address such as https://pay.example")
		return ""
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		r.bad(key, "must be https")
	}
	return strings.TrimSuffix(value, "/")
}

// isLoopback reports whether a host is this machine by its name or address.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (r *reader) zone(key, name string) *time.Location {
	if name == "" {
		name = "Europe/Paris"
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		r.bad(key, "%q is not a time zone of the IANA database", name)
		return time.UTC
	}
	return z
}

func (r *reader) level(key, name string) slog.Level {
	var l slog.Level
	if name == "" {
		return l
	}
	if err := l.UnmarshalText([]byte(name)); err != nil {
		r.bad(key, "must be debug, info, warn or error")
	}
	return l
}

// err is everything that was wrong, one line each.
func (r *reader) err() error { return errors.Join(r.errs...) }
