package commands

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	"chatserver/config"
)

// healthcheckTimeout is how long the server may take to say that it is well.
const healthcheckTimeout = 3 * time.Second

// healthcheck asks the running server how it is.
type healthcheck struct{}

// Run fails unless the server of these settings says that it is well.
func (healthcheck) Run(c config.Config) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	// It asks itself: no proxy of the environment (HTTP_PROXY) is between, and the
	// certificate is for the names that others know it by.
	scheme, secured := "http", &tls.Config{InsecureSkipVerify: true} //nolint:gosec // see above
	if c.TLS() {
		scheme = "https"
	}
	if len(c.TLSDomains) > 0 {
		secured.ServerName = c.TLSDomains[0] // there is a certificate for no other name
	}
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true, TLSClientConfig: secured}}
	ctx, cancel := context.WithTimeout(context.Background(), healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not well: %s", response.Status)
	}
	return nil
}
