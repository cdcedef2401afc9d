package broker

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
)

// securityOptions returns the options with which we authenticate to NATS and verify its
// certificate.
func securityOptions(options Options) (settings []nats.Option, err error) {
	if options.Creds != "" { // the client reads the file again for each connection
		if _, err := os.ReadFile(options.Creds); err != nil {
			return nil, fmt.Errorf("cannot read --nats-creds: %w", err)
		}
		settings = append(settings, nats.UserCredentials(options.Creds))
	}
	if options.CA != "" {
		authorities := x509.NewCertPool()
		file, err := os.ReadFile(options.CA)
		if err != nil {
			return nil, fmt.Errorf("cannot read --nats-ca: %w", err)
		}
		if !authorities.AppendCertsFromPEM(file) {
			return nil, fmt.Errorf("--nats-ca: %s contains no certificate (PEM)", options.CA)
		}
		settings = append(settings, nats.Secure(&tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}))
	}
	return settings, nil
}
