package commands_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/commands"
)

// A certificate that was renewed is used without a restart; one that is broken is not,
// and the one before stays.
func TestACertificateIsReadAgainWhenItChanges(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	kept := commands.CertificateIn(cert, key, slog.New(slog.DiscardHandler))
	if err := kept.Read(); err == nil {
		t.Error("a certificate that is not there is none")
	}
	written := time.Now()
	write := func(serial int64) {
		t.Helper()
		chattest.WriteCertificate(t, cert, key, "localhost", serial)
		written = written.Add(time.Second) // whatever the disk's clock does
		for _, name := range []string{cert, key} {
			if err := os.Chtimes(name, written, written); err != nil {
				t.Fatal(err)
			}
		}
	}
	serial := func() int64 {
		t.Helper()
		certificate, err := kept.LookedAt()
		if err != nil {
			t.Fatal(err)
		}
		return certificate.Leaf.SerialNumber.Int64()
	}
	write(1)
	if got := serial(); got != 1 {
		t.Errorf("it is the certificate %d", got)
	}
	write(2)
	if got := serial(); got != 2 {
		t.Errorf("after it was renewed it is the certificate %d", got)
	}
	if err := os.WriteFile(cert, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("after it broke it is the certificate %d", got)
	}
	write(3)
	if got := serial(); got != 3 {
		t.Errorf("after it was mended it is the certificate %d", got)
	}
}
