package vault

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config says which bucket of an S3-compatible store holds a vault.
type S3Config struct {
	Endpoint  string // https://HOST[:PORT]; http only on this machine
	Region    string // us-east-1 when empty
	Bucket    string
	Prefix    string // of every key, such as "octroi/"; may be empty
	AccessKey string
	SecretKey string
}

// S3 keeps a vault in a bucket. The store must read what was written (as S3 does since 2020) and know conditional writes
// (If-None-Match, since 2024).
type S3 struct {
	client *minio.Client
	bucket string
	prefix string
}

var _ Store = (*S3)(nil)

const (
	// callTime bounds one exchange with the store, its retries included.
	callTime = 30 * time.Second
	// calls is how often one is tried. Everything done here may be done again.
	calls = 3
)

// OpenS3 looks at the bucket once. It refuses one that keeps old versions of what is removed: a destroyed key would be
// among them.
func OpenS3(ctx context.Context, cfg S3Config) (*S3, error) {
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())) {
		return nil, errors.New("vault: the endpoint of the S3 store must be https://HOST, or http://HOST on this machine")
	}
	if cfg.Bucket == "" || cfg.AccessKey == "" || cfg.SecretKey == "" {
		return nil, errors.New("vault: bucket, access key and secret key of the S3 store are all needed")
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure: u.Scheme == "https", Region: cfg.Region, MaxRetries: calls, Transport: transport()})
	if err != nil {
		return nil, fmt.Errorf("vault: the S3 store: %w", err)
	}
	s := &S3{client: client, bucket: cfg.Bucket, prefix: cfg.Prefix}
	return s, s.check(ctx)
}

func (s *S3) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	switch there, err := s.client.BucketExists(ctx, s.bucket); {
	case err != nil:
		return fmt.Errorf("vault: looking at bucket %s: %w", s.bucket, err)
	case !there:
		return fmt.Errorf("vault: there is no bucket %s: make one, without versioning", s.bucket)
	}
	v, err := s.client.GetBucketVersioning(ctx, s.bucket)
	if err != nil {
		return fmt.Errorf("vault: asking whether bucket %s keeps versions: %w", s.bucket, err)
	}
	if v.Status != "" {
		return fmt.Errorf("vault: bucket %s has versioning (%s), so that nothing in it can be destroyed: use one that never had", s.bucket, v.Status)
	}
	return nil
}

func transport() http.RoundTripper {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 15 * time.Second, ExpectContinueTimeout: time.Second,
		IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 8, ForceAttemptHTTP2: true,
		DisableCompression: true, // blobs are what they are
	}
}

// local reports whether a host is this machine.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Put implements Store with one request, whose digest the store checks.
func (s *S3) Put(ctx context.Context, name string, blob []byte) error {
	var o minio.PutObjectOptions
	o.SetMatchETagExcept("*")
	return s.write(ctx, name, blob, o)
}

// Replace implements Store.
func (s *S3) Replace(ctx context.Context, name string, blob []byte) error {
	there, err := s.Has(ctx, name)
	if err != nil {
		return err
	}
	if !there {
		return ErrNotFound
	}
	return s.write(ctx, name, blob, minio.PutObjectOptions{})
}

// Mark implements Store. Not every store takes an object of no bytes.
func (s *S3) Mark(ctx context.Context, name string) error {
	return s.write(ctx, name, []byte{'\n'}, minio.PutObjectOptions{})
}

func (s *S3) write(ctx context.Context, name string, blob []byte, o minio.PutObjectOptions) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	o.DisableMultipart, o.SendContentMd5, o.ContentType = true, true, "application/octet-stream"
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+name, bytes.NewReader(blob), int64(len(blob)), o)
	return s.told(err)
}

// told turns the store's answer into one of this package's errors where there is one.
func (s *S3) told(err error) error {
	switch code := minio.ToErrorResponse(err).Code; {
	case err == nil:
		return nil
	case code == minio.NoSuchKey:
		return ErrNotFound
	case code == minio.PreconditionFailed:
		return ErrExists
	}
	return fmt.Errorf("bucket %s: %w", s.bucket, err)
}

// Get implements Store.
func (s *S3) Get(ctx context.Context, name string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	o, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.told(err)
	}
	defer o.Close()
	blob, err := io.ReadAll(io.LimitReader(o, limit+1))
	if err != nil {
		return nil, s.told(err)
	}
	if int64(len(blob)) > limit {
		return nil, ErrDamaged
	}
	return blob, nil
}

// Has implements Store.
func (s *S3) Has(ctx context.Context, name string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := s.client.StatObject(ctx, s.bucket, s.prefix+name, minio.StatObjectOptions{})
	switch err = s.told(err); {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrNotFound):
		return false, nil
	}
	return false, err
}

// Remove implements Store.
func (s *S3) Remove(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err := s.told(s.client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Older implements Store.
func (s *S3) Older(ctx context.Context, folder string, before time.Time, visit func(id string) error) error {
	listing, cancel := context.WithCancel(ctx)
	defer cancel()
	from := s.prefix + folder + "/"
	for o := range s.client.ListObjects(listing, s.bucket, minio.ListObjectsOptions{Prefix: from, Recursive: true}) {
		if o.Err != nil {
			return s.told(o.Err)
		}
		id := strings.TrimPrefix(o.Key, from)
		if !validID(id) || !o.LastModified.Before(before) {
			continue
		}
		if err := visit(id); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Leftovers implements Store: a request that was cut short leaves nothing in a bucket.
func (s *S3) Leftovers(context.Context, string, time.Time) (int, error) { return 0, nil }
