package gateway

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// door is a listener that lets in only so many connections of one network at once, and closes them politely: a client
// that is still sending a body we refused gets to read the refusal, where a plain close would reset the connection under
// it (RFC 9112 section 9.6).
type door struct {
	net.Listener
	most int
	free func(netip.Addr) bool // who is not counted: proxies, behind whom many come

	mu   sync.Mutex
	open map[netip.Prefix]int
}

func (s *Server) door(l net.Listener) *door {
	return &door{Listener: l, most: s.cfg.Limits.PerNetwork, free: s.trusts, open: map[netip.Prefix]int{}}
}

// crowded is the answer to a connection too many. It is so short that it never waits for who reads it.
const crowded = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n"

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		tcp, ok := c.(*net.TCPConn)
		if err != nil || !ok {
			return c, err
		}
		leave, ok := d.enter(tcp.RemoteAddr())
		if ok {
			return &visit{TCPConn: tcp, leave: leave}, nil
		}
		_, _ = io.WriteString(tcp, crowded)
		_ = tcp.Close()
	}
}

// enter counts a connection, and gives what takes it off the count.
func (d *door) enter(from net.Addr) (leave func(), ok bool) {
	peer, err := netip.ParseAddrPort(from.String())
	at := peer.Addr().Unmap().WithZone("")
	if err != nil || d.free(at) {
		return func() {}, true
	}
	who := networkOf(at)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[who] >= d.most {
		return nil, false
	}
	d.open[who]++
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.open[who]--; d.open[who] == 0 {
			delete(d.open, who)
		}
	}), true
}

// visit is a connection that was let in.
type visit struct {
	*net.TCPConn
	leave func()
}

// Bounds of the politeness.
const (
	lingerFor   = 500 * time.Millisecond
	lingerBytes = 16 << 20
)

// Close says that we are done, drops what still comes for a moment, and closes.
func (c *visit) Close() error {
	defer c.leave()
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
