package commands

import (
	"crypto/tls"
	"log/slog"
	"time"
)

// CertificateIn is the certificate of two files, for external tests.
func CertificateIn(cert, key string, log *slog.Logger) *reloadingCertificate {
	return &reloadingCertificate{cert: cert, key: key, log: log}
}

// Read reads the files.
func (k *reloadingCertificate) Read() error { return k.read() }

// LookedAt returns the served certificate after the files have been checked again.
func (k *reloadingCertificate) LookedAt() (*tls.Certificate, error) {
	k.mu.Lock()
	k.checked = time.Time{}
	k.mu.Unlock()
	return k.get(nil)
}
