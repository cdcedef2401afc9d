package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// Settings are the settings of the OTEL_EXPORTER_OTLP_ variables: where and how spans are sent
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
type Settings struct {
	URL     string            // the URL that spans are posted to
	Headers map[string]string // added to every request
	Gzip    bool              // whether bodies are compressed
	JSON    bool              // whether the encoding is JSON instead of protobuf
	Timeout time.Duration     // of one attempt; 0: none
	TLS     *tls.Config       // nil: the system's authorities, and no client certificate
}

const (
	allSignals, onlyTraces = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
	defaultTimeout         = 10 * time.Second
	tracesPath             = "/v1/traces" // appended to the endpoint of all signals
)

var (
	// ErrInsecureTLS is returned for certificates that would not be used.
	ErrInsecureTLS = errors.New("OTEL_EXPORTER_OTLP_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE need an https endpoint")

	errNoURL        = errors.New("must be a URL such as http://collector:4318")
	errNoPairs      = errors.New("must be a list such as name=value,name=value, with %2C for a comma in a value")
	errNoCount      = errors.New("must be a number of milliseconds")
	errNoAuthority  = errors.New("holds no certificate in PEM format")
	errNoClientCert = errors.New("needs both a client certificate and its key, in PEM format")
)

// SettingsOf reads the settings with getenv, such as os.Getenv. Each has a variable for all
// signals and another for traces, which takes precedence. Invalid values are logged and
// ignored, as the specification requires.
func SettingsOf(getenv func(string) string, log *slog.Logger) (Settings, error) {
	endpoint := &url.URL{Scheme: "https", Host: "localhost:4318", Path: tracesPath}
	s, secured := Settings{Timeout: defaultTimeout}, &tls.Config{MinVersion: tls.VersionTLS12}
	env := environment{getenv, log}
	env.read(allSignals, "ENDPOINT", func(value string) error { return setEndpoint(endpoint, value, tracesPath) })
	env.read(onlyTraces, "ENDPOINT", func(value string) error { return setEndpoint(endpoint, value, "") })
	for _, prefix := range []string{allSignals, onlyTraces} {
		env.read(prefix, "INSECURE", func(value string) error { endpoint.Scheme = scheme(value); return nil })
		env.read(prefix, "HEADERS", s.setHeaders)
		env.read(prefix, "COMPRESSION", func(value string) error { s.Gzip = value == "gzip"; return nil })
		env.read(prefix, "PROTOCOL", func(value string) error { s.JSON = value == "http/json"; return nil })
		env.read(prefix, "TIMEOUT", s.setTimeout)
		env.read(prefix, "CERTIFICATE", func(file string) error { return trust(secured, file) })
		env.read(prefix, "CLIENT_CERTIFICATE", func(file string) error {
			return identify(secured, file, strings.TrimSpace(getenv(prefix+"CLIENT_KEY")))
		})
	}
	s.URL = endpoint.String()
	if secured.RootCAs != nil || secured.Certificates != nil {
		if endpoint.Scheme == "http" {
			return s, ErrInsecureTLS
		}
		s.TLS = secured
	}
	return s, nil
}

// environment reads variables, and logs invalid ones.
type environment struct {
	getenv func(string) string
	log    *slog.Logger
}

func (e environment) read(prefix, name string, apply func(value string) error) {
	value := strings.TrimSpace(e.getenv(prefix + name))
	if value == "" {
		return
	}
	if err := apply(value); err != nil { // without the value: headers are secrets
		e.log.Warn("setting ignored", "name", prefix+name, "error", err)
	}
}

// setEndpoint parses an endpoint. The path for traces is appended to the endpoint of all
// signals; the endpoint of traces is used unchanged.
func setEndpoint(endpoint *url.URL, value, below string) error {
	given, err := url.Parse(value)
	if err != nil || given.Host == "" {
		return errNoURL
	}
	*endpoint = url.URL{Scheme: "https", Host: given.Host, Path: path.Join("/", given.Path, below)}
	if strings.EqualFold(given.Scheme, "http") {
		endpoint.Scheme = "http"
	}
	if below == "" && strings.HasSuffix(given.Path, "/") && endpoint.Path != "/" {
		endpoint.Path += "/" // not with Join, which would clean the path
	}
	return nil
}

// scheme returns the scheme that OTEL_EXPORTER_OTLP_INSECURE selects.
func scheme(insecure string) string {
	if strings.EqualFold(insecure, "true") {
		return "http"
	}
	return "https"
}

// setHeaders parses a list in the format of W3C Baggage: name=value,name=value. Values are
// percent-encoded.
func (s *Settings) setHeaders(list string) error {
	headers := map[string]string{}
	var problem error
	for pair := range strings.SplitSeq(list, ",") {
		name, encoded, found := strings.Cut(pair, "=")
		value, err := url.PathUnescape(encoded)
		if name = strings.TrimSpace(name); !found || err != nil || !isToken(name) {
			problem = errNoPairs
			continue
		}
		headers[name] = strings.TrimSpace(value)
	}
	s.Headers = headers
	return problem
}

// isToken reports whether a string is a valid header name (RFC 9110, 5.6.2).
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", c))
	})
}

func (s *Settings) setTimeout(milliseconds string) error {
	n, err := strconv.ParseUint(milliseconds, 10, 31)
	if err != nil {
		return errNoCount
	}
	s.Timeout = time.Duration(n) * time.Millisecond //nolint:gosec // 31 bits fit
	return nil
}

// trust replaces the system's certificate authorities by those in a file.
func trust(secured *tls.Config, file string) error {
	authorities, err := os.ReadFile(file) //nolint:gosec // the operator chose the file
	if err != nil {
		return fmt.Errorf("read the authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authorities) {
		return errNoAuthority
	}
	secured.RootCAs = pool
	return nil
}

// identify sets the client certificate.
func identify(secured *tls.Config, certificate, key string) error {
	if key == "" {
		return errNoClientCert
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoClientCert, err)
	}
	secured.Certificates = []tls.Certificate{pair}
	return nil
}
