package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// publicTimeout bounds how long the public address may take to answer.
	publicTimeout = 15 * time.Second
	// renewalOverdue is the remaining lifetime below which a certificate should have been
	// renewed long ago. For certificates that live for days, it is a fifth of their
	// lifetime.
	renewalOverdue = 14 * 24 * time.Hour
)

// response is an answer of the public address.
type response struct {
	*http.Response // the body is already read and closed
	body           string
	localAddr      string // our end of the connection
}

// get requests a path below the public address, with headers in pairs. It does not follow
// redirects or verify certificates, which is checked once.
func (d *Doctor) get(ctx context.Context, path string, headers ...string) (a response, err error) {
	ctx, cancel := context.WithTimeout(ctx, publicTimeout)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true,                                  // each request has its own connection, whose local address is known
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, to)
			if err == nil {
				a.localAddr = conn.LocalAddr().String()
			}
			return conn, err
		},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.publicURL(path).String(), nil)
	if err != nil {
		return a, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if a.Response, err = transport.RoundTrip(request); err != nil {
		return a, err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(io.LimitReader(a.Body, maxBody))
	a.body = string(body)
	return a, err
}

// publicURL returns the URL of a path below the public address.
func (d *Doctor) publicURL(path string) *url.URL { return d.public.JoinPath(path) }

// page checks whether the chat answers at the public address, and checks its clock and
// its certificate.
func (d *Doctor) page(ctx context.Context) (found []Finding) {
	const check = "page"
	answer, err := d.get(ctx, "version.json")
	if err != nil {
		return append(found, d.unreachable(err))
	}
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		found = append(found, problem(check, "run chatserver doctor with that address", "%s redirects to %s", d.public, answer.Header.Get("Location")))
	case answer.StatusCode == http.StatusMisdirectedRequest:
		found = append(found, problem(check, remedyUnknownHost, "the chat does not answer to the host name %s", d.receivedHost(ctx)))
	case answer.StatusCode == http.StatusBadGateway, answer.StatusCode == http.StatusGatewayTimeout:
		found = append(found, problem(check, "start the server, and point the proxy to the address in --listen", "the proxy at %s cannot reach the chat: %s", d.public, answer.Status))
	case answer.StatusCode != http.StatusOK || !strings.Contains(answer.body, `"build"`):
		found = append(found, problem(check, "make the proxy forward every path unchanged", "the server at %s is not a chatserver: %s", d.public, answer.Status))
	default:
		found = append(found, ok(check, "%s is a chatserver", d.public))
	}
	found = append(found, clockSkew(answer.Response)...)
	if d.public.Scheme == "https" {
		return append(found, d.certificate(ctx))
	}
	if isLoopback(d.public.Hostname()) {
		return append(found, ok("certificate", "none needed on this machine"))
	}
	return append(found, problem("certificate", "put a proxy with a certificate in front, or set --tls-domains: docs/tls.md",
		"%s has no TLS: anyone on the network path can read along, and browsers offer no notifications and no installation", d.public))
}

// remedyUnknownHost is for a server that answers 421.
const remedyUnknownHost = "if people use this name, set --base-url or list it in --hosts; otherwise make the proxy forward the browser's Host header"

// receivedHost returns the Host header of a request through the public address as the
// server receives it: a proxy may replace it. Without the admin listener it is unknown,
// and receivedHost returns the public host.
func (d *Doctor) receivedHost(ctx context.Context) string {
	if d.server.ops {
		if seen, _, err := d.probeRequest(ctx); err == nil {
			return seen.Host
		}
	}
	return d.public.Host
}

// unreachable reports that the public address cannot be reached.
func (d *Doctor) unreachable(err error) Finding {
	var unknown *net.DNSError
	var header tls.RecordHeaderError
	remedy := "check the firewall, and that the server or the proxy listens there"
	switch {
	case errors.As(err, &unknown):
		remedy = "create a DNS record for this name"
	case errors.As(err, &header):
		remedy = "use http:// in the address, or enable TLS there: docs/tls.md"
	}
	return problem("page", remedy, "cannot reach %s: %v", d.public, err)
}

// clockSkew compares our clock with the Date header of the response, which has a
// resolution of a second.
func clockSkew(response *http.Response) []Finding {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return nil
	}
	off := time.Since(date)
	if off > maxSkew || off < -maxSkew {
		return []Finding{problem("clock", remedyClock+", on both",
			"the clocks differ: this machine %s, the server %s", inUTC(time.Now()), inUTC(date))}
	}
	return nil
}

// certificate checks whether browsers accept the certificate, and for how long.
func (d *Doctor) certificate(ctx context.Context) Finding {
	const check = "certificate"
	port := d.public.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: publicTimeout}, Config: &tls.Config{ServerName: d.public.Hostname(), InsecureSkipVerify: true}} //nolint:gosec // verified below
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(d.public.Hostname(), port))
	if err != nil {
		return problem(check, "check the log of the server or proxy that has the certificate", "the TLS handshake failed: %v", err)
	}
	defer conn.Close()
	return d.verifyChain(conn.(*tls.Conn).ConnectionState().PeerCertificates, time.Now())
}

// verifyChain verifies a certificate chain as browsers do.
func (d *Doctor) verifyChain(chain []*x509.Certificate, now time.Time) Finding {
	const check = "certificate"
	own, intermediates := chain[0], x509.NewCertPool()
	for _, link := range chain[1:] {
		intermediates.AddCert(link)
	}
	_, err := own.Verify(x509.VerifyOptions{DNSName: d.public.Hostname(), Intermediates: intermediates, CurrentTime: now})
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
	)
	left := own.NotAfter.Sub(now)
	switch {
	case now.Before(own.NotBefore):
		return problem(check, "set the clock, or wait", "not valid before %s", inUTC(own.NotBefore))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return problem(check, "renew it, and check the log of the program that should have renewed it", "expired at %s", inUTC(own.NotAfter))
	case errors.As(err, &name):
		return problem(check, "get a certificate for this name", "valid for %s, not for %s", strings.Join(own.DNSNames, ", "), d.public.Hostname())
	case errors.As(err, &unknown):
		return problem(check, "serve the full chain (fullchain.pem); with a private CA, browsers need its root certificate", "signed by an unknown authority: %s", own.Issuer)
	case err != nil:
		return problem(check, "get another certificate", "invalid: %v", err)
	case left < min(renewalOverdue, own.NotAfter.Sub(own.NotBefore)/5):
		return problem(check, "check the log of the program that should have renewed it", "expires in %s", remaining(left))
	}
	return ok(check, "valid, expires in %s", remaining(left))
}

func remaining(d time.Duration) string {
	if days := int(d.Hours() / 24); days > 0 {
		return plural(days, "day")
	}
	return fmt.Sprint(d.Round(time.Minute))
}
