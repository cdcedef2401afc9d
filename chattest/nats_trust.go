package chattest

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// SpeaksTLS enables TLS on a NATS server, with a self-signed certificate for localhost.
// It returns the file of the certificate's issuer.
func SpeaksTLS(t testing.TB) (option NATSOption, ca string) {
	t.Helper()
	folder := t.TempDir()
	ca, key := filepath.Join(folder, "nats.crt"), filepath.Join(folder, "nats.key")
	WriteCertificate(t, ca, key, "localhost", 1)
	certificate, err := tls.LoadX509KeyPair(ca, key)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *server.Options) {
		o.TLS, o.TLSTimeout = true, Patience.Seconds()
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}, ca
}

// Trust is a NATS account that admits only the users that its key signed.
type Trust struct {
	t                 testing.TB
	operator, account nkeys.KeyPair
}

// NewTrust creates an operator with one account.
func NewTrust(t testing.TB) *Trust {
	t.Helper()
	trust := &Trust{t: t}
	trust.operator, _ = trust.must(nkeys.CreateOperator())
	trust.account, _ = trust.must(nkeys.CreateAccount())
	return trust
}

func (u *Trust) must(pair nkeys.KeyPair, err error) (made nkeys.KeyPair, public string) {
	u.t.Helper()
	if err == nil {
		public, err = pair.PublicKey()
	}
	if err != nil {
		u.t.Fatal(err)
	}
	return pair, public
}

// Asks makes a NATS server require this account.
func (u *Trust) Asks(o *server.Options) {
	u.t.Helper()
	_, operator := u.must(u.operator, nil)
	_, account := u.must(u.account, nil)
	signed, err := jwt.NewAccountClaims(account).Encode(u.operator)
	accounts := &server.MemAccResolver{}
	if err == nil {
		err = accounts.Store(account, signed)
	}
	if err != nil {
		u.t.Fatal(err)
	}
	o.TrustedKeys, o.AccountResolver = []string{operator}, accounts
}

// WritesCredentials writes the credentials of a new user to a file.
func (u *Trust) WritesCredentials(file string) {
	u.t.Helper()
	user, public := u.must(nkeys.CreateUser())
	signed, err := jwt.NewUserClaims(public).Encode(u.account)
	if err != nil {
		u.t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		u.t.Fatal(err)
	}
	content, err := jwt.FormatUserConfig(signed, seed)
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		u.t.Fatal(err)
	}
}
