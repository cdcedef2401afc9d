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
	ErrAway      = errors.New("nobody answers")
	ErrRefused   = errors.New("it does not take these credentials")
	ErrPlain     = errors.New("it speaks no TLS")
	ErrForbidden = errors.New("it forbids this user what the chat needs")
	ErrUnheard   = errors.New("what is published there does not come back")
)

const (
	// lookWait is how long a NATS may take to answer.
	lookWait = 2 * time.Second
	// nowhere is no room: a slug has no capital letter.
	nowhere = "Doctor"
)

// Subjects are what a user of NATS must be allowed to publish and to subscribe to.
var Subjects = subject("*")

// Look connects to a NATS as a node does, but once, and reports why a node could not, or
// would not hear there what another one says. No node hears it.
func Look(options Options) error {
	settings, err := trust(options)
	if err != nil {
		return err
	}
	conn, err := nats.Connect(options.URL, append(settings,
		nats.Name("chatserver doctor"), nats.NoReconnect(), nats.IgnoreDiscoveredServers(), nats.Timeout(lookWait),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // see LastError
	)...)
	if err != nil {
		return named(err)
	}
	defer conn.Close()
	sub, err := conn.SubscribeSync(subject(nowhere))
	if err != nil {
		return named(err)
	}
	said := uuid.NewString()
	if err = conn.Publish(subject(nowhere), []byte(said)); err == nil {
		err = conn.FlushTimeout(lookWait)
	}
	if denied := conn.LastError(); denied != nil { // it comes before the answer to the flush
		err = denied
	}
	if err != nil {
		return named(err)
	}
	for { // another doctor may be there
		msg, err := sub.NextMsg(lookWait)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnheard, err)
		}
		if string(msg.Data) == said {
			return nil
		}
	}
}

// named is an error of NATS, and which of ours it is.
func named(err error) error {
	var (
		certificate *tls.CertificateVerificationError
		alert       tls.AlertError
		network     net.Error
	)
	switch {
	case errors.As(err, &certificate), errors.As(err, &alert):
		return err
	case errors.Is(err, nats.ErrNoServers) || errors.As(err, &network):
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	for ours, theirs := range map[error][]error{
		ErrRefused:   {nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired},
		ErrPlain:     {nats.ErrSecureConnWanted},
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
