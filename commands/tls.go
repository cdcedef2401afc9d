package commands

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"chatserver/config"
)

// reloadInterval is how often at most the files of a certificate are looked at: a
// renewed one is in use so soon, and whoever comes in a rush asks the disk nothing.
const reloadInterval = 10 * time.Second

// tlsConfig is how the public port speaks TLS, or nil if it does not: with the
// certificate of two files, or with one that is got for a domain.
func tlsConfig(c config.Config, log *slog.Logger) (*tls.Config, error) {
	switch {
	case c.TLSCert != "":
		kept := &reloadingCertificate{cert: c.TLSCert, key: c.TLSKey, log: log}
		if err := kept.read(); err != nil {
			return nil, err
		}
		// Fasthttp has no HTTP/2, and a WebSocket needs none.
		return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: kept.get}, nil
	case len(c.TLSDomains) > 0:
		manager := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(c.TLSDomains...),
			Cache:  autocert.DirCache(filepath.Join(c.Data, "certificates")),
			Client: &acme.Client{DirectoryURL: c.TLSACME, UserAgent: "chatserver"},
		}
		own := manager.TLSConfig()
		own.MinVersion, own.NextProtos = tls.VersionTLS12, []string{"http/1.1", acme.ALPNProto}
		own.GetCertificate = (&acmeCertificates{manager: manager, log: log}).get
		return own, nil
	}
	return nil, nil //nolint:nilnil // no TLS is a choice
}

// logInterval is how often at most it is said that a certificate cannot be got: for as long
// the manager asks nobody again.
const logInterval = time.Minute

// acmeCertificates are the certificates that are got by themselves. Why one is not reaches nobody
// but the log: browsers say only that there is no safe connection.
type acmeCertificates struct {
	manager *autocert.Manager
	log     *slog.Logger

	mu         sync.Mutex
	lastLogged time.Time
}

func (g *acmeCertificates) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	got, err := g.manager.GetCertificate(hello)
	if err == nil || g.manager.HostPolicy(hello.Context(), hello.ServerName) != nil {
		return got, err // other domains are asked for all day, by nobody who is meant
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.lastLogged) >= logInterval {
		g.lastLogged = time.Now()
		g.log.Error("the certificate is not got", "domain", hello.ServerName, "error", err)
	}
	return got, err
}

// reloadingCertificate is one that lies in two files. It is read again when they change, as
// whoever renews it does; one that cannot be used is logged, and the one before stays.
type reloadingCertificate struct {
	cert, key string
	log       *slog.Logger

	mu       sync.Mutex
	checked  time.Time
	modTimes [2]time.Time // when each file was
	current  *tls.Certificate
}

func (k *reloadingCertificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.checked) < reloadInterval {
		return k.current, nil
	}
	if err := k.readLocked(); err != nil {
		k.log.Error("the certificate is not read again", "error", err)
	}
	return k.current, nil
}

func (k *reloadingCertificate) read() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.readLocked()
}

func (k *reloadingCertificate) readLocked() error {
	k.checked = time.Now()
	var written [2]time.Time
	for i, name := range []string{k.cert, k.key} {
		about, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
		written[i] = about.ModTime()
	}
	if written == k.modTimes {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(k.cert, k.key)
	if err != nil {
		return fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	if k.current != nil {
		k.log.Info("the certificate was read again", "until", pair.Leaf.NotAfter)
	}
	k.current, k.modTimes = &pair, written
	return nil
}
