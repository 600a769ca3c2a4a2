package gateway

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// lingering is a listener whose connections are closed politely: a client that is still sending a body we refused gets
// to read the refusal, where a plain close would reset the connection under it (RFC 9112 section 9.6).
type lingering struct{ net.Listener }

// Accept implements net.Listener.
func (l lingering) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return lingeringConn{tcp}, err
	}
	return c, err
}

type lingeringConn struct{ *net.TCPConn }

// Bounds of the politeness.
const (
	lingerFor   = 500 * time.Millisecond
	lingerBytes = 16 << 20
)

// Close says that we are done, drops what still comes for a moment, and closes.
func (c lingeringConn) Close() error {
	if err := c.CloseWrite(); err != nil {
		return c.TCPConn.Close()
	}
	cut := time.AfterFunc(lingerFor, func() { _ = c.TCPConn.Close() })
	_, _ = io.CopyN(io.Discard, c.TCPConn, lingerBytes)
	if !cut.Stop() {
		return nil
	}
	return c.TCPConn.Close()
}

func parsePrefixes(names []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, n := range names {
		if p, err := netip.ParsePrefix(n); err == nil {
			out = append(out, p.Masked())
			continue
		}
		a, err := netip.ParseAddr(n)
		if err != nil {
			return nil, fmt.Errorf("gateway: trusted proxy %q is neither an address nor a network", n)
		}
		out = append(out, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
	}
	return out, nil
}

// client is the network the request comes from: the address itself for IPv4, its /64 for IPv6, which is what one
// subscriber holds. X-Forwarded-For is read from its right end, and only as far as trusted proxies wrote it. All of its
// lines are one list: a proxy may add its own as another line.
func (s *Server) client(c *fiber.Ctx) netip.Prefix {
	remote, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return netip.Prefix{}
	}
	at := remote.Unmap()
	var hops []string
	if s.trusts(at) {
		hops = strings.Split(headField(&c.Request().Header, fiber.HeaderXForwardedFor), ",")
	}
	for i := len(hops) - 1; i >= 0 && s.trusts(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap().WithZone("")
	}
	return networkOf(at)
}

// networkOf is what one subscriber holds around an address.
func networkOf(at netip.Addr) netip.Prefix {
	bits := at.BitLen()
	if at.Is6() {
		bits = 64
	}
	p, _ := at.Prefix(bits)
	return p
}

func (s *Server) trusts(a netip.Addr) bool {
	for _, p := range s.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
