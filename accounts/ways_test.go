package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"chatserver/accounts"
	"chatserver/accounts/oidc"
	"chatserver/accounts/passkeys"
	"chatserver/chat"
	"chatserver/chattest/authenticator"
	"chatserver/chattest/idp"
	"chatserver/store"
)

// house is a chat with a provider, on a real store.
type house struct {
	*accounts.Accounts
	t    *testing.T
	idp  *idp.Provider
	site *passkeys.Site
	now  time.Time
}

var ctx = context.Background()

// cheap makes password hashes that cost nothing.
var cheap = accounts.Params{Memory: 8, Time: 1, Threads: 1}

func newHouse(t *testing.T, change func(*oidc.Config)) *house {
	t.Helper()
	db, err := store.Open(ctx, "", t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &house{t: t, idp: idp.Start(t), now: time.Now()}
	if h.site, err = passkeys.NewSite("https://chat.example", "Skerry"); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return h.now }
	h.idp.Change(func(s *idp.Settings) { s.Now = clock })
	config := oidc.Config{ID: "harbour", Name: "Harbour ID", Issuer: h.idp.URL, ClientID: "chat", ClientSecret: "open sesame"}
	if change != nil {
		change(&config)
	}
	h.Accounts = accounts.New(db, accounts.Options{Now: clock, Params: cheap, Providers: []*oidc.Provider{oidc.New(config, oidc.Options{Now: clock})}})
	h.set("sign-up", "open")
	return h
}

func (h *house) set(name, value string) {
	h.t.Helper()
	if err := h.Set(ctx, chat.Actor{Role: chat.System}, name, value); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.Refresh(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// browser returns a browser that has never been here.
func browser() accounts.Client {
	return accounts.Client{Actor: chat.StrangerAt(netip.MustParseAddr("203.0.113.7")), Device: "Firefox on Linux", Browser: accounts.NewBrowser()}
}

// in returns the browser with a session.
func (h *house) in(client accounts.Client, secret accounts.Secret, err error) accounts.Client {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.Refresh(ctx); err != nil {
		h.t.Fatal(err)
	}
	client.Session = secret
	if client.Actor, err = h.Authenticate(ctx, secret, client.Actor); err != nil {
		h.t.Fatal(err)
	}
	return client
}

// visit goes to the provider and returns what the browser brings back.
func (h *house) visit(client accounts.Client, e accounts.Errand) url.Values {
	h.t.Helper()
	e.Provider, e.Redirect = "harbour", "https://chat.example/sign-in/with/harbour/callback"
	to, err := h.BeginProvider(ctx, client, e)
	if err != nil {
		h.t.Fatal(err)
	}
	noRedirects := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := noRedirects.Get(to)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	back, err := response.Location()
	if err != nil {
		h.t.Fatal(err)
	}
	return back.Query()
}

func (h *house) arrive(client accounts.Client, e accounts.Errand) (accounts.Arrival, error) {
	return h.FinishProvider(ctx, client, "harbour", h.visit(client, e))
}

func (h *house) is(subject, email string, verified bool) {
	h.idp.Change(func(s *idp.Settings) {
		s.Claims = map[string]any{"sub": subject, "name": "Ann Lee", "email": email, "email_verified": verified}
	})
}

func wants(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("the error is %v, want %v", got, want)
	}
}

func TestAnnMakesAnAccountWithHerProviderAndComesBack(t *testing.T) {
	h := newHouse(t, nil)
	h.is("7", "ann@example.org", true)
	ann := browser()
	first, err := h.arrive(ann, accounts.Errand{Next: "/rooms/tea"})
	if err != nil || first.Session != "" || first.SignUp == "" || first.Name != "Ann Lee" || first.Next != "/rooms/tea" {
		t.Fatalf("she arrives with %+v, %v", first, err)
	}
	made, err := h.SignUpIdentity(ctx, ann, first.SignUp, "Ann")
	in := h.in(ann, made.Session, err)
	again, err := h.arrive(browser(), accounts.Errand{})
	back := h.in(browser(), again.Session, err)
	if in.User.ID != back.User.ID || back.User.Name != "Ann" || back.Role != chat.Member {
		t.Errorf("she was %+v and is %+v", in.Actor, back.Actor)
	}
	if own, err := h.Identities(ctx, back.Actor); err != nil || len(own) != 1 || own[0].Email != "ann@example.org" {
		t.Errorf("her identities are %+v, %v", own, err)
	}
}

// Whoever has Ann's address, or gets it later, does not get her account.
func TestAnAddressFindsNoAccount(t *testing.T) {
	h := newHouse(t, nil)
	h.is("7", "ann@example.org", true)
	ann := browser()
	first, _ := h.arrive(ann, accounts.Errand{})
	made, err := h.SignUpIdentity(ctx, ann, first.SignUp, "Ann")
	h.in(ann, made.Session, err)
	for _, verified := range []bool{true, false} {
		h.is("8", "ann@example.org", verified)
		if other, err := h.arrive(browser(), accounts.Errand{}); err != nil || other.Session != "" || other.SignUp == "" {
			t.Errorf("somebody with her address arrives with %+v, %v", other, err)
		}
	}
}

// A link with somebody else's answer would sign Ann in as Mallory, or Mallory as Ann.
func TestAnAnswerBelongsToTheBrowserThatBegan(t *testing.T) {
	h := newHouse(t, nil)
	mallory, ann := browser(), browser()
	answer := h.visit(mallory, accounts.Errand{})
	_, err := h.FinishProvider(ctx, ann, "harbour", answer)
	wants(t, err, accounts.ErrFlow)
	stranger := browser()
	stranger.Browser = ""
	_, err = h.FinishProvider(ctx, stranger, "harbour", answer)
	wants(t, err, accounts.ErrFlow)
	if _, err := h.FinishProvider(ctx, mallory, "harbour", answer); err != nil {
		t.Error(err)
	}
	_, err = h.FinishProvider(ctx, mallory, "harbour", answer) // replayed
	wants(t, err, accounts.ErrFlow)
	late := h.visit(ann, accounts.Errand{})
	h.now = h.now.Add(accounts.FlowAge)
	_, err = h.FinishProvider(ctx, ann, "harbour", late)
	wants(t, err, accounts.ErrFlow)
	_, err = h.FinishProvider(ctx, ann, "other", h.visit(ann, accounts.Errand{}))
	wants(t, err, accounts.ErrNoProvider)
}

func TestAnIdentityIsLinkedByTheOwnerOfTheAccount(t *testing.T) {
	h := newHouse(t, nil)
	secret, err := h.SignUp(ctx, browser(), accounts.Registration{Name: "Ann", Password: "correct horse"})
	ann := h.in(browser(), secret, err)
	_, err = h.BeginProvider(ctx, browser(), accounts.Errand{Provider: "harbour", Link: true})
	wants(t, err, accounts.ErrNoSession)

	h.is("7", "ann@example.org", true)
	if arrival, err := h.arrive(ann, accounts.Errand{Link: true, Next: "/account/sign-in"}); err != nil || !arrival.Linked || arrival.Session != "" {
		t.Fatalf("she links %+v, %v", arrival, err)
	}
	again, err := h.arrive(browser(), accounts.Errand{})
	if back := h.in(browser(), again.Session, err); back.User.ID != ann.User.ID {
		t.Errorf("it signs in %+v", back.User)
	}

	secret, err = h.SignUp(ctx, browser(), accounts.Registration{Name: "Bob", Password: "correct horse"})
	bob := h.in(browser(), secret, err)
	_, err = h.arrive(bob, accounts.Errand{Link: true})
	wants(t, err, accounts.ErrIdentityTaken)
	answer := h.visit(bob, accounts.Errand{Link: true})
	if err := h.SignOut(ctx, bob.Actor); err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishProvider(ctx, accounts.Client{Actor: browser().Actor, Browser: bob.Browser}, "harbour", answer) // signed out meanwhile
	wants(t, err, accounts.ErrFlow)
}

// "Only by invitation" and "only by the organization" hold on every way to an account.
func TestTheSettingSignUpHoldsOnEveryWay(t *testing.T) {
	h := newHouse(t, nil)
	h.set("sign-up", "invite")
	_, err := h.SignUp(ctx, browser(), accounts.Registration{Name: "Ann", Password: "correct horse"})
	wants(t, err, accounts.ErrNoSignUp)
	_, err = h.arrive(browser(), accounts.Errand{})
	wants(t, err, accounts.ErrNoSignUp)
	_, err = h.BeginPasskeySignUp(ctx, browser(), h.site, "Ann", "")
	wants(t, err, accounts.ErrNoSignUp)

	invitation, err := h.Invite(ctx, chat.Actor{Role: chat.System}, chat.Member, 1, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	ann := browser()
	first, err := h.arrive(ann, accounts.Errand{Invitation: invitation})
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.SignUpIdentity(ctx, ann, first.SignUp, "Ann")
	h.in(ann, made.Session, err)
	h.is("8", "", false)
	_, err = h.arrive(browser(), accounts.Errand{Invitation: invitation}) // used up
	wants(t, err, accounts.ErrInvitation)

	h.set("sign-up", "sso")
	second, err := h.Invite(ctx, chat.Actor{Role: chat.System}, chat.Member, 1, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SignUp(ctx, browser(), accounts.Registration{Name: "Bob", Password: "correct horse", Invitation: second})
	wants(t, err, accounts.ErrOnlySSO)
	_, err = h.BeginPasskeySignUp(ctx, browser(), h.site, "Bob", second)
	wants(t, err, accounts.ErrOnlySSO)
	if arrival, err := h.arrive(browser(), accounts.Errand{}); err != nil || arrival.SignUp == "" {
		t.Errorf("the provider's way gives %+v, %v", arrival, err)
	}
}

// A sign-up that began while sign-up was open is refused once the setting has changed.
func TestASignUpThatBeganEarlierObeysTheSetting(t *testing.T) {
	h := newHouse(t, nil)
	ann := browser()
	first, err := h.arrive(ann, accounts.Errand{})
	if err != nil {
		t.Fatal(err)
	}
	key := authenticator.New(t)
	ceremony, err := h.BeginPasskeySignUp(ctx, ann, h.site, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	h.set("sign-up", "invite")
	_, err = h.SignUpIdentity(ctx, ann, first.SignUp, "Ann")
	wants(t, err, accounts.ErrNoSignUp)
	_, err = h.SignUpPasskey(ctx, ann, h.site, ceremony.ID, key.Create(ceremony.Options), "")
	wants(t, err, accounts.ErrNoSignUp)
}

func TestANameThatIsTakenMayBeChosenAnew(t *testing.T) {
	h := newHouse(t, nil)
	secret, err := h.SignUp(ctx, browser(), accounts.Registration{Name: "Ann", Password: "correct horse"})
	h.in(browser(), secret, err)
	ann := browser()
	first, err := h.arrive(ann, accounts.Errand{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.SignUpIdentity(ctx, ann, first.SignUp, "Ann")
	wants(t, err, accounts.ErrNameTaken)
	made, err := h.SignUpIdentity(ctx, ann, again.SignUp, "Anna")
	h.in(ann, made.Session, err)
	_, err = h.SignUpIdentity(ctx, ann, again.SignUp, "Annika") // one account for one visit
	wants(t, err, accounts.ErrFlow)
}

// newcomer makes an account with a passkey.
func (h *house) newcomer(name string) (accounts.Client, *authenticator.Device) {
	h.t.Helper()
	client, key := browser(), authenticator.New(h.t)
	ceremony, err := h.BeginPasskeySignUp(ctx, client, h.site, name, "")
	if err != nil {
		h.t.Fatal(err)
	}
	secret, err := h.SignUpPasskey(ctx, client, h.site, ceremony.ID, key.Create(ceremony.Options), "")
	return h.in(client, secret, err), key
}

func (h *house) withPasskey(client accounts.Client, key *authenticator.Device) (accounts.Secret, error) {
	h.t.Helper()
	ceremony, err := h.BeginPasskeySignIn(ctx, client, h.site)
	if err != nil {
		h.t.Fatal(err)
	}
	key.Counter++
	return h.FinishPasskeySignIn(ctx, client, h.site, ceremony.ID, key.Get(ceremony.Options))
}

func TestAnnMakesAnAccountWithAPasskeyAndComesBack(t *testing.T) {
	h := newHouse(t, nil)
	ann, key := h.newcomer("Ann")
	secret, err := h.withPasskey(browser(), key)
	back := h.in(browser(), secret, err)
	own, err := h.Passkeys(ctx, back.Actor)
	if back.User.ID != ann.User.ID || err != nil || len(own) != 1 || own[0].Counter != 1 || !own[0].Used.Equal(h.now.UTC().Truncate(time.Millisecond)) || own[0].Name != "Firefox on Linux" {
		t.Errorf("she is %+v with %+v, %v", back.User, own, err)
	}
}

func TestAPasskeyOfNobodyIsRefused(t *testing.T) {
	h := newHouse(t, nil)
	_, key := h.newcomer("Ann")
	unknown := authenticator.New(t)
	unknown.Person = key.Person
	_, err := h.withPasskey(browser(), unknown)
	wants(t, err, accounts.ErrNoPasskey)
	stolen := authenticator.New(t) // Ann's id with another key
	stolen.ID, stolen.Person = key.ID, key.Person
	_, err = h.withPasskey(browser(), stolen)
	wants(t, err, passkeys.ErrRefused)
}

func TestAPasskeysChallengeIsUsedOnceInItsBrowser(t *testing.T) {
	h := newHouse(t, nil)
	_, key := h.newcomer("Ann")
	client := browser()
	ceremony, err := h.BeginPasskeySignIn(ctx, client, h.site)
	if err != nil {
		t.Fatal(err)
	}
	key.Counter++
	answer := key.Get(ceremony.Options)
	_, err = h.FinishPasskeySignIn(ctx, browser(), h.site, ceremony.ID, answer)
	wants(t, err, accounts.ErrFlow)
	if _, err := h.FinishPasskeySignIn(ctx, client, h.site, ceremony.ID, answer); err != nil {
		t.Error(err)
	}
	_, err = h.FinishPasskeySignIn(ctx, client, h.site, ceremony.ID, answer)
	wants(t, err, accounts.ErrFlow)
	_, err = h.FinishPasskeySignIn(ctx, client, h.site, "", answer)
	wants(t, err, accounts.ErrFlow)
	// Garbage uses the challenge up as well.
	ceremony, _ = h.BeginPasskeySignIn(ctx, client, h.site)
	_, err = h.FinishPasskeySignIn(ctx, client, h.site, ceremony.ID, []byte("{}"))
	wants(t, err, passkeys.ErrRefused)
	key.Counter++
	_, err = h.FinishPasskeySignIn(ctx, client, h.site, ceremony.ID, key.Get(ceremony.Options))
	wants(t, err, accounts.ErrFlow)
}

func TestAnAccountMayHaveSeveralPasskeys(t *testing.T) {
	h := newHouse(t, nil)
	ann, phone := h.newcomer("Ann")
	laptop := authenticator.New(t)
	ceremony, err := h.BeginPasskey(ctx, ann, h.site)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.FinishPasskey(ctx, ann, h.site, ceremony.ID, laptop.Create(ceremony.Options)); err != nil {
		t.Fatal(err)
	}
	if err := h.RenamePasskey(ctx, ann.Actor, laptop.ID, " Laptop "); err != nil {
		t.Fatal(err)
	}
	for _, key := range []*authenticator.Device{phone, laptop} {
		secret, err := h.withPasskey(browser(), key)
		if in := h.in(browser(), secret, err); in.User.ID != ann.User.ID {
			t.Errorf("it signs in %+v", in.User)
		}
	}
	if err := h.RemovePasskey(ctx, ann.Actor, phone.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.withPasskey(browser(), phone)
	wants(t, err, accounts.ErrNoPasskey)
	wants(t, h.RemovePasskey(ctx, ann.Actor, laptop.ID), accounts.ErrLastWayIn)
	if own, _ := h.Passkeys(ctx, ann.Actor); len(own) != 1 || own[0].Name != "Laptop" {
		t.Errorf("hers are %+v", own)
	}
	for _, name := range []string{"", strings.Repeat("x", 101), "a\x00"} {
		if err := h.RenamePasskey(ctx, ann.Actor, laptop.ID, name); err == nil {
			t.Errorf("it is named %q", name)
		}
	}
}

// A challenge to add a passkey dies with the session: a password change ends the others.
func TestAPasskeyIsAddedByTheSessionThatBegan(t *testing.T) {
	h := newHouse(t, nil)
	_, err := h.BeginPasskey(ctx, browser(), h.site)
	wants(t, err, accounts.ErrNoSession)
	ann, _ := h.newcomer("Ann")
	bob, _ := h.newcomer("Bob")
	ceremony, err := h.BeginPasskey(ctx, ann, h.site)
	if err != nil {
		t.Fatal(err)
	}
	key := authenticator.New(t)
	made := key.Create(ceremony.Options)
	bob.Browser = ann.Browser // Bob signs in in the same browser
	wants(t, h.FinishPasskey(ctx, bob, h.site, ceremony.ID, made), accounts.ErrFlow)
	wants(t, h.FinishPasskey(ctx, ann, h.site, ceremony.ID, made), accounts.ErrFlow)
}

func TestADisabledAccountHasNoWayIn(t *testing.T) {
	h := newHouse(t, nil)
	h.is("7", "", false)
	ann, key := h.newcomer("Ann")
	if _, err := h.arrive(ann, accounts.Errand{Link: true}); err != nil {
		t.Fatal(err)
	}
	codes, err := h.NewRecoveryCodes(ctx, ann.Actor)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SetDisabled(ctx, chat.Actor{Role: chat.System}, ann.User.ID, true); err != nil {
		t.Fatal(err)
	}
	_, err = h.withPasskey(browser(), key)
	wants(t, err, accounts.ErrDisabled)
	_, err = h.arrive(browser(), accounts.Errand{})
	wants(t, err, accounts.ErrDisabled)
	_, err = h.SignInRecovery(ctx, browser(), "Ann", codes[0])
	wants(t, err, accounts.ErrWrongCode)
}

func TestARecoveryCodeSignsInOnce(t *testing.T) {
	h := newHouse(t, nil)
	ann, _ := h.newcomer("Ann")
	codes, err := h.NewRecoveryCodes(ctx, ann.Actor)
	if err != nil || len(codes) != passkeys.RecoveryCodes {
		t.Fatal(codes, err)
	}
	secret, err := h.SignInRecovery(ctx, browser(), "ann", strings.ToUpper(codes[3]))
	if in := h.in(browser(), secret, err); in.User.ID != ann.User.ID {
		t.Errorf("it signs in %+v", in.User)
	}
	_, err = h.SignInRecovery(ctx, browser(), "Ann", codes[3])
	wants(t, err, accounts.ErrWrongCode)
	_, err = h.SignInRecovery(ctx, browser(), "Bob", codes[4])
	wants(t, err, accounts.ErrWrongCode)
	if left, err := h.RecoveryCodes(ctx, ann.Actor); left != passkeys.RecoveryCodes-1 || err != nil {
		t.Errorf("%d codes are left, %v", left, err)
	}
	for range 20 {
		_, err = h.SignInRecovery(ctx, browser(), "Ann", "0000-0000-0000-0000")
	}
	wants(t, err, accounts.ErrTooManyAttempts)
	_, err = h.SignInRecovery(ctx, browser(), "Ann", codes[5]) // not even a right one
	wants(t, err, accounts.ErrTooManyAttempts)
	h.now = h.now.Add(4 * time.Minute)
	secret, err = h.SignInRecovery(ctx, browser(), "Ann", codes[5])
	h.in(browser(), secret, err)
}

// What failed for another reason than the password or the code counts for nothing.
func TestAnAttemptThatTheServerFailsIsNotCounted(t *testing.T) {
	h := newHouse(t, nil)
	secret, err := h.SignUp(ctx, browser(), accounts.Registration{Name: "Ann", Password: "correct horse"})
	ann := h.in(browser(), secret, err)
	codes, err := h.NewRecoveryCodes(ctx, ann.Actor)
	wants(t, err, nil)
	failing, cancel := context.WithCancel(ctx)
	cancel() // the store and the hasher fail
	for range 20 {
		_, err = h.SignIn(failing, browser(), "Ann", "correct horse")
		wants(t, err, context.Canceled)
		_, err = h.SignInRecovery(failing, browser(), "Ann", codes[0])
		wants(t, err, context.Canceled)
	}
	_, err = h.SignIn(ctx, browser(), "Ann", "correct horse")
	wants(t, err, nil)
	_, err = h.SignInRecovery(ctx, browser(), "Ann", codes[0])
	wants(t, err, nil)
}
