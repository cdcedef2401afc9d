package commands

import (
	"log/slog"
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
	return broker.Open(broker.Options{
		URL: strings.Join(c.NATS, ","), Creds: c.NATSCreds, CA: c.NATSCA, Log: log, Carry: told.Carry, Fetch: told.Fetch,
	})
}
