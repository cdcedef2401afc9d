package handlers_test

import (
	"io"
	"net"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
)

// waits is a short time of waiting for a request, and how much shorter it is than the
// server's own; in the long form it is that.
func waits() (short time.Duration, shorter int) {
	if chattest.Long() {
		return 10 * time.Second, 1
	}
	return 250 * time.Millisecond, 40
}

// hangsUp is how long the server takes to hang up.
func hangsUp(t *testing.T, conn net.Conn, began time.Time) time.Duration {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // of a connection, as it is
			t.Fatal("it never hangs up")
		}
	}
	return time.Since(began)
}

// Who connects and asks nothing, or asks a byte a second, has no connection for ever.
func TestSilentHTTPConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	wait, shorter := waits()
	w := chattest.NewWorld(t, chattest.RequestsWithin(wait))
	dial := func() net.Conn {
		conn := w.Dial()
		_ = conn.SetDeadline(time.Now().Add(60 * time.Second))
		return conn
	}
	silent, began := dial(), time.Now()
	slow := dial()
	ended := make(chan time.Duration, 1)
	go func() {
		ticker := time.NewTicker(wait / 10)
		defer ticker.Stop()
		for _, b := range []byte(handshakeText(w, "/chat/Slow")) {
			if _, err := slow.Write([]byte{b}); err != nil {
				break // it was hung up on
			}
			<-ticker.C
		}
		ended <- time.Since(began)
	}()
	took := hangsUp(t, silent, began)
	slowTook := hangsUp(t, slow, began)
	<-ended
	if took < wait/2 || chattest.Exceeds(took, wait+time.Second) || chattest.Exceeds(slowTook, 2*wait+time.Second) {
		t.Errorf("with %v to ask, who is silent had %v, and who is slow %v", wait, took, slowTook)
	}
	chattest.Figure(t, "P15", "who is silent before the handshake is hung up on after %v, a byte a second after %v (waits of %v; the server's own is %d times that)",
		took.Round(time.Millisecond), slowTook.Round(time.Millisecond), wait, shorter)
}

// Who is gone has left, for the others, in a moment, if the network says so; in three
// ping intervals, if it does not. It is told once.
func TestAVanishedMemberLeavesOnce(t *testing.T) {
	t.Parallel()
	beat := 200 * time.Millisecond
	if chattest.Long() {
		beat = chat.PingInterval
	}
	for _, gone := range []struct {
		fault chattest.Fault
		most  time.Duration
	}{
		{chattest.Finish, 2 * time.Second},
		{chattest.ResetServer, 2 * time.Second},
		{chattest.SilentBoth, 3*beat + time.Second}, // it takes two, and a fifth
	} {
		w := chattest.NewWorld(t, chattest.PingEvery(beat))
		ann := w.Connect("Ann", "")
		ann.Hears("Ann connected to chat")
		network := w.Network(nil)
		ghost, wire, err := network.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_ = ghost.SetDeadline(time.Now().Add(chattest.Patience))
		upgrade(t, w, ghost, "/chat/Ghost")
		ann.Hears("Ghost connected to chat")
		began := time.Now()
		wire.Breaks(gone.fault)
		ann.HearsWithin(gone.most+chattest.Patience, "Ghost left the chat")
		took := time.Since(began)
		ann.Says("has it left again?")
		ann.Hears("Ann: has it left again?")
		if chattest.Exceeds(took, gone.most) {
			t.Errorf("%s: it took %v", gone.fault, took)
		}
		_ = ghost.Close()
		chattest.Figure(t, "P15", "%s: others hear that somebody left, once, after %v (pinged every %v)", gone.fault, took.Round(time.Millisecond), beat)
	}
}
