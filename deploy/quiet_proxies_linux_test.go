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

// others are the proxies of the docs besides nginx and Caddy.
var others = map[string]func(t *testing.T, chat string) *proxy{
	"HAProxy":  func(t *testing.T, chat string) *proxy { t.Helper(); return newHAProxy(t, chat) },
	"Apache":   func(t *testing.T, chat string) *proxy { t.Helper(); return newApache(t, chat) },
	"lighttpd": func(t *testing.T, chat string) *proxy { t.Helper(); return newLighttpd(t, chat) },
	"Squid":    func(t *testing.T, chat string) *proxy { t.Helper(); return newSquid(t, chat) },
}

// impatient are the proxies that cut a quiet connection, after two seconds instead of the
// timeout in the docs. Caddy has none.
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

// Nobody sends anything for longer than a proxy waits, and nobody is cut, because the chat
// pings. A chat that does not ping is cut, or the proxy would not wait at all.
//
// A machine that stands still for two seconds delays the pings as well, and then the
// proxy is right to cut. So a connection that was without a ping for as long as the proxy
// waits proves nothing, and another one is tried.
func TestAQuietConnectionIsNotCutByProxies(t *testing.T) {
	t.Parallel()
	const (
		ping = chat.PingInterval / 50
		wait = 2 * time.Second // of the impatient proxies
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
					t.Fatalf("cut after at most %v without a ping: %v", gap, err)
				}
			}
		})
		t.Run(name+" without pings", func(t *testing.T) {
			t.Parallel()
			world, _ := behind(t, chattest.PingEvery(time.Hour))
			if _, err := proxy(t, world.Address()).staysQuiet(2 * wait); err == nil {
				t.Error("it is not cut")
			}
		})
	}
}

// staysQuiet opens a connection, sends nothing for a time that ends with a ping of the
// chat, and then a message. It returns the longest time without a ping, and why the
// connection was cut.
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
		p.t.Fatalf("nothing happens on a quiet connection: %v", err)
	}
	return time.Duration(longest.Load()), err
}
