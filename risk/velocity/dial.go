package velocity

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	dialTimeout = time.Second
	// ioTimeout bounds one pipeline of Append or Rebuild; Observe stays far below it by its own budget.
	ioTimeout   = 3 * time.Second
	defaultPort = "6379"
)

// Dial makes a client for the address; nothing is sent until it is used. See Options.
func Dial(address string) (redis.UniversalClient, error) {
	o, err := Options(address)
	if err != nil {
		return nil, err
	}
	return redis.NewUniversalClient(o), nil
}

// Options reads an address and gives client options fit for counting: no command is ever sent twice by the client,
// the caller's deadline is kept, and nothing waits long.
//
//	redis://user:password@host:6379/2        one server, database 2
//	rediss://host:6379                       the same over TLS
//	redis://a:6379,b:6379,c:6379             a Cluster, found through any of these nodes
//	redis://a:6379?cluster=true              a Cluster with one entry address
//	redis://a:26379,b:26379/0?master=name    a server watched by these Sentinels
//
// An error never repeats the address, which may hold a password.
func Options(address string) (*redis.UniversalOptions, error) {
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
	if o.DB != 0 && o.MasterName == "" && (o.IsClusterMode || len(o.Addrs) > 1) {
		return nil, errors.New("velocity: a Redis Cluster has only database 0")
	}
	return o, nil
}

// settings reads what stands behind the question mark.
func settings(o *redis.UniversalOptions, u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("velocity: the settings of the Redis address cannot be read")
	}
	for name, values := range query {
		switch name {
		case "master":
			o.MasterName = values[0]
		case "cluster":
			o.IsClusterMode = values[0] == "true"
		case "pool_size":
			if o.PoolSize, err = strconv.Atoi(values[0]); err != nil || o.PoolSize < 1 || o.PoolSize > 10_000 {
				return errors.New("velocity: pool_size of the Redis address is a number from 1 to 10000")
			}
		default:
			return fmt.Errorf("velocity: the Redis address has an unknown setting %q; known are master, cluster, pool_size", name)
		}
	}
	if o.MasterName != "" && o.IsClusterMode {
		return errors.New("velocity: a Redis address names a master or a cluster, not both")
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
