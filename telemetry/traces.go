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

// The names that OpenTelemetry has for where traces go to; with neither there are
// none. The SDK reads the other OTEL_ names itself.
const (
	endpointName       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tracesEndpointName = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
)

// Traces are drawn of messages: one trace a message, with a span from being received
// to being heard, and within it those of being stored and being delivered. A commit
// has a trace of its own, linked with the messages that shared it.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// OpenTraces sends traces by OTLP over HTTP to where OTEL_EXPORTER_OTLP_ENDPOINT
// says; without it, it returns nil. What cannot be sent is logged and lost.
func OpenTraces(ctx context.Context, version string, log *slog.Logger) (*Traces, error) {
	if os.Getenv(endpointName) == "" && os.Getenv(tracesEndpointName) == "" {
		return nil, nil //nolint:nilnil // no traces is no error
	}
	settings, err := otlp.SettingsOf(os.Getenv, log)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	// What the environment says of the program comes last, so that it counts.
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

// spoken is what Draft.Trace holds: the trace of a message.
type spoken struct {
	span   trace.Span
	stored time.Time
}

// Upgrade is the span of a connection's upgrade.
type Upgrade struct{ span trace.SpanContext }

// TraceID is the id of its trace, for the log.
func (u *Upgrade) TraceID() string { return u.span.TraceID().String() }

// Opened draws the upgrade of a connection, and returns what its messages are linked
// with; nil without traces. The parent is a traceparent header, or empty.
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

// Says begins the trace of what a connection says; nil without traces. The parent is
// the traceparent of the command, or empty; opened is what Opened returned.
func (t *Telemetry) Says(parent string, opened *Upgrade, room string) any {
	if t.traces == nil {
		return nil
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("chat.room", room))}
	if opened != nil {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: opened.span}))
	}
	_, span := t.traces.tracer.Start(parented(parent), "message", options...)
	return &spoken{span: span}
}

// Unsaid ends the trace of what became no message.
func (t *Telemetry) Unsaid(said any, err error) {
	if s, ok := said.(*spoken); ok {
		s.fail(err)
	}
}

// parented is the context of a W3C traceparent. One that is none has no parent.
func parented(parent string) context.Context {
	if parent == "" {
		return context.Background()
	}
	return propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": parent})
}

// Carry is the traceparent of a message's trace, for another node, and Fetch is what
// another node draws by it: that it handed the message to its members.
func (t *Telemetry) Carry(said any) string {
	s, ok := said.(*spoken)
	if !ok {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpan(context.Background(), s.span), carrier)
	return carrier["traceparent"]
}

// Fetch is the other half of Carry; nil without traces.
func (t *Telemetry) Fetch(traceparent string) any {
	if t.traces == nil {
		return nil
	}
	return &spoken{span: trace.SpanFromContext(parented(traceparent)), stored: time.Now()}
}

func (s *spoken) fail(err error) {
	s.span.SetStatus(codes.Error, err.Error())
	s.span.End()
}

// stored draws the commit of a batch, and in each of its messages that they shared it.
func (t *Traces) stored(batch []chat.Draft, began, ended time.Time, err error) {
	var links []trace.Link
	for i := range batch {
		if s, ok := batch[i].Trace.(*spoken); ok {
			links = append(links, trace.Link{SpanContext: s.span.SpanContext()})
		}
	}
	_, commit := t.tracer.Start(context.Background(), "commit", trace.WithTimestamp(began), trace.WithLinks(links...),
		trace.WithAttributes(attribute.Int("chat.batch.messages", len(batch))))
	end(commit, ended, err)
	for i := range batch {
		s, ok := batch[i].Trace.(*spoken)
		if !ok {
			continue
		}
		t.part(s, "stored", began, ended, err, trace.WithLinks(trace.Link{SpanContext: commit.SpanContext()}),
			trace.WithAttributes(attribute.Int("chat.batch.messages", len(batch))))
		s.stored = ended
	}
}

// heard draws that a message was handed to everybody, and ends its trace.
func (t *Traces) heard(draft chat.Draft, now time.Time) {
	if s, ok := draft.Trace.(*spoken); ok {
		t.part(s, "delivered", s.stored, now, nil)
		s.span.End(trace.WithTimestamp(now))
	}
}

func (t *Traces) part(of *spoken, name string, began, ended time.Time, err error, options ...trace.SpanStartOption) {
	_, span := t.tracer.Start(trace.ContextWithSpan(context.Background(), of.span), name, append(options, trace.WithTimestamp(began))...)
	end(span, ended, err)
}

func end(span trace.Span, at time.Time, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End(trace.WithTimestamp(at))
}
