package socket

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/chattest/tcp"
	"chatserver/chatv1"
	"chatserver/cluster"
	"chatserver/handlers/request"
	"chatserver/node"
	"chatserver/store"
	"chatserver/telemetry"
	"chatserver/ws"
)

// The first close frame determines why a connection closed (RFC 6455 §7.1.5). A client's answer
// to the server's close frame counts under the server's reason, even if it is read first.
func TestTheFirstCloseFrameIsTheCountedReason(t *testing.T) {
	for _, test := range []struct {
		ours   chat.Close // sent before the end was read; the zero Close is none
		read   error
		reason string
	}{
		{chat.Close(ws.CloseTooSlow), ws.ClosedByPeer{Code: chat.Close(ws.CloseTooSlow).Code}, "too_slow"},
		{chat.CloseGoingAway, ws.ClosedByPeer{Code: chat.CloseGoingAway.Code}, "going_away"},
		{chat.CloseUnresponsive, ws.ClosedByPeer{}, "unresponsive"},
		{chat.Close{}, ws.ClosedByPeer{Code: ws.CodeNormal}, "goodbye"},
		{chat.Close{}, ws.ClosedByPeer{}, "goodbye"},
		{chat.Close{}, ws.CloseBinary, "binary"},
	} {
		db, err := store.OpenSQLite(context.Background(), t.TempDir(), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		log, told, ids := slog.New(slog.DiscardHandler), telemetry.New("", nil), chatv1.NewShortIDs([]byte("a secret"))
		rules := node.Start(db, Frames(ids), cluster.Alone(), chat.Options{Log: log})
		defer rules.Stop(context.Background())
		site := &request.Site{Chat: rules, Accounts: accounts.None(), Limiter: request.NewRateLimiter(0), Reporter: &request.Reporter{Telemetry: told, Log: log}}
		s := New(site, Options{MaxText: 8192}, ids)
		told.Expect(nil, nil, EndLabels())
		user, err := chat.NewUser("Ann", 0, "")
		if err != nil {
			t.Fatal(err)
		}
		server, client := tcp.Pair(t)
		conn, err := s.newConnection(server, &request.Visit{Actor: chat.GuestAt(user, netip.Addr{}), Room: "lobby"})
		if err != nil || !s.begin() {
			t.Fatal(err)
		}
		if err := s.onOpen(conn); err != nil {
			t.Fatal(err)
		}
		if test.ours != (chat.Close{}) {
			conn.Close(test.ours)
		}
		go func() { // the client hangs up when the server does
			_, _ = io.Copy(io.Discard, client)
			_ = client.Close()
		}()
		s.onClose(conn, test.read)
		answer := httptest.NewRecorder()
		told.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		if counted := `chatserver_connections_closed_total{reason="` + test.reason + `"} 1`; !strings.Contains(answer.Body.String(), counted) {
			t.Errorf("after %v and %v the metrics lack %s", test.ours, test.read, counted)
		}
	}
}
