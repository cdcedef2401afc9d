package doctor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
	"chatserver/doctor"
)

// authority signs the certificates that clients should accept, stranger the others.
var authority, stranger *signer

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "authority")
	if err != nil {
		log.Fatal(err)
	}
	authority, stranger = newSigner(), newSigner()
	file := filepath.Join(folder, "authority.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.signed}), 0o600); err != nil {
		log.Fatal(err)
	}
	_ = os.Setenv("SSL_CERT_FILE", file) // Go reads it once, at the first certificate
	chattest.Main(m)
}

type signer struct {
	about  *x509.Certificate
	key    *ecdsa.PrivateKey
	signed []byte
}

func newSigner() *signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	s := &signer{key: key, about: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	if s.signed, err = x509.CreateCertificate(rand.Reader, s.about, s.about, key.Public(), key); err != nil {
		log.Fatal(err)
	}
	return s
}

// signs issues a certificate for a name.
func (s *signer) signs(t *testing.T, name string, from, until time.Time) *tls.Certificate {
	t.Helper()
	about := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: from, NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, about, s.about, s.key.Public(), s.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: s.key}
}

// good returns a long-lived certificate for localhost.
func good(t *testing.T) *tls.Certificate {
	t.Helper()
	return authority.signs(t, "localhost", time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour))
}

// front is a configurable proxy in front of a server.
type front struct {
	certificate *tls.Certificate                // nil = no TLS
	changes     func(*httputil.ProxyRequest)    // nil = proper
	answers     func(*http.Response) error      // nil = unchanged
	instead     http.HandlerFunc                // nil = forward to the server
	wraps       func(net.Listener) net.Listener // nil = unchanged
	from        string                          // its local address for connections to the server; empty = any
}

// proper does what a proxy should do.
func proper(r *httputil.ProxyRequest) {
	r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"] // SetXForwarded appends the address
	r.SetXForwarded()
	r.Out.Host = r.In.Host
}

// of starts the proxy and returns its address.
func (f front) of(t *testing.T, w *chattest.World) string {
	t.Helper()
	to, err := url.Parse(w.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: localAddr(f.from)}).DialContext}
	handler := http.Handler(&httputil.ReverseProxy{
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0), ModifyResponse: f.answers,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			if f.changes == nil {
				proper(r)
			} else {
				f.changes(r)
			}
		},
	})
	if f.instead != nil {
		handler = f.instead
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if f.wraps != nil {
		server.Listener = f.wraps(server.Listener)
	}
	if f.certificate == nil {
		server.Start()
	} else {
		server.TLS = &tls.Config{Certificates: []tls.Certificate{*f.certificate}}
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// localAddr returns an address to dial from; nil = any.
func localAddr(address string) net.Addr {
	if address == "" {
		return nil
	}
	return &net.TCPAddr{IP: net.ParseIP(address)}
}

// of returns a doctor for a world.
func of(w *chattest.World, change func(*doctor.Doctor)) *doctor.Doctor {
	d := &doctor.Doctor{Config: config.Config{Listen: w.Address(), Ops: w.Ops(), Data: w.Data(), MaxText: 8192, BackupEvery: 24 * time.Hour, BackupKeep: 7}}
	if change != nil {
		change(d)
	}
	return d
}

// finds returns a doctor's findings by check, and verifies the format of each.
func finds(t *testing.T, d *doctor.Doctor) map[string][]doctor.Finding {
	t.Helper()
	found := map[string][]doctor.Finding{}
	err := d.Run(context.Background(), func(f doctor.Finding) {
		found[f.Check] = append(found[f.Check], f)
		if f.Message == "" || strings.Contains(f.Message+f.Remedy, "\n") || f.Kind == doctor.Problem && f.Remedy == "" || f.Kind == doctor.OK && f.Remedy != "" || strings.Contains(f.Message+f.Remedy, "%!") {
			t.Errorf("invalid finding: %+v", f)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// has checks that a check has a finding of this kind with this text in its message or
// remedy.
func has(t *testing.T, found map[string][]doctor.Finding, check string, kind doctor.Kind, says string) {
	t.Helper()
	for _, f := range found[check] {
		if f.Kind == kind && strings.Contains(f.Message+" -> "+f.Remedy, says) {
			return
		}
	}
	t.Errorf("check %s: no %v with %q, only %+v", check, kind, says, found[check])
}

// problems returns all findings of kind Problem.
func problems(found map[string][]doctor.Finding) (all []doctor.Finding) {
	for _, findings := range found {
		for _, f := range findings {
			if f.Kind == doctor.Problem {
				all = append(all, f)
			}
		}
	}
	return all
}
