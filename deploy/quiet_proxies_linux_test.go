package deploy_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chat"
	"chatserver/chattest"
)

// others are the proxies of the docs other than nginx and Caddy.
var others = map[string]func(t *testing.T, chat string) *proxy{
	"HAProxy":  func(t *testing.T, chat string) *proxy { t.Helper(); return newHAProxy(t, chat) },
	"Apache":   func(t *testing.T, chat string) *proxy { t.Helper(); return newApache(t, chat) },
	"lighttpd": func(t *testing.T, chat string) *proxy { t.Helper(); return newLighttpd(t, chat) },
	"Squid":    func(t *testing.T, chat string) *proxy { t.Helper(); return newSquid(t, chat) },
}

// impatient are the proxies that cut idle connections. Their timeout is two seconds
// here, instead of the one in the docs. Caddy has no such timeout.
var impatient = map[string]func(t *testing.T, chat string) *proxy{
	"nginx": func(t *testing.T, chat string) *proxy {
		t.Helper()
		return newNginx(t, chat, func(site string) string { return with(t, site, "proxy_read_timeout 90s;", "proxy_read_timeout 2s;") })
	},
	"HAProxy": func(t *testing.T, chat string) *proxy {
		t.Helper()
		return newHAProxy(t, chat, "timeout tunnel 60s", "timeout tunnel 2s")
	},
	"Apache": func(t *testing.T, chat string) *proxy {
		t.Helper()
		return newApache(t, chat, "Timeout 60", "Timeout 2")
	},
	"lighttpd": func(t *testing.T, chat string) *proxy {
		t.Helper()
		return newLighttpd(t, chat, `"read-timeout" => 60`, `"read-timeout" => 2`)
	},
	"Squid": func(t *testing.T, chat string) *proxy {
		t.Helper()
		return newSquid(t, chat, "read_timeout 60 seconds", "read_timeout 2 seconds")
	},
}

// A connection is idle for longer than a proxy's timeout, and is not cut, because the
// chat pings. Without pings it is cut; otherwise the proxy would have no timeout and the
// test would prove nothing.
//
// If this machine stalls for two seconds, the pings are late as well, and the proxy is
// right to cut. So a connection that had no ping for the length of the timeout proves
// nothing, and the test tries another one.
func TestAQuietConnectionIsNotCutByProxies(t *testing.T) {
	t.Parallel()
	const (
		ping = chat.PingInterval / 50
		wait = 2 * time.Second // timeout of the impatient proxies
	)
	for name, proxy := range impatient {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, _ := behind(t, chattest.PingEvery(ping))
			p := proxy(t, world.Address())
			for began := time.Now(); ; {
				gap, err := p.staysQuiet(2 * wait)
				if err == nil {
					return
				}
				if gap < wait || time.Since(began) > chattest.Patience {
					t.Fatalf("cut, with at most %v between pings: %v", gap, err)
				}
			}
		})
		t.Run(name+" without pings", func(t *testing.T) {
			t.Parallel()
			world, _ := behind(t, chattest.PingEvery(time.Hour))
			if _, err := proxy(t, world.Address()).staysQuiet(2 * wait); err == nil {
				t.Error("the connection is not cut")
			}
		})
	}
}

// staysQuiet opens a connection, sends nothing for a time that ends with a ping from the
// chat, and then sends a message. It returns the longest time without a ping, and the
// error if the connection was cut.
func (p *proxy) staysQuiet(quiet time.Duration) (gap time.Duration, err error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), chattest.Patience)
	defer cancel()
	var longest atomic.Int64
	began := time.Now()
	last, enough := began, make(chan struct{}, 1)
	ann, _, err := p.connect(ctx, "wss://chat.example/chat/Ann", "https://chat.example", websocket.DialOptions{ //nolint:bodyclose // the library's
		OnPingReceived: func(context.Context, []byte) bool {
			now := time.Now()
			longest.Store(max(longest.Load(), int64(now.Sub(last))))
			if last = now; now.Sub(began) > quiet {
				select {
				case enough <- struct{}{}:
				default:
				}
			}
			return true
		},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	defer ann.CloseNow() //nolint:errcheck // it is over
	p.hears(ctx, ann, "Ann connected to chat")
	cut := make(chan error, 1)
	go func() {
		_, _, err := ann.Read(ctx)
		longest.Store(max(longest.Load(), int64(time.Since(last))))
		cut <- err
	}()
	select {
	case <-enough:
		err = ann.Write(ctx, websocket.MessageText, []byte("still here"))
	case err = <-cut:
	}
	if ctx.Err() != nil {
		p.t.Fatalf("nothing happens on an idle connection: %v", err)
	}
	return time.Duration(longest.Load()), err
}
