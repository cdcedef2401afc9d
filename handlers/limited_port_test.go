package handlers

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/chat"
)

// remotePort is a port whose connections appear to come from the addresses that a test
// chooses.
type remotePort struct {
	net.Listener
	from chan netip.Addr
}

type connFrom struct {
	net.Conn
	from netip.Addr
}

func (c connFrom) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.from, 4711))
}

func (a remotePort) Accept() (net.Conn, error) {
	conn, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return connFrom{conn, <-a.from}, nil
}

// limitedPort serves a port with a limit of connections per address, where each address
// already has webSockets of them.
type limitedPort struct {
	t          *testing.T
	from       chan netip.Addr
	listener   *listener
	idled      chan struct{}
	log        strings.Builder
	webSockets atomic.Int64
	mu         sync.Mutex
	now        time.Time
	finish     func()
}

func newLimitedPort(t *testing.T, limit int) *limitedPort {
	t.Helper()
	p := &limitedPort{t: t, from: make(chan netip.Addr, 1), idled: make(chan struct{}, 100), now: time.Now()}
	proxy := netip.MustParseAddr("192.0.2.1")
	conns := &httpConns{
		limit:      limit,
		exempt:     func(address netip.Addr) bool { return !chat.LimitedAddress(address) || address == proxy },
		webSockets: func(netip.Prefix) int { return int(p.webSockets.Load()) },
		now: func() time.Time {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.now
		},
	}
	l := newListener(remotePort{openPort(t), p.from}, 0, conns, testReporter(slog.NewTextHandler(&p.log, nil)))
	l.limited, p.listener = true, l
	p.finish = serveSlowly(t, l, func() { p.idled <- struct{}{} })
	return p
}

func (p *limitedPort) opens(address string) *idleClient {
	p.t.Helper()
	p.from <- netip.MustParseAddr(address)
	return openIdle(p.t, p.listener)
}

// idles opens a connection and waits until one request on it is answered.
func (p *limitedPort) idles(address string) *idleClient {
	p.t.Helper()
	c := p.opens(address)
	c.asks("/")
	c.isAnswered()
	<-p.idled
	return c
}

func (p *limitedPort) passes(span time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(span)
}

// The newest connections of an address stay open, however many it opens: people behind one
// address do not notice the limit.
func TestANewConnectionReplacesTheOldestIdleOneOfItsAddress(t *testing.T) {
	p := newLimitedPort(t, 3)
	neighbour := p.idles("198.51.100.8")
	var mine []*idleClient
	for range 10 {
		mine = append(mine, p.idles("198.51.100.7"))
	}
	for _, c := range mine[:7] {
		c.isClosed()
	}
	for _, c := range append(mine[7:], neighbour) {
		c.asks("/")
		c.isAnswered()
	}
	if p.log.Len() > 0 {
		t.Errorf("the log has %s", p.log.String())
	}
}

// An address is refused only while all connections that it may have are busy. Other
// addresses are served.
func TestAnAddressIsRefusedWhileTooManyConnectionsAreBusy(t *testing.T) {
	p := newLimitedPort(t, 3)
	var busy []*idleClient
	for range 3 {
		c := p.opens("198.51.100.7")
		c.asks("/slow")
		busy = append(busy, c)
	}
	for range 3 {
		p.opens("198.51.100.7").isRefused()
	}
	p.idles("198.51.100.8")
	if logged := strings.Count(p.log.String(), "\n"); logged != 1 || !strings.Contains(p.log.String(), "address=198.51.100.7") {
		t.Errorf("the log has %s", p.log.String())
	}
	p.finish()
	for _, c := range busy {
		c.isAnswered()
		<-p.idled
	}
	p.idles("198.51.100.7")
}

// An address that keeps connecting while it is refused does not delay others: its
// connections are closed without an answer.
func TestTooManyRefusalsAreClosedUnanswered(t *testing.T) {
	p := newLimitedPort(t, 1)
	p.opens("198.51.100.7").asks("/slow")
	for range maxRefusals {
		p.listener.refusingAddress <- struct{}{} // as many clients are being refused
	}
	p.opens("198.51.100.7").isClosed()
	p.idles("198.51.100.8")
}

// Spare connections that browsers open and never use count as idle after a moment.
func TestASilentConnectionIsIdleAfterAMoment(t *testing.T) {
	p := newLimitedPort(t, 2)
	silent := []*idleClient{p.opens("198.51.100.7"), p.opens("198.51.100.7")}
	p.passes(silentAfter)
	p.opens("198.51.100.7").isRefused()
	p.passes(time.Millisecond)
	p.idles("198.51.100.7")
	silent[0].isClosed()
	silent[1].asks("/")
	silent[1].isAnswered()
}

// WebSockets count as well: with many of them fewer HTTP connections stay open, but a page
// can always be loaded.
func TestWebSocketsTakeThePlaceOfIdleConnections(t *testing.T) {
	p := newLimitedPort(t, 3)
	p.webSockets.Store(2)
	first, second := p.idles("198.51.100.7"), p.idles("198.51.100.7")
	first.isClosed()
	p.webSockets.Store(3)
	p.idles("198.51.100.7")
	second.isClosed()
	p.opens("198.51.100.7").asks("/slow")
	p.idles("198.51.100.7")
	p.idles("198.51.100.7")
}

// An IPv6 subscriber may have a /56 or a /48: these have four and sixteen times the limit.
func TestAnIPv6NetworkHasALimitOfHTTPConnections(t *testing.T) {
	p := newLimitedPort(t, 1)
	slow := func(network string) *idleClient {
		c := p.opens(network + "::1")
		c.asks("/slow")
		return c
	}
	for _, wide := range []string{"0", "1", "2", "3"} { // each /56 of the first /48
		for _, narrow := range []string{"0", "1", "2", "3"} {
			slow("2001:db8:1:" + wide + "0" + narrow)
			p.opens("2001:db8:1:" + wide + "0" + narrow + "::2").isRefused()
		}
		p.opens("2001:db8:1:" + wide + "04::1").isRefused()
	}
	p.opens("2001:db8:1:ff00::1").isRefused()
	p.idles("2001:db8:2:0::1")
}

// A proxy stands for many people, and connections from this machine have no limit.
func TestProxiesHaveNoLimitOfConnections(t *testing.T) {
	p := newLimitedPort(t, 2)
	for _, address := range []string{"192.0.2.1", "127.0.0.1", "::1", "::ffff:127.0.0.2"} {
		var all []*idleClient
		for range 5 {
			all = append(all, p.idles(address))
		}
		for _, c := range all {
			c.asks("/")
			c.isAnswered()
			<-p.idled
		}
	}
}
