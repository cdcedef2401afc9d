package oidc

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// FlowAge is how long somebody may take at the provider.
	FlowAge = 10 * time.Minute
	// leeway is how far the clocks of the provider and of this server may differ.
	leeway = time.Minute
	// maxSubject is the limit of OpenID Connect Core 1.0 §2.
	maxSubject = 255
)

// Flow is one attempt to sign in. The server keeps it under the hash of its state, binds it to
// the browser that began it, and takes it away when the browser comes back: see Finish.
type Flow struct {
	Provider string    `json:"provider"` // ID of the provider
	State    string    `json:"-"`        // secret of this attempt; only its hash is kept
	Nonce    string    `json:"nonce"`    // the token must repeat it
	Verifier string    `json:"verifier"` // of PKCE, 43 characters
	Redirect string    `json:"redirect"` // URL to which the provider sends the browser
	Began    time.Time `json:"began"`
}

// Begin returns the URL at the provider to which the browser goes, and the flow to keep.
// redirect is the URL of this server to which it comes back.
func (p *Provider) Begin(ctx context.Context, redirect string) (string, Flow, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return "", Flow{}, err
	}
	client, err := p.oauth(m, redirect)
	if err != nil {
		return "", Flow{}, err
	}
	flow := Flow{Provider: p.config.ID, State: rand.Text() + rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Redirect: redirect, Began: p.now()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(flow.Nonce), oauth2.S256ChallengeOption(flow.Verifier)}
	if p.config.Apple != nil {
		options = append(options, oauth2.SetAuthURLParam("response_mode", "form_post")) // Apple requires it for the scopes name and email
	}
	return client.AuthCodeURL(flow.State, options...), flow, nil
}

// Finish returns who the provider says the person is. answer holds the parameters with which
// the provider sent the browser back. The caller has found flow by the state among them, for
// this browser, and has deleted it, so that no answer is used twice.
func (p *Provider) Finish(ctx context.Context, flow Flow, answer url.Values) (Identity, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	if err := p.checkAnswer(m, flow, answer); err != nil {
		return Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.exchange(ctx, m, flow, answer.Get("code"))
	if err != nil {
		return Identity{}, err
	}
	verified, claims, err := p.verify(ctx, m, flow, token)
	if err != nil {
		return Identity{}, err
	}
	info, err := p.userInfo(ctx, m, token, verified.Subject)
	if err != nil {
		return Identity{}, err
	}
	identity := newIdentity(p.config, verified.Subject, claims, info)
	identity.Name = cmp.Or(identity.Name, nameOfApple(answer.Get("user")))
	return identity, nil
}

// checkAnswer checks what can be known before the code is used.
func (p *Provider) checkAnswer(m *metadata, flow Flow, answer url.Values) error {
	if flow.Provider != p.config.ID {
		return refuse(Untrusted, "the answer of %s belongs to an attempt with %s", p.config.ID, flow.Provider)
	}
	if p.now().Sub(flow.Began) > FlowAge {
		return refuse(Expired, "the attempt began at %s", flow.Began.Format(time.RFC3339))
	}
	// RFC 9207: an answer of another provider is not sent to the token endpoint of this one.
	if issuer := answer.Get("iss"); issuer != "" && issuer != p.config.Issuer || issuer == "" && m.SendsIssuer {
		return refuse(Untrusted, "the answer names the issuer %q, not %q", issuer, p.config.Issuer)
	}
	switch code := answer.Get("error"); code {
	case "":
	case "access_denied", "consent_required", "interaction_required", "login_required", "user_cancelled_authorize":
		return refuse(Cancelled, "%s declined: %q %q", p.config.Issuer, code, answer.Get("error_description"))
	default:
		return refuse(Unavailable, "%s reports an error: %q %q; the redirect URI of this server is %s", p.config.Issuer, code, answer.Get("error_description"), flow.Redirect)
	}
	if answer.Get("code") == "" {
		return refuse(Untrusted, "the answer of %s has no code", p.config.Issuer)
	}
	return nil
}

// exchange trades the code for tokens.
func (p *Provider) exchange(ctx context.Context, m *metadata, flow Flow, code string) (*oauth2.Token, error) {
	client, err := p.oauth(m, flow.Redirect)
	if err != nil {
		return nil, err
	}
	token, err := client.Exchange(ctx, code, oauth2.VerifierOption(flow.Verifier))
	var failed *oauth2.RetrieveError
	switch {
	case err == nil:
		return token, nil
	case errors.As(err, &failed) && failed.ErrorCode == "invalid_grant":
		return nil, refuse(Expired, "%s does not accept the code; the redirect URI of this server is %s: %w", p.config.Issuer, flow.Redirect, err)
	}
	return nil, refuse(Unavailable, "%s gives no token; the redirect URI of this server is %s: %w", p.config.Issuer, flow.Redirect, err)
}

// verify checks the ID token, by OpenID Connect Core 1.0 §3.1.3.7. The library checks
// signature, issuer and audience; its check of the times allows no difference of the clocks.
func (p *Provider) verify(ctx context.Context, m *metadata, flow Flow, token *oauth2.Token) (*oidc.IDToken, claims, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, nil, refuse(Untrusted, "%s gives no ID token: does the client there have the scope openid?", p.config.Issuer)
	}
	verified, err := m.Verifier(&oidc.Config{ClientID: p.config.ClientID, SkipExpiryCheck: true}).Verify(ctx, raw)
	if err != nil {
		return nil, nil, refuse(Untrusted, "ID token of %s: %w", p.config.Issuer, err)
	}
	var all claims
	if err := verified.Claims(&all); err != nil {
		return nil, nil, refuse(Untrusted, "ID token of %s: %w", p.config.Issuer, err)
	}
	now := p.now()
	switch azp := all.text("azp"); {
	case subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(flow.Nonce)) != 1:
		err = refuse(Untrusted, "ID token of %s: the nonce is that of another attempt", p.config.Issuer)
	case azp != "" && azp != p.config.ClientID:
		err = refuse(Untrusted, "ID token of %s: it was issued to the client %q, not to %q", p.config.Issuer, azp, p.config.ClientID)
	case now.After(verified.Expiry.Add(leeway)):
		err = refuse(Untrusted, "ID token of %s: it expired at %s, and the clock here says %s", p.config.Issuer, stamp(verified.Expiry), stamp(now))
	case now.Add(leeway).Before(verified.IssuedAt), now.Add(leeway).Before(all.time("nbf")):
		err = refuse(Untrusted, "ID token of %s: it is valid from %s, and the clock here says %s", p.config.Issuer, stamp(verified.IssuedAt), stamp(now))
	case strings.TrimSpace(verified.Subject) == "" || len(verified.Subject) > maxSubject:
		err = refuse(Untrusted, "ID token of %s: the subject has %d bytes", p.config.Issuer, len(verified.Subject))
	}
	return verified, all, err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// userInfo asks the provider for the claims that it leaves out of the ID token, as Authelia
// and GitLab do with e-mail and groups. Apple has no such endpoint.
func (p *Provider) userInfo(ctx context.Context, m *metadata, token *oauth2.Token, subject string) (claims, error) {
	if m.UserInfo == "" {
		return nil, nil
	}
	info, err := m.Provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, refuse(Unavailable, "userinfo of %s: %w", p.config.Issuer, err)
	}
	if info.Subject != subject {
		return nil, refuse(Untrusted, "userinfo of %s is about %q, and the ID token about %q", p.config.Issuer, info.Subject, subject)
	}
	var all claims
	if err := info.Claims(&all); err != nil {
		return nil, refuse(Unavailable, "userinfo of %s: %w", p.config.Issuer, err)
	}
	return all, nil
}
