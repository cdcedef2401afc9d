package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/url"

	"chatserver/broker"
)

// nats checks, for each NATS server, whether a node with these settings would receive
// other nodes' hints.
func (d *Doctor) nats(ctx context.Context) (found []Finding) {
	const check = "nats"
	if d.Config.Database == "" {
		return nil // a single server needs no NATS
	}
	if len(d.Config.NATS) == 0 {
		return []Finding{note(check, "set --nats on every node, unless this is the only one: docs/fleet.md", "no NATS: messages from other nodes arrive up to two seconds late")}
	}
	for _, server := range d.Config.NATS {
		if ctx.Err() != nil {
			return found
		}
		host := "the server of --nats"
		if u, err := url.Parse(server); err == nil {
			host = u.Host // the rest may be a password
		}
		err := broker.Probe(broker.Options{URL: server, Creds: d.Config.NATSCreds, CA: d.Config.NATSCA})
		if err != nil {
			found = append(found, problem(check, natsRemedy(err), "%s: %v", host, err))
			continue
		}
		found = append(found, ok(check, "%s accepts us and delivers published messages", host))
	}
	return found
}

// natsRemedy returns what to do about an error of broker.Probe.
func natsRemedy(err error) string {
	var certificate *tls.CertificateVerificationError
	var file *fs.PathError
	switch {
	case errors.Is(err, broker.ErrUnauthorized):
		return "compare the user and password in --nats, or the --nats-creds file, with the users of NATS"
	case errors.Is(err, broker.ErrForbidden):
		return "allow this user in NATS to publish and to subscribe to " + broker.Subjects
	case errors.Is(err, broker.ErrNoTLS):
		return "enable TLS in NATS; or, on a private network, use nats:// and leave --nats-ca out"
	case errors.Is(err, broker.ErrNoEcho):
		return "check the log of NATS: it may be overloaded, or map subjects to other subjects"
	case errors.As(err, &certificate):
		return "set --nats-ca to the CA of its certificate, and use the certificate's host name in --nats"
	case errors.Is(err, broker.ErrUnreachable):
		return "check that NATS is running there and accepts connections from this machine: docs/fleet.md"
	case errors.As(err, &file):
		return remedyOwner + ", or correct the file name"
	default:
		return "check that this is a NATS server, and that --nats-ca and --nats-creds are the right files: docs/fleet.md"
	}
}
