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
	// publicTimeout is how long the public address may take to answer.
	publicTimeout = 15 * time.Second
	// renewalOverdue is when a certificate should have been renewed long ago, unless it is
	// one of those that live for days: of these it is a fifth of their life.
	renewalOverdue = 14 * 24 * time.Hour
)

// response is what the public address says.
type response struct {
	*http.Response // its body is read and closed
	body           string
	localAddr      string // our end of the connection
}

// get asks for a path below the public address, with headers in pairs: as a browser
// would, but it follows nothing, and judges no certificate, which is done once.
func (d *Doctor) get(ctx context.Context, path string, headers ...string) (a response, err error) {
	ctx, cancel := context.WithTimeout(ctx, publicTimeout)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true,                                  // each request has a connection of its own, of which the near end is known
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

// publicURL is the URL of a path below the public address.
func (d *Doctor) publicURL(path string) *url.URL { return d.public.JoinPath(path) }

// page looks whether the chat is there, what time it has, and at its certificate.
func (d *Doctor) page(ctx context.Context) (found []Finding) {
	const check = "page"
	answer, err := d.get(ctx, "version.json")
	if err != nil {
		return append(found, d.unreachable(err))
	}
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		found = append(found, problem(check, "run chatserver doctor with that address", "%s leads to %s", d.public, answer.Header.Get("Location")))
	case answer.StatusCode == http.StatusMisdirectedRequest:
		found = append(found, problem(check, remedyUnknownHost, "the chat does not answer to the host name %s", d.receivedHost(ctx)))
	case answer.StatusCode == http.StatusBadGateway, answer.StatusCode == http.StatusGatewayTimeout:
		found = append(found, problem(check, "start the server, and have the proxy lead to the address that --listen says", "the proxy at %s does not reach the chat: %s", d.public, answer.Status))
	case answer.StatusCode != http.StatusOK || !strings.Contains(answer.body, `"build"`):
		found = append(found, problem(check, "have the proxy pass every path on, unchanged", "something else than a chatserver answers at %s: %s", d.public, answer.Status))
	default:
		found = append(found, ok(check, "%s is a chatserver", d.public))
	}
	found = append(found, clockSkew(answer.Response)...)
	if d.public.Scheme == "https" {
		return append(found, d.certificate(ctx))
	}
	if isLoopback(d.public.Hostname()) {
		return append(found, ok("certificate", "none, and none is needed on this machine"))
	}
	return append(found, problem("certificate", "have a proxy with a certificate in front, or --tls-domains: docs/tls.md",
		"%s has no TLS: everybody on the way reads along, and browsers offer no notifications and no app", d.public))
}

// remedyUnknownHost is for a server that answers 421.
const remedyUnknownHost = "if it is the name that people use, set --base-url or list it in --hosts; if it is another, have the proxy pass on Host as the browser sent it"

// receivedHost returns the Host that a request through the public address has when it
// reaches the server: a proxy may replace it. Without the operators' port it is unknown, and
// the public address's own is returned.
func (d *Doctor) receivedHost(ctx context.Context) string {
	if d.server.ops {
		if seen, _, err := d.probeRequest(ctx); err == nil {
			return seen.Host
		}
	}
	return d.public.Host
}

// unreachable says what to look at.
func (d *Doctor) unreachable(err error) Finding {
	var unknown *net.DNSError
	var header tls.RecordHeaderError
	do := "look at the firewall, and whether the server or the proxy listens there"
	switch {
	case errors.As(err, &unknown):
		do = "make a record for the name in the DNS"
	case errors.As(err, &header):
		do = "give the address with http://, or have TLS there: docs/tls.md"
	}
	return problem("page", do, "%s cannot be reached: %v", d.public, err)
}

// clockSkew compares our clock with that of whoever answered, which has a second of it.
func clockSkew(response *http.Response) []Finding {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return nil
	}
	off := time.Since(date)
	if off > maxSkew || off < -maxSkew {
		return []Finding{problem("clock", remedyClock+", on both",
			"this machine has %s, and whoever answers has %s", inUTC(time.Now()), inUTC(date))}
	}
	return nil
}

// certificate looks whether browsers take it, and for how long they will.
func (d *Doctor) certificate(ctx context.Context) Finding {
	const check = "certificate"
	port := d.public.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: publicTimeout}, Config: &tls.Config{ServerName: d.public.Hostname(), InsecureSkipVerify: true}} //nolint:gosec // it is judged below
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(d.public.Hostname(), port))
	if err != nil {
		return problem(check, "look at the log of whoever has the certificate", "TLS fails: %v", err)
	}
	defer conn.Close()
	return d.verifyChain(conn.(*tls.Conn).ConnectionState().PeerCertificates, time.Now())
}

// verifyChain says what browsers think of a chain.
func (d *Doctor) verifyChain(chain []*x509.Certificate, now time.Time) Finding {
	const check = "certificate"
	own, between := chain[0], x509.NewCertPool()
	for _, link := range chain[1:] {
		between.AddCert(link)
	}
	_, err := own.Verify(x509.VerifyOptions{DNSName: d.public.Hostname(), Intermediates: between, CurrentTime: now})
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
	)
	left := own.NotAfter.Sub(now)
	switch {
	case now.Before(own.NotBefore):
		return problem(check, "set the clock; or wait", "it counts from %s on only", inUTC(own.NotBefore))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return problem(check, "renew it, and find out why it was not: the log of whoever does", "it has expired at %s", inUTC(own.NotAfter))
	case errors.As(err, &name):
		return problem(check, "get one for this name", "it is for %s, not for %s", strings.Join(own.DNSNames, ", "), d.public.Hostname())
	case errors.As(err, &unknown):
		return problem(check, "give the whole chain (fullchain.pem); browsers that know its authority take it", "nobody here knows who signed it: %s", own.Issuer)
	case err != nil:
		return problem(check, "get another one", "it is not taken: %v", err)
	case left < min(renewalOverdue, own.NotAfter.Sub(own.NotBefore)/5):
		return problem(check, "find out why it is not renewed: the log of whoever does", "it ends in %s", remaining(left))
	}
	return ok(check, "it is taken, and ends in %s", remaining(left))
}

func remaining(d time.Duration) string {
	if days := int(d.Hours() / 24); days > 0 {
		return plural(days, "day")
	}
	return fmt.Sprint(d.Round(time.Minute))
}
