package velocity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"octroi/risk"
)

// lock says whom servers let in: everybody, when it is zero.
type lock struct {
	password, sentinelPassword string
	ca, cert, key              string // PEM files, and TLS with certificates on both sides, when not ""
}

// server gives the arguments of a redis-server that listens on the port behind the lock.
func (l lock) server(port int) []string {
	args := l.listen(port)
	if l.password != "" {
		args = append(args, "--requirepass", l.password, "--masterauth", l.password)
	}
	return args
}

func (l lock) listen(port int) []string {
	if l.ca == "" {
		return []string{"--port", strconv.Itoa(port)}
	}
	return []string{"--port", "0", "--tls-port", strconv.Itoa(port), "--tls-replication", "yes", "--tls-cluster", "yes",
		"--tls-ca-cert-file", l.ca, "--tls-cert-file", l.cert, "--tls-key-file", l.key}
}

// address leads to servers behind the lock.
func (l lock) address(ports []int, settings ...string) string {
	scheme, user, hosts := "redis://", "", make([]string, len(ports))
	for i, port := range ports {
		hosts[i] = host(port)
	}
	if l.ca != "" {
		scheme, settings = "rediss://", append(settings, "ca="+l.ca)
	}
	if l.cert != "" {
		settings = append(settings, "cert="+l.cert, "key="+l.key)
	}
	if l.password != "" {
		user = url.UserPassword("", l.password).String() + "@"
	}
	return strings.TrimSuffix(scheme+user+strings.Join(hosts, ",")+"?"+strings.Join(settings, "&"), "?")
}

// newLock makes passwords with signs that mean something in an address, and certificates of an authority of its own.
func newLock(t testing.TB) lock {
	t.Helper()
	dir := t.TempDir()
	l := lock{password: "of?the/data@here", sentinelPassword: "of&the=Sentinels",
		ca: filepath.Join(dir, "ca.pem"), cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	now := time.Now()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "this machine"}, NotBefore: ca.NotBefore,
		NotAfter: ca.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	caKey, leafKey := newKey(t), newKey(t)
	for _, c := range []struct {
		file     string
		template *x509.Certificate
		of       *ecdsa.PrivateKey
	}{{l.ca, ca, caKey}, {l.cert, leaf, leafKey}} {
		der, err := x509.CreateCertificate(rand.Reader, c.template, ca, &c.of.PublicKey, caKey)
		if err != nil {
			t.Fatal(err)
		}
		putPEM(t, c.file, "CERTIFICATE", der)
	}
	der, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	putPEM(t, l.key, "PRIVATE KEY", der)
	return l
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func putPEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEveryKindOfRedisIsReachedOverTLSWithPasswordsAndCertificates(t *testing.T) {
	l := newLock(t)
	anonymous, stranger, guest := l, l, l
	anonymous.cert, anonymous.key = "", ""
	stranger.password = "of nobody"
	guest.sentinelPassword = "of nobody"
	asked := func(address string) error {
		s := newStore(t, dial(t, address), nil)
		for range 2 {
			h, err := s.Observe(context.Background(), "shop", attempt("pay_1", "a", epoch()))
			if err != nil {
				return err
			}
			if got := h.Count(risk.EntityCard, risk.Event{}, time.Hour); got != (risk.Fold{Value: 1}) {
				t.Errorf("one order counts %+v", got)
			}
		}
		return nil
	}
	try := func(t *testing.T, address func(lock) string) {
		if err := asked(address(l)); err != nil {
			t.Error(err)
		}
		for name, other := range map[string]lock{"without a certificate": anonymous, "with another password": stranger} {
			if err := asked(address(other)); err == nil {
				t.Errorf("let in %s", name)
			}
		}
	}
	t.Run("redis", func(t *testing.T) {
		port := freePorts(t, 1)
		startLocked(t, port[0], l)
		try(t, func(l lock) string { return l.address(port) })
	})
	t.Run("sentinel", func(t *testing.T) {
		w := startSentinel(t, l)
		try(t, func(l lock) string { return w.reach(l) })
		if err := asked(w.reach(guest)); err == nil {
			t.Error("let in by Sentinels with another password")
		}
	})
	t.Run("cluster", func(t *testing.T) {
		n := startNodes(t, 3, time.Second, l)
		try(t, func(l lock) string { return l.address(n.ports) })
	})
}
