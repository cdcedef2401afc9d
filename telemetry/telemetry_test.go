package telemetry_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	traces "go.opentelemetry.io/proto/otlp/trace/v1"

	"chatserver/chattest"
	"chatserver/telemetry"
)

// Activity shows in the metrics, on the admin listener and not on the public port.
func TestActivityIsCounted(t *testing.T) {
	t.Parallel()
	world := chattest.NewWorld(t)
	ann := world.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	bob := world.Connect("Bob", "")
	bob.Hears("Bob connected to chat")
	ann.Hears("Bob connected to chat")
	ann.Says("hello")
	ann.Hears("Ann: hello")
	bob.Hears("Ann: hello")
	get(t, world.URL("/rooms/somewhere"))
	for series, want := range map[string]string{
		`chatserver_connections{frames="text"}`: "2",
		`chatserver_connections{frames="json"}`: "0",
		`chatserver_rooms_open`:                 "1",
		`chatserver_messages_stored_total`:      "1",
		`chatserver_deliveries_total`:           "2",
		`chatserver_commit_messages_sum`:        "1",
		`chatserver_send_to_ack_seconds_count`:  "1",

		`chatserver_http_requests_total{method="GET",route="/rooms/:room",status="200"}`: "1",
	} {
		eventually(t, series+" "+want, func() string { return metric(get(t, "http://"+world.Ops()+"/metrics"), series) }, want)
	}
	bob.Leaves()
	eventually(t, "Bob's end", func() string {
		return metric(get(t, "http://"+world.Ops()+"/metrics"), `chatserver_connections{frames="text"}`)
	}, "1")
	if strings.Contains(get(t, world.URL("/metrics")), "chatserver_") {
		t.Error("the public port shows the metrics")
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url) //nolint:noctx // ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// metric returns the value of a series, or an empty string.
func metric(all, series string) string {
	for line := range strings.Lines(all) {
		if value, found := strings.CutPrefix(line, series+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func eventually(t *testing.T, what string, got func() string, want string) {
	t.Helper()
	for end := time.Now().Add(chattest.Patience); ; {
		is := got()
		if is == want {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%s: %q", what, is)
			return
		}
	}
}

// A message has one trace: received, stored (linked with its commit), delivered. It is
// linked with the upgrade of its connection, and part of its sender's trace.
func TestAMessageHasATrace(t *testing.T) {
	collector := chattest.StartCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	world := chattest.NewWorld(t)
	ann := world.Join("Ann", "lobby")
	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	ann.Asks("send", "room", "lobby", "id", "019af7a0-0000-7000-8000-000000000001", "text", "hello", "traceparent", "00-"+parent+"-00f067aa0ba902b7-01")
	ann.HearsEvent("message")
	world.Stop() // flushes the traces
	one := collector.Span
	opened, message, stored, delivered, commit := one("connection opened"), one("message"), one("stored"), one("delivered"), one("commit")
	if id := hex.EncodeToString(message.TraceId); id != parent {
		t.Errorf("the message is in the trace %s, not in that of its sender", id)
	}
	for name, span := range map[string]*traces.Span{"stored": stored, "delivered": delivered} {
		if !bytes.Equal(span.ParentSpanId, message.SpanId) {
			t.Errorf("%s is not part of the message's trace", name)
		}
	}
	if len(message.Links) != 1 || !bytes.Equal(message.Links[0].SpanId, opened.SpanId) {
		t.Error("the message is not linked with the upgrade")
	}
	if len(commit.Links) != 1 || !bytes.Equal(commit.Links[0].SpanId, message.SpanId) || len(stored.Links) != 1 || !bytes.Equal(stored.Links[0].SpanId, commit.SpanId) {
		t.Error("the commit and the message are not linked")
	}
	if stored.EndTimeUnixNano < stored.StartTimeUnixNano || delivered.StartTimeUnixNano < stored.EndTimeUnixNano || message.EndTimeUnixNano < delivered.EndTimeUnixNano {
		t.Error("it is delivered before it is stored")
	}
}

// Without a collector there are no traces, and nothing is kept for them.
func TestWithoutACollectorNothingIsTraced(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	opened, err := telemetry.OpenTraces(t.Context(), "v1", slog.New(slog.DiscardHandler))
	if err != nil || opened != nil {
		t.Fatalf("traces %v, error %v", opened, err)
	}
	if trace := telemetry.New("v1", nil).MessageReceived("", nil, "lobby"); trace != nil {
		t.Errorf("a message has a trace: %v", trace)
	}
}

// The log is text for people and JSON for programs, one line per event, whatever its
// values contain.
func TestTheLogIsOneLineAnEvent(t *testing.T) {
	t.Parallel()
	const forged = "Ann\n{\"level\":\"ERROR\"}\x1b[31m"
	for _, format := range []string{"text", "json", "auto"} {
		var log bytes.Buffer
		telemetry.NewLog(&log, format, slog.LevelInfo).Info("said", "user", forged)
		telemetry.NewLog(&log, format, slog.LevelWarn).Info("not said")
		if lines := strings.Count(log.String(), "\n"); lines != 1 {
			t.Errorf("%s: %d lines: %q", format, lines, log.String())
		}
		if strings.Contains(log.String(), "\x1b") {
			t.Errorf("%s: it contains control characters: %q", format, log.String())
		}
		if format == "text" {
			continue
		}
		var event struct{ User string }
		if err := json.Unmarshal(log.Bytes(), &event); err != nil || event.User != forged {
			t.Errorf("%s: %q, %v", format, event.User, err)
		}
	}
}
