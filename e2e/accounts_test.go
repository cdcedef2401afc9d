package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
	"chatserver/chattest/idp"
	"chatserver/config"
)

// local returns a URL of the world under the host name localhost, at which browsers have
// passkeys.
func local(world *chattest.World, path string) string {
	return "http://localhost" + world.Address()[strings.LastIndex(world.Address(), ":"):] + path
}

// hasAuthenticator gives the tab's browser a device that makes passkeys and verifies its person.
func (tab *Tab) hasAuthenticator() {
	tab.t.Helper()
	if err := (proto.WebAuthnEnable{}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
	if _, err := (proto.WebAuthnAddVirtualAuthenticator{Options: &proto.WebAuthnVirtualAuthenticatorOptions{
		Protocol: proto.WebAuthnAuthenticatorProtocolCtap2, Transport: proto.WebAuthnAuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
}

func (tab *Tab) clicks(part string) {
	tab.t.Helper()
	tab.Part(part).MustClick()
}

// fills writes into the field with a test id.
func (tab *Tab) fills(part, text string) {
	tab.t.Helper()
	tab.Part(part).MustSelectAllText().MustInput(text)
}

// signsIn fills in the form and goes on.
func (tab *Tab) signsIn(name, password string) {
	tab.t.Helper()
	tab.fills("name", name)
	tab.fills("password", password)
	tab.clicks("sign-in-button")
}

func TestAnnClaimsTheServerWithAPasskeyAndComesBack(t *testing.T) {
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.hasAuthenticator()
	ann.Opens(local(world, world.ClaimPath()))
	ann.fills("name", "Ann")
	ann.clicks("passkey")
	ann.Shows("codes", "Your recovery codes")
	code := ann.Part("codes").MustElement("code").MustText()
	ann.clicks("codes-kept")
	ann.Shows("me", "Ann")
	ann.Shows("status", "Connected")
	ann.Says("mine now")

	ann.clicks("account-link")
	ann.clicks("sign-out")
	ann.Shows("sign-in", "Sign in")
	ann.clicks("passkey")
	ann.Shows("me", "Ann")
	ann.Hears("Ann: mine now")

	// On another machine, without her passkey.
	other := browser.Person()
	other.Opens(local(world, "/sign-in/recovery"))
	other.fills("name", "Ann")
	other.fills("code", strings.ToUpper(code))
	other.Part("code").MustType(input.Enter)
	other.Shows("me", "Ann")
	other.Opens(local(world, "/account/access"))
	other.Shows("codes-left", "9 codes left")
}

// twoPeople starts a server with two accounts.
func twoPeople(t *testing.T, options ...chattest.Option) *chattest.World {
	t.Helper()
	world := chattest.NewWorld(t, options...)
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("correct horse"), 0o600); err != nil {
		t.Fatal(err)
	}
	world.Operates("user", "add", "Ann", "--role", "owner", "--password-file", path)
	world.Operates("user", "add", "Bob", "--password-file", path)
	return world
}

func TestARevokedSessionSignsInAgainInTheSameRoomWithTheDraft(t *testing.T) {
	world, browser := twoPeople(t), NewBrowser(t)
	browser.Expect("401")
	ann := browser.Person()
	ann.Opens(local(world, "/sign-in?next=/rooms/tea"))
	ann.signsIn("Ann", "wrong horse")
	ann.Shows("form-error", "Name or password is wrong")
	ann.signsIn("ann", "correct horse")
	ann.Shows("me", "Ann")
	ann.Labelled("Message").MustInput("half a thou")
	ann.Sees("the stored draft", `() => Object.values(localStorage).includes('half a thou')`)

	desk := browser.Person()
	desk.Opens(local(world, "/sign-in?next=/account/devices"))
	desk.signsIn("Ann", "correct horse")
	desk.Sees("two devices", `() => document.querySelectorAll('[data-testid=devices] li').length === 2`)
	desk.clicks("end-others")

	ann.Shows("sign-in", "Sign in")
	ann.signsIn("Ann", "correct horse")
	ann.Sees("the room", `() => location.pathname === '/rooms/tea'`)
	ann.Filled("Message", "half a thou")
}

// What the browser kept of Ann is not for Bob, who signs in in it.
func TestAnotherPersonInTheSameBrowserSeesNothingOfTheFirst(t *testing.T) {
	world, browser := twoPeople(t), NewBrowser(t)
	browser.Expect("401")
	tab := browser.Person()
	tab.Opens(local(world, "/sign-in?next=/rooms/tea"))
	tab.signsIn("Ann", "correct horse")
	tab.Shows("me", "Ann")
	tab.Labelled("Message").MustInput("secret of Ann")
	tab.Sees("the stored draft", `() => Object.values(localStorage).includes('secret of Ann')`)
	tab.SeesLater("the kept page", `async () => {
		for (const name of await caches.keys()) if (/-pages-/.test(name) && (await (await caches.open(name)).keys()).length > 0) return true;
		await navigator.serviceWorker.ready;
		navigator.serviceWorker.controller?.postMessage({ keep: '/rooms/tea' });
		return false;
	}`)
	tab.clicks("account-link")
	tab.clicks("sign-out")
	tab.Shows("sign-in", "Sign in")
	tab.Opens(local(world, "/sign-in?next=/rooms/tea"))
	tab.signsIn("Bob", "correct horse")
	tab.Shows("me", "Bob")
	tab.Filled("Message", "")
	tab.SeesLater("nothing of Ann", `async () => {
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const request of await cache.keys()) if ((await (await cache.match(request)).text()).includes('data-me="Ann"')) return false;
		}
		return !Object.values(localStorage).includes('secret of Ann');
	}`)
}

func TestAnnSignsInWithHerProviderInTheBrowser(t *testing.T) {
	provider, browser := idp.Start(t), NewBrowser(t)
	provider.Change(func(s *idp.Settings) { s.Claims = map[string]any{"sub": "7", "name": "Ann Lee"} })
	text, err := json.Marshal([]map[string]any{{"id": "harbour", "name": "Harbour ID", "issuer": provider.URL, "client_id": "chat", "client_secret": "open sesame"}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "oidc.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	world := twoPeople(t, chattest.With(func(c *config.Config) { c.OIDC = path }))
	world.Operates("settings", "set", "sign-up", "sso")
	ann := browser.Person()
	ann.Opens(local(world, "/sign-in?next=/rooms/tea"))
	ann.clicks("with-harbour")
	ann.Shows("sign-up", "Choose a name")
	ann.Filled("Name", "Ann Lee")
	ann.clicks("sign-up-button")
	ann.Shows("me", "Ann Lee")
	ann.Sees("the room", `() => location.pathname === '/rooms/tea'`)

	back := browser.Person()
	back.Opens(local(world, "/sign-in"))
	back.clicks("with-harbour")
	back.Shows("me", "Ann Lee")
}
