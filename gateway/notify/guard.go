package notify

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// errPrivate is the error of an endpoint whose name leads into a network that is not the public Internet.
var errPrivate = errors.New("the endpoint's address is not a public one")

// notPublic are the networks, beyond those that package netip can name, that the public Internet does not reach or
// that lead elsewhere (IANA special-purpose address registries, RFC 6890 and its successors).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT, RFC 6598; cloud metadata services too
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), // Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4: an IPv4 address inside
	netip.MustParsePrefix("3fff::/20"),
}

// globalUnicast6 is the only IPv6 space in public use; NAT64, unique local and link-local addresses lie outside it.
var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// public reports whether an address is one on the public Internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		return false
	}
	if a.Is6() && !globalUnicast6.Contains(a) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// guardedDialer refuses every address that is not public, unless told otherwise. It looks at the address that is about
// to be connected to, after the name was resolved, so a name that changes its mind between check and use gains nothing.
func guardedDialer(allowPrivate bool) *net.Dialer {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !allowPrivate {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !public(to.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return d
}
