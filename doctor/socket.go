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

// foreignOrigin is the origin of somebody else's page. No such name can exist.
const foreignOrigin = "https://stranger.invalid"

// socket opens a connection as the page does, and asks something over it. It speaks
// JSON and enters no room, so nobody hears of it.
func (d *Doctor) socket(ctx context.Context) []Finding {
	const check = "connection"
	began := time.Now()
	conn, response, err := d.dial(ctx, d.origin())
	if err != nil {
		return []Finding{handshakeFinding(check, response, err)}
	}
	defer conn.Close()
	if err := d.pingPong(conn); err != nil {
		return []Finding{problem(check, "have the proxy pass frames on both ways, without buffering: docs/tls.md", "it opens, and then nothing comes over it: %v", err)}
	}
	return []Finding{ok(check, "it opens, and is answered: %v in all", time.Since(began).Round(time.Millisecond))}
}

// origin is that of the page.
func (d *Doctor) origin() string { return d.public.Scheme + "://" + d.public.Host }

// dial opens a connection under a name that nobody has, with further headers in pairs.
func (d *Doctor) dial(ctx context.Context, origin string, headers ...string) (*websocket.Conn, *http.Response, error) {
	at := d.publicURL("chat/doctor-" + strings.ToLower(rand.Text()[:8]))
	at.Scheme = strings.Replace(at.Scheme, "http", "ws", 1)
	dialer := websocket.Dialer{
		HandshakeTimeout: publicTimeout, Subprotocols: []string{"chat.v1"},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // it was judged with the page
	}
	header := http.Header{"Origin": {origin}}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return dialer.DialContext(ctx, at.String(), header)
}

// pingPong waits for the welcome and the answer to a ping.
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
		err = fmt.Errorf("heard is %.80q and no %s", text, event)
	}
	return err
}

// handshakeFinding says why a handshake may be refused, and by whom.
func handshakeFinding(check string, response *http.Response, err error) Finding {
	if response == nil {
		return problem(check, "look at the log of the proxy: what it does with Upgrade", "it does not open: %v", err)
	}
	cure := map[int]string{
		http.StatusForbidden:           "have the proxy pass Host on as the browser sent it (nginx: proxy_set_header Host $http_host), or name the page's address in --origins",
		http.StatusMisdirectedRequest:  remedyUnknownHost,
		http.StatusUpgradeRequired:     "have the proxy pass Upgrade and Connection on, with HTTP/1.1: docs/tls.md",
		http.StatusTooManyRequests:     "tell the server which proxies to believe, with --trusted-proxies, or raise --max-per-address",
		http.StatusServiceUnavailable:  "the server is full, short of memory or stopping: look at /readyz?verbose on the operators' port",
		http.StatusBadGateway:          "start the server, and have the proxy lead to the address that --listen says",
		http.StatusInternalServerError: "look at the log of the server",
	}[response.StatusCode]
	if cure == "" {
		cure = "have the proxy pass Upgrade and Connection on, with HTTP/1.1, and every path unchanged: docs/tls.md"
	}
	return problem(check, cure, "it does not open: %s", response.Status)
}

// foreignPages looks whether the page of somebody else is kept out, as the server does
// unless a proxy hides whose page it is.
func (d *Doctor) foreignPages(ctx context.Context) []Finding {
	const check = "origin"
	conn, response, err := d.dial(ctx, foreignOrigin)
	switch {
	case err == nil:
		_ = conn.Close() // it is not ours to have
		return []Finding{problem(check, "have the proxy pass Origin and Host on as they come", "the page of another site may open a connection, with the cookies of its visitors")}
	case errors.Is(err, websocket.ErrBadHandshake) && response.StatusCode == http.StatusForbidden:
		return []Finding{ok(check, "the page of another site is refused")}
	}
	return []Finding{note(check, "mend the connection first", "whether the page of another site is refused is not known: %v", err)}
}

const (
	// idleFor is how long patience holds a connection: longer than the 60 s after which
	// nginx and others end one on which nothing comes.
	idleFor = 75 * time.Second
)

// idle holds a connection on which nobody says anything: the server pings it, so
// that no proxy finds it idle.
func (d *Doctor) idle(ctx context.Context) []Finding {
	const check = "patience"
	conn, response, err := d.dial(ctx, d.origin())
	if err != nil {
		return []Finding{handshakeFinding(check, response, err)}
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // whoever interrupts is not kept waiting
	began := time.Now()
	if err := conn.SetReadDeadline(began.Add(idleFor)); err != nil {
		return []Finding{problem(check, "", "it cannot be held: %v", err)}
	}
	for {
		if _, _, err = conn.ReadMessage(); err != nil { // pings are answered in there
			break
		}
	}
	after := time.Since(began)
	if after < idleFor {
		return []Finding{problem(check, "have the proxy wait longer: nginx with proxy_read_timeout 90s", "a silent connection was ended after %v: %v", after.Round(time.Second), err)}
	}
	return []Finding{ok(check, "a silent connection is kept for %v", idleFor)}
}
