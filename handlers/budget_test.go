package handlers_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/config"
)

// budgeted gives every address a budget in bytes per second. Members connect from the address
// in chattest.From.
func budgeted(perSecond int) chattest.Option {
	return chattest.With(func(c *config.Config) { c.ByteRate, c.TrustedProxies = perSecond, []string{"127.0.0.1"} })
}

// forwardedFor returns the header of a handshake from an address.
func forwardedFor(address string) string { return "X-Forwarded-For: " + address }

// However many connections an address has, members receive its messages no faster than its
// budget allows, in JSON and in plain text, and eventually receive all of them. Another address
// is not throttled.
func TestAllConnectionsOfAnAddressShareOneBudget(t *testing.T) {
	t.Parallel()
	const perSecond, connections, each, size = 50_000, 10, 8, 2400
	w := chattest.NewWorld(t, budgeted(perSecond))
	for _, protocol := range []string{"json", "text"} {
		ann := w.Join("Ann", protocol, chattest.From("198.51.100.1"))
		bob := w.Join("Bob", protocol, chattest.From("198.51.100.2"))
		began := time.Now()
		var sending sync.WaitGroup
		for i := range connections {
			text := fmt.Sprintf("%d %s", i, strings.Repeat("x", size))
			if protocol == "text" {
				conn := w.Dial()
				in := upgradeTo(t, w, conn, fmt.Sprintf("/chat/eve%d?room=%s", i, protocol), "", forwardedFor("203.0.113.1"))
				go func() { _, _ = io.Copy(io.Discard, in) }() // until the test ends
				if _, err := io.WriteString(conn, strings.Repeat(part(0x81, text), each)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			eve := w.Join(fmt.Sprint("Eve ", i), protocol, chattest.From("203.0.113.2"), chattest.ReadsEverything())
			sending.Go(func() {
				for range each {
					if _, code := eve.SaysUntilAcknowledged(protocol, uuid.NewString(), text); code != "" {
						t.Errorf("a message is refused with %s", code)
					}
				}
			})
		}
		if seq, code := bob.SaysUntilAcknowledged(protocol, uuid.NewString(), "I am not held up"); code != "" || seq > connections*each {
			t.Errorf("in %s the neighbour's message is number %d of %d, %s", protocol, seq, connections*each+1, code)
		}
		if !ann.Reaches(protocol, connections*each+1) {
			t.Fatalf("in %s not everything arrived", protocol)
		}
		const paid = connections * each * size
		if took, least := time.Since(began), time.Second*(paid-2*perSecond)/perSecond; took < least {
			t.Errorf("in %s one address had %d bytes delivered within %v", protocol, paid, took)
		}
		sending.Wait()
		ann.Goes()
		bob.Goes()
	}
}

// An address that is far over budget gets slow_down with a retry time, and a retry is stored.
// Other addresses get no such error, and neither do plain-text connections.
func TestSendersOverBudgetGetARetryTime(t *testing.T) {
	t.Parallel()
	t.Run("small events", func(t *testing.T) { isToldHowLongToWait(t) })
	t.Run("large events", func(t *testing.T) { isToldHowLongToWait(t, chattest.LargeEvents()) })
}

func isToldHowLongToWait(t *testing.T, options ...chattest.MemberOption) {
	t.Helper()
	const perSecond = 1000
	w := chattest.NewWorld(t, budgeted(perSecond))
	here := append(options, chattest.From("203.0.113.7"))
	ann, ben, bob := w.Join("Ann", "lobby", here...), w.Join("Ben", "lobby", here...), w.Join("Bob", "lobby", chattest.From("203.0.113.8"))
	large := uuid.NewString()
	ann.Sends("lobby", large, strings.Repeat("x", 8000)) // its budget covers that in seven seconds
	refused, sent := "", 1
	for refused == "" && sent < 100 {
		id := uuid.NewString()
		ben.Sends("lobby", id, "and I?")
		sent++
		e := ben.HearsEventThat("answer", func(e chattest.Event) bool {
			return e.ID == id && (e.Event == "message" || e.Event == "error")
		})
		if e.Event == "error" {
			if refused = id; e.Code != "slow_down" || e.Cmd != "send" || e.After < 1 || e.After > 8 {
				t.Fatalf("refused with %+v", e)
			}
		}
	}
	if refused == "" {
		t.Fatal("an address with a debt of seven seconds is not refused")
	}
	if _, code := bob.SaysUntilAcknowledged("lobby", uuid.NewString(), "not I"); code != "" {
		t.Errorf("a neighbour is refused with %s", code)
	}
	if _, code := ben.SaysUntilAcknowledged("lobby", refused, "and I?"); code != "" {
		t.Errorf("sent again, it is refused with %s", code)
	}
	if !bob.Reaches("lobby", int64(sent)+1) {
		t.Error("a message that was refused and retried is lost")
	}
	if n := bob.Shown("lobby")[refused]; n != 1 {
		t.Errorf("the retried message is shown %d times", n)
	}
	if n := bob.Shown("lobby")[large]; n != 1 {
		t.Errorf("the throttled message is shown %d times", n)
	}
}

// A connection that is throttled for longer than the ping timeout is not closed: its pongs are
// still unread behind its messages.
func TestAThrottledConnectionIsNotClosedAsUnresponsive(t *testing.T) {
	w := chattest.NewWorld(t, budgeted(5000), chattest.PingEvery(50*time.Millisecond))
	ann := w.Join("Ann", "lobby", chattest.From("198.51.100.1"))
	for i := range 3 {
		ann.Sends("lobby", uuid.NewString(), fmt.Sprint(i, strings.Repeat("x", 8000)))
	}
	if !ann.Reaches("lobby", 3) {
		t.Error("not everything was stored")
	}
	if n := ann.Opened(); n != 1 {
		t.Errorf("it took %d connections", n)
	}
}

// Bytes that are read from an address and written to it alone have a budget as well, for all
// kinds of requests and over all connections.
func TestRequestsAreChargedToTheirAddress(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, budgeted(1000)) // 256 kB of that a second, 512 kB at once
	var all sync.WaitGroup
	for i, question := range []struct{ what, protocol, stream string }{
		{"pings", "", part(0x89, "are you there?")},
		{"pongs", "", part(0x8A, "")},
		{"blank messages", "", part(0x81, " ")},
		{"pings of JSON", "chat.v1", part(0x81, `{"cmd":"ping"}`)},
		{"commands of no sense", "chat.v1", part(0x81, `{"cmd":"dance"}`)},
		{"rooms with a page each", "chat.v1", part(0x81, `{"cmd":"join","room":"lobby"}`)},
	} {
		all.Go(func() {
			const connections, each = 5, 80 // of 4 kB each, 64 kB unpaid a connection
			began := time.Now()
			var asking sync.WaitGroup
			for n := range connections {
				conn := w.Dial()
				in := upgradeTo(t, w, conn, fmt.Sprintf("/chat/asker%d-%d", i, n), question.protocol, forwardedFor(fmt.Sprint("203.0.113.", i)))
				asking.Go(func() {
					if _, err := io.WriteString(conn, strings.Repeat(question.stream, each)+part(0x88, "\x03\xe8")); err != nil {
						t.Error(err)
					}
					_, _ = io.Copy(io.Discard, in) // to the close frame
				})
			}
			asking.Wait()
			if took := time.Since(began); took < 2*time.Second {
				t.Errorf("one address had all its %s served within %v", question.what, took)
			}
		})
	}
	all.Wait()
}
