package passkeys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"chatserver/accounts/passkeys"
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

func register(t *testing.T, site *passkeys.Site, d *device) (passkeys.Passkey, error) {
	t.Helper()
	options, kept, err := site.BeginRegistration(ann, nil)
	if err != nil {
		t.Fatal(err)
	}
	return site.FinishRegistration(ann, kept, d.create(options))
}

func mustRegister(t *testing.T, site *passkeys.Site, d *device) passkeys.Passkey {
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

func signIn(t *testing.T, site *passkeys.Site, d *device, stored passkeys.Passkey) (passkeys.Passkey, error) {
	t.Helper()
	options, kept, err := site.BeginSignIn()
	if err != nil {
		t.Fatal(err)
	}
	return site.FinishSignIn(kept, d.get(options), findOnly(stored))
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
	site, phone := newSite(t), newDevice(t)
	passkey := mustRegister(t, site, phone)
	if string(phone.person) != string(ann.ID) || !bytes.Equal(passkey.ID, phone.id) || passkey.Transport[0] != "internal" {
		t.Errorf("the phone made %+v for %q", passkey, phone.person)
	}
	phone.counter = 7
	used, err := signIn(t, site, phone, passkey)
	if err != nil || used.Counter != 7 || !bytes.Equal(used.ID, phone.id) {
		t.Errorf("she is signed in with %+v, %v", used, err)
	}
}

// The browser is asked for a passkey that needs no name and verifies its person, and is told
// which it has.
func TestTheBrowserIsAskedForADiscoverablePasskey(t *testing.T) {
	site, phone := newSite(t), newDevice(t)
	passkey := mustRegister(t, site, phone)
	options, _, err := site.BeginRegistration(ann, []passkeys.Passkey{passkey})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"residentKey":"required"`, `"userVerification":"required"`, `"id":"chat.example"`, `"id":"` + encode(phone.id) + `"`} {
		if !strings.Contains(string(options), part) {
			t.Errorf("%s is not in %s", part, options)
		}
	}
	asked, _, _ := site.BeginSignIn()
	if !strings.Contains(string(asked), `"userVerification":"required"`) || strings.Contains(string(asked), encode(phone.id)) {
		t.Errorf("signing in asks for %s", asked)
	}
}

// forgeries are what a browser of somebody else, or of another site, may send.
var forgeries = map[string]func(*device){
	"of another site":                   func(d *device) { d.origin = "https://evil.example" },
	"of another scheme":                 func(d *device) { d.origin = "http://chat.example" },
	"of another port":                   func(d *device) { d.origin = "https://chat.example:8443" },
	"for another relying party":         func(d *device) { d.rp = "evil.example" },
	"without verification":              func(d *device) { d.verified = false },
	"for a challenge of its own":        func(d *device) { d.alter = func(data map[string]any) { data["challenge"] = encode(make([]byte, 32)) } },
	"of the other ceremony":             func(d *device) { d.alter = func(data map[string]any) { data["type"] = "payment.get" } },
	"of a frame inside of another site": func(d *device) { d.alter = func(data map[string]any) { data["crossOrigin"] = true } },
}

func TestForgedPasskeysAreNotRegistered(t *testing.T) {
	for name, forge := range forgeries {
		t.Run(name, func(t *testing.T) {
			phone := newDevice(t)
			forge(phone)
			if passkey, err := register(t, newSite(t), phone); !errors.Is(err, passkeys.ErrRefused) {
				t.Errorf("it is registered as %+v, %v", passkey, err)
			}
		})
	}
}

func TestForgedSignInsAreRefused(t *testing.T) {
	forgeries := map[string]func(*device){
		"with another key":                    func(d *device) { d.key = newDevice(t).key },
		"as somebody else":                    func(d *device) { d.person = []byte("fedcba9876543210") },
		"as nobody":                           func(d *device) { d.person = nil },
		"by a passkey that can be copied now": func(d *device) { d.eligible = true },
		"with an id that another passkey has": func(d *device) { d.id = []byte("another") },
	}
	for name, forge := range forgeriesAnd(forgeries) {
		t.Run(name, func(t *testing.T) {
			site, phone := newSite(t), newDevice(t)
			passkey := mustRegister(t, site, phone)
			forge(phone)
			used, err := signIn(t, site, phone, passkey)
			if !errors.Is(err, passkeys.ErrRefused) && !errors.Is(err, errUnknown) {
				t.Errorf("somebody is signed in with %+v, %v", used, err)
			}
		})
	}
}

func forgeriesAnd(more map[string]func(*device)) map[string]func(*device) {
	for name, forge := range forgeries {
		more[name] = forge
	}
	return more
}

func TestACounterThatGoesBackIsACopy(t *testing.T) {
	site, phone := newSite(t), newDevice(t)
	phone.counter = 5
	passkey := mustRegister(t, site, phone)
	for _, counter := range []uint32{5, 4} {
		phone.counter = counter
		if _, err := signIn(t, site, phone, passkey); !errors.Is(err, passkeys.ErrCopied) {
			t.Errorf("a counter of %d after 5 gives %v", counter, err)
		}
	}
	phone.counter = 6
	if _, err := signIn(t, site, phone, passkey); err != nil {
		t.Error(err)
	}
}

// Passkeys of password managers count nothing.
func TestAPasskeyThatCountsNothingSignsInAgainAndAgain(t *testing.T) {
	site, phone := newSite(t), newDevice(t)
	phone.eligible = true
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
	site, phone := newSite(t), newDevice(t)
	phone.results = map[string]any{"credProps": map[string]any{"rk": true}}
	passkey := mustRegister(t, site, phone)
	phone.results = map[string]any{"appid": false}
	if _, err := signIn(t, site, phone, passkey); err != nil {
		t.Error(err)
	}
}

func TestAChallengeBelongsToItsHost(t *testing.T) {
	site, phone := newSite(t), newDevice(t)
	other, err := passkeys.NewSite("https://other.example", "Skerry")
	if err != nil {
		t.Fatal(err)
	}
	options, kept, _ := other.BeginRegistration(ann, nil)
	if _, err := site.FinishRegistration(ann, kept, phone.create(options)); !errors.Is(err, passkeys.ErrRefused) {
		t.Errorf("it is %v", err)
	}
	bob := passkeys.Person{ID: []byte("bob"), Name: "Bob"}
	options, kept, _ = site.BeginRegistration(ann, nil)
	if _, err := site.FinishRegistration(bob, kept, phone.create(options)); !errors.Is(err, passkeys.ErrRefused) {
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
