package commands

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"chatserver/broker"
	"chatserver/config"
	"chatserver/telemetry"
)

// openBroker connects to NATS if there is one; nil without.
func openBroker(c config.Config, told *telemetry.Telemetry, log *slog.Logger) (*broker.NATS, error) {
	if len(c.NATS) == 0 {
		return nil, nil //nolint:nilnil // none is a choice
	}
	options := broker.Options{URL: strings.Join(c.NATS, ","), Creds: c.NATSCreds, Log: log, Carry: told.Carry, Fetch: told.Fetch}
	if c.NATSCreds != "" { // it is read anew for each connection
		if _, err := os.ReadFile(c.NATSCreds); err != nil {
			return nil, fmt.Errorf("cannot read --nats-creds: %w", err)
		}
	}
	if c.NATSCA != "" {
		authorities := x509.NewCertPool()
		file, err := os.ReadFile(c.NATSCA)
		if err != nil {
			return nil, fmt.Errorf("cannot read --nats-ca: %w", err)
		}
		if !authorities.AppendCertsFromPEM(file) {
			return nil, fmt.Errorf("--nats-ca: %s has no certificate (PEM)", c.NATSCA)
		}
		options.TLS = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	}
	return broker.Open(options)
}
