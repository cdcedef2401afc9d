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

// A renewed certificate is used without a restart. A broken one is not used, and the
// previous one stays.
func TestACertificateIsReloadedWhenItChanges(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	kept := commands.CertificateIn(cert, key, slog.New(slog.DiscardHandler))
	if err := kept.Read(); err == nil {
		t.Error("a missing certificate is accepted")
	}
	written := time.Now()
	write := func(serial int64) {
		t.Helper()
		chattest.WriteCertificate(t, cert, key, "localhost", serial)
		written = written.Add(time.Second) // independent of the file system's time resolution
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
		t.Errorf("it serves the certificate %d", got)
	}
	write(2)
	if got := serial(); got != 2 {
		t.Errorf("after a renewal, it serves the certificate %d", got)
	}
	if err := os.WriteFile(cert, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("after it broke, it serves the certificate %d", got)
	}
	write(3)
	if got := serial(); got != 3 {
		t.Errorf("after it was repaired, it serves the certificate %d", got)
	}
}
