package telemetry_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/telemetry"
)

// BenchmarkAMillionDeliveries measures the cost of metrics and traces per million
// deliveries: messages to rooms of a hundred, one per commit, which is the most expensive
// way to deliver. A delivery itself costs microseconds: docs/performance.md.
func BenchmarkAMillionDeliveries(b *testing.B) {
	const million, members = 1_000_000, 100
	quiet := slog.New(slog.DiscardHandler)
	deliver := func(t *telemetry.Telemetry) {
		post := chat.Post{Room: "lobby", Text: "hello"}
		for range million / members {
			post.Taken, post.Trace = time.Now(), t.MessageReceived("", nil, post.Room)
			t.Received(7, 100)
			t.Stored([]chat.Change{post}, post.Taken, nil)
			t.Answered(post, chat.Outcome{})
			for descriptor := range members {
				t.Sent(descriptor, 200)
			}
			t.Delivered(1, members)
			t.DeliveredToAll(post.Header())
		}
	}
	b.Run("counted", func(b *testing.B) {
		t := telemetry.New("test", nil)
		for b.Loop() {
			deliver(t)
		}
	})
	b.Run("counted and traced", func(b *testing.B) {
		collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		defer collector.Close()
		b.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
		traces, err := telemetry.OpenTraces(context.Background(), "test", quiet)
		if err != nil {
			b.Fatal(err)
		}
		t := telemetry.New("test", traces)
		for b.Loop() {
			deliver(t)
		}
		if err := t.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
}
