package commands

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A certificate that was renewed is used without a restart; one that is broken is not,
// and the one before stays.
func TestACertificateIsReadAgainWhenItChanges(t *testing.T) {
	folder := t.TempDir()
	kept := &certificate{cert: filepath.Join(folder, "cert.pem"), key: filepath.Join(folder, "key.pem"), log: slog.New(slog.DiscardHandler)}
	if err := kept.read(); err == nil {
		t.Error("a certificate that is not there is none")
	}
	written := time.Now()
	write := func(serial int64) {
		t.Helper()
		writeCertificate(t, kept.cert, kept.key, serial)
		written = written.Add(time.Second) // whatever the disk's clock does
		for _, name := range []string{kept.cert, kept.key} {
			if err := os.Chtimes(name, written, written); err != nil {
				t.Fatal(err)
			}
		}
	}
	serial := func() int64 {
		t.Helper()
		kept.looked = time.Time{}
		certificate, err := kept.get(nil)
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
	if err := os.WriteFile(kept.cert, []byte("no certificate"), 0o600); err != nil {
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

// writeCertificate makes one for localhost.
func writeCertificate(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// WriteCertificate is writeCertificate for tests from outside.
var WriteCertificate = writeCertificate
