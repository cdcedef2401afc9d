package broker_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"chatserver/broker"
	"chatserver/chat"
	"chatserver/chattest"
)

func TestMain(m *testing.M) { chattest.Main(m) }

// A node that receives hints faster than it can handle them drops some and counts them,
// even after the last member has left the room.
func TestHintsThatOverflowAreCounted(t *testing.T) {
	const waiting, more = 16 << 10, 1000
	server := chattest.StartNATS(t)
	n, err := broker.Open(broker.Options{URL: server.URL(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	is := func(what string, so func(chat.BrokerStats) bool) {
		t.Helper()
		for began := time.Now(); !so(n.Stats()); {
			if time.Since(began) > chattest.Patience {
				t.Fatalf("%s: %+v", what, n.Stats())
			}
		}
	}
	is("connected to NATS", func(f chat.BrokerStats) bool { return f.DisconnectedSince.IsZero() })
	heard, resume := make(chan struct{}, waiting+more), make(chan struct{})
	release := sync.OnceFunc(func() { close(resume) })
	defer release()
	end := n.Subscribe("lobby", func(chat.Hint) { heard <- struct{}{}; <-resume })
	stranger, err := nats.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	say := func(times int) {
		t.Helper()
		for range times {
			if err := stranger.Publish("chatserver.room.lobby", []byte(`{"epoch":"e","typing":"Bob"}`)); err != nil {
				t.Fatal(err)
			}
		}
	}
	say(1)
	<-heard // the handler is now blocked
	say(waiting + more)
	is("some overflow", func(f chat.BrokerStats) bool { return f.Overflowed == more && f.Received == 1+more })
	end()
	if f := n.Stats(); f.Overflowed != more {
		t.Errorf("after the room is empty, the stats are %+v", f)
	}
	release()
	is("the others arrive", func(f chat.BrokerStats) bool { return f.Received == 1+waiting+more })
}
