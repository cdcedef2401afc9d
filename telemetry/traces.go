package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"chatserver/chat"
	"chatserver/otlp"
)

// OpenTelemetry's variables for the endpoint of traces. If neither is set, tracing is
// off. The SDK reads the other OTEL_ variables itself.
const (
	endpointName       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tracesEndpointName = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
)

// Traces records one trace per message: a span from receiving to delivering it, and
// within it the spans of storing and delivering. A commit has its own trace, linked with
// those of its messages.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// OpenTraces sends traces with OTLP over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT; if it is
// not set, it returns nil. Traces that cannot be sent are logged and lost.
func OpenTraces(ctx context.Context, version string, log *slog.Logger) (*Traces, error) {
	if os.Getenv(endpointName) == "" && os.Getenv(tracesEndpointName) == "" {
		return nil, nil //nolint:nilnil // tracing is optional
	}
	settings, err := otlp.SettingsOf(os.Getenv, log)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	// The environment comes last, so that it takes precedence.
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "chatserver"), attribute.String("service.version", version),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces not sent", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(otlp.New(settings, "chatserver/"+version)), sdktrace.WithResource(about))
	return &Traces{provider: provider, tracer: provider.Tracer("chatserver")}, nil
}

// messageTrace is the trace of a message, in Post.Trace.
type messageTrace struct {
	span   trace.Span
	stored time.Time
}

// Upgrade is the span of a connection's upgrade.
type Upgrade struct{ span trace.SpanContext }

// TraceID returns the id of the trace, for the log.
func (u *Upgrade) TraceID() string { return u.span.TraceID().String() }

// Opened records the upgrade of a connection, and returns the span with which its
// messages are linked; nil without tracing. The parent is a traceparent header or empty.
func (t *Telemetry) Opened(parent string, began time.Time, conn *chat.Connection, number int64) *Upgrade {
	if t.traces == nil {
		return nil
	}
	_, span := t.traces.tracer.Start(parented(parent), "connection opened",
		trace.WithTimestamp(began), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.Int64("chat.connection", number), attribute.String("chat.frames", conn.Kind.String())))
	span.End()
	return &Upgrade{span.SpanContext()}
}

// MessageReceived begins the trace of a message; nil without tracing. The parent is the traceparent
// of the command or empty; opened is the result of Opened.
func (t *Telemetry) MessageReceived(parent string, opened *Upgrade, room string) any {
	if t.traces == nil {
		return nil
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("chat.room", room))}
	if opened != nil {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: opened.span}))
	}
	_, span := t.traces.tracer.Start(parented(parent), "message", options...)
	return &messageTrace{span: span}
}

// MessageRejected ends the trace of a message that was not stored.
func (t *Telemetry) MessageRejected(begun any, err error) {
	if s, ok := begun.(*messageTrace); ok {
		s.fail(err)
	}
}

// parented returns a context with a W3C traceparent as parent. An invalid one gives no
// parent.
func parented(parent string) context.Context {
	if parent == "" {
		return context.Background()
	}
	return propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": parent})
}

// Inject returns the traceparent of a message's trace for another node. With Extract,
// that node records that it delivered the message.
func (t *Telemetry) Inject(begun any) string {
	s, ok := begun.(*messageTrace)
	if !ok {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpan(context.Background(), s.span), carrier)
	return carrier["traceparent"]
}

// Extract is the inverse of Inject; nil without tracing.
func (t *Telemetry) Extract(traceparent string) any {
	if t.traces == nil {
		return nil
	}
	return &messageTrace{span: trace.SpanFromContext(parented(traceparent)), stored: time.Now()}
}

func (s *messageTrace) fail(err error) {
	s.span.SetStatus(codes.Error, err.Error())
	s.span.End()
}

// stored records the commit of a batch, and a span in each of its messages.
func (t *Traces) stored(batch []chat.Change, began, ended time.Time, err error) {
	var links []trace.Link
	for i := range batch {
		if s, ok := batch[i].Header().Trace.(*messageTrace); ok {
			links = append(links, trace.Link{SpanContext: s.span.SpanContext()})
		}
	}
	_, commit := t.tracer.Start(context.Background(), "commit", trace.WithTimestamp(began), trace.WithLinks(links...),
		trace.WithAttributes(attribute.Int("chat.batch.messages", len(batch))))
	end(commit, ended, err)
	for i := range batch {
		s, ok := batch[i].Header().Trace.(*messageTrace)
		if !ok {
			continue
		}
		t.part(s, "stored", began, ended, err, trace.WithLinks(trace.Link{SpanContext: commit.SpanContext()}),
			trace.WithAttributes(attribute.Int("chat.batch.messages", len(batch))))
		s.stored = ended
	}
}

// delivered records that a message was delivered to everyone, and ends its trace.
func (t *Traces) delivered(change chat.Header, now time.Time) {
	if s, ok := change.Trace.(*messageTrace); ok {
		t.part(s, "delivered", s.stored, now, nil)
		s.span.End(trace.WithTimestamp(now))
	}
}

func (t *Traces) part(of *messageTrace, name string, began, ended time.Time, err error, options ...trace.SpanStartOption) {
	_, span := t.tracer.Start(trace.ContextWithSpan(context.Background(), of.span), name, append(options, trace.WithTimestamp(began))...)
	end(span, ended, err)
}

func end(span trace.Span, at time.Time, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End(trace.WithTimestamp(at))
}
