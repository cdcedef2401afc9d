package handlers_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
)

// waits returns a request timeout for the test, and the factor by which it is shorter than the
// server's. The long form of the tests uses the server's.
func waits() (short time.Duration, shorter int) {
	if chattest.Long() {
		return 10 * time.Second, 1
	}
	return 250 * time.Millisecond, 40
}

// hangsUp returns how long the server takes to close the connection.
func hangsUp(t *testing.T, conn net.Conn, began time.Time) time.Duration {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // of a connection, as it is
			t.Fatal("the server never closes the connection")
		}
	}
	return time.Since(began)
}

// A client that sends no request, or sends it very slowly, is disconnected.
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
				break // the server closed the connection
			}
			<-ticker.C
		}
		ended <- time.Since(began)
	}()
	took := hangsUp(t, silent, began)
	slowTook := hangsUp(t, slow, began)
	<-ended
	if took < wait/2 || chattest.Exceeds(took, wait+time.Second) || chattest.Exceeds(slowTook, 2*wait+time.Second) {
		t.Errorf("with a timeout of %v, the silent client was disconnected after %v and the slow one after %v", wait, took, slowTook)
	}
	chattest.Figure(t, "P15", "a client without a handshake is disconnected after %v, one that sends a byte at a time after %v (timeout %v; the server's own is %d times that)",
		took.Round(time.Millisecond), slowTook.Round(time.Millisecond), wait, shorter)
}

// A client that requests pages and never reads them is disconnected, and a client that reads
// gets all of them.
func TestAClientThatNeverReadsItsResponsesIsDisconnected(t *testing.T) {
	t.Parallel()
	wait, _ := waits()
	w := chattest.NewWorld(t, chattest.RequestsWithin(wait))
	request := "GET / HTTP/1.1\r\nHost: " + w.Address() + "\r\n\r\n"
	reads := w.Dial()
	const requests = 50
	go func() { _, _ = io.WriteString(reads, strings.Repeat(request, requests)) }()
	in := bufio.NewReader(reads)
	for n := range requests {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("response %d: %v", n, err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("response %d: %s, %v", n, response.Status, err)
		}
		_ = response.Body.Close()
	}
	for neverReads := w.Dial(); ; {
		if _, err := io.WriteString(neverReads, request); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the server waits for a client that never reads")
		} else if err != nil {
			return // the server closed the connection
		}
	}
}

// Members see a vanished member leave once: immediately if the network reports the loss, else
// within three ping intervals.
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
		{chattest.SilentBoth, 3*beat + time.Second}, // it takes 2.2 intervals
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
		chattest.Figure(t, "P15", "%s: other members see one leave after %v (pinged every %v)", gone.fault, took.Round(time.Millisecond), beat)
	}
}
