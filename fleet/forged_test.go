package fleet_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"chatserver/broker"
	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// victims are people whose fleet receives forged hints. Bob and Cid are on the attacked
// node, and Ann is on the other one.
type victims struct {
	*chattest.Fleet
	t        *testing.T
	database string
	ann, cid *chattest.Member
	bob      *chattest.Person
	said     int
}

func newVictims(t *testing.T, options ...chattest.MemberOption) *victims {
	t.Helper()
	database := chattest.Database(t)
	v := &victims{Fleet: chattest.NewFleetOn(t, database, 2), t: t, database: database}
	v.bob = v.Nodes[0].Connect("Bob", "")
	v.bob.Hears("Bob connected to chat")
	v.cid = v.Nodes[0].Join("Cid", "lobby", options...)
	v.bob.Hears("Cid connected to chat")
	v.ann = v.Nodes[1].Join("Ann", "lobby", options...)
	v.bob.Hears("Ann connected to chat")
	return v
}

// annSays sends a message of Ann's, which reaches the attacked node after all hints that
// were published before.
func (v *victims) annSays() {
	v.t.Helper()
	v.said++
	v.ann.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint("true ", v.said))
}

// stranger returns an attacker's connection to NATS.
func (v *victims) stranger() *nats.Conn {
	v.t.Helper()
	conn, err := nats.Connect(v.NATS.URL())
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(conn.Close)
	return conn
}

// overheard returns the hints of a room that an attacker records while things happen.
func (v *victims) overheard(conn *nats.Conn, room string, hints int, happens func()) (recorded []*nats.Msg) {
	v.t.Helper()
	sub, err := conn.SubscribeSync("chatserver.room." + room)
	if err == nil {
		err = conn.Flush()
	}
	happens()
	for err == nil && len(recorded) < hints {
		var msg *nats.Msg
		if msg, err = sub.NextMsg(chattest.Patience); err == nil {
			recorded = append(recorded, msg)
		}
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return recorded
}

// An attacker who may publish and subscribe on NATS can neither add messages to a room
// nor remove any: everybody has what is stored, in order.
func TestMembersNeverSeeForgedHints(t *testing.T) {
	t.Parallel()
	v := newVictims(t)
	conn := v.stranger()
	recorded := v.overheard(conn, "lobby", 1, v.annSays)
	v.bob.Hears("Ann: true 1")
	dan := v.Nodes[1].Connect("Dan", "")
	recorded = append(recorded, v.overheard(conn, "lobby", 1, func() { dan.Leaves() })...)
	v.bob.Hears("Dan connected to chat", "Dan left the chat")
	recorded = append(recorded, v.overheard(conn, "lobby", 1, func() { v.ann.Asks("typing", "room", "lobby") })...)
	v.cid.HearsEvent("typing")
	v.cid.HeardSince()
	truth, epoch := recorded[0].Data, v.ann.HearsEvent("welcome").Epoch
	said := func(rev int64, rest string) []byte {
		return fmt.Appendf(nil, `{"epoch":"%s","said":{"seq":%d,"rev":%d,"id":"%s","author":"a","from":"Ann","at":1,%s}}`, epoch, rev, rev, uuid.NewString(), rest)
	}
	signature := truth[bytes.LastIndex(truth, []byte(`,"mac"`)):]
	sealed := func(hint []byte) []byte { return append(bytes.Clone(hint[:len(hint)-1]), signature...) }
	type forgery struct {
		what, room string
		data       []byte
	}
	next := int64(2)
	forgeries := []forgery{
		{"another speaker", "lobby", said(next, `"text":"forged"`)},
		{"raw HTML", "lobby", said(next, `"text":"forged","html":"<script>alert(1)</script>","html_version":1`)},
		{"control characters", "lobby", said(next, `"text":"\u001b[2Jforged\nAnn: more"`)},
		{"the MAC of another hint", "lobby", sealed(said(next, `"text":"forged"`))},
		{"a MAC of the wrong length", "lobby", append(bytes.Clone(truth[:len(truth)-3]), `"}`...)},
		{"another text under a true MAC", "lobby", bytes.Replace(truth, []byte("true"), []byte("lie!"), 1)},
		{"a later rev", "lobby", said(next+1, `"text":"forged"`)},
		{"a rev of long after", "lobby", said(1<<60, `"text":"forged"`)},
		{"a negative rev", "lobby", said(-1, `"text":"forged"`)},
		{"900 kB", "lobby", said(next, `"text":"`+strings.Repeat("x", 900_000)+`"`)},
		{"half a hint", "lobby", truth[:len(truth)/2]},
		{"nothing", "lobby", nil},
		{"what another version might say", "lobby", fmt.Appendf(nil, `{"epoch":"%s","edited":{"rev":%d,"text":"forged"}}`, epoch, next)},
		{"who types", "lobby", fmt.Appendf(nil, `{"epoch":"%s","typing":"Eve"}`, epoch)},
		{"who types, under a true MAC", "lobby", sealed(fmt.Appendf(nil, `{"epoch":"%s","typing":"Eve"}`, epoch))},
		{"who comes", "lobby", fmt.Appendf(nil, `{"epoch":"%s","joined":{"name":"Eve"}}`, epoch)},
		{"who goes", "lobby", fmt.Appendf(nil, `{"epoch":"%s","left":{"name":"Ann"}}`, epoch)},
		{"a line in a name", "lobby", fmt.Appendf(nil, `{"epoch":"%s","left":{"name":"Ann\nEve: forged"}}`, epoch)},
		{"who is there", "lobby", fmt.Appendf(nil, `{"epoch":"%s","presence":true}`, epoch)},
	}
	for _, hint := range recorded {
		forgeries = append(forgeries, forgery{"a recorded hint again", "lobby", hint.Data}, forgery{"a recorded hint in another room", "night-watch", hint.Data})
	}
	watch := v.Nodes[0].Join("Zoe", "night-watch")
	for _, forged := range forgeries {
		err := conn.Publish("chatserver.room."+forged.room, forged.data)
		if err == nil {
			err = conn.Flush()
		}
		if err != nil {
			t.Fatalf("%s: %v", forged.what, err)
		}
		v.annSays()
		v.bob.Hears(fmt.Sprint("Ann: true ", v.said)) // and nothing before it
		if v.Nodes[0].Agree(t, "lobby", v.ann, v.cid); t.Failed() {
			t.Fatalf("after %s", forged.what)
		}
	}
	for _, e := range append(v.cid.HeardSince(), watch.HeardSince()...) {
		if strings.Contains(e.Text, "forged") || e.Event == "typing" || e.Reset || e.Room == "night-watch" && e.Event == "message" {
			t.Errorf("a member received %+v", e)
		}
	}
}

// asNode returns a publisher that signs with the fleet's key: a faulty node, or an
// attacker who has read the database.
func (v *victims) asNode(now func() time.Time) (node *broker.NATS, end func()) {
	v.t.Helper()
	db, err := store.Open(context.Background(), v.database, "", store.Options{})
	if err != nil {
		v.t.Fatal(err)
	}
	defer db.Close()
	key, err := db.Secret(context.Background(), store.SecretHints)
	if err != nil {
		v.t.Fatal(err)
	}
	node, err = broker.Open(broker.Options{URL: v.NATS.URL(), Log: slog.New(slog.DiscardHandler), Key: key, Node: "another", Now: now})
	if err != nil {
		v.t.Fatal(err)
	}
	end = sync.OnceFunc(node.Close)
	v.t.Cleanup(end)
	for began := time.Now(); !node.Stats().DisconnectedSince.IsZero(); {
		if time.Since(began) > chattest.Patience {
			v.t.Fatal("NATS is not connected")
		}
	}
	return node, end
}

func messageAt(rev int64, text string) chat.Message {
	return chat.Message{Room: "lobby", Seq: rev, Rev: rev, ID: uuid.NewString(), AuthorID: "a", From: "Eve", Text: text, At: time.Now()}
}

// A wrong message with a valid signature cannot hide the true one. Members who received
// it get a reset when the true message arrives, or when the reconcile loop compares the
// room with the store.
func TestAWrongMessageDoesNotHideTheTrueOne(t *testing.T) {
	t.Parallel()
	for what, heals := range map[string]func(v *victims){
		"the true one comes":       func(v *victims) { v.annSays() },
		"the store has none there": func(*victims) {},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			v := newVictims(t, chattest.ComesBack())
			v.annSays()
			epoch := v.ann.HearsEvent("welcome").Epoch
			v.Nodes[0].Agree(t, "lobby", v.ann, v.cid)
			node, _ := v.asNode(time.Now)
			node.Publish(chat.Hint{Room: "lobby", Epoch: epoch, Event: chat.Said{Message: messageAt(2, "wrong")}})
			v.cid.HearsEventThat("is wrong", func(e chattest.Event) bool { return e.Text == "wrong" })
			heals(v)
			v.cid.HearsEventThat("resets", func(e chattest.Event) bool { return e.Reset })
			v.annSays()
			v.cid.Reaches("lobby", int64(v.said))
			for _, m := range v.cid.Has("lobby") {
				if m.Text == "wrong" {
					t.Error("Cid still has the wrong message")
				}
			}
			if got := len(v.cid.Has("lobby")); got != v.said {
				t.Errorf("Cid has %d messages, want %d", got, v.said)
			}
		})
	}
}

// A message for a place that the store does not have never gets that place, and invalid
// messages are dropped, even with a valid signature.
func TestAHintCannotClaimALaterPlace(t *testing.T) {
	t.Parallel()
	v := newVictims(t)
	epoch := v.ann.HearsEvent("welcome").Epoch
	node, _ := v.asNode(time.Now)
	publish := func(event chat.Event) {
		node.Publish(chat.Hint{Room: "lobby", Epoch: epoch, Event: event})
	}
	v.annSays()
	v.bob.Hears("Ann: true 1")
	for _, rev := range []int64{1000, 1001, 1 << 52} {
		publish(chat.Said{Message: messageAt(rev, "claimed")})
	}
	for _, spoilt := range []func(m *chat.Message){
		func(m *chat.Message) { m.ID = "x" },
		func(m *chat.Message) { m.ID = strings.ToUpper(m.ID) },
		func(m *chat.Message) { m.From = "Ann\nBob" },
		func(m *chat.Message) { m.From = "Ann: hi" },
		func(m *chat.Message) { m.From = "" },
		func(m *chat.Message) { m.Text = "\x1b[2J" },
		func(m *chat.Message) { m.Text = "" },
		func(m *chat.Message) { m.Text = strings.Repeat("x", 1<<16) },
		func(m *chat.Message) { m.HTML = "a\x00b" },
		func(m *chat.Message) { m.Seq = 0 },
		func(m *chat.Message) { m.Seq = m.Rev + 1 },
	} {
		m := messageAt(2, "spoilt")
		spoilt(&m)
		publish(chat.Said{Message: m})
	}
	publish(chat.Joined{User: chat.User{Name: "Eve\r\nAnn: hi"}})
	publish(chat.Left{User: chat.User{Name: "Ann", Age: -1}})
	publish(chat.Typing{Room: "lobby", From: "Ann\x07"})
	for range 8 {
		v.annSays()
		v.bob.Hears(fmt.Sprint("Ann: true ", v.said))
		v.Nodes[0].Agree(t, "lobby", v.ann, v.cid)
	}
}

// Events without a rev are delivered only while they are recent.
func TestStaleEventsAreIgnored(t *testing.T) {
	t.Parallel()
	v := newVictims(t)
	epoch := v.ann.HearsEvent("welcome").Epoch
	for _, off := range []time.Duration{-time.Hour, time.Hour} {
		late, end := v.asNode(func() time.Time { return time.Now().Add(off) })
		late.Publish(chat.Hint{Room: "lobby", Epoch: epoch, Event: chat.Typing{Room: "lobby", From: "Late"}})
		late.Publish(chat.Hint{Room: "lobby", Epoch: epoch, Event: chat.Left{User: chat.User{Name: "Late"}}})
		end() // everything is published
	}
	node, _ := v.asNode(time.Now)
	node.Publish(chat.Hint{Room: "lobby", Epoch: epoch, Event: chat.Typing{Room: "lobby", From: "Dan"}})
	if e := v.cid.HearsEvent("typing"); e.From != "Dan" {
		t.Errorf("%s types", e.From)
	}
	v.annSays()
	v.bob.Hears("Ann: true 1")
}
