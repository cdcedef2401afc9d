package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/accounts"
	"chatserver/accounts/passkeys"
	"chatserver/store"
)

// signInTests are what every store promises about the ways to sign in.
var signInTests = map[string]func(*testing.T, opener){
	"an identity belongs to one account":             testIdentities,
	"a passkey is read as it was stored":             testPasskeys,
	"the last way into an account stays":             testLastWayIn,
	"a recovery code is used once":                   testRecoveryCodes,
	"of fifty who finish one flow one does":          testFlows,
	"an account without its identity is not created": testAccountsWithIdentities,
}

func testIdentities(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann, bob := create(t, db, member("Ann")), create(t, db, member("Bob"))
	want := accounts.Identity{Issuer: "https://id.example", Subject: "7", UserID: ann.ID, Email: "ann@example.org", Verified: true, Created: now, Used: now}
	if err := db.AddIdentity(ctx, want, accounts.Entry{At: now, Action: "identity.add"}); err != nil {
		t.Fatal(err)
	}
	stolen := want
	stolen.UserID = bob.ID
	if err := db.AddIdentity(ctx, stolen, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrIdentityTaken) {
		t.Errorf("Bob adds Ann's: %v", err)
	}
	if user, err := db.Identity(ctx, want.Issuer, want.Subject); err != nil || user != ann.User {
		t.Errorf("it belongs to %+v, %v", user, err)
	}
	for _, other := range [][2]string{{"https://id.example/", "7"}, {"https://id.example", "07"}, {"https://ID.example", "7"}} {
		if user, err := db.Identity(ctx, other[0], other[1]); !errors.Is(err, accounts.ErrNoIdentity) {
			t.Errorf("%s belongs to %+v, %v", other, user, err)
		}
	}
	want.Email, want.Verified, want.Used = "ann@other.example", false, now.Add(time.Minute)
	if err := db.TouchIdentity(ctx, want); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Identities(ctx, ann.ID); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("the identities are %+v, %v", got, err)
	}
	if err := db.RemoveIdentity(ctx, stolen, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrNoIdentity) {
		t.Errorf("Bob removes Ann's: %v", err)
	}
}

func passkey(id string, account accounts.Account) accounts.Passkey {
	return accounts.Passkey{
		Passkey: passkeys.Passkey{ID: []byte(id), PublicKey: []byte{1, 2}, Model: make([]byte, 16), Transport: []string{"usb"}, Counter: 7, Copied: true},
		UserID:  account.ID, Name: "Firefox", Created: now,
	}
}

func testPasskeys(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann, bob := create(t, db, member("Ann")), create(t, db, member("Bob"))
	want := passkey("\x00\xff key", ann)
	if err := db.AddPasskey(ctx, want, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.AddPasskey(ctx, passkey("\x00\xff key", bob), accounts.Entry{At: now}); !errors.Is(err, accounts.ErrPasskeyTaken) {
		t.Errorf("Bob has the same: %v", err)
	}
	want.Counter, want.Backup, want.Used = 8, true, now.Add(time.Minute)
	if err := db.UsePasskey(ctx, want); err != nil {
		t.Fatal(err)
	}
	want.Name = "Phone"
	if err := db.RenamePasskey(ctx, want.ID, ann.ID, "Phone"); err != nil {
		t.Fatal(err)
	}
	got, user, err := db.Passkey(ctx, want.ID)
	if err != nil || !reflect.DeepEqual(got, want) || user != ann.User {
		t.Errorf("it is %+v of %+v, %v", got, user, err)
	}
	if all, err := db.Passkeys(ctx, ann.ID); err != nil || len(all) != 1 || !reflect.DeepEqual(all[0], want) {
		t.Errorf("Ann's are %+v, %v", all, err)
	}
	if _, _, err := db.Passkey(ctx, []byte("other")); !errors.Is(err, accounts.ErrNoPasskey) {
		t.Errorf("an unknown one: %v", err)
	}
	if err := db.RenamePasskey(ctx, want.ID, bob.ID, "Bob's"); !errors.Is(err, accounts.ErrNoPasskey) {
		t.Errorf("Bob renames Ann's: %v", err)
	}
	if err := db.RemovePasskey(ctx, want.ID, bob.ID, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrNoPasskey) {
		t.Errorf("Bob removes Ann's: %v", err)
	}
	if all, _ := db.Passkeys(ctx, ann.ID); len(all) != 1 || all[0].Name != "Phone" {
		t.Errorf("then Ann's are %+v", all)
	}
}

func testLastWayIn(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann, key := create(t, db, member("Ann")), []byte("key")
	i := accounts.Identity{Issuer: "https://id.example", Subject: "7", UserID: ann.ID, Created: now}
	if err := errors.Join(db.AddIdentity(ctx, i, accounts.Entry{At: now}), db.AddPasskey(ctx, passkey("key", ann), accounts.Entry{At: now})); err != nil {
		t.Fatal(err)
	}
	if err := db.RemoveIdentity(ctx, i, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.RemovePasskey(ctx, key, ann.ID, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrLastWayIn) {
		t.Errorf("the only passkey: %v", err)
	}
	if err := db.AddIdentity(ctx, i, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.RemovePasskey(ctx, key, ann.ID, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.RemoveIdentity(ctx, i, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrLastWayIn) {
		t.Errorf("the only identity: %v", err)
	}
	if err := db.ChangeUser(ctx, ann.ID, func(a *accounts.Account, _ accounts.Grounds) (accounts.Effects, error) {
		a.Password = "$argon2id$…"
		return accounts.Effects{At: now}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.RemoveIdentity(ctx, i, accounts.Entry{At: now}); err != nil {
		t.Errorf("beside a password: %v", err)
	}
}

func testRecoveryCodes(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann, bob := create(t, db, member("Ann")), create(t, db, member("Bob"))
	if err := db.SetRecoveryCodes(ctx, ann.ID, [][]byte{{1}, {2}, {3}}, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.UseRecoveryCode(ctx, bob.ID, []byte{1}, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrWrongCode) {
		t.Errorf("Bob uses Ann's: %v", err)
	}
	var used atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := db.UseRecoveryCode(ctx, ann.ID, []byte{1}, accounts.Entry{At: now}); err == nil {
				used.Add(1)
			} else if !errors.Is(err, accounts.ErrWrongCode) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if left, err := db.RecoveryCodes(ctx, ann.ID); used.Load() != 1 || left != 2 || err != nil {
		t.Errorf("one code was used %d times, %d are left, %v", used.Load(), left, err)
	}
	if err := db.SetRecoveryCodes(ctx, ann.ID, [][]byte{{4}}, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.UseRecoveryCode(ctx, ann.ID, []byte{2}, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrWrongCode) {
		t.Errorf("a replaced code: %v", err)
	}
}

func testFlows(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	if err := db.PutFlow(ctx, "flow", []byte("sealed\x00"), now, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			sealed, err := db.TakeFlow(ctx, "flow", now)
			if err == nil && string(sealed) == "sealed\x00" {
				won.Add(1)
			} else if !errors.Is(err, accounts.ErrFlow) {
				t.Errorf("%q, %v", sealed, err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d finished it", won.Load())
	}
	for i, late := range []time.Duration{time.Minute, time.Hour} {
		hash := fmt.Sprint(i)
		if err := db.PutFlow(ctx, hash, []byte("x"), now, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := db.TakeFlow(ctx, hash, now.Add(late)); !errors.Is(err, accounts.ErrFlow) {
			t.Errorf("after %v it is %v", late, err)
		}
	}
}

// An account whose only way in could not be stored would keep its name from its owner.
func testAccountsWithIdentities(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann := create(t, db, member("Ann"))
	i := accounts.Identity{Issuer: "https://id.example", Subject: "7", UserID: ann.ID, Created: now}
	if err := db.AddIdentity(ctx, i, accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	bob, key := member("Bob"), passkey("key", member("Bob"))
	i.UserID = bob.ID
	if err := db.CreateUser(ctx, accounts.Creation{Account: bob, Admit: admitted, At: now, Identity: &i}); !errors.Is(err, accounts.ErrIdentityTaken) {
		t.Errorf("Bob with Ann's identity: %v", err)
	}
	if _, err := db.User(ctx, bob.ID); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("then Bob's account: %v", err)
	}
	i.Subject = "8"
	if err := db.CreateUser(ctx, accounts.Creation{Account: bob, Admit: admitted, At: now, Identity: &i, Passkey: &key}); err != nil {
		t.Fatal(err)
	}
	if user, err := db.Identity(ctx, i.Issuer, "8"); err != nil || user.ID != bob.ID {
		t.Errorf("8 is %+v, %v", user, err)
	}
	if _, user, err := db.Passkey(ctx, key.ID); err != nil || user.ID != bob.ID {
		t.Errorf("the passkey is of %+v, %v", user, err)
	}
}
