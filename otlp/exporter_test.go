package otlp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"chatserver/otlp"
)

// received is a request that a collector received.
type received struct {
	path   string
	header http.Header
	body   []byte // decompressed
}

// receiver is a collector that stores the requests that it receives, and sends prepared answers.
type receiver struct {
	*httptest.Server

	mu      sync.Mutex
	got     []received
	answers []func(http.ResponseWriter) // one per request; then 200
}

func startReceiver(t *testing.T, start func(*httptest.Server), answers ...func(http.ResponseWriter)) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewUnstartedServer(r)
	start(r.Server)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body := io.Reader(request.Body)
	if request.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	content, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, received{request.URL.Path, request.Header, content})
	if len(r.answers) > 0 {
		answer := r.answers[0]
		r.answers = r.answers[1:]
		answer(w)
	}
}

// requests returns the stored requests, and forgets them.
func (r *receiver) requests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

func (r *receiver) one(t *testing.T) received {
	t.Helper()
	got := r.requests()
	if len(got) != 1 {
		t.Fatalf("%d requests arrived", len(got))
	}
	return got[0]
}

// status returns an answer with a status and headers, each "Name: value".
func status(code int, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
	}
}

// spans returns three spans: one with everything a span can have, an empty one, and one of
// another scope.
func spans() []sdktrace.ReadOnlySpan {
	began := time.Unix(1_700_000_000, 123456789)
	state, _ := trace.ParseTraceState("vendor=value")
	context := func(n byte, remote bool) trace.SpanContext {
		return trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{n, 15: 1}, SpanID: trace.SpanID{n, 7: 2}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: remote,
		})
	}
	everything := []attribute.KeyValue{
		attribute.String("string", "héllo \"\\\n\x00"), attribute.String("empty", ""), attribute.Bool("true", true), attribute.Bool("false", false),
		attribute.Int64("int", math.MinInt64), attribute.Int("zero", 0), attribute.Float64("float", -1.5e300), attribute.Float64("nothing", 0),
		attribute.StringSlice("strings", []string{"a", ""}), attribute.BoolSlice("bools", []bool{true, false}),
		attribute.Int64Slice("ints", []int64{1, -1}), attribute.Float64Slice("floats", []float64{0.1, 2}), attribute.StringSlice("none", nil),
		attribute.ByteSlice("bytes", []byte{0, 255, 62}), attribute.Slice("slice", attribute.BoolValue(true), attribute.IntValue(2)),
		attribute.Map("map", attribute.String("inner", "value")),
		{Key: "unset"},
	}
	about := resource.NewWithAttributes("https://schema.example/1", attribute.String("service.name", "chatserver"))
	scope := instrumentation.Scope{Name: "chat", Version: "1", SchemaURL: "https://schema.example/2", Attributes: attribute.NewSet(attribute.Bool("of", true))}
	return tracetest.SpanStubs{
		{
			Name: "everything", SpanContext: context(1, false), Parent: context(2, true), SpanKind: trace.SpanKindConsumer,
			StartTime: began, EndTime: began.Add(time.Second), Attributes: everything,
			Events:            []sdktrace.Event{{Name: "event", Time: began, Attributes: everything[:1], DroppedAttributeCount: 3}},
			Links:             []sdktrace.Link{{SpanContext: context(3, true), Attributes: everything[2:3], DroppedAttributeCount: 4}, {SpanContext: context(4, false)}},
			Status:            sdktrace.Status{Code: codes.Error, Description: "failed"},
			DroppedAttributes: 5, DroppedEvents: 6, DroppedLinks: 7, Resource: about, InstrumentationScope: scope,
		},
		{Name: "fine", SpanContext: context(5, false), Status: sdktrace.Status{Code: codes.Ok}, StartTime: began, EndTime: began, Resource: about, InstrumentationScope: scope},
		{Resource: about, StartTime: time.Unix(-1, 0)},
	}.Snapshots()
}

// The variables, in which "endpoint" stands for the URL of the receiver.
var environments = []map[string]string{
	{"ENDPOINT": "@"},
	{"ENDPOINT": "@/"},
	{"ENDPOINT": " @/collect/ "},
	{"TRACES_ENDPOINT": "@"},
	{"TRACES_ENDPOINT": "@/anywhere/at/all"},
	{"TRACES_ENDPOINT": "@/with/a/slash/"},
	{"ENDPOINT": "http://127.0.0.1:1", "TRACES_ENDPOINT": "@/v1/traces?ignored=1"},
	{"ENDPOINT": "@", "COMPRESSION": "gzip"},
	{"ENDPOINT": "@", "COMPRESSION": "gzip", "TRACES_COMPRESSION": "none"},
	{"ENDPOINT": "@", "PROTOCOL": "http/json"},
	{"ENDPOINT": "@", "PROTOCOL": "http/json", "TRACES_PROTOCOL": "http/protobuf"},
	{"ENDPOINT": "@", "PROTOCOL": "http/json", "TRACES_COMPRESSION": "gzip"},
	{"ENDPOINT": "@", "HEADERS": "Authorization=Basic%20abc%3D, X-Scope-OrgID = 7 ,broken,bad name=1,x-comma=a%2Cb"},
	{"ENDPOINT": "@", "HEADERS": "x-a=1,x-b=2", "TRACES_HEADERS": "x-a=3"},
	{"ENDPOINT": "@", "TIMEOUT": "5000", "TRACES_TIMEOUT": "soon"},
	{"ENDPOINT": "@", "TRACES_ENDPOINT": "%zz"},
	{"ENDPOINT": "https://" + host, "TRACES_INSECURE": "True"},
}

const host = "HOST"

// With any environment, a collector receives the same requests from us as from OpenTelemetry's
// own exporter, at the same path and with the same headers.
func TestACollectorReceivesWhatOpenTelemetrysExporterSends(t *testing.T) {
	collector := startReceiver(t, (*httptest.Server).Start)
	for _, environment := range environments {
		var name []string
		for variable, value := range environment {
			value = strings.ReplaceAll(strings.ReplaceAll(value, "@", collector.URL), host, collector.Listener.Addr().String())
			name = append(name, variable+"="+value)
		}
		t.Run(strings.Join(name, " "), func(t *testing.T) {
			for _, variable := range name {
				variable, value, _ := strings.Cut(variable, "=")
				t.Setenv("OTEL_EXPORTER_OTLP_"+variable, value)
			}
			theirs, err := otlptracehttp.New(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := theirs.ExportSpans(t.Context(), spans()); err != nil {
				t.Fatalf("OpenTelemetry's exporter: %v", err)
			}
			want := collector.one(t)
			if err := fromEnvironment(t).ExportSpans(t.Context(), spans()); err != nil {
				t.Fatal(err)
			}
			compare(t, collector.one(t), want)
		})
	}
}

func fromEnvironment(t *testing.T) *otlp.Exporter {
	t.Helper()
	settings, err := otlp.SettingsOf(os.Getenv, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	exporter := otlp.New(settings, "chatserver/test")
	t.Cleanup(func() { _ = exporter.Shutdown(context.Background()) })
	return exporter
}

// compare reports the differences between two requests. Their encodings may differ in the order
// of fields, and only one of them may have a Content-Length.
func compare(t *testing.T, got, want received) {
	t.Helper()
	if agent := got.header.Get("User-Agent"); agent != "chatserver/test" {
		t.Errorf("the User-Agent is %q", agent)
	}
	for _, of := range []received{got, want} {
		of.header.Del("User-Agent")
		of.header.Del("Content-Length")
	}
	if got.path != want.path {
		t.Errorf("the path is %q, not %q", got.path, want.path)
	}
	for name := range want.header {
		if got.header.Get(name) != want.header.Get(name) {
			t.Errorf("the header %s is %q, not %q", name, got.header.Get(name), want.header.Get(name))
		}
	}
	for name := range got.header {
		if _, also := want.header[name]; !also {
			t.Errorf("there is a header %s: %q", name, got.header.Get(name))
		}
	}
	if want.header.Get("Content-Type") == "application/json" {
		if is, should := decodeJSON(t, got.body), decodeJSON(t, want.body); !reflect.DeepEqual(is, should) {
			t.Errorf("it received\n%s\nnot\n%s", got.body, want.body)
		}
		return
	}
	if is, should := decode(t, got.body), decode(t, want.body); !proto.Equal(is, should) {
		t.Errorf("it received\n%v\nnot\n%v", protojson.Format(is), protojson.Format(should))
	}
}

func decode(t *testing.T, body []byte) *collector.ExportTraceServiceRequest {
	t.Helper()
	var request collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &request); err != nil {
		t.Fatal(err)
	}
	return &request
}

func decodeJSON(t *testing.T, body []byte) (decoded any) {
	t.Helper()
	if err := json.Unmarshal(body, &decoded); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return decoded
}

// A batch that a collector cannot accept now is sent again in full, no earlier than the
// collector asks for.
func TestABatchIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []int{429, 502, 503, 504} {
		collector := startReceiver(t, (*httptest.Server).Start, status(code, "Retry-After: 40"), status(code), status(200))
		exporter := otlp.New(otlp.Settings{URL: collector.URL}, "chatserver/test")
		waits := exporter.Waits(nil)
		if err := exporter.ExportSpans(t.Context(), spans()); err != nil {
			t.Errorf("%d: %v", code, err)
		}
		got := collector.requests()
		if len(got) != 3 || len(got[0].body) == 0 || !bytes.Equal(got[0].body, got[1].body) || !bytes.Equal(got[0].body, got[2].body) {
			t.Errorf("%d: %d requests arrived, not three that are equal", code, len(got))
		}
		if len(*waits) != 2 || (*waits)[0] != 40*time.Second || (*waits)[1] < 3*time.Second || (*waits)[1] > 12*time.Second {
			t.Errorf("%d: it waited %v", code, *waits)
		}
	}
}

// A date in Retry-After is respected as well; a value that is neither a date nor seconds is ignored.
func TestRetryAfterMayBeADate(t *testing.T) {
	t.Parallel()
	date := time.Now().Add(50 * time.Second).UTC().Format(http.TimeFormat)
	collector := startReceiver(t, (*httptest.Server).Start, status(503, "Retry-After: "+date), status(200))
	exporter := otlp.New(otlp.Settings{URL: collector.URL}, "chatserver/test")
	waits := exporter.Waits(nil)
	if err := exporter.ExportSpans(t.Context(), spans()); err != nil || len(*waits) != 1 || (*waits)[0] < 8*time.Second {
		t.Errorf("it waited %v, %v", *waits, err)
	}
	collector = startReceiver(t, (*httptest.Server).Start, status(503, "Retry-After: soon"), status(200))
	exporter = otlp.New(otlp.Settings{URL: collector.URL}, "chatserver/test")
	waits = exporter.Waits(nil)
	if err := exporter.ExportSpans(t.Context(), spans()); err != nil || len(*waits) != 1 || (*waits)[0] > 8*time.Second {
		t.Errorf("it waited %v, %v", *waits, err)
	}
}

// A batch that a collector refuses is dropped, and the error includes the answer. So is a batch
// that it has not accepted for a minute, or that it wants again only after more than a minute.
func TestABatchIsGivenUp(t *testing.T) {
	t.Parallel()
	refusal := func(w http.ResponseWriter) { http.Error(w, "no such tenant", http.StatusBadRequest) }
	for name, answers := range map[string][]func(http.ResponseWriter){
		"no such tenant": {refusal},
		"gave up":        slices.Repeat([]func(http.ResponseWriter){status(503)}, 100),
		"429":            {status(429, "Retry-After: 61")},
		"307":            {status(307)},
	} {
		collector := startReceiver(t, (*httptest.Server).Start, answers...)
		exporter := otlp.New(otlp.Settings{URL: collector.URL}, "chatserver/test")
		waits := exporter.Waits(nil)
		if err := exporter.ExportSpans(t.Context(), spans()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the error is %v, not %s", err, name)
		}
		total := time.Duration(0)
		for _, wait := range *waits {
			total += wait
		}
		if total > time.Minute || name != "gave up" && total > 0 {
			t.Errorf("%s: it waited %v", name, *waits)
		}
	}
	gone := otlp.New(otlp.Settings{URL: "http://127.0.0.1:1"}, "chatserver/test")
	if err := gone.ExportSpans(t.Context(), spans()); err == nil {
		t.Error("nobody is there, and there is no error")
	}
}

// A server that stops does not wait for a collector.
func TestShutdownEndsTheWaiting(t *testing.T) {
	t.Parallel()
	collector := startReceiver(t, (*httptest.Server).Start, status(503))
	exporter := otlp.New(otlp.Settings{URL: collector.URL}, "chatserver/test")
	exporter.Waits(func(ctx context.Context) error {
		_ = exporter.Shutdown(t.Context())
		<-ctx.Done()
		return ctx.Err()
	})
	if err := exporter.ExportSpans(t.Context(), spans()); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "503") {
		t.Errorf("the error is %v", err)
	}
}

// Partially rejected spans are reported in either encoding, and an answer that cannot be
// parsed is an error as well.
func TestRejectedSpansAreReported(t *testing.T) {
	t.Parallel()
	partial, err := proto.Marshal(&collector.ExportTraceServiceResponse{
		PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 2, ErrorMessage: "too old"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const protobuf, plain = "application/x-protobuf", "application/json"
	for _, of := range []struct {
		kind, answer, want string
	}{
		{protobuf, string(partial), "rejected 2 spans: too old"},
		{protobuf, "", ""},
		{protobuf, "\xff", "no ExportTraceServiceResponse"},
		{plain, `{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}`, "rejected 2 spans: too old"},
		{plain, `{"partialSuccess":{"rejectedSpans":2,"errorMessage":"too old"}}`, "rejected 2 spans: too old"},
		{plain, `{"partialSuccess":{}}`, ""},
		{plain, `{}`, ""},
		{plain, ``, ""},
		{plain, `[`, "no ExportTraceServiceResponse"},
	} {
		receiver := startReceiver(t, (*httptest.Server).Start, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", of.kind)
			_, _ = io.WriteString(w, of.answer)
		})
		exporter := otlp.New(otlp.Settings{URL: receiver.URL, JSON: of.kind == plain}, "chatserver/test")
		err := exporter.ExportSpans(t.Context(), spans())
		if (err == nil) != (of.want == "") || err != nil && !strings.Contains(err.Error(), of.want) {
			t.Errorf("%s %q: %v, not %q", of.kind, of.answer, err, of.want)
		}
	}
}
