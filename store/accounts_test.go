package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// accountTests are what every store promises about accounts.
var accountTests = map[string]func(*testing.T, opener){
	"an account is read as it was stored":               testAccountRoundTrip,
	"a name belongs to one account":                     testNamesOfAccounts,
	"a former name is kept for its account":             testFormerNames,
	"of fifty who use one invitation one wins":          testInvitationRace,
	"a session ends for good":                           testSessions,
	"a token ends for good":                             testTokens,
	"a change of an account is one with its audit line": testAudit,
	"the audit log only grows":                          testAuditGrows,
	"settings are counted as changes":                   testSettings,
}

// now is the time of these tests.
var now = time.UnixMilli(1_700_000_000_000).UTC()

// admitted admits every account.
func admitted(*accounts.Account, accounts.Grounds) error { return nil }

// member returns a new account of a name, with an id that the name decides.
func member(name string) accounts.Account {
	id := fmt.Sprintf("%032x", name)
	return accounts.Account{User: accounts.User{ID: id[len(id)-32:], Name: name, Role: chat.Member, Created: now}}
}

func create(t *testing.T, db *store.DB, account accounts.Account) accounts.Account {
	t.Helper()
	if err := db.CreateUser(context.Background(), accounts.Creation{Account: account, Admit: admitted, At: account.Created, Audit: accounts.Entry{At: now, Action: "user.add", Subject: account.Name}}); err != nil {
		t.Fatal(err)
	}
	return account
}

func testAccountRoundTrip(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	want := member("Zoë")
	want.FormerID, want.Password, want.Display, want.Role, want.Email, want.EmailVerified = "former", "$argon2id$…", "Zoë K.", chat.Owner, "zoe@example.com", true
	want.Status, want.Zone, want.Language, want.Disabled = "away", "Europe/Berlin", "de", now.Add(time.Hour)
	create(t, db, want)
	if got, err := db.User(ctx, want.ID); err != nil || got != want {
		t.Errorf("by id it is %+v, %v", got, err)
	}
	user, err := want.Chat()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.UserNamed(ctx, user.Skeleton()); err != nil || got != want {
		t.Errorf("by name it is %+v, %v", got, err)
	}
	if _, err := db.User(ctx, "nobody"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("nobody's account: %v", err)
	}
	create(t, db, member("ann"))
	users, err := db.Users(ctx, "", 10)
	if err != nil || len(users) != 2 || users[0].Name != "ann" || users[1] != want.User {
		t.Errorf("the list is %+v, %v", users, err)
	}
	state, err := db.State(ctx)
	if err != nil || !state.Accounts || !state.Claimed || state.Changes != 2 {
		t.Errorf("the state is %+v, %v", state, err)
	}
}

func testNamesOfAccounts(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann := create(t, db, member("Ann"))
	for i, name := range []string{"Ann", "ann", "ANN"} {
		other := member(name)
		other.ID = fmt.Sprintf("%032d", i)
		if err := db.CreateUser(ctx, accounts.Creation{Account: other, Admit: admitted, At: now}); !errors.Is(err, accounts.ErrNameTaken) {
			t.Errorf("a second %s: %v", name, err)
		}
	}
	if other := member("Bob"); db.CreateUser(ctx, accounts.Creation{Account: accounts.Account{User: accounts.User{ID: ann.ID, Name: other.Name, Role: chat.Member}}, Admit: admitted, At: now}) == nil {
		t.Error("two accounts have one id")
	}
	if users, err := db.Users(ctx, "", 10); err != nil || len(users) != 1 {
		t.Errorf("the list is %+v, %v", users, err)
	}
	user, _ := ann.Chat()
	holders, err := db.NameHolders(ctx, []string{user.Skeleton(), "nobody"}, now)
	if err != nil || len(holders) != 1 || holders[user.Skeleton()] != ann.ID {
		t.Errorf("the holders are %v, %v", holders, err)
	}
}

func rename(db *store.DB, id, name string, at time.Time) error {
	return db.ChangeUser(context.Background(), id, func(a *accounts.Account, _ accounts.Grounds) (accounts.Effects, error) {
		a.Name = name
		return accounts.Effects{At: at, KeepFormer: at.Add(accounts.KeepFormerName)}, nil
	})
}

func testFormerNames(t *testing.T, open opener) {
	db := open(t, store.Options{})
	ann, bob := create(t, db, member("Ann")), create(t, db, member("Bob"))
	if err := rename(db, ann.ID, "Annika", now); err != nil {
		t.Fatal(err)
	}
	if err := rename(db, bob.ID, "Ann", now.Add(accounts.KeepFormerName-time.Minute)); !errors.Is(err, accounts.ErrNameTaken) {
		t.Errorf("another takes the name early: %v", err)
	}
	if err := rename(db, ann.ID, "Ann", now.Add(time.Minute)); err != nil {
		t.Errorf("its holder takes it back: %v", err)
	}
	if err := rename(db, ann.ID, "Annika", now.Add(time.Minute)); err != nil {
		t.Errorf("its holder gives it up again: %v", err)
	}
	if err := rename(db, bob.ID, "Ann", now.Add(time.Minute+accounts.KeepFormerName)); err != nil {
		t.Errorf("another takes the name after its time: %v", err)
	}
	if got, err := db.User(context.Background(), bob.ID); err != nil || got.Name != "Ann" {
		t.Errorf("it is %+v, %v", got, err)
	}
}

func testInvitationRace(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	i := accounts.Invitation{ID: "i", Role: chat.Admin, Uses: 1, Created: now, Expires: now.Add(time.Hour)}
	if err := db.CreateInvitation(ctx, i, "hash", accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	var won, lost sync.Map
	var all sync.WaitGroup
	for n := range 50 {
		all.Go(func() {
			account := member(fmt.Sprint("Guest ", n))
			err := db.CreateUser(ctx, accounts.Creation{Account: account, Invitation: "hash", At: now, Admit: func(a *accounts.Account, g accounts.Grounds) error {
				if !g.Invitation.Valid(now) {
					return accounts.ErrInvitation
				}
				a.Role = g.Invitation.Role
				return nil
			}})
			if err == nil {
				won.Store(account.Name, true)
			} else if errors.Is(err, accounts.ErrInvitation) {
				lost.Store(account.Name, true)
			} else {
				t.Error(err)
			}
		})
	}
	all.Wait()
	count := func(m *sync.Map) (n int) { m.Range(func(any, any) bool { n++; return true }); return n }
	users, err := db.Users(ctx, "", 100)
	if err != nil || count(&won) != 1 || count(&lost) != 49 || len(users) != 1 || users[0].Role != chat.Admin {
		t.Errorf("%d won and %d lost; the accounts are %+v, %v", count(&won), count(&lost), users, err)
	}
	if _, err := db.Invitation(ctx, "another hash"); !errors.Is(err, accounts.ErrInvitation) {
		t.Errorf("an unknown invitation: %v", err)
	}
}

func testSessions(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann, bob := create(t, db, member("Ann")), create(t, db, member("Bob"))
	begin := func(id string, user accounts.Account, replaced string) {
		t.Helper()
		s := accounts.Session{ID: id, UserID: user.ID, Device: "Firefox", Address: "203.0.113.7", Created: now, Seen: now, Expires: now.Add(time.Hour)}
		if err := db.CreateSession(ctx, s, "hash of "+id, replaced, accounts.Entry{At: now}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(id string, want bool) {
		t.Helper()
		s, user, err := db.Session(ctx, "hash of "+id)
		if want && (err != nil || s.ID != id || user.ID != s.UserID) || !want && !errors.Is(err, accounts.ErrNoSession) {
			t.Errorf("session %s is %+v of %+v, %v", id, s, user, err)
		}
	}
	begin("1", ann, "")
	begin("2", ann, "")
	begin("3", ann, "hash of 2")
	begin("4", bob, "")
	is("1", true)
	is("2", false)
	before, _ := db.AccountChanges(ctx)
	if n, err := db.EndSessions(ctx, accounts.SessionFilter{User: bob.ID, Only: "1"}, accounts.Entry{At: now}); n != 0 || err != nil {
		t.Errorf("Bob ends %d of Ann's, %v", n, err)
	}
	if n, err := db.EndSessions(ctx, accounts.SessionFilter{User: ann.ID, Except: "3"}, accounts.Entry{At: now}); n != 1 || err != nil {
		t.Errorf("Ann ends %d others, %v", n, err)
	}
	is("1", false)
	is("3", true)
	is("4", true)
	if after, _ := db.AccountChanges(ctx); after != before+2 {
		t.Errorf("%d changes follow %d", after, before)
	}
	if err := db.TouchSession(ctx, "3", now.Add(time.Minute), now.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	sessions, err := db.Sessions(ctx, ann.ID)
	if err != nil || len(sessions) != 1 || !sessions[0].Seen.Equal(now.Add(time.Minute)) || !sessions[0].Expires.Equal(now.Add(2*time.Hour)) {
		t.Errorf("the sessions are %+v, %v", sessions, err)
	}
	holders, err := db.Holders(ctx, []string{"1", "3", "4"})
	if err != nil || len(holders) != 2 || holders["3"].ID != ann.ID || holders["4"].ID != bob.ID {
		t.Errorf("the holders are %+v, %v", holders, err)
	}
}

func testTokens(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann, bob := create(t, db, member("Ann")), create(t, db, member("Bob"))
	want := accounts.Token{ID: "1", UserID: ann.ID, Scopes: chat.ScopeRead | chat.ScopeWrite, Rooms: []string{"lobby", "tea"}, Created: now, Expires: now.Add(time.Hour)}
	if err := db.CreateToken(ctx, want, "hash", accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if err := db.TouchToken(ctx, "1", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	want.Used = now.Add(time.Minute)
	got, user, err := db.Token(ctx, "hash")
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || user.ID != ann.ID {
		t.Errorf("it is %+v of %+v, %v", got, user, err)
	}
	if all, err := db.Tokens(ctx, ""); err != nil || len(all) != 1 || all[0].User != "Ann" {
		t.Errorf("the tokens are %+v, %v", all, err)
	}
	if err := db.RevokeToken(ctx, "1", bob.ID, accounts.Entry{At: now}); !errors.Is(err, accounts.ErrNoToken) {
		t.Errorf("Bob revokes Ann's: %v", err)
	}
	if err := db.RevokeToken(ctx, "1", "", accounts.Entry{At: now}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Token(ctx, "hash"); !errors.Is(err, accounts.ErrNoToken) {
		t.Errorf("after it was revoked: %v", err)
	}
}

func testAudit(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	ann := create(t, db, member("Ann"))
	refused := errors.New("refused")
	if err := db.ChangeUser(ctx, ann.ID, func(a *accounts.Account, _ accounts.Grounds) (accounts.Effects, error) {
		a.Role = chat.Owner
		return accounts.Effects{Audit: []accounts.Entry{{At: now, Action: "user.role"}}}, refused
	}); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if err := db.SetSetting(ctx, "guests", "never", accounts.Entry{At: now, ActorID: ann.ID, ActorName: "Ann", Action: "setting", Subject: "guests", Detail: "never", Address: "::1"}); err != nil {
		t.Fatal(err)
	}
	entries, err := db.Audit(ctx, 1<<62, 10)
	if err != nil || len(entries) != 2 || entries[0].Action != "setting" || entries[0].Detail != "never" || entries[0].ActorName != "Ann" || entries[1].Subject != "Ann" || !entries[1].At.Equal(now) {
		t.Errorf("the log is %+v, %v", entries, err)
	}
	if got, err := db.User(ctx, ann.ID); err != nil || got.Role != chat.Member {
		t.Errorf("after a refused change: %+v, %v", got, err)
	}
	if older, err := db.Audit(ctx, entries[0].Number, 10); err != nil || len(older) != 1 {
		t.Errorf("the older lines are %+v, %v", older, err)
	}
}

func testAuditGrows(t *testing.T, open opener) {
	db := open(t, store.Options{})
	create(t, db, member("Ann"))
	for _, statement := range []string{`UPDATE audit SET actor_name = 'Eve'`, `DELETE FROM audit`} {
		if err := db.Execute(context.Background(), statement); err == nil || !strings.Contains(err.Error(), "only grows") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func testSettings(t *testing.T, open opener) {
	db, ctx := open(t, store.Options{}), context.Background()
	state, err := db.State(ctx)
	if err != nil || state != (accounts.State{Settings: accounts.DefaultSettings}) {
		t.Errorf("a new server has %+v, %v", state, err)
	}
	for _, value := range []string{"never", "by-link"} {
		if err := db.SetSetting(ctx, "guests", value, accounts.Entry{At: now}); err != nil {
			t.Fatal(err)
		}
	}
	state, err = db.State(ctx)
	if err != nil || state.Guests != chat.GuestsByLink || state.Changes != 2 {
		t.Errorf("the state is %+v, %v", state, err)
	}
}

// Accounts are copied from SQLite to Postgres and back, with everything that belongs to them,
// and the audit log goes on afterwards.
func TestAccountsAreCopiedWhole(t *testing.T) {
	ctx, folder, database, back := context.Background(), t.TempDir(), chattest.Database(t), t.TempDir()
	db := openFolder(t, folder, store.Options{})
	ann := member("Ann")
	ann.Role, ann.EmailVerified, ann.Email, ann.Password = chat.Owner, true, "ann@example.com", "hash"
	create(t, db, ann)
	if err := errors.Join(
		rename(db, ann.ID, "Annika", now),
		db.CreateSession(ctx, accounts.Session{ID: "1", UserID: ann.ID, Created: now, Seen: now, Expires: now.Add(time.Hour)}, "hash", "", accounts.Entry{At: now, Action: "session"}),
		db.CreateToken(ctx, accounts.Token{ID: "2", UserID: ann.ID, Scopes: chat.AllScopes, Rooms: []string{"tea"}, Created: now}, "hash", accounts.Entry{At: now, Action: "token"}),
		db.CreateInvitation(ctx, accounts.Invitation{ID: "3", Role: chat.Owner, Claim: true, Uses: 1, Created: now, Expires: now.Add(time.Hour)}, "hash", accounts.Entry{At: now, Action: "invitation"}),
		db.SetSetting(ctx, "guests", "never", accounts.Entry{At: now, Action: "setting"}),
	); err != nil {
		t.Fatal(err)
	}
	want := allOfAccounts(t, db)
	closes(t, db)
	for _, way := range [][2]string{{"sqlite://" + folder, database}, {database, "sqlite://" + back}} {
		if _, err := store.Transfer(ctx, way[0], way[1], func(store.CopyStats) {}); err != nil {
			t.Fatal(err)
		}
	}
	for name, copied := range map[string]*store.DB{"Postgres": openURL(t, database, store.Options{}), "SQLite": openFolder(t, back, store.Options{})} {
		if has := allOfAccounts(t, copied); has != want {
			t.Errorf("%s has\n%s\ninstead of\n%s", name, has, want)
		}
		create(t, copied, member("Bob"))
	}
}

// A backup has the accounts and no sessions, so what was revoked after it does not come back as a
// session.
func TestARestoredBackupSignsEverybodyOut(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	db := openFolder(t, folder, store.Options{})
	ann := create(t, db, member("Ann"))
	if err := errors.Join(
		db.CreateSession(ctx, accounts.Session{ID: "1", UserID: ann.ID, Created: now, Seen: now, Expires: now.Add(time.Hour)}, "hash", "", accounts.Entry{At: now}),
		db.CreateToken(ctx, accounts.Token{ID: "2", UserID: ann.ID, Scopes: chat.AllScopes, Created: now}, "hash", accounts.Entry{At: now}),
	); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if _, err := store.Backup(ctx, folder, backup, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Session(ctx, "hash"); err != nil {
		t.Errorf("the backup ends the session on the server: %v", err)
	}
	closes(t, db)
	if _, err := store.Restore(ctx, folder, backup, now); err != nil {
		t.Fatal(err)
	}
	restored := openFolder(t, folder, store.Options{})
	if _, _, err := restored.Session(ctx, "hash"); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("the session is back: %v", err)
	}
	if _, user, err := restored.Token(ctx, "hash"); err != nil || user.ID != ann.ID {
		t.Errorf("the token is of %+v, %v", user, err)
	}
}

// allOfAccounts returns all that a store has of accounts.
func allOfAccounts(t *testing.T, db *store.DB) string {
	t.Helper()
	ctx := context.Background()
	annika, err := chat.NewUser("Annika", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	account, err1 := db.UserNamed(ctx, annika.Skeleton())
	session, _, err2 := db.Session(ctx, "hash")
	token, _, err3 := db.Token(ctx, "hash")
	invitation, err4 := db.Invitation(ctx, "hash")
	holders, err5 := db.NameHolders(ctx, []string{annika.Skeleton(), "ann"}, now)
	state, err6 := db.State(ctx)
	audit, err7 := db.Audit(ctx, 1<<62, 100)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v\n%+v\n%+v\n%+v\n%v\n%+v\n%+v", account, session, token, invitation, holders, state.Settings, audit)
}
