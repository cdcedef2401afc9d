package oidc_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chatserver/accounts/oidc"
	"chatserver/chattest/idp"
)

const callback = "https://chat.example/sign-in/harbour/callback"

// visit is a browser at a provider, between two pages of the chat.
type visit struct {
	t        *testing.T
	idp      *idp.Provider
	provider *oidc.Provider
	now      *time.Time
	client   http.Client
}

func newVisit(t *testing.T, change func(*oidc.Config)) *visit {
	p := idp.Start(t)
	config := oidc.Config{ID: "harbour", Name: "Harbour ID", Issuer: p.URL, ClientID: "chat", ClientSecret: "open sesame"}
	if change != nil {
		change(&config)
	}
	return visitTo(t, p, config, nil)
}

func visitTo(t *testing.T, p *idp.Provider, config oidc.Config, transport http.RoundTripper) *visit {
	v := &visit{t: t, idp: p, now: new(time.Now())}
	clock := func() time.Time { return *v.now }
	v.provider = oidc.New(config, oidc.Options{Now: clock, Transport: transport})
	v.client = http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	p.Change(func(s *idp.Settings) { s.Now = clock })
	return v
}

// begin goes to the provider and returns the flow and what the browser brings back.
func (v *visit) begin() (oidc.Flow, url.Values) {
	v.t.Helper()
	at, flow, err := v.provider.Begin(context.Background(), callback)
	if err != nil {
		v.t.Fatal(err)
	}
	response, err := v.client.Get(at)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	back, err := response.Location()
	if err != nil {
		v.t.Fatalf("the provider answers %s", response.Status)
	}
	if back.Query().Get("state") != flow.State {
		v.t.Fatalf("state %q came back for %q", back.Query().Get("state"), flow.State)
	}
	return flow, back.Query()
}

func (v *visit) signIn() (oidc.Identity, error) {
	v.t.Helper()
	flow, answer := v.begin()
	return v.provider.Finish(context.Background(), flow, answer)
}

func (v *visit) mustSignIn() oidc.Identity {
	v.t.Helper()
	identity, err := v.signIn()
	if err != nil {
		v.t.Fatal(err)
	}
	return identity
}

// refused fails the test unless an error has the code and names what an operator needs.
func refused(t *testing.T, err error, code oidc.Code, words ...string) {
	t.Helper()
	var refusal *oidc.Refusal
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Fatalf("the error is %v with code %q, want %q", err, oidc.CodeOf(err), code)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error %q does not name %q", err, word)
		}
	}
}

func TestAnnSignsInWithHerProvider(t *testing.T) {
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) {
		s.Claims = map[string]any{"sub": "ann-7", "name": "Ann", "email": "ann@example.org", "email_verified": true, "groups": []string{"staff"}}
	})
	identity := v.mustSignIn()
	if identity.Issuer != v.idp.URL || identity.Subject != "ann-7" || identity.Name != "Ann" || identity.Email != "ann@example.org" || !identity.Verified || len(identity.Groups) != 1 {
		t.Errorf("she is %+v", identity)
	}
}

// The provider checks PKCE itself: here it is shown that the URL carries all that protects.
func TestTheURLOfAnAttemptIsUnguessable(t *testing.T) {
	v := newVisit(t, nil)
	first, flow, err := v.provider.Begin(context.Background(), callback)
	if err != nil {
		t.Fatal(err)
	}
	second, _, _ := v.provider.Begin(context.Background(), callback)
	a, _ := url.Parse(first)
	b, _ := url.Parse(second)
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if value := a.Query().Get(name); len(value) < 26 || value == b.Query().Get(name) {
			t.Errorf("%s is %q, and %q in the next attempt", name, value, b.Query().Get(name))
		}
	}
	if a.Query().Get("code_challenge_method") != "S256" || strings.Contains(first, flow.Verifier) {
		t.Errorf("the URL is %s", first)
	}
}

func TestACodeIsUsedOnce(t *testing.T) {
	v := newVisit(t, nil)
	flow, answer := v.begin()
	if _, err := v.provider.Finish(context.Background(), flow, answer); err != nil {
		t.Fatal(err)
	}
	_, err := v.provider.Finish(context.Background(), flow, answer)
	refused(t, err, oidc.Expired, callback)
}

func TestTheCodeOfAnotherAttemptIsRefused(t *testing.T) {
	v := newVisit(t, nil)
	mallory, _ := v.begin()
	_, ann := v.begin()
	_, err := v.provider.Finish(context.Background(), mallory, ann)
	refused(t, err, oidc.Expired)
}

// lies are tokens that a provider signs and that are not for this server, this attempt or
// this moment.
func TestTokensThatAreNotForThisAttemptAreRefused(t *testing.T) {
	now := time.Now()
	for name, lie := range map[string]struct {
		change func(*idp.Settings)
		word   string
	}{
		"of another issuer":            {claim("iss", "https://evil.example"), "https://evil.example"},
		"for another client":           {claim("aud", "wiki"), "wiki"},
		"for nobody":                   {claim("aud", nil), "audience"},
		"issued to another client":     {func(s *idp.Settings) { s.Claims["aud"], s.Claims["azp"] = []string{"chat", "wiki"}, "wiki" }, "wiki"},
		"with the nonce of another":    {claim("nonce", "n-0S6_WzA2Mj"), "nonce"},
		"without a nonce":              {claim("nonce", nil), "nonce"},
		"expired for two minutes":      {claim("exp", now.Add(-2*time.Minute).Unix()), "expired"},
		"without an end":               {claim("exp", nil), "expired"},
		"issued in two minutes":        {claim("iat", now.Add(2*time.Minute).Unix()), "valid from"},
		"valid only in two minutes":    {claim("nbf", now.Add(2*time.Minute).Unix()), "valid from"},
		"without a signature":          {func(s *idp.Settings) { s.Unsigned = true }, "none"},
		"about nobody":                 {claim("sub", ""), "subject"},
		"about somebody without bound": {claim("sub", strings.Repeat("7", 256)), "subject"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVisit(t, nil)
			*v.now = now
			v.idp.Change(lie.change)
			_, err := v.signIn()
			refused(t, err, oidc.Untrusted, lie.word)
		})
	}
}

func claim(name string, value any) func(*idp.Settings) {
	return func(s *idp.Settings) { s.Claims[name] = value }
}

// The refusal's other side: the clocks of two machines may differ by seconds (Keycloak is
// often some ahead).
func TestClocksMayDifferByAMinute(t *testing.T) {
	for name, off := range map[string]time.Duration{"behind": -50 * time.Second, "ahead": 50 * time.Second} {
		t.Run(name, func(t *testing.T) {
			v := newVisit(t, nil)
			at := v.now.Add(off)
			v.idp.Change(func(s *idp.Settings) {
				s.Now = func() time.Time { return at }
				s.Claims["nbf"] = at.Unix()
				if off < 0 {
					s.Claims["exp"] = at.Add(time.Second).Unix()
				}
			})
			v.mustSignIn()
		})
	}
}

func TestAnAttemptEndsAfterTenMinutes(t *testing.T) {
	v := newVisit(t, nil)
	flow, answer := v.begin()
	*v.now = v.now.Add(oidc.FlowAge + time.Second)
	_, err := v.provider.Finish(context.Background(), flow, answer)
	refused(t, err, oidc.Expired)
}

func TestAnAnswerOfAnotherProviderIsRefused(t *testing.T) {
	v := newVisit(t, nil)
	flow, answer := v.begin()
	flow.Provider = "other"
	_, err := v.provider.Finish(context.Background(), flow, answer)
	refused(t, err, oidc.Untrusted, "other")

	flow, answer = v.begin()
	answer.Set("iss", "https://evil.example") // RFC 9207
	_, err = v.provider.Finish(context.Background(), flow, answer)
	refused(t, err, oidc.Untrusted, "https://evil.example")
}

// A provider that names itself in every answer is believed only when it does.
func TestAnAnswerWithoutThePromisedIssuerIsRefused(t *testing.T) {
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) { s.SendIssuer = true })
	v.mustSignIn()
	flow, answer := v.begin()
	answer.Del("iss")
	_, err := v.provider.Finish(context.Background(), flow, answer)
	refused(t, err, oidc.Untrusted, v.idp.URL)
}

func TestSomebodyWhoDeclinesIsNotSignedIn(t *testing.T) {
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) { s.Decline = "access_denied" })
	_, err := v.signIn()
	refused(t, err, oidc.Cancelled)
	v.idp.Change(func(s *idp.Settings) { s.Decline = "invalid_scope" })
	_, err = v.signIn()
	refused(t, err, oidc.Unavailable, "invalid_scope", callback)
	flow, answer := v.begin()
	answer.Del("error")
	_, err = v.provider.Finish(context.Background(), flow, answer)
	refused(t, err, oidc.Untrusted, "no code")
}

func TestANewKeyOfTheProviderIsFound(t *testing.T) {
	v := newVisit(t, nil)
	v.mustSignIn()
	v.mustSignIn()
	if n := v.idp.Requested("/keys"); n != 1 {
		t.Errorf("the keys were read %d times for two tokens", n)
	}
	v.idp.Rotate(t, jose.RS256)
	v.mustSignIn()
	if n := v.idp.Requested("/keys"); n != 2 {
		t.Errorf("the keys were read %d times after the provider changed its key", n)
	}
}

func TestAProviderThatIsDownIsAskedAgainLater(t *testing.T) {
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) { s.Down = true })
	for range 3 {
		_, _, err := v.provider.Begin(context.Background(), callback)
		refused(t, err, oidc.Unavailable, v.idp.URL, "503")
	}
	if n := v.idp.Requested("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("it was asked %d times at one moment", n)
	}
	v.idp.Change(func(s *idp.Settings) { s.Down = false })
	*v.now = v.now.Add(3 * time.Second)
	v.mustSignIn()
}

// What is known of a provider stays in use while it cannot be read again.
func TestKnownMetadataOutlivesAnOutage(t *testing.T) {
	v := newVisit(t, nil)
	v.mustSignIn()
	v.idp.Change(func(s *idp.Settings) { s.Down = true })
	*v.now = v.now.Add(25 * time.Hour)
	if _, _, err := v.provider.Begin(context.Background(), callback); err != nil {
		t.Error(err)
	}
	v.idp.Change(func(s *idp.Settings) { s.Down = false })
	*v.now = v.now.Add(3 * time.Second)
	v.mustSignIn()
	if n := v.idp.Requested("/.well-known/openid-configuration"); n != 3 {
		t.Errorf("the metadata was read %d times", n)
	}
}

func TestTheIssuerIsComparedLiterally(t *testing.T) {
	v := newVisit(t, func(c *oidc.Config) { c.Issuer += "/" })
	_, _, err := v.provider.Begin(context.Background(), callback)
	refused(t, err, oidc.Unavailable, v.idp.URL+`/"`, v.idp.URL+`"`)
	*v.now = v.now.Add(3 * time.Second)
	v.idp.Change(func(s *idp.Settings) { s.Issuer = v.idp.URL + "/" }) // as Authentik writes it
	if identity := v.mustSignIn(); identity.Issuer != v.idp.URL+"/" {
		t.Errorf("the issuer is %q", identity.Issuer)
	}
}

// A client authenticates as the provider's metadata asks: trying would use up the code.
func TestTheClientAuthenticatesAsTheProviderAsks(t *testing.T) {
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		t.Run(method, func(t *testing.T) {
			v := newVisit(t, func(c *oidc.Config) { c.ClientSecret = "a secret: 100 % & more+" })
			v.idp.Change(func(s *idp.Settings) { s.AuthMethods, s.ClientSecret = []string{method}, "a secret: 100 % & more+" })
			v.mustSignIn()
			if n := v.idp.Requested("/token"); n != 1 {
				t.Errorf("the token endpoint was asked %d times", n)
			}
		})
	}
	t.Run("public", func(t *testing.T) {
		v := newVisit(t, func(c *oidc.Config) { c.ClientSecret = "" })
		v.idp.Change(func(s *idp.Settings) { s.AuthMethods, s.ClientSecret = []string{"none"}, "" })
		v.mustSignIn()
	})
}

func TestAWrongClientSecretIsForTheOperator(t *testing.T) {
	v := newVisit(t, func(c *oidc.Config) { c.ClientSecret = "wrong" })
	_, err := v.signIn()
	refused(t, err, oidc.Unavailable, "invalid_client", callback)
}

// Codes and secrets go to the provider that was named, and nowhere else.
func TestTheTokenEndpointMustNotRedirect(t *testing.T) {
	var reached bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer elsewhere.Close()
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) { s.RedirectsToken = elsewhere.URL })
	_, err := v.signIn()
	refused(t, err, oidc.Unavailable, "redirects")
	if reached {
		t.Error("the code went elsewhere")
	}
}

func TestUserInfoMustBeAboutTheSamePerson(t *testing.T) {
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) { s.UserInfo = map[string]any{"sub": "mallory", "email": "m@example.org"} })
	_, err := v.signIn()
	refused(t, err, oidc.Untrusted, "mallory")
}

// Authentik signs with the client secret where no key was chosen.
func TestAProviderWithoutASigningKeyIsNamed(t *testing.T) {
	v := newVisit(t, nil)
	v.idp.Change(func(s *idp.Settings) { s.Algorithms = []string{"HS256"} })
	refused(t, v.provider.Check(context.Background()), oidc.Unavailable, "HS256", "signing key")
}
