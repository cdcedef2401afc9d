package request

import (
	"net"
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Proxies write addresses with and without ports (RFC 7239 §6). Unreadable addresses count as
// one limited address, and neither as the proxy nor as loopback.
func TestForwardedAddressesAreParsed(t *testing.T) {
	s := &Site{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}
	elsewhere := &Site{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	unknown := unreadableAddress.String()
	for _, test := range []struct {
		site   *Site
		peer   string
		header []string
		want   string
	}{
		{s, "127.0.0.1", nil, "127.0.0.1"},
		{s, "127.0.0.1", []string{"203.0.113.7"}, "203.0.113.7"},
		{s, "127.0.0.1", []string{"203.0.113.7:4711"}, "203.0.113.7"},
		{s, "127.0.0.1", []string{"203.0.113.7:_hidden"}, "203.0.113.7"},
		{s, "127.0.0.1", []string{`"203.0.113.7:4711"`}, "203.0.113.7"},
		{s, "127.0.0.1", []string{"2001:db8::7"}, "2001:db8::7"},
		{s, "127.0.0.1", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{s, "127.0.0.1", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{s, "127.0.0.1", []string{`"[2001:db8::7]:4711"`}, "2001:db8::7"},
		{s, "127.0.0.1", []string{"2001:db8::7%eth0"}, "2001:db8::7"},
		{s, "127.0.0.1", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{s, "127.0.0.1", []string{"[::ffff:203.0.113.7]:80"}, "203.0.113.7"},
		{s, "127.0.0.1", []string{"203.0.113.9, 10.0.0.3:80"}, "203.0.113.9"},
		{s, "127.0.0.1", []string{"203.0.113.9", "10.0.0.3"}, "203.0.113.9"},
		{s, "127.0.0.1", []string{"8.8.8.8, 203.0.113.9, 10.0.0.3"}, "203.0.113.9"},
		{s, "127.0.0.1", []string{"nonsense, 203.0.113.9"}, "203.0.113.9"},
		{s, "127.0.0.1", []string{"203.0.113.9,, "}, "203.0.113.9"},
		{s, "127.0.0.1", []string{""}, "127.0.0.1"},
		{s, "127.0.0.1", []string{"10.0.0.7"}, "10.0.0.7"},
		{s, "127.0.0.1", []string{"127.0.0.1"}, "127.0.0.1"},
		{s, "127.0.0.1", []string{"::1"}, "::1"},
		{s, "10.0.0.1", []string{"::1"}, unknown},
		{s, "127.0.0.1", []string{"127.0.0.1, 10.0.0.1"}, unknown},
		{elsewhere, "10.0.0.1", []string{"127.0.0.1"}, unknown},
		{elsewhere, "10.0.0.1", []string{"[::1]:80"}, unknown},
		{elsewhere, "10.0.0.1", []string{"::ffff:127.0.0.1"}, unknown},
		{s, "127.0.0.1", []string{"unknown"}, unknown},
		{s, "127.0.0.1", []string{"::"}, unknown}, // of Squid's own requests
		{s, "127.0.0.1", []string{"[::]:80"}, unknown},
		{s, "127.0.0.1", []string{"::ffff:0.0.0.0"}, unknown},
		{s, "127.0.0.1", []string{"0.0.0.0:80"}, unknown},
		{s, "127.0.0.1", []string{"ff02::1"}, unknown},
		{s, "127.0.0.1", []string{"224.0.0.1"}, unknown},
		{s, "127.0.0.1", []string{"203.0.113.9, ::"}, unknown},
		{s, "127.0.0.1", []string{"0:0:0:0:0:0:0:1"}, "::1"},
		{s, "127.0.0.1", []string{"203.0.113.7\t"}, "203.0.113.7"},
		{s, "127.0.0.1", []string{"010.0.0.7"}, unknown},
		{s, "127.0.0.1", []string{"0x7f000001"}, unknown},
		{s, "127.0.0.1", []string{"2130706433"}, unknown},
		{s, "127.0.0.1", []string{"_hidden"}, unknown},
		{s, "127.0.0.1", []string{"_hidden:80"}, unknown},
		{s, "127.0.0.1", []string{"203.0.113.9, not an address"}, unknown},
		{s, "127.0.0.1", []string{"203.0.113.7:"}, unknown},
		{s, "127.0.0.1", []string{"203.0.113.7:123456"}, unknown},
		{s, "127.0.0.1", []string{"203.0.113.7:80:80"}, unknown},
		{s, "127.0.0.1", []string{"[203.0.113.7]:80"}, unknown},
		{s, "127.0.0.1", []string{"[2001:db8::7"}, unknown},
		{s, "127.0.0.1", []string{"[2001:db8::7]80"}, unknown},
		{s, "127.0.0.1", []string{"[]:80"}, unknown},
		{s, "127.0.0.1", []string{"127.1"}, unknown},
		{s, "127.0.0.1", []string{"localhost"}, unknown},
		{s, "127.0.0.1", []string{"for=203.0.113.7"}, unknown},
		{s, "203.0.113.1", []string{"203.0.113.7"}, "203.0.113.1"},
	} {
		if got := test.site.Address(request(t, test.peer, test.header)); got != netip.MustParseAddr(test.want) {
			t.Errorf("%q from %s is %s instead of %s", test.header, test.peer, got, test.want)
		}
	}
}

func tcpAddr(ip string) net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 4711))
}

// request returns a request from a peer, with the given lines of X-Forwarded-For.
func request(t *testing.T, peer string, forwarded []string) *fiber.Ctx {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	ctx := &fasthttp.RequestCtx{}
	ctx.Init(&fasthttp.Request{}, tcpAddr(peer), nil)
	for _, line := range forwarded {
		ctx.Request.Header.Add(fiber.HeaderXForwardedFor, line)
	}
	c := app.AcquireCtx(ctx)
	t.Cleanup(func() { app.ReleaseCtx(c) })
	return c
}
