// Package oidc signs people in with OpenID Connect providers, by the authorization code flow
// with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636). It knows nothing of accounts: it turns
// the answer of a provider into an Identity, or into a Refusal.
package oidc

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

const (
	// metadataAge is how long the metadata of a provider is used before it is read again.
	metadataAge = 24 * time.Hour
	// metadataRetry is how long after a failed discovery no other is tried, so that people who
	// press the button again do not multiply the requests to a provider that is down.
	metadataRetry = 2 * time.Second
)

// Provider is a configured OpenID Connect provider. Its metadata is read when somebody first
// needs it, so a provider that is down does not keep the server from starting.
type Provider struct {
	config Config
	now    func() time.Time
	client *http.Client

	discovering singleflight.Group
	mu          sync.Mutex
	known       *metadata // nil until discovery has succeeded once
	readAt      time.Time // of known
	failedAt    time.Time
	failure     error
}

// metadata is what discovery returns, and what we derive from it.
type metadata struct {
	*oidc.Provider
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	SendsIssuer bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	UserInfo    string   `json:"userinfo_endpoint"`
	Auth        string   `json:"authorization_endpoint"`
	Token       string   `json:"token_endpoint"`
	Keys        string   `json:"jwks_uri"`
}

// Options are what tests set and people do not.
type Options struct {
	Now       func() time.Time  // by which tokens expire; nil = time.Now
	Transport http.RoundTripper // to the provider; nil = one of the provider's own
}

// New returns the provider of a config that ReadConfig has checked.
func New(config Config, options Options) *Provider {
	p := &Provider{config: config, now: options.Now, client: newClient(options.Transport)}
	if p.now == nil {
		p.now = time.Now
	}
	return p
}

// ID names the provider in URLs.
func (p *Provider) ID() string { return p.config.ID }

// Name is what the button shows.
func (p *Provider) Name() string { return p.config.Name }

// Issuer is the first half of the key of an identity.
func (p *Provider) Issuer() string { return p.config.Issuer }

// Check reads the metadata of the provider and returns what keeps people from signing in.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// discover returns the metadata of the provider: what is known, or else what its discovery
// document says now. If a known provider cannot be reached, its old metadata stays in use.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	known, fresh, err := p.metadata()
	if fresh || known == nil && err != nil {
		return known, err
	}
	read := p.discovering.DoChan("", func() (any, error) {
		m, err := p.readMetadata(context.WithoutCancel(ctx))
		p.note(m, err)
		return m, err
	})
	select {
	case result := <-read:
		if result.Err != nil && known == nil {
			return nil, result.Err
		} else if result.Err != nil {
			return known, nil
		}
		return result.Val.(*metadata), nil
	case <-ctx.Done():
		return nil, refuse(Unavailable, "discovery of %s: %w", p.config.Issuer, ctx.Err())
	}
}

// metadata returns what is known and whether it is to be used as it is; err is a failure of
// a moment ago.
func (p *Provider) metadata() (known *metadata, fresh bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	justFailed := !p.failedAt.IsZero() && now.Sub(p.failedAt) < metadataRetry
	if justFailed {
		err = p.failure
	}
	return p.known, p.known != nil && (justFailed || now.Sub(p.readAt) < metadataAge), err
}

func (p *Provider) note(m *metadata, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.failedAt, p.failure = p.now(), err
		return
	}
	p.known, p.readAt, p.failedAt, p.failure = m, p.now(), time.Time{}, nil
}

func (p *Provider) readMetadata(ctx context.Context) (*metadata, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, refuse(Unavailable, "discovery of %s: %w", p.config.Issuer, err)
	}
	m := &metadata{Provider: found}
	if err := found.Claims(m); err != nil {
		return nil, refuse(Unavailable, "discovery of %s: %w", p.config.Issuer, err)
	}
	for name, endpoint := range map[string]string{"authorization_endpoint": m.Auth, "token_endpoint": m.Token, "jwks_uri": m.Keys, "userinfo_endpoint": m.UserInfo} {
		if name == "userinfo_endpoint" && endpoint == "" {
			continue
		}
		if err := checkURL(endpoint); err != nil {
			return nil, refuse(Unavailable, "discovery of %s: %s: %w", p.config.Issuer, name, err)
		}
	}
	if len(m.Algorithms) > 0 && !slices.ContainsFunc(m.Algorithms, verifiable) {
		return nil, refuse(Unavailable, "%s signs its tokens with %s only, which needs no key of its own: choose a signing key (RS256 or ES256) for this client at the provider",
			p.config.Issuer, strings.Join(m.Algorithms, ", "))
	}
	return m, nil
}

// verifiable reports whether tokens of an algorithm can be verified with public keys; the
// others are HS256, HS384, HS512 and none.
func verifiable(algorithm string) bool {
	return algorithm == oidc.EdDSA || len(algorithm) == 5 && slices.Contains([]string{"RS", "ES", "PS"}, algorithm[:2])
}

// client returns the OAuth client at this provider. Detecting the way to authenticate by
// trying, as the library does, uses up the code at the first try.
func (p *Provider) oauth(m *metadata, redirect string) (*oauth2.Config, error) {
	secret, err := p.config.secret(p.now())
	if err != nil {
		return nil, err
	}
	endpoint := m.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of the standard
	if secret == "" || len(m.AuthMethods) > 0 && !slices.Contains(m.AuthMethods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{ClientID: p.config.ClientID, ClientSecret: secret, Endpoint: endpoint, RedirectURL: redirect, Scopes: p.config.scopes()}, nil
}

// checkURL returns an error unless a URL is safe to send secrets to.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("%q is not a URL like https://id.example", text)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return fmt.Errorf("%s must use https: passwords and tokens would be readable on the way", text)
	}
	return nil
}
