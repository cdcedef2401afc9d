package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chat"
)

// quick are parameters with which a hash takes microseconds.
var quick = Params{Memory: 64, Time: 1, Threads: 1}

// A password has its own hash and no other one has it; the hash states its parameters, and tells
// when they are not those of today.
func TestAPasswordHasItsHash(t *testing.T) {
	ctx, h, newer := context.Background(), newHasher(quick), newHasher(Params{Memory: 128, Time: 1, Threads: 1})
	stored, err := h.hash(ctx, "correct horse")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("%s, %v", stored, err)
	}
	again, err := h.hash(ctx, "correct horse")
	if err != nil || again == stored {
		t.Errorf("the same password has the same hash: %s, %v", again, err)
	}
	for _, test := range []struct {
		h            *hasher
		password     string
		stored       string
		ok, outdated bool
	}{
		{h, "correct horse", stored, true, false},
		{h, "Correct horse", stored, false, false},
		{h, "", stored, false, false},
		{h, "correct horse", "", false, false},
		{newer, "correct horse", stored, true, true},
	} {
		if ok, outdated, err := test.h.verify(ctx, test.password, test.stored); err != nil || ok != test.ok || outdated != test.outdated {
			t.Errorf("%q with %q: %t %t, %v", test.password, test.stored, ok, outdated, err)
		}
	}
	// The dummy hash is that of 32 zero bytes, which is what an attacker could try to meet.
	if ok, _, err := h.verify(ctx, "anything", ""); ok || err != nil {
		t.Errorf("a password fits an account without one: %v", err)
	}
}

// What RFC 9106 gives as a hash in this format is read, and what asks for too much memory or
// time is not.
func TestAStoredHashCannotAskForTooMuch(t *testing.T) {
	const rest = "$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for text, valid := range map[string]bool{
		"$argon2id$v=19$m=19456,t=2,p=1" + rest:                        true,
		"$argon2id$v=19$m=65536,t=3,p=4" + rest:                        true,
		"$argon2id$v=19$m=4000000,t=2,p=1" + rest:                      false,
		"$argon2id$v=19$m=19456,t=2000,p=1" + rest:                     false,
		"$argon2id$v=19$m=19456,t=0,p=1" + rest:                        false,
		"$argon2id$v=19$m=19456,t=2,p=0" + rest:                        false,
		"$argon2id$v=19$m=19456,t=2,p=1x" + rest:                       false,
		"$argon2id$v=16$m=19456,t=2,p=1" + rest:                        false,
		"$argon2i$v=19$m=19456,t=2,p=1" + rest:                         false,
		"$argon2id$v=19$m=19456,t=2,p=1$c29t$AAAA":                     false,
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": false,
		"": false, "$$$$$": false,
	} {
		if _, _, _, err := decodePHC(text); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The same characters are the same password, however a keyboard composes them.
func TestAPasswordIsItsCharacters(t *testing.T) {
	for _, alike := range [][2]string{{"müßig genug", "mu\u0308ßig genug"}, {"a b c d e", "a\u00a0b c d e"}} {
		a, err1 := preparePassword(alike[0])
		b, err2 := preparePassword(alike[1])
		if a != b || err1 != nil || err2 != nil {
			t.Errorf("%+q and %+q are two passwords: %v, %v", alike[0], alike[1], err1, err2)
		}
	}
	for _, different := range [][2]string{{"password", "Password"}, {"pass word", "pass  word"}, {"password", "password "}} {
		a, _ := preparePassword(different[0])
		b, _ := preparePassword(different[1])
		if a == b {
			t.Errorf("%q and %q are one password", different[0], different[1])
		}
	}
	for _, refused := range []string{"", "pass\nword", strings.Repeat("x", MaxPassword+1)} {
		if got, err := preparePassword(refused); err == nil {
			t.Errorf("%.20q becomes %.20q", refused, got)
		}
	}
}

// However many wait, so many passwords are hashed at once and no more, and whoever finds the
// queue full is told so.
func TestFewPasswordsAreHashedAtOnce(t *testing.T) {
	h := newHasher(quick)
	if most := cap(h.turns); most < 1 || most > maxHashes {
		t.Fatalf("%d are hashed at once", most)
	}
	for range cap(h.turns) {
		h.turns <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var waiting sync.WaitGroup
	errs := make(chan error, maxWaiting)
	for range maxWaiting {
		waiting.Go(func() {
			_, err := h.hash(ctx, "password")
			errs <- err
		})
	}
	for len(h.waiting) < maxWaiting {
		time.Sleep(time.Millisecond)
	}
	if _, err := h.hash(context.Background(), "password"); !errors.Is(err, ErrBusy) {
		t.Errorf("one more than may wait: %v", err)
	}
	cancel()
	waiting.Wait()
	close(errs)
	for err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("one that waited: %v", err)
		}
	}
	<-h.turns
	if _, err := h.hash(context.Background(), "password"); err != nil {
		t.Errorf("after that: %v", err)
	}
}

// Ten wrong passwords in three minutes are looked at, the eleventh is not, and after three
// minutes there are ten again: nobody is locked out for good.
func TestAttemptsAreLimitedForAWhile(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	a := newAttempts(func() time.Time { return at })
	try := func(skeleton, address string) error {
		return a.begin(limitedBy(skeleton, netip.MustParseAddr(address)))
	}
	for round := range 3 {
		for n := range maxAttempts {
			if err := try("ann", "127.0.0.1"); err != nil {
				t.Fatalf("round %d, try %d: %v", round, n, err)
			}
			at = at.Add(time.Second)
		}
		if err := try("ann", "127.0.0.1"); !errors.Is(err, ErrTooManyAttempts) {
			t.Errorf("round %d, one more: %v", round, err)
		}
		if err := try("bob"+string(rune('0'+round)), "127.0.0.1"); err != nil {
			t.Errorf("round %d, another name: %v", round, err)
		}
		at = at.Add(attemptsWindow)
	}
	limits := limitedBy("carol", netip.MustParseAddr("203.0.113.7"))
	for n := range 3 * maxAttempts {
		if err := a.begin(limits); err != nil {
			t.Fatalf("right password %d: %v", n, err)
		}
		a.takeBack(limits)
	}
	for n := range 4 * maxAttempts {
		err := try("user "+string(rune('a'+n)), "2001:db8:0:"+string(rune('1'+n/maxAttempts))+"::1")
		if err != nil {
			t.Fatalf("network %d, try %d: %v", n/maxAttempts, n, err)
		}
	}
	if err := try("one more", "2001:db8:0:9::1"); !errors.Is(err, ErrTooManyAttempts) {
		t.Errorf("a fifth network of one subscriber: %v", err)
	}
}

// Nobody gives a role that is more than their own, and only owners make admins and owners.
func TestWhoMayGiveARole(t *testing.T) {
	may := map[chat.Role][]chat.Role{
		chat.System: {chat.Owner, chat.Admin, chat.Member, chat.Bot},
		chat.Owner:  {chat.Owner, chat.Admin, chat.Member, chat.Bot},
		chat.Admin:  {chat.Member, chat.Bot},
	}
	for by := chat.Stranger; by <= chat.System; by++ {
		for role := chat.Stranger; role <= chat.System; role++ {
			want := false
			for _, given := range may[by] {
				want = want || given == role
			}
			if got := mayGive(by, role); got != want {
				t.Errorf("a %s gives %s: %t", by, role, got)
			}
		}
	}
}

// An invitation is worth what its maker may give when it is used.
func TestAnInvitationIsWorthWhatItsMakerMayGive(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	maker := func(role chat.Role) *User { return &User{ID: "maker", Role: role} }
	disabled := maker(chat.Owner)
	disabled.Disabled = at
	valid := Invitation{Role: chat.Member, By: "maker", Uses: 1, Expires: at.Add(time.Hour)}
	with := func(change func(*Invitation)) *Invitation { i := valid; change(&i); return &i }
	for name, test := range map[string]struct {
		grounds Grounds
		err     error
		role    chat.Role
	}{
		"without one":                   {Grounds{}, nil, chat.Member},
		"of an admin":                   {Grounds{Invitation: &valid, Maker: maker(chat.Admin)}, nil, chat.Member},
		"of the operator":               {Grounds{Invitation: with(func(i *Invitation) { i.By, i.Role = "", chat.Owner })}, nil, chat.Owner},
		"of somebody who is gone":       {Grounds{Invitation: &valid}, ErrInvitation, 0},
		"of somebody who is a member":   {Grounds{Invitation: &valid, Maker: maker(chat.Member)}, ErrInvitation, 0},
		"of somebody who is disabled":   {Grounds{Invitation: &valid, Maker: disabled}, ErrInvitation, 0},
		"an admin's for another admin":  {Grounds{Invitation: with(func(i *Invitation) { i.Role = chat.Admin }), Maker: maker(chat.Admin)}, ErrInvitation, 0},
		"used up":                       {Grounds{Invitation: with(func(i *Invitation) { i.Used = 1 }), Maker: maker(chat.Owner)}, ErrInvitation, 0},
		"expired":                       {Grounds{Invitation: with(func(i *Invitation) { i.Expires = at }), Maker: maker(chat.Owner)}, ErrInvitation, 0},
		"claims a server":               {Grounds{Invitation: with(func(i *Invitation) { i.Claim, i.By, i.Role = true, "", chat.Owner })}, nil, chat.Owner},
		"claims a server with an owner": {Grounds{OtherOwners: 1, Invitation: with(func(i *Invitation) { i.Claim, i.By, i.Role = true, "", chat.Owner })}, ErrClaimed, 0},
	} {
		account := Account{User: User{Role: chat.Member}}
		if err := admit(&account, test.grounds, at); !errors.Is(err, test.err) || (err == nil) != (test.err == nil) || err == nil && account.Role != test.role {
			t.Errorf("an invitation %s: %v as %s", name, err, account.Role)
		}
	}
}

// A setting that another version stored lets nobody in by mistake.
func TestUnknownSettingsAreReadWithCare(t *testing.T) {
	for _, test := range []struct {
		values map[string]string
		want   Settings
	}{
		{nil, DefaultSettings},
		{map[string]string{"guests": "never", "sign-up": "open"}, Settings{Guests: chat.GuestsNever, SignUp: SignUpOpen}},
		{map[string]string{"guests": "on-tuesdays", "sign-up": "by-post", "other": "x"}, Settings{Guests: chat.GuestsNever, SignUp: SignUpInvite}},
	} {
		if got := ReadSettings(test.values); got != test.want {
			t.Errorf("%v is read as %+v", test.values, got)
		}
	}
}

// A secret does not appear where it is printed by mistake.
func TestASecretIsNotPrinted(t *testing.T) {
	secret := newSecret()
	for _, text := range []string{secret.String(), printed(secret), printed(Client{Session: secret}), printed(&Claim{Secret: secret})} {
		if strings.Contains(text, string(secret)) {
			t.Errorf("printed as %s", text)
		}
	}
	if other := newSecret(); other == secret || len(secret) != 43 || secret.hash() == other.hash() || len(secret.hash()) != 64 {
		t.Errorf("two secrets: %q and %q", string(secret), string(other))
	}
}

func printed(value any) string { return fmt.Sprintf("%v %+v %s", value, value, value) }
