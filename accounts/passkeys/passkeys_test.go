package passkeys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"chatserver/accounts/passkeys"
	"chatserver/chattest/authenticator"
)

var ann = passkeys.Person{ID: []byte("0123456789abcdef"), Name: "Ann"}

func newSite(t *testing.T) *passkeys.Site {
	t.Helper()
	site, err := passkeys.NewSite("https://chat.example", "Skerry")
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func register(t *testing.T, site *passkeys.Site, d *authenticator.Device) (passkeys.Passkey, error) {
	t.Helper()
	options, kept, err := site.BeginRegistration(ann, nil)
	if err != nil {
		t.Fatal(err)
	}
	return site.FinishRegistration(ann, kept, d.Create(options))
}

func mustRegister(t *testing.T, site *passkeys.Site, d *authenticator.Device) passkeys.Passkey {
	t.Helper()
	passkey, err := register(t, site, d)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(passkey) // as it is stored
	if err != nil {
		t.Fatal(err)
	}
	stored := passkeys.Passkey{ID: passkey.ID}
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	return stored
}

func signIn(t *testing.T, site *passkeys.Site, d *authenticator.Device, stored passkeys.Passkey) (passkeys.Passkey, error) {
	t.Helper()
	options, kept, err := site.BeginSignIn()
	if err != nil {
		t.Fatal(err)
	}
	return site.FinishSignIn(kept, d.Get(options), findOnly(stored))
}

func findOnly(stored passkeys.Passkey) func([]byte) (passkeys.Person, passkeys.Passkey, error) {
	return func(id []byte) (passkeys.Person, passkeys.Passkey, error) {
		if !bytes.Equal(id, stored.ID) {
			return passkeys.Person{}, passkeys.Passkey{}, errUnknown
		}
		return ann, stored, nil
	}
}

var errUnknown = errors.New("no such passkey")

func TestAnnSignsInWithHerPasskey(t *testing.T) {
	site, phone := newSite(t), authenticator.New(t)
	passkey := mustRegister(t, site, phone)
	if string(phone.Person) != string(ann.ID) || !bytes.Equal(passkey.ID, phone.ID) || passkey.Transport[0] != "internal" {
		t.Errorf("the phone made %+v for %q", passkey, phone.Person)
	}
	phone.Counter = 7
	used, err := signIn(t, site, phone, passkey)
	if err != nil || used.Counter != 7 || !bytes.Equal(used.ID, phone.ID) {
		t.Errorf("she is signed in with %+v, %v", used, err)
	}
}

// The browser is asked for a passkey that needs no name and verifies its person, and is told
// which it has.
func TestTheBrowserIsAskedForADiscoverablePasskey(t *testing.T) {
	site, phone := newSite(t), authenticator.New(t)
	passkey := mustRegister(t, site, phone)
	options, _, err := site.BeginRegistration(ann, []passkeys.Passkey{passkey})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"residentKey":"required"`, `"userVerification":"required"`, `"id":"chat.example"`, `"id":"` + authenticator.Encode(phone.ID) + `"`} {
		if !strings.Contains(string(options), part) {
			t.Errorf("%s is not in %s", part, options)
		}
	}
	asked, _, _ := site.BeginSignIn()
	if !strings.Contains(string(asked), `"userVerification":"required"`) || strings.Contains(string(asked), authenticator.Encode(phone.ID)) {
		t.Errorf("signing in asks for %s", asked)
	}
}

// forgeries are what a browser of somebody else, or of another site, may send.
var forgeries = map[string]func(*authenticator.Device){
	"of another site":           func(d *authenticator.Device) { d.Origin = "https://evil.example" },
	"of another scheme":         func(d *authenticator.Device) { d.Origin = "http://chat.example" },
	"of another port":           func(d *authenticator.Device) { d.Origin = "https://chat.example:8443" },
	"for another relying party": func(d *authenticator.Device) { d.Site = "evil.example" },
	"without verification":      func(d *authenticator.Device) { d.Verified = false },
	"for a challenge of its own": func(d *authenticator.Device) {
		d.Alter = func(data map[string]any) { data["challenge"] = authenticator.Encode(make([]byte, 32)) }
	},
	"of the other ceremony":             func(d *authenticator.Device) { d.Alter = func(data map[string]any) { data["type"] = "payment.get" } },
	"of a frame inside of another site": func(d *authenticator.Device) { d.Alter = func(data map[string]any) { data["crossOrigin"] = true } },
}

func TestForgedPasskeysAreNotRegistered(t *testing.T) {
	for name, forge := range forgeries {
		t.Run(name, func(t *testing.T) {
			phone := authenticator.New(t)
			forge(phone)
			if passkey, err := register(t, newSite(t), phone); !errors.Is(err, passkeys.ErrRefused) {
				t.Errorf("it is registered as %+v, %v", passkey, err)
			}
		})
	}
}

func TestForgedSignInsAreRefused(t *testing.T) {
	forgeries := map[string]func(*authenticator.Device){
		"with another key":                    func(d *authenticator.Device) { d.Key = authenticator.New(t).Key },
		"as somebody else":                    func(d *authenticator.Device) { d.Person = []byte("fedcba9876543210") },
		"as nobody":                           func(d *authenticator.Device) { d.Person = nil },
		"by a passkey that can be copied now": func(d *authenticator.Device) { d.Eligible = true },
		"with an id that another passkey has": func(d *authenticator.Device) { d.ID = []byte("another") },
	}
	for name, forge := range forgeriesAnd(forgeries) {
		t.Run(name, func(t *testing.T) {
			site, phone := newSite(t), authenticator.New(t)
			passkey := mustRegister(t, site, phone)
			forge(phone)
			used, err := signIn(t, site, phone, passkey)
			if !errors.Is(err, passkeys.ErrRefused) && !errors.Is(err, errUnknown) {
				t.Errorf("somebody is signed in with %+v, %v", used, err)
			}
		})
	}
}

func forgeriesAnd(more map[string]func(*authenticator.Device)) map[string]func(*authenticator.Device) {
	for name, forge := range forgeries {
		more[name] = forge
	}
	return more
}

func TestACounterThatGoesBackIsACopy(t *testing.T) {
	site, phone := newSite(t), authenticator.New(t)
	phone.Counter = 5
	passkey := mustRegister(t, site, phone)
	for _, counter := range []uint32{5, 4} {
		phone.Counter = counter
		if _, err := signIn(t, site, phone, passkey); !errors.Is(err, passkeys.ErrCopied) {
			t.Errorf("a counter of %d after 5 gives %v", counter, err)
		}
	}
	phone.Counter = 6
	if _, err := signIn(t, site, phone, passkey); err != nil {
		t.Error(err)
	}
}

// Passkeys of password managers count nothing.
func TestAPasskeyThatCountsNothingSignsInAgainAndAgain(t *testing.T) {
	site, phone := newSite(t), authenticator.New(t)
	phone.Eligible = true
	passkey := mustRegister(t, site, phone)
	for range 3 {
		used, err := signIn(t, site, phone, passkey)
		if err != nil || !used.Copied {
			t.Fatal(used, err)
		}
		passkey = used
	}
}

// Some password managers answer extensions that nobody asked for.
func TestUnsolicitedExtensionsAreIgnored(t *testing.T) {
	site, phone := newSite(t), authenticator.New(t)
	phone.Results = map[string]any{"credProps": map[string]any{"rk": true}}
	passkey := mustRegister(t, site, phone)
	phone.Results = map[string]any{"appid": false}
	if _, err := signIn(t, site, phone, passkey); err != nil {
		t.Error(err)
	}
}

func TestAChallengeBelongsToItsHost(t *testing.T) {
	site, phone := newSite(t), authenticator.New(t)
	other, err := passkeys.NewSite("https://other.example", "Skerry")
	if err != nil {
		t.Fatal(err)
	}
	options, kept, _ := other.BeginRegistration(ann, nil)
	if _, err := site.FinishRegistration(ann, kept, phone.Create(options)); !errors.Is(err, passkeys.ErrRefused) {
		t.Errorf("it is %v", err)
	}
	bob := passkeys.Person{ID: []byte("bob"), Name: "Bob"}
	options, kept, _ = site.BeginRegistration(ann, nil)
	if _, err := site.FinishRegistration(bob, kept, phone.Create(options)); !errors.Is(err, passkeys.ErrRefused) {
		t.Errorf("Ann's challenge gives Bob %v", err)
	}
}

func TestPasskeysNeedAHostName(t *testing.T) {
	for _, origin := range []string{"http://localhost:9090", "https://chat.example", "https://a.localhost", "https://chat.example:8443"} {
		if _, err := passkeys.NewSite(origin, "Skerry"); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
	for _, origin := range []string{"http://chat.example", "https://192.0.2.7", "http://127.0.0.1:9090", "https://[2001:db8::1]", "chat.example", ""} {
		if _, err := passkeys.NewSite(origin, "Skerry"); !errors.Is(err, passkeys.ErrNoPasskeys) {
			t.Errorf("%s has passkeys, %v", origin, err)
		}
	}
}

func TestGarbageIsRefused(t *testing.T) {
	site := newSite(t)
	_, kept, _ := site.BeginRegistration(ann, nil)
	for _, text := range []string{"", "null", "{}", "[]", `{"id":"x"}`, strings.Repeat("[", 1000)} {
		if _, err := site.FinishRegistration(ann, kept, []byte(text)); !errors.Is(err, passkeys.ErrRefused) {
			t.Errorf("%q gives %v", text, err)
		}
	}
	_, kept, _ = site.BeginSignIn()
	for _, text := range []string{"", "null", "{}", "[]", `{"id":"x"}`} {
		if _, err := site.FinishSignIn(kept, []byte(text), findOnly(passkeys.Passkey{})); !errors.Is(err, passkeys.ErrRefused) {
			t.Errorf("%q gives %v", text, err)
		}
	}
}
