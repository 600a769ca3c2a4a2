package vault

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

const (
	bucket    = "proofs"
	accessKey = "AKTESTVAULT"
	secretKey = "a secret of the tests"
)

// bucketServer is a store that speaks S3 over HTTP, checks every signature, and can be made to fail.
type bucketServer struct {
	*httptest.Server
	backend *s3mem.Backend
	failing atomic.Int32 // how many requests still fail
	asked   atomic.Int32
}

func startS3(t testing.TB) *bucketServer {
	t.Helper()
	b := &bucketServer{backend: s3mem.New()}
	if err := b.backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	inner := gofakes3.New(b.backend).Server()
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.asked.Add(1)
		switch {
		case !signed(r):
			http.Error(w, `<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>`, http.StatusForbidden)
		case b.failing.Add(-1) >= 0:
			http.Error(w, `<?xml version="1.0"?><Error><Code>InternalError</Code><Message>later</Message></Error>`, http.StatusInternalServerError)
		default:
			inner.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// signed checks a request's signature as AWS describes it (Signature Version 4, "Authenticating Requests: Using the
// Authorization Header").
func signed(r *http.Request) bool {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	fields := map[string]string{}
	for f := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(f), "=")
		fields[k] = v
	}
	scope := strings.SplitN(fields["Credential"], "/", 2)
	if scheme != "AWS4-HMAC-SHA256" || len(scope) != 2 || scope[0] != accessKey {
		return false
	}
	names := strings.Split(fields["SignedHeaders"], ";")
	headers := ""
	for _, name := range names {
		v := r.Header.Get(name)
		if name == "host" {
			v = r.Host
		}
		if name == "content-length" {
			v = fmt.Sprint(r.ContentLength)
		}
		headers += name + ":" + strings.TrimSpace(v) + "\n"
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	path := (&url.URL{Path: r.URL.Path}).EscapedPath()
	canonical := strings.Join([]string{r.Method, path, query, headers, fields["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + scope[1] + "\n" + hex.EncodeToString(digest[:])
	key := []byte("AWS4" + secretKey)
	for part := range strings.SplitSeq(scope[1], "/") {
		key = under(key, part)
	}
	return slices.Contains(names, "host") && hex.EncodeToString(under(key, text)) == fields["Signature"]
}

func under(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func (b *bucketServer) config() S3Config {
	return S3Config{Endpoint: b.URL, Bucket: bucket, Prefix: "octroi/", AccessKey: accessKey, SecretKey: secretKey}
}

// inBucket is a vault in a bucket of its own.
func inBucket(t testing.TB) place {
	t.Helper()
	b := startS3(t)
	s, err := OpenS3(t.Context(), b.config())
	if err != nil {
		t.Fatal(err)
	}
	return place{s, b.files, func(t testing.TB, name string, blob []byte) {
		if _, err := b.backend.PutObject(bucket, "octroi/"+name, map[string]string{"Last-Modified": time.Now().UTC().Format(http.TimeFormat)}, bytes.NewReader(blob), int64(len(blob)), nil); err != nil {
			t.Fatal(err)
		}
	}}
}

// files reads the whole bucket behind the server's back.
func (b *bucketServer) files(t testing.TB) map[string][]byte {
	t.Helper()
	list, err := b.backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, c := range list.Contents {
		o, err := b.backend.GetObject(bucket, c.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		blob, err := io.ReadAll(o.Contents)
		if err := errors.Join(err, o.Contents.Close()); err != nil {
			t.Fatal(err)
		}
		out[strings.TrimPrefix(c.Key, "octroi/")] = blob
	}
	return out
}

func TestABucketThatCannotForgetOrIsNotThereIsRefused(t *testing.T) {
	b := startS3(t)
	for name, c := range map[string]struct {
		change func(*S3Config)
		want   string
	}{
		"another secret":        {func(c *S3Config) { c.SecretKey = "another" }, "looking at bucket proofs"},
		"another bucket":        {func(c *S3Config) { c.Bucket = "elsewhere" }, "there is no bucket elsewhere"},
		"in the clear":          {func(c *S3Config) { c.Endpoint = "http://s3.example.org" }, "must be https"},
		"no scheme":             {func(c *S3Config) { c.Endpoint = "s3.example.org" }, "must be https"},
		"a path":                {func(c *S3Config) { c.Endpoint += "/bucket" }, "must be https"},
		"no bucket":             {func(c *S3Config) { c.Bucket = "" }, "all needed"},
		"no secret":             {func(c *S3Config) { c.SecretKey = "" }, "all needed"},
		"a name of its machine": {func(c *S3Config) { c.Endpoint = strings.Replace(c.Endpoint, "127.0.0.1", "localhost", 1) }, ""},
	} {
		cfg := b.config()
		c.change(&cfg)
		_, err := OpenS3(t.Context(), cfg)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secretKey)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := b.backend.SetVersioningConfiguration(bucket, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenS3(t.Context(), b.config()); err == nil || !strings.Contains(err.Error(), "nothing in it can be destroyed") {
		t.Errorf("a bucket with versions: %v", err)
	}
}

func TestAStoreThatStumblesIsAskedAgainAndOneThatFallsIsAnError(t *testing.T) {
	b := startS3(t)
	at, err := OpenS3(t.Context(), b.config())
	if err != nil {
		t.Fatal(err)
	}
	s, o := keys(t, at)
	b.failing.Store(1)
	mustSeal(t, s, "doc_1", canary)
	b.failing.Store(1 << 20)
	before := b.asked.Load()
	_, sealErr := s.Seal(t.Context(), "doc_2", canary)
	_, openErr := o.Open(t.Context(), "doc_1")
	for what, err := range map[string]error{"seal": sealErr, "open": openErr, "destroy": s.Destroy(t.Context(), "doc_1"),
		"sealed": s.Sealed(t.Context(), later(), func(string) error { return nil })} {
		if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrDestroyed) || errors.Is(err, ErrExists) {
			t.Errorf("%s on a store that is down: %v", what, err)
		}
	}
	if n := b.asked.Load() - before; n > 8*calls {
		t.Errorf("a store that is down was asked %d times", n)
	}
	b.failing.Store(0)
	if plain, err := o.Open(t.Context(), "doc_1"); err != nil || !bytes.Equal(plain, canary) {
		t.Errorf("after the store came back: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := at.Has(ctx, "keys/doc_1"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has gone: %v", err)
	}
}
