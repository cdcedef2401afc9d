// Package otlp exports OpenTelemetry spans by OTLP over HTTP, as protobuf or as JSON. It
// stands in for OpenTelemetry's own exporter, which needs gRPC and protobuf's reflection:
// docs/adr/0029-a-light-exporter.md. The specification is
// https://opentelemetry.io/docs/specs/otlp/ (1.9).
package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	// After a temporary failure the exporter waits firstRetry, then half as long again for each
	// retry up to longestRetry, each plus or minus one half. It drops a batch rather than wait
	// longer than retryFor in total. The SDK's OTEL_BSP_EXPORT_TIMEOUT, 30 s by default, ends an
	// export as well.
	firstRetry   = 5 * time.Second
	longestRetry = 30 * time.Second
	retryFor     = time.Minute
	// maxAnswer is the number of bytes read from an answer.
	maxAnswer = 64 << 10
)

// Exporter sends spans to one collector. It implements the SDK's SpanExporter.
type Exporter struct {
	settings  Settings
	userAgent string
	client    *http.Client
	stopping  context.Context //nolint:containedctx // cancelled by Shutdown, to end every attempt
	stop      context.CancelFunc
	wait      func(context.Context, time.Duration) error
}

var _ sdktrace.SpanExporter = (*Exporter)(nil)

// New returns an exporter with settings, such as those from SettingsOf. userAgent is its
// User-Agent header, such as "chatserver/1.2.3".
func New(settings Settings, userAgent string) *Exporter {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // never replaced
	transport.TLSClientConfig = settings.TLS
	stopping, stop := context.WithCancel(context.Background())
	return &Exporter{
		settings: settings, userAgent: userAgent, stopping: stopping, stop: stop, wait: wait,
		client: &http.Client{Transport: transport, Timeout: settings.Timeout},
	}
}

// ExportSpans sends spans, and retries while the collector reports temporary failures. The
// error that it returns includes the collector's answer.
func (e *Exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	body := e.body(request(spans))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.stopping, cancel)()
	backoff, waited := firstRetry, time.Duration(0)
	for {
		err := e.post(ctx, body)
		var passing *passingError
		if !errors.As(err, &passing) {
			return err
		}
		delay := max(passing.after, backoff/2+rand.N(backoff)) //nolint:gosec // randomness only spreads the attempts
		backoff = min(backoff+backoff/2, longestRetry)
		if waited += delay; waited > retryFor {
			return fmt.Errorf("gave up after %s: %w", retryFor, err)
		}
		if stopped := e.wait(ctx, delay); stopped != nil {
			return fmt.Errorf("%w: %w", stopped, err)
		}
	}
}

// Shutdown aborts pending requests. The SDK calls it after the last ExportSpans.
func (e *Exporter) Shutdown(context.Context) error {
	e.stop()
	e.client.CloseIdleConnections()
	return nil
}

// body encodes a request, and compresses it, according to the settings.
func (e *Exporter) body(request message) []byte {
	var encoded []byte
	if e.settings.JSON {
		encoded = request.appendJSON(nil)
	} else {
		encoded = request.appendProto(nil)
	}
	if !e.settings.Gzip {
		return encoded
	}
	var packed bytes.Buffer
	w := writers.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool holds nothing else
	defer writers.Put(w)
	w.Reset(&packed)
	_, _ = w.Write(encoded) // writing to memory cannot fail
	_ = w.Close()
	return packed.Bytes()
}

// writers are pooled, because each holds 800 kB.
var writers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// contentType returns the media type of requests and answers.
func (e *Exporter) contentType() string {
	if e.settings.JSON {
		return "application/json"
	}
	return "application/x-protobuf"
}

// post makes one attempt. It returns a *passingError if a retry may succeed.
func (e *Exporter) post(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.settings.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("export spans: %w", err)
	}
	request.Header.Set("User-Agent", e.userAgent)
	for name, value := range e.settings.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", e.contentType())
	if e.settings.Gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := e.client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) && failed.Temporary() {
			return &passingError{error: err}
		}
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read what the collector answered: %w", err)
	}
	return e.judge(response, answer)
}

// judge returns the outcome of an answer: nil, an error, or a *passingError. A collector can
// accept a request and still reject some of its spans.
func (e *Exporter) judge(response *http.Response, answer []byte) error {
	if response.StatusCode/100 == 2 { //nolint:mnd // the class of successes
		if response.Header.Get("Content-Type") != e.contentType() {
			return nil
		}
		return rejected(answer, e.settings.JSON)
	}
	err := fmt.Errorf("%s answered %s: %s", e.settings.URL, response.Status, strings.TrimSpace(string(answer)))
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &passingError{error: err, after: retryAfter(response.Header.Get("Retry-After"))}
	default:
		return err
	}
}

// passingError is a temporary failure: the same request may succeed later, but not before
// the delay that the collector asked for, if any.
type passingError struct {
	error
	after time.Duration
}

func (e *passingError) Unwrap() error { return e.error }

// retryAfter parses the header Retry-After, seconds or a date (RFC 9110, 10.2.3); 0 if it
// is neither.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second //nolint:gosec // 32 bits of seconds fit
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}

// wait returns after the delay, or with the cause of the context's end.
func wait(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
