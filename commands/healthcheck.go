package commands

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"chatserver/config"
)

// healthcheckTimeout bounds how long the server may take to answer.
const healthcheckTimeout = 3 * time.Second

// healthcheck checks the running server.
type healthcheck struct{}

// Run fails unless the server with these settings is healthy.
func (healthcheck) Run(c config.Config) error {
	// The server is on this machine, so no proxy of the environment (HTTP_PROXY) is used,
	// and the certificate, which is for the public names, is not verified.
	secured := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // see above
	if len(c.TLSDomains) > 0 {
		secured.ServerName = c.TLSDomains[0] // the server has certificates only for these names
	}
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true, TLSClientConfig: secured}}
	ctx, cancel := context.WithTimeout(context.Background(), healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.LocalURL(c.Scheme(), c.Listen)+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is unhealthy: %s", response.Status)
	}
	return nil
}
