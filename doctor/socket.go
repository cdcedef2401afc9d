package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fasthttp/websocket"
)

// foreignOrigin is the origin of another site. The name cannot exist (RFC 2606).
const foreignOrigin = "https://stranger.invalid"

// socket opens a WebSocket as the page does, and sends a ping. It uses JSON and joins no
// room, so nobody notices it.
func (d *Doctor) socket(ctx context.Context) []Finding {
	const check = "connection"
	began := time.Now()
	conn, response, err := d.dial(ctx, d.origin())
	if err != nil {
		return []Finding{handshakeFinding(check, response, err)}
	}
	defer conn.Close()
	if err := d.pingPong(conn); err != nil {
		return []Finding{problem(check, "make the proxy forward WebSocket frames in both directions without buffering: docs/tls.md", "opens, but no data arrives: %v", err)}
	}
	return []Finding{ok(check, "opens and answers, %v in total", time.Since(began).Round(time.Millisecond))}
}

// origin returns the origin of the chat's page.
func (d *Doctor) origin() string { return d.public.Scheme + "://" + d.public.Host }

// dial opens a WebSocket under a random name, with additional headers in pairs.
func (d *Doctor) dial(ctx context.Context, origin string, headers ...string) (*websocket.Conn, *http.Response, error) {
	at := d.publicURL("chat/doctor-" + strings.ToLower(rand.Text()[:8]))
	at.Scheme = strings.Replace(at.Scheme, "http", "ws", 1)
	dialer := websocket.Dialer{
		HandshakeTimeout: publicTimeout, Subprotocols: []string{"chat.v1"},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // verified with the page
	}
	header := http.Header{"Origin": {origin}}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return dialer.DialContext(ctx, at.String(), header)
}

// pingPong waits for the welcome, sends a ping and waits for the answer.
func (d *Doctor) pingPong(conn *websocket.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(publicTimeout)); err != nil {
		return err
	}
	if err := expectEvent(conn, "welcome"); err != nil {
		return err
	}
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"cmd":"ping"}`)); err != nil {
		return err
	}
	return expectEvent(conn, "pong")
}

func expectEvent(conn *websocket.Conn, event string) error {
	_, text, err := conn.ReadMessage()
	if err == nil && !bytes.Contains(text, []byte(`"event":"`+event+`"`)) {
		err = fmt.Errorf("got %.80q instead of %s", text, event)
	}
	return err
}

// handshakeFinding reports why a handshake failed, and which party refused it.
func handshakeFinding(check string, response *http.Response, err error) Finding {
	if response == nil {
		return problem(check, "check the log of the proxy: it may not support Upgrade", "does not open: %v", err)
	}
	remedy := map[int]string{
		http.StatusForbidden:           "make the proxy forward the browser's Host header (nginx: proxy_set_header Host $http_host), or list the page's origin in --origins",
		http.StatusMisdirectedRequest:  remedyUnknownHost,
		http.StatusUpgradeRequired:     "make the proxy forward Upgrade and Connection with HTTP/1.1: docs/tls.md",
		http.StatusTooManyRequests:     "list your proxies in --trusted-proxies, or raise --max-per-address",
		http.StatusServiceUnavailable:  "the server is full, low on memory or stopping: see /readyz?verbose on the admin listener",
		http.StatusBadGateway:          "start the server, and point the proxy to the address in --listen",
		http.StatusInternalServerError: "check the log of the server",
	}[response.StatusCode]
	if remedy == "" {
		remedy = "make the proxy forward Upgrade and Connection with HTTP/1.1, and every path unchanged: docs/tls.md"
	}
	return problem(check, remedy, "does not open: %s", response.Status)
}

// foreignPages checks that pages of other sites are refused, as the server does unless a
// proxy hides the Origin.
func (d *Doctor) foreignPages(ctx context.Context) []Finding {
	const check = "origin"
	conn, response, err := d.dial(ctx, foreignOrigin)
	switch {
	case err == nil:
		_ = conn.Close() // it should not have opened
		return []Finding{problem(check, "make the proxy forward Origin and Host unchanged", "other sites' pages can open connections with their visitors' cookies")}
	case errors.Is(err, websocket.ErrBadHandshake) && response.StatusCode == http.StatusForbidden:
		return []Finding{ok(check, "connections from other sites' pages are refused")}
	}
	return []Finding{note(check, "fix the connection first", "cannot check whether other sites' pages are refused: %v", err)}
}

const (
	// idleFor is how long idle holds a connection: longer than 60 s, the default idle
	// timeout of nginx and other proxies.
	idleFor = 75 * time.Second
)

// idle holds an idle connection. The server's pings must keep proxies from closing it.
func (d *Doctor) idle(ctx context.Context) []Finding {
	const check = "idle"
	conn, response, err := d.dial(ctx, d.origin())
	if err != nil {
		return []Finding{handshakeFinding(check, response, err)}
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // end at once when interrupted
	began := time.Now()
	if err := conn.SetReadDeadline(began.Add(idleFor)); err != nil {
		return []Finding{problem(check, "", "cannot hold a connection: %v", err)}
	}
	for {
		if _, _, err = conn.ReadMessage(); err != nil { // also answers pings
			break
		}
	}
	after := time.Since(began)
	if after < idleFor {
		return []Finding{problem(check, "raise the proxy's idle timeout (nginx: proxy_read_timeout 90s)", "an idle connection was closed after %v: %v", after.Round(time.Second), err)}
	}
	return []Finding{ok(check, "an idle connection stays open for %v", idleFor)}
}
