package velocity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// connectTimeout bounds one connection to one address, TLS included.
	connectTimeout = time.Second
	// ioTimeout bounds one pipeline of Append or Rebuild; Observe stays far below it by its own budget.
	ioTimeout = 3 * time.Second
	// dialTimeout bounds all of finding a server and connecting to it; Observe does not wait for it. Behind Sentinels that
	// is to ask the one that was asked before, to ask it again on a new connection, and then all of them: where that one
	// has gone silent each takes ioTimeout, and the client comes to the last only if time is left for it.
	dialTimeout = 4 * ioTimeout
	// mapAge is how old the map of a Cluster may be when it is used. A node that died sends nobody on to its successor,
	// so that only a fresh map leads there.
	mapAge      = time.Second
	defaultPort = "6379"
)

// Dial makes a client for the address, fit for counting: the caller's deadline is kept, nothing waits long, and no
// command is sent twice, but in a Cluster, whose client sends on what it was told to send elsewhere and repeats what
// was cut off. Nothing is sent until the client is used.
//
//	redis://user:password@host:6379/2        one server, database 2
//	redis://a:6379,b:6379,c:6379             a Cluster, found through any of these nodes
//	redis://a:6379?cluster=true              a Cluster with one entry address
//	redis://a:26379,b:26379/0?master=name    a server watched by these Sentinels
//
// User and password are those of the servers that hold the data, a Cluster's nodes all alike. rediss:// is the same over
// TLS 1.2 or later, to Sentinels too: certificates must name the hosts as they stand in the address, and as nodes and
// Sentinels tell them. Behind the question mark may stand, joined by &:
//
//	sentinel_user, sentinel_password    of the Sentinels, which ask for none unless told to
//	ca                                  whom to trust, in place of the authorities this machine trusts
//	cert, key                           who we are, for servers that ask for a certificate
//	pool_size                           connections to each server at most, 1 to 10000
//
// ca, cert and key are absolute paths of PEM files, read once. Special characters anywhere are written as %XX. An error
// never repeats the address, which may hold a password.
func Dial(address string) (redis.UniversalClient, error) {
	o, err := options(address)
	if err != nil {
		return nil, err
	}
	return open(o), nil
}

// open makes the client that the options ask for.
func open(o *redis.UniversalOptions) redis.UniversalClient {
	if !clustered(o) {
		return redis.NewUniversalClient(o)
	}
	c := o.Cluster()
	c.ClusterStateReloadInterval = mapAge
	return redis.NewClusterClient(c)
}

func clustered(o *redis.UniversalOptions) bool {
	return o.MasterName == "" && (o.IsClusterMode || len(o.Addrs) > 1)
}

// options reads an address; see Dial.
func options(address string) (*redis.UniversalOptions, error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || scheme != "redis" && scheme != "rediss" {
		return nil, errors.New("velocity: a Redis address begins with redis:// or rediss://")
	}
	// Lists of hosts are no URL: the list is taken out and one name left in its place.
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@') + 1
	hosts := strings.Split(rest[at:end], ",")
	u, err := url.Parse(scheme + "://" + rest[:at] + "redis" + rest[end:])
	if err != nil {
		return nil, errors.New("velocity: the Redis address cannot be read: special characters in the password must be written as %XX")
	}
	o := &redis.UniversalOptions{
		Protocol: 2, DisableIdentity: true,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, PoolTimeout: ioTimeout,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if o.Addrs, err = addresses(hosts); err != nil {
		return nil, err
	}
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	if scheme == "rediss" {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if err := settings(o, u); err != nil {
		return nil, err
	}
	if db := strings.Trim(u.Path, "/"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, errors.New("velocity: the path of a Redis address is the number of a database")
		}
	}
	if o.DB != 0 && clustered(o) {
		return nil, errors.New("velocity: a Redis Cluster has only database 0")
	}
	o.Dialer = dialer(o.TLSConfig)
	return o, nil
}

// dialer connects within connectTimeout, and gives up with the caller.
func dialer(secure *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: connectTimeout}
	if secure == nil {
		return plain.DialContext
	}
	return (&tls.Dialer{NetDialer: plain, Config: secure}).DialContext
}

// settings reads what stands behind the question mark. It repeats no name it does not know: a password with a question
// mark in it would be taken for one.
func settings(o *redis.UniversalOptions, u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("velocity: the settings of the Redis address cannot be read")
	}
	var ca, cert, key string
	for name, values := range query {
		switch name {
		case "master":
			o.MasterName = values[0]
		case "sentinel_user":
			o.SentinelUsername = values[0]
		case "sentinel_password":
			o.SentinelPassword = values[0]
		case "cluster":
			o.IsClusterMode = values[0] == "true"
		case "ca":
			ca = values[0]
		case "cert":
			cert = values[0]
		case "key":
			key = values[0]
		case "pool_size":
			if o.PoolSize, err = strconv.Atoi(values[0]); err != nil || o.PoolSize < 1 || o.PoolSize > 10_000 {
				return errors.New("velocity: pool_size of the Redis address is a number from 1 to 10000")
			}
		default:
			return errors.New("velocity: the Redis address has an unknown setting; known are master, sentinel_user, sentinel_password, cluster, ca, cert, key, pool_size")
		}
	}
	if o.MasterName != "" && o.IsClusterMode {
		return errors.New("velocity: a Redis address names a master or a cluster, not both")
	}
	if o.MasterName == "" && o.SentinelUsername+o.SentinelPassword != "" {
		return errors.New("velocity: sentinel_user and sentinel_password of the Redis address need a master")
	}
	return certificates(o.TLSConfig, ca, cert, key)
}

// certificates puts the named files into the configuration of TLS.
func certificates(to *tls.Config, ca, cert, key string) error {
	if ca+cert+key == "" {
		return nil
	}
	if to == nil {
		return errors.New("velocity: ca, cert and key of the Redis address need rediss://")
	}
	if (cert == "") != (key == "") {
		return errors.New("velocity: cert and key of the Redis address need each other")
	}
	for _, path := range []string{ca, cert, key} {
		if path != "" && !filepath.IsAbs(path) {
			return errors.New("velocity: ca, cert and key of the Redis address are absolute paths")
		}
	}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return fmt.Errorf("velocity: read ca of the Redis address: %w", err)
		}
		to.RootCAs = x509.NewCertPool()
		if !to.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("velocity: ca of the Redis address: %s holds no certificate in PEM", ca)
		}
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return fmt.Errorf("velocity: read cert and key of the Redis address: %w", err)
		}
		to.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// addresses completes hosts with the default port.
func addresses(hosts []string) ([]string, error) {
	out := make([]string, 0, len(hosts))
	for _, h := range hosts {
		host, port, err := net.SplitHostPort(h)
		if err != nil {
			host, port = strings.Trim(h, "[]"), defaultPort
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if host == "" || err != nil || n == 0 {
			return nil, errors.New("velocity: the Redis address has a host that is not host or host:port")
		}
		out = append(out, net.JoinHostPort(host, port))
	}
	return out, nil
}
