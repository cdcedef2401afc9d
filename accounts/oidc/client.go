package oidc

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// requestTimeout bounds a request to a provider; somebody waits for a page meanwhile.
	requestTimeout = 10 * time.Second
	// maxResponse is far above the largest key set or token.
	maxResponse = 1 << 20
	// maxRedirects is how often a GET is redirected.
	maxRedirects = 3
)

// newClient returns the client of a provider. Addresses are not checked as those of link
// previews are: the operator has named the provider, which is often in the same private
// network.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &http.Client{Transport: bounded{transport}, Timeout: requestTimeout, CheckRedirect: checkRedirect}
}

// checkRedirect refuses what would carry a code or a secret elsewhere.
func checkRedirect(next *http.Request, before []*http.Request) error {
	switch {
	case before[0].Method != http.MethodGet:
		return errors.New("the provider redirects a request with secrets: name the final address as issuer")
	case len(before) > maxRedirects:
		return errors.New("too many redirects")
	}
	return checkURL(next.URL.String())
}

// bounded limits the size of responses.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{&limited{response.Body, maxResponse}, response.Body}
	}
	return response, err
}

// limited fails after a number of bytes, where io.LimitReader would pretend an end.
type limited struct {
	reader io.Reader
	left   int
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.reader.Read(p)
	if l.left -= n; l.left < 0 {
		return 0, errors.New("the response of the provider is too large")
	}
	return n, err
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
