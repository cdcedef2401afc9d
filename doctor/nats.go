package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/url"

	"chatserver/broker"
)

// nats looks whether a node with these settings hears what others say, server by server.
func (d *Doctor) nats(ctx context.Context) (found []Finding) {
	const check = "nats"
	if d.Config.Database == "" {
		return nil // a chat alone has nobody to tell
	}
	if len(d.Config.NATS) == 0 {
		return []Finding{note(check, "set --nats on every node, unless this is the only one: docs/fleet.md", "there is none: what is said on another node is heard up to two seconds late")}
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
		found = append(found, ok(check, "%s takes us, and what is published there is heard", host))
	}
	return found
}

// natsRemedy is what to do about an error of broker.Look.
func natsRemedy(err error) string {
	var certificate *tls.CertificateVerificationError
	var file *fs.PathError
	switch {
	case errors.Is(err, broker.ErrUnauthorized):
		return "compare the user and password of --nats, or the file of --nats-creds, with the users that NATS has"
	case errors.Is(err, broker.ErrForbidden):
		return "have NATS allow this user to publish and to subscribe to " + broker.Subjects
	case errors.Is(err, broker.ErrNoTLS):
		return "have it speak TLS; or, if the network is yours alone, say nats:// and leave --nats-ca out"
	case errors.Is(err, broker.ErrNoEcho):
		return "look at its log: it may be overloaded, or map subjects elsewhere"
	case errors.As(err, &certificate):
		return "name who signs its certificate with --nats-ca, and NATS in --nats as the certificate does"
	case errors.Is(err, broker.ErrUnreachable):
		return "look whether NATS runs there and lets this machine in: docs/fleet.md"
	case errors.As(err, &file):
		return remedyOwner + ", or name the right file"
	default:
		return "look whether that is NATS, and whether --nats-ca and --nats-creds are the right files: docs/fleet.md"
	}
}
