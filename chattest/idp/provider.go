// Package idp is an OpenID Connect provider in the test process: it signs real tokens, checks
// clients, redirect URIs and PKCE as real ones do, and can be made to misbehave.
package idp

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Provider is a running provider with one client. Its fields may be changed between requests
// under Change.
type Provider struct {
	URL string // the issuer, unless Issuer is set

	mu       sync.Mutex
	Settings Settings
	keys     []jose.JSONWebKey
	codes    map[string]grant
	requests []string // the paths that were requested
}

// Settings are what a test may change.
type Settings struct {
	Issuer         string // in discovery and tokens; empty = URL
	ClientID       string
	ClientSecret   string
	CheckSecret    func(secret string) bool // instead of ClientSecret
	AuthMethods    []string                 // of the token endpoint; empty = client_secret_basic
	Algorithms     []string                 // that discovery lists; empty = that of the key
	Claims         map[string]any
	UserInfo       map[string]any // nil = there is no userinfo endpoint
	SendIssuer     bool           // RFC 9207
	Now            func() time.Time
	Unsigned       bool   // tokens have alg none
	Decline        string // the error instead of a code
	Down           bool   // every request fails
	User           string // the field with which Apple sends a name
	RedirectsToken string // where the token endpoint redirects to
}

// grant is what a code stands for.
type grant struct{ redirect, challenge, nonce, client string }

// Start returns a provider that runs until the test ends.
func Start(t testing.TB) *Provider {
	t.Helper()
	p := newProvider(t)
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// StartAs returns a provider that has a public issuer's name, like https://accounts.google.com,
// for clients with its transport.
func StartAs(t testing.TB, issuer string) (*Provider, http.RoundTripper) {
	t.Helper()
	p := newProvider(t)
	server := httptest.NewTLSServer(p)
	t.Cleanup(server.Close)
	p.URL = strings.TrimSuffix(issuer, "/")
	p.Settings.Issuer = issuer
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ServerName = "example.com" // of the certificate of httptest
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	return p, transport
}

func newProvider(t testing.TB) *Provider {
	p := &Provider{codes: map[string]grant{}, Settings: Settings{
		ClientID: "chat", ClientSecret: "open sesame", Claims: map[string]any{"sub": "248289761001"}, Now: time.Now,
	}}
	p.Rotate(t, jose.RS256)
	return p
}

// ServeHTTP implements http.Handler: the issuer's own path comes before those below.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, handler := range map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": p.discovery, "/keys": p.jwks, "/authorize": p.authorize, "/token": p.token, "/userinfo": p.userinfo,
	} {
		if !strings.HasSuffix(r.URL.Path, path) {
			continue
		}
		p.requests = append(p.requests, path)
		if p.Settings.Down {
			http.Error(w, "maintenance", http.StatusServiceUnavailable)
			return
		}
		handler(w, r)
	}
}

// Change changes the settings.
func (p *Provider) Change(change func(*Settings)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.Settings)
}

// Requested counts the requests to a path.
func (p *Provider) Requested(path string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, requested := range p.requests {
		if requested == path {
			n++
		}
	}
	return n
}

// Rotate replaces the key that signs tokens.
func (p *Provider) Rotate(t testing.TB, algorithm jose.SignatureAlgorithm) {
	t.Helper()
	var key crypto.Signer
	var err error
	if algorithm == jose.ES256 {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []jose.JSONWebKey{{Key: key, KeyID: rand.Text(), Algorithm: string(algorithm), Use: "sig"}}
}

func (p *Provider) issuer() string {
	if p.Settings.Issuer != "" {
		return p.Settings.Issuer
	}
	return p.URL
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	document := map[string]any{
		"issuer": p.issuer(), "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{p.keys[0].Algorithm},
	}
	if len(p.Settings.Algorithms) > 0 {
		document["id_token_signing_alg_values_supported"] = p.Settings.Algorithms
	}
	if p.Settings.UserInfo != nil {
		document["userinfo_endpoint"] = p.URL + "/userinfo"
	}
	if len(p.Settings.AuthMethods) > 0 {
		document["token_endpoint_auth_methods_supported"] = p.Settings.AuthMethods
	}
	if p.Settings.SendIssuer {
		document["authorization_response_iss_parameter_supported"] = true
	}
	answer(w, http.StatusOK, document)
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.keys[0].Public()}})
}

// authorize sends the browser back at once: the person is signed in at the provider.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("client_id") != p.Settings.ClientID || query.Get("code_challenge_method") != "S256" || query.Get("response_type") != "code" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {query.Get("state")}}
	if p.Settings.SendIssuer {
		back.Set("iss", p.issuer())
	}
	if p.Settings.Decline != "" {
		back.Set("error", p.Settings.Decline)
	} else {
		code := rand.Text()
		p.codes[code] = grant{query.Get("redirect_uri"), query.Get("code_challenge"), query.Get("nonce"), p.Settings.ClientID}
		back.Set("code", code)
	}
	if p.Settings.User != "" {
		back.Set("user", p.Settings.User)
	}
	http.Redirect(w, r, query.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token exchanges a code for tokens, once, for the client that began the flow and has its
// verifier.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if p.Settings.RedirectsToken != "" {
		http.Redirect(w, r, p.Settings.RedirectsToken, http.StatusTemporaryRedirect)
		return
	}
	id, secret, basic := r.BasicAuth()
	inParams := len(p.Settings.AuthMethods) > 0 && p.Settings.AuthMethods[0] != "client_secret_basic"
	if basic == inParams {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": "wrong authentication method"})
		return
	}
	if inParams {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	} else { // RFC 6749 §2.3.1
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	}
	if p.Settings.CheckSecret != nil && !p.Settings.CheckSecret(secret) || id != p.Settings.ClientID || p.Settings.CheckSecret == nil && secret != p.Settings.ClientSecret {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	grant, found := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !found || grant.client != id || grant.redirect != r.FormValue("redirect_uri") || grant.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	now := p.Settings.Now()
	claims := map[string]any{"iss": p.issuer(), "aud": id, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": grant.nonce}
	maps.Copy(claims, p.Settings.Claims)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	answer(w, http.StatusOK, map[string]any{"access_token": "at-" + rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": p.sign(claims)})
}

func (p *Provider) sign(claims map[string]any) string {
	payload, _ := json.Marshal(claims) // maps of strings, numbers and lists
	if p.Settings.Unsigned {
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(p.keys[0].Algorithm), Key: p.keys[0]}, nil)
	if err != nil {
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return ""
	}
	token, _ := signed.CompactSerialize()
	return token
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	if len(r.Header.Get("Authorization")) < len("Bearer at-") {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	info := maps.Clone(p.Settings.UserInfo)
	if info["sub"] == nil {
		info["sub"] = p.Settings.Claims["sub"]
	}
	answer(w, http.StatusOK, info)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
