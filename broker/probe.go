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

// What Look may find, beside what a certificate or a file of ours has wrong.
var (
	ErrUnreachable      = errors.New("nobody answers")
	ErrUnauthorized   = errors.New("it does not take these credentials")
	ErrNoTLS     = errors.New("it speaks no TLS")
	ErrForbidden = errors.New("it forbids this user what the chat needs")
	ErrNoEcho   = errors.New("what is published there does not come back")
)

const (
	// probeTimeout is how long a NATS may take to answer.
	probeTimeout = 2 * time.Second
	// probeRoom is no room: a slug has no capital letter.
	probeRoom = "Doctor"
)

// Subjects are what a user of NATS must be allowed to publish and to subscribe to.
var Subjects = subject("*")

// Probe connects to a NATS as a node does, but once, and reports why a node could not, or
// would not hear there what another one says. No node hears it.
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
	said := uuid.NewString()
	if err = conn.Publish(subject(probeRoom), []byte(said)); err == nil {
		err = conn.FlushTimeout(probeTimeout)
	}
	if denied := conn.LastError(); denied != nil { // it comes before the answer to the flush
		err = denied
	}
	if err != nil {
		return classify(err)
	}
	for { // another doctor may be there
		msg, err := sub.NextMsg(probeTimeout)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoEcho, err)
		}
		if string(msg.Data) == said {
			return nil
		}
	}
}

// classify is an error of NATS, and which of ours it is.
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
		ErrUnauthorized:   {nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired},
		ErrNoTLS:     {nats.ErrSecureConnWanted},
		ErrForbidden: {nats.ErrPermissionViolation},
	} {
		for _, one := range theirs {
			if errors.Is(err, one) {
				return fmt.Errorf("%w: %w", ours, err)
			}
		}
	}
	return err
}
