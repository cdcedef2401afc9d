package chattest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector receives traces by OTLP over HTTP.
type Collector struct {
	t   testing.TB
	URL string

	mu    sync.Mutex
	spans map[string][]*traces.Span // by name
}

// StartCollector starts a collector. It ends with the test.
func StartCollector(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{t: t, spans: map[string][]*traces.Span{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// ServeHTTP stores the spans that an exporter sends.
func (c *Collector) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	var sent collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &sent); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans[span.Name] = append(c.spans[span.Name], span)
			}
		}
	}
}

// Span returns the only received span with a name, and fails the test if there is not
// exactly one. The server must be stopped first, so that it has exported everything.
func (c *Collector) Span(name string) *traces.Span {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.spans[name]); n != 1 {
		c.t.Fatalf("there are %d spans named %q", n, name)
	}
	return c.spans[name][0]
}

// Names counts the received spans by name.
func (c *Collector) Names() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := map[string]int{}
	for name, spans := range c.spans {
		names[name] = len(spans)
	}
	return names
}
