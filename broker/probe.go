package broker

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// The errors of Probe, besides those of a certificate or of a credentials file.
var (
	ErrUnreachable  = errors.New("no answer")
	ErrUnauthorized = errors.New("NATS rejects these credentials")
	ErrNoTLS        = errors.New("NATS does not offer TLS")
	ErrForbidden    = errors.New("this user lacks permissions that the chat needs")
	ErrNoEcho       = errors.New("published messages do not come back")
)

const (
	// probeTimeout bounds how long NATS may take to answer.
	probeTimeout = 2 * time.Second
	// probeRoom cannot be a room's slug, which has no capital letters.
	probeRoom = "Doctor"
)

// Subjects is the pattern that a NATS user must be allowed to publish and subscribe to.
var Subjects = subject("*")

// Probe connects to NATS once, as a node does, and reports why a node could not connect
// or would not receive what others publish. No node receives the probe's message.
func Probe(options Options) error {
	settings, err := securityOptions(options)
	if err != nil {
		return err
	}
	conn, err := nats.Connect(options.URL, append(settings,
		nats.Name("chatserver doctor"), nats.NoReconnect(), nats.IgnoreDiscoveredServers(), nats.Timeout(probeTimeout),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // see LastError
	)...)
	if err != nil {
		return classify(err)
	}
	defer conn.Close()
	sub, err := conn.SubscribeSync(subject(probeRoom))
	if err != nil {
		return classify(err)
	}
	sent := uuid.NewString()
	if err = conn.Publish(subject(probeRoom), []byte(sent)); err == nil {
		err = conn.FlushTimeout(probeTimeout)
	}
	if denied := conn.LastError(); denied != nil { // the server sends it before the reply to the flush
		err = denied
	}
	if err != nil {
		return classify(err)
	}
	for { // another doctor may be running
		msg, err := sub.NextMsg(probeTimeout)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoEcho, err)
		}
		if string(msg.Data) == sent {
			return nil
		}
	}
}

// classify wraps an error of the NATS client in the matching error of this package.
func classify(err error) error {
	var (
		certificate *tls.CertificateVerificationError
		alert       tls.AlertError
		network     net.Error
	)
	switch {
	case errors.As(err, &certificate), errors.As(err, &alert):
		return err
	case errors.Is(err, nats.ErrNoServers) || errors.As(err, &network):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	for ours, theirs := range map[error][]error{
		ErrUnauthorized: {nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired},
		ErrNoTLS:        {nats.ErrSecureConnWanted},
		ErrForbidden:    {nats.ErrPermissionViolation},
	} {
		for _, one := range theirs {
			if errors.Is(err, one) {
				return fmt.Errorf("%w: %w", ours, err)
			}
		}
	}
	return err
}
