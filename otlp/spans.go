package otlp

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// The field numbers are those of opentelemetry-proto 1.11:
// collector/trace/v1/trace_service.proto, trace/v1/trace.proto, resource/v1/resource.proto,
// and common/v1/common.proto.

// builder collects the fields of a message, without those that have their default values.
type builder struct{ message }

func (b *builder) always(number protowire.Number, name string, value any) {
	b.message = append(b.message, field{number, name, value})
}

func (b *builder) text(number protowire.Number, name, value string) {
	if value != "" {
		b.always(number, name, value)
	}
}

func (b *builder) count(number protowire.Number, name string, value int) {
	if value > 0 {
		b.always(number, name, uint32(min(value, 1<<32-1))) //nolint:gosec // bounded
	}
}

func (b *builder) at(number protowire.Number, name string, moment time.Time) {
	if nanoseconds := moment.UnixNano(); nanoseconds > 0 {
		b.always(number, name, fixed64(nanoseconds))
	}
}

func (b *builder) list(number protowire.Number, name string, messages []message) {
	if len(messages) > 0 {
		b.always(number, name, messages)
	}
}

// request builds the ExportTraceServiceRequest of spans, grouped by resource and scope.
func request(spans []sdktrace.ReadOnlySpan) message {
	type group struct {
		of     attribute.Distinct
		scopes []instrumentation.Scope
		spans  map[instrumentation.Scope][]message
		about  *resource.Resource
	}
	var groups []*group
	for _, span := range spans {
		of, scope := span.Resource().Equivalent(), span.InstrumentationScope()
		i := slices.IndexFunc(groups, func(g *group) bool { return g.of == of })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{of: of, spans: map[instrumentation.Scope][]message{}, about: span.Resource()})
		}
		if _, found := groups[i].spans[scope]; !found {
			groups[i].scopes = append(groups[i].scopes, scope)
		}
		groups[i].spans[scope] = append(groups[i].spans[scope], spanOf(span))
	}
	var all []message
	for _, g := range groups {
		var scopes []message
		for _, scope := range g.scopes {
			scopes = append(scopes, scopeOf(scope, g.spans[scope]))
		}
		all = append(all, resourceOf(g.about, scopes))
	}
	return message{{1, "resourceSpans", all}}
}

func resourceOf(about *resource.Resource, scopes []message) message {
	var b, attributes builder
	attributes.list(1, "attributes", keyValues(about.Attributes()))
	b.always(1, "resource", attributes.message)
	b.list(2, "scopeSpans", scopes)
	b.text(3, "schemaUrl", about.SchemaURL())
	return b.message
}

func scopeOf(scope instrumentation.Scope, spans []message) message {
	var b, about builder
	about.text(1, "name", scope.Name)
	about.text(2, "version", scope.Version)
	about.list(3, "attributes", keyValues(scope.Attributes.ToSlice()))
	if scope != (instrumentation.Scope{}) {
		b.always(1, "scope", about.message)
	}
	b.list(2, "spans", spans)
	b.text(3, "schemaUrl", scope.SchemaURL)
	return b.message
}

func spanOf(span sdktrace.ReadOnlySpan) message {
	var b builder
	b.addIDs(span.SpanContext())
	b.text(3, "traceState", span.SpanContext().TraceState().String())
	if parent := span.Parent(); parent.HasSpanID() {
		b.always(4, "parentSpanId", idOf(parent.SpanID()))
	}
	b.text(5, "name", span.Name())
	if kind := span.SpanKind(); kind != trace.SpanKindUnspecified {
		b.always(6, "kind", uint32(kind)) //nolint:gosec // the SDK numbers kinds as OTLP does
	}
	b.at(7, "startTimeUnixNano", span.StartTime())
	b.at(8, "endTimeUnixNano", span.EndTime())
	b.list(9, "attributes", keyValues(span.Attributes()))
	b.count(10, "droppedAttributesCount", span.DroppedAttributes())
	b.list(11, "events", events(span.Events()))
	b.count(12, "droppedEventsCount", span.DroppedEvents())
	b.list(13, "links", links(span.Links()))
	b.count(14, "droppedLinksCount", span.DroppedLinks())
	b.always(15, "status", statusOf(span.Status()))
	b.always(16, "flags", flags(span.SpanContext(), span.Parent()))
	return b.message
}

func (b *builder) addIDs(context trace.SpanContext) {
	traceID := context.TraceID()
	b.always(1, "traceId", id(traceID[:]))
	b.always(2, "spanId", idOf(context.SpanID()))
}

func idOf(span trace.SpanID) id { return id(span[:]) }

// flags returns the W3C trace flags, and whether a span's parent, or a link's target, is remote.
func flags(context, parent trace.SpanContext) fixed32 {
	const knowsWhere, isRemote = 0x100, 0x200
	value := fixed32(context.TraceFlags()) | knowsWhere
	if parent.IsRemote() {
		value |= isRemote
	}
	return value
}

func statusOf(status sdktrace.Status) message {
	const isOK, isError = 1, 2 // the SDK numbers them in the opposite order
	var b builder
	b.text(2, "message", status.Description)
	switch status.Code {
	case codes.Ok:
		b.count(3, "code", isOK)
	case codes.Error:
		b.count(3, "code", isError)
	case codes.Unset: // the default
	}
	return b.message
}

func events(of []sdktrace.Event) (all []message) {
	for _, event := range of {
		var b builder
		b.at(1, "timeUnixNano", event.Time)
		b.text(2, "name", event.Name)
		b.list(3, "attributes", keyValues(event.Attributes))
		b.count(4, "droppedAttributesCount", event.DroppedAttributeCount)
		all = append(all, b.message)
	}
	return all
}

func links(of []sdktrace.Link) (all []message) {
	for _, link := range of {
		var b builder
		b.addIDs(link.SpanContext)
		b.list(4, "attributes", keyValues(link.Attributes))
		b.count(5, "droppedAttributesCount", link.DroppedAttributeCount)
		b.always(6, "flags", flags(link.SpanContext, link.SpanContext))
		all = append(all, b.message)
	}
	return all
}
