package otlp_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatserver/otlp"
)

// settingsOf reads settings from variables, named without their prefix, and also returns the
// log.
func settingsOf(variables map[string]string) (otlp.Settings, string, error) {
	var log bytes.Buffer
	settings, err := otlp.SettingsOf(func(name string) string {
		return variables[strings.TrimPrefix(name, "OTEL_EXPORTER_OTLP_")]
	}, slog.New(slog.NewTextHandler(&log, nil)))
	return settings, log.String(), err
}

// An invalid setting is named in the log, without its value, and the other settings
// apply.
func TestASettingThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	noPEM := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(noPEM, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for variable, value := range map[string]string{
		"ENDPOINT": "collector:4318", "TRACES_ENDPOINT": "http://", "HEADERS": "secret", "TRACES_HEADERS": "a=secret,b=%zz",
		"TIMEOUT": "10s", "TRACES_TIMEOUT": "-1", "CERTIFICATE": "/nowhere.pem", "TRACES_CERTIFICATE": noPEM, "CLIENT_CERTIFICATE": noPEM,
	} {
		settings, log, err := settingsOf(map[string]string{variable: value, "COMPRESSION": "gzip", "CLIENT_KEY": noPEM})
		if err != nil || !settings.Gzip || settings.TLS != nil || settings.Timeout != 10*time.Second || settings.URL != "https://localhost:4318/v1/traces" {
			t.Errorf("%s: %+v, %v", variable, settings, err)
		}
		if strings.Count(log, "\n") != 1 || !strings.Contains(log, "OTEL_EXPORTER_OTLP_"+variable+" ") || strings.Contains(log, "secret") {
			t.Errorf("%s: the log is %q", variable, log)
		}
	}
}

// Certificates need https: with http they are refused, because nothing would be
// encrypted.
func TestCertificatesNeedHTTPS(t *testing.T) {
	t.Parallel()
	authority, _ := certificate(t)
	_, _, err := settingsOf(map[string]string{"ENDPOINT": "http://collector:4318", "CERTIFICATE": authority})
	if !errors.Is(err, otlp.ErrInsecureTLS) {
		t.Errorf("the error is %v", err)
	}
}

// With TLS the collector is verified by the configured authority, and verifies our
// certificate. Without either one nothing is sent.
func TestCollectorsAreReachedOverTLS(t *testing.T) {
	t.Parallel()
	certificateFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certificateFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	collector := startReceiver(t, func(server *httptest.Server) {
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
		server.StartTLS()
	})
	for _, of := range []struct {
		variables map[string]string
		arrive    int
	}{
		{map[string]string{"CERTIFICATE": certificateFile, "CLIENT_CERTIFICATE": certificateFile, "CLIENT_KEY": keyFile}, 1},
		{map[string]string{"TRACES_CERTIFICATE": certificateFile, "TRACES_CLIENT_CERTIFICATE": certificateFile, "TRACES_CLIENT_KEY": keyFile}, 1},
		{map[string]string{"CERTIFICATE": certificateFile}, 0},
		{map[string]string{"CLIENT_CERTIFICATE": certificateFile, "CLIENT_KEY": keyFile}, 0},
	} {
		of.variables["ENDPOINT"] = collector.URL
		settings, log, err := settingsOf(of.variables)
		if err != nil || log != "" {
			t.Fatalf("%v %q", err, log)
		}
		exporter := otlp.New(settings, "chatserver/test")
		err = exporter.ExportSpans(t.Context(), spans())
		if got := len(collector.requests()); got != of.arrive || (err == nil) != (of.arrive == 1) {
			t.Errorf("%v: %d requests arrived, %v", of.variables, got, err)
		}
		_ = exporter.Shutdown(t.Context())
	}
}

// certificate returns the files of a self-signed certificate for 127.0.0.1 and of
// its key.
func certificate(t *testing.T) (file, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, content []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	return write("certificate.pem", "CERTIFICATE", public), write("key.pem", "PRIVATE KEY", private)
}
