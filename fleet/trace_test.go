package fleet_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"chatserver/chattest"
)

// A message has one trace on all nodes. The sender's node receives, stores and delivers
// it, and so does every other node with members in the room deliver it.
func TestAMessageHasOneTraceOnTwoNodes(t *testing.T) {
	database, nats := chattest.OnPostgres(chattest.Database(t)), chattest.OnNATS(chattest.StartNATS(t).URL())
	var nodes []*chattest.World
	var collectors []*chattest.Collector
	for range 2 {
		collector := chattest.StartCollector(t)
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL) // of the node that starts next
		nodes, collectors = append(nodes, chattest.NewWorld(t, database, nats)), append(collectors, collector)
	}
	ann, bob := nodes[0].Join("Ann", "lobby"), nodes[1].Join("Bob", "lobby")
	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	ann.Asks("send", "room", "lobby", "id", "019af7a0-0000-7000-8000-000000000001", "text", "hello", "traceparent", "00-"+parent+"-00f067aa0ba902b7-01")
	bob.HearsEvent("message")
	for _, node := range nodes {
		node.Stop() // exports the remaining spans
	}
	here, there := collectors[0], collectors[1]
	message := here.Span("message")
	if id := hex.EncodeToString(message.TraceId); id != parent {
		t.Errorf("the message is in trace %s, not in its sender's", id)
	}
	stored, delivered, elsewhere := here.Span("stored"), here.Span("delivered"), there.Span("delivered")
	for what, span := range map[string]interface {
		GetTraceId() []byte
		GetParentSpanId() []byte
	}{"stored": stored, "delivered": delivered, "delivered on the other node": elsewhere} {
		if !bytes.Equal(span.GetTraceId(), message.TraceId) || !bytes.Equal(span.GetParentSpanId(), message.SpanId) {
			t.Errorf("%s is not part of the message's trace", what)
		}
	}
	if elsewhere.StartTimeUnixNano < stored.EndTimeUnixNano {
		t.Error("it is delivered on the other node before it is stored")
	}
	if names := there.Names(); names["message"]+names["stored"]+names["commit"] > 0 {
		t.Errorf("the other node has the spans %v", names)
	}
}
