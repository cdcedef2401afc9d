package chat

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The whole access table is a page that people can read and review.
func TestTheAccessTableIsAsReviewed(t *testing.T) {
	const golden = "testdata/access.golden"
	var page strings.Builder
	table := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
	for kind := range roomKinds {
		fmt.Fprintf(table, "%s room", kind)
		for role := range roles {
			fmt.Fprintf(table, "\t%s", role)
		}
		fmt.Fprintln(table)
		for do := range actions {
			fmt.Fprint(table, do)
			for role := range roles {
				fmt.Fprintf(table, "\t%s", accessTable[kind][do][role])
			}
			fmt.Fprintln(table)
		}
	}
	table.Flush()
	if *update {
		if err := os.WriteFile(golden, []byte(page.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if page.String() != string(want) {
		t.Errorf("the access table is\n%s\nand was reviewed as\n%s", page.String(), want)
	}
}

// noRooms is a store without rooms.
type noRooms struct{}

func (noRooms) FindRoom(context.Context, string) (*RoomInfo, error) { return nil, nil } //nolint:nilnil // no room is not an error

// anyGate is a gate to rooms that are not stored yet.
func anyGate() *gate { return &gate{rooms: NewDirectory(noRooms{})} }

// Each scope with its refusal.
func TestTheGateOpensForWhoMayAndForNobodyElse(t *testing.T) {
	ann, bob := newTestUser(t, "Ann", "key of Ann"), newTestUser(t, "Bob", "key of Bob")
	here := netip.MustParseAddr("203.0.113.7")
	for _, test := range []struct {
		who    string
		actor  Actor
		do     action
		author string
		err    error
		covers bool
	}{
		{"a guest reads", GuestAt(ann, here), toRead, bob.ID, nil, true},
		{"a guest edits what is theirs", GuestAt(ann, here), toEdit, ann.ID, nil, true},
		{"a guest edits another's message", GuestAt(ann, here), toEdit, bob.ID, nil, false},
		{"a guest edits a message from before author ids", GuestAt(ann, here), toEdit, "", nil, false},
		{"a guest exports", GuestAt(ann, here), toExport, "", ErrForbidden, false},
		{"a stranger reads", StrangerAt(here), toRead, bob.ID, nil, true},
		{"a stranger writes", StrangerAt(here), toPost, "", ErrForbidden, false},
		{"nobody in particular deletes", Actor{}, toDelete, "", ErrForbidden, false},
		{"a member edits what is theirs", account(Member, ann, AllScopes), toEdit, ann.ID, nil, true},
		{"a member deletes another's message", account(Member, ann, AllScopes), toDelete, bob.ID, nil, false},
		{"a member exports", account(Member, ann, AllScopes), toExport, "", ErrForbidden, false},
		{"an admin deletes another's message", account(Admin, ann, AllScopes), toDelete, bob.ID, nil, true},
		{"an admin edits another's message", account(Admin, ann, AllScopes), toEdit, bob.ID, nil, false},
		{"an admin's token without manage deletes another's message", account(Admin, ann, ScopeRead|ScopeWrite), toDelete, bob.ID, nil, false},
		{"an admin's token without manage deletes their own message", account(Admin, ann, ScopeRead|ScopeWrite), toDelete, ann.ID, nil, true},
		{"an admin's token without manage exports", account(Admin, ann, ScopeRead|ScopeWrite), toExport, "", ErrScope, false},
		{"a bot's token that reads, reads", account(Bot, ann, ScopeRead), toRead, bob.ID, nil, true},
		{"a bot's token that reads, writes", account(Bot, ann, ScopeRead), toPost, "", ErrScope, false},
		{"a bot's token that writes, reads", account(Bot, ann, ScopeWrite), toRead, "", ErrScope, false},
		{"a bot's token for the lobby writes there", account(Bot, ann, ScopeWrite, Lobby), toPost, bob.ID, nil, true},
		{"a bot's token for another room reads the lobby", account(Bot, ann, AllScopes, "tea"), toRead, "", ErrNoRoom, false},
		{"the operator deletes", Operator(), toDelete, ann.ID, nil, true},
		{"the operator edits", Operator(), toEdit, ann.ID, ErrForbidden, false},
	} {
		room, err := anyGate().open(context.Background(), test.actor, Lobby, test.do)
		if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%s: %v, not %v", test.who, err, test.err)
			continue
		}
		if err == nil && room.ID != Lobby {
			t.Errorf("%s: got into %q", test.who, room.ID)
		}
		if err == nil && room.covers(test.author) != test.covers {
			t.Errorf("%s: covers is %t", test.who, !test.covers)
		}
	}
}

// account returns an actor with a credential of these scopes, for these rooms or for all.
func account(role Role, user User, scopes Scopes, rooms ...string) Actor {
	return Actor{Role: role, User: user, Credential: &Credential{ID: "credential", Scopes: scopes, Rooms: rooms}}
}

// The server's policy closes all rooms to guests and strangers, and to nobody else.
func TestTheGateIsClosedToGuestsWhereThePolicyDoesNotAdmitThem(t *testing.T) {
	ann := newTestUser(t, "Ann", "key of Ann")
	for _, policy := range []GuestPolicy{GuestsEverywhere, GuestsByLink, GuestsNever} {
		g := anyGate()
		g.SetGuests(policy)
		for role := range roles {
			_, err := g.open(context.Background(), Actor{Role: role, User: ann}, Lobby, toRead)
			closed := policy != GuestsEverywhere && (role == Guest || role == Stranger)
			if errors.Is(err, ErrNoRoom) != closed || !closed && err != nil {
				t.Errorf("guests %s: a %s reads the lobby: %v", policy, role, err)
			}
		}
	}
}

func TestScopesAreReadAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"read", "write", "manage", "read,write", "read,write,manage"} {
		if scopes, err := ParseScopes(text); err != nil || scopes.String() != text {
			t.Errorf("%q is read as %q, %v", text, scopes, err)
		}
	}
	for _, text := range []string{"", ",", "all", "read,Write", "read;write"} {
		if scopes, err := ParseScopes(text); err == nil {
			t.Errorf("%q is read as %q", text, scopes)
		}
	}
}

func TestTheGateAllocatesNothing(t *testing.T) {
	ann := GuestAt(newTestUser(t, "Ann", "key"), netip.MustParseAddr("203.0.113.7"))
	here := anyGate()
	if n := testing.AllocsPerRun(100, func() {
		if room, err := here.open(context.Background(), ann, Lobby, toEdit); err != nil || !room.covers(ann.User.ID) {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOpen(b *testing.B) {
	user, err := NewUser("Ann", 0, "key")
	if err != nil {
		b.Fatal(err)
	}
	ann := GuestAt(user, netip.MustParseAddr("203.0.113.7"))
	here := anyGate()
	b.ReportAllocs()
	for b.Loop() {
		if room, err := here.open(context.Background(), ann, Lobby, toEdit); err != nil || !room.covers(user.ID) {
			b.Fatal(err)
		}
	}
}

// ungated lists the exported functions that get an actor and need no room.
var ungated = map[string]string{
	"Enter":    "enters the chat, not a room",
	"MayEnter": "is the question whether Enter would succeed",
	"Exit":     "gives up everything that the connection has",
	"Leave":    "gives up a subscription",
	"Revs":     "reads what the connection's own subscriptions received",
}

// Every use case passes the gate. A use case is an exported function that gets an Actor, or a
// Connection, which has one.
func TestEveryUseCasePassesTheGate(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []*ast.File
	var opening *ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, file); name == "changes.go" {
			opening = file
		}
	}
	passed, bypassing := useCases(opening, all)
	for _, name := range bypassing {
		if ungated[name] == "" {
			t.Errorf("%s gets an actor and does not reach gate.open", name)
		}
	}
	for name := range ungated {
		if !slices.Contains(bypassing, name) {
			t.Errorf("%s is listed as ungated, and is not", name)
		}
	}
	if len(passed) < 7 {
		t.Errorf("only %d use cases were found: %v", len(passed), passed)
	}
}

// The refusal: a use case that goes around the gate is found.
func TestAUseCaseThatGoesAroundTheGateIsFound(t *testing.T) {
	const access = `package chat
func (gate) open() {}
func (c *Chat) openJoined(conn *Connection) { c.open() }`
	const nouns = `package chat
func (c *Chat) Shout(ctx context.Context, actor Actor, room string) { c.store.Shout(room) }
func (c *Chat) Whisper(conn *Connection) { c.hub.find(conn.room) }
func (c *Chat) Mumble(conn *Connection) { c.mumble(conn) }
func (c *Chat) mumble(conn *Connection) {}
func (c *Chat) Say(ctx context.Context, actor Actor) { c.open(ctx, actor, Lobby, toPost) }
func (c *Chat) Sing(conn *Connection) error { return each(func() error { return c.openJoined(conn) }) }`
	var files []*ast.File
	for _, source := range []string{access, nouns} {
		file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	passed, bypassing := useCases(files[0], files)
	if fmt.Sprint(passed, bypassing) != "[Say Sing] [Shout Whisper Mumble]" {
		t.Errorf("%v pass the gate and %v do not", passed, bypassing)
	}
}

// useCases returns the use cases in the files, in order: those whose body calls open, or one
// of the openJoined, openMessage … of a file that does, and those whose body does not.
func useCases(opening *ast.File, files []*ast.File) (passed, bypassing []string) {
	gates := []string{"open"}
	for _, f := range functions(opening) {
		if strings.HasPrefix(f.Name.Name, "open") && callsAny(f, gates) {
			gates = append(gates, f.Name.Name)
		}
	}
	for _, file := range files {
		for _, f := range functions(file) {
			switch {
			case !f.Name.IsExported() || !hasActor(f):
			case callsAny(f, gates):
				passed = append(passed, f.Name.Name)
			default:
				bypassing = append(bypassing, f.Name.Name)
			}
		}
	}
	return passed, bypassing
}

func functions(file *ast.File) (all []*ast.FuncDecl) {
	for _, declaration := range file.Decls {
		if f, is := declaration.(*ast.FuncDecl); is && f.Body != nil {
			all = append(all, f)
		}
	}
	return all
}

func hasActor(function *ast.FuncDecl) bool {
	for _, parameter := range function.Type.Params.List {
		kind := parameter.Type
		if pointer, is := kind.(*ast.StarExpr); is {
			kind = pointer.X
		}
		if named, is := kind.(*ast.Ident); is && (named.Name == "Actor" || named.Name == "Connection") {
			return true
		}
	}
	return false
}

// callsAny reports whether the body of a function calls a function or method of one of the
// names.
func callsAny(function *ast.FuncDecl, names []string) (calls bool) {
	ast.Inspect(function.Body, func(node ast.Node) bool {
		if call, is := node.(*ast.CallExpr); is {
			switch f := call.Fun.(type) {
			case *ast.Ident:
				calls = calls || slices.Contains(names, f.Name)
			case *ast.SelectorExpr:
				calls = calls || slices.Contains(names, f.Sel.Name)
			}
		}
		return true
	})
	return calls
}
