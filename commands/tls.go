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

// reloadInterval is the minimum time between checks of the certificate files: renewed
// certificates are used this soon, and a connection storm does not stress the disk.
const reloadInterval = 10 * time.Second

// tlsConfig returns the TLS configuration of the public port, nil without TLS. The
// certificate comes from two files or, for --tls-domains, from ACME.
func tlsConfig(c config.Config, log *slog.Logger) (*tls.Config, error) {
	switch {
	case c.TLSCert != "":
		kept := &reloadingCertificate{cert: c.TLSCert, key: c.TLSKey, log: log}
		if err := kept.read(); err != nil {
			return nil, err
		}
		// fasthttp does not support HTTP/2, and WebSockets do not need it.
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
	return nil, nil //nolint:nilnil // TLS is optional
}

// logInterval is the minimum time between two log lines about a certificate that cannot
// be obtained: the manager does not retry earlier either.
const logInterval = time.Minute

// acmeCertificates obtains certificates automatically. It logs failures, because browsers
// only show that there is no secure connection.
type acmeCertificates struct {
	manager *autocert.Manager
	log     *slog.Logger

	mu         sync.Mutex
	lastLogged time.Time
}

func (g *acmeCertificates) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	got, err := g.manager.GetCertificate(hello)
	if err == nil || g.manager.HostPolicy(hello.Context(), hello.ServerName) != nil {
		return got, err // scanners request other domains all day
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.lastLogged) >= logInterval {
		g.lastLogged = time.Now()
		g.log.Error("could not obtain a certificate", "domain", hello.ServerName, "error", err)
	}
	return got, err
}

// reloadingCertificate is a certificate in two files. It is reloaded when they change; an
// unusable certificate is logged, and the previous one stays in use.
type reloadingCertificate struct {
	cert, key string
	log       *slog.Logger

	mu       sync.Mutex
	checked  time.Time
	modTimes [2]time.Time // of the two files
	current  *tls.Certificate
}

func (k *reloadingCertificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.checked) < reloadInterval {
		return k.current, nil
	}
	if err := k.readLocked(); err != nil {
		k.log.Error("could not reload the certificate: keeping the previous one", "error", err)
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
		k.log.Info("reloaded the certificate", "until", pair.Leaf.NotAfter)
	}
	k.current, k.modTimes = &pair, written
	return nil
}
