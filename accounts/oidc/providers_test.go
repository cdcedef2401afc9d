package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chatserver/accounts/oidc"
	"chatserver/chattest/idp"
)

// recorded is what a provider sends for one person, with names and ids changed, and what
// we make of it.
type recorded struct {
	Quirk    string         `json:"quirk"`
	Config   oidc.Config    `json:"config"`
	Token    map[string]any `json:"token"`
	UserInfo map[string]any `json:"userinfo"`
	Alg      string         `json:"alg"`
	User     string         `json:"user"` // the field that Apple adds
	Want     oidc.Identity  `json:"want"`
	SignsUp  bool           `json:"signs_up"`
}

// Each of the nine providers has peculiarities that other programs stumbled over.
func TestTheClaimsOfNineProvidersAreUnderstood(t *testing.T) {
	text, err := os.ReadFile("testdata/providers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]recorded
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 9 {
		t.Errorf("only %d providers are recorded", len(all))
	}
	for name, p := range all {
		t.Run(name, func(t *testing.T) {
			v := p.visit(t)
			identity := v.mustSignIn()
			p.Want.Provider, p.Want.Issuer = "harbour", p.Config.Issuer
			want, _ := json.Marshal(p.Want)
			if got, _ := json.Marshal(identity); string(got) != string(want) {
				t.Errorf("%s\n got %s\nwant %s", p.Quirk, got, want)
			}
			if err := v.provider.CheckSignUp(identity); (err == nil) != p.SignsUp {
				t.Errorf("%s: signing up gives %v", p.Quirk, err)
			}
		})
	}
}

// visit returns a browser at a provider that has the recorded one's name, and sends what it
// sends.
func (p recorded) visit(t *testing.T) *visit {
	provider, transport := idp.StartAs(t, p.Config.Issuer)
	p.Config.ID, p.Config.ClientID, p.Config.ClientSecret = "harbour", "chat", "open sesame"
	if p.Config.Apple != nil {
		p.Config.ClientSecret, p.Config.Apple.KeyFile = "", filepath.Join(t.TempDir(), "key.p8")
		key := writeKey(t, p.Config.Apple.KeyFile)
		provider.Change(func(s *idp.Settings) {
			s.AuthMethods, s.CheckSecret = []string{"client_secret_post"}, func(secret string) bool { return isAppleSecret(secret, key) }
		})
	}
	if p.Alg == "ES256" {
		provider.Rotate(t, jose.ES256)
	}
	provider.Change(func(s *idp.Settings) { s.Claims, s.UserInfo, s.User = p.Token, p.UserInfo, p.User })
	return visitTo(t, provider, readConfig(t, p.Config), transport)
}

// readConfig passes a configuration through a file, as operators do.
func readConfig(t *testing.T, config oidc.Config) oidc.Config {
	text, err := json.Marshal([]oidc.Config{config})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "oidc.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	configs, err := oidc.ReadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	return configs[0]
}

// writeKey writes a key as Apple's .p8 files are, and returns its public half.
func writeKey(t *testing.T, path string) *ecdsa.PublicKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}

// isAppleSecret checks a client secret as Apple documents it.
func isAppleSecret(secret string, key *ecdsa.PublicKey) bool {
	signed, err := jose.ParseSigned(secret, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || signed.Signatures[0].Header.KeyID != "ABC123DEFG" {
		return false
	}
	payload, err := signed.Verify(key)
	var c struct {
		Iss, Sub, Aud string
		Iat, Exp      int64
	}
	return err == nil && json.Unmarshal(payload, &c) == nil && c.Iss == "TEAM456789" && c.Sub == "chat" && c.Aud == "https://appleid.apple.com" &&
		c.Exp > c.Iat && c.Exp-c.Iat <= int64((180*24*time.Hour).Seconds())
}

// Apple refuses to send a name or an address unless the answer comes as a form.
func TestAppleIsAskedForAForm(t *testing.T) {
	p := recorded{Config: oidc.Config{Issuer: "https://appleid.apple.com", Apple: &oidc.Apple{TeamID: "TEAM456789", KeyID: "ABC123DEFG"}}, Token: map[string]any{"sub": "a"}}
	at, _, err := p.visit(t).provider.Begin(context.Background(), callback)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(at)
	if q := u.Query(); q.Get("response_mode") != "form_post" || q.Get("scope") != "openid name email" {
		t.Errorf("the URL is %s", at)
	}
}
