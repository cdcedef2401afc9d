package chat

import (
	"slices"
	"strings"
	"time"
)

// Credential is what a request proved its account with: a session of a browser, or a token of
// a program. Package accounts makes it; nobody may change one.
type Credential struct {
	ID      string    // of the session or token
	Token   bool      // whether it is a token
	Scopes  Scopes    // what it permits
	Rooms   []string  // ids or addresses of the rooms that it reaches; nil = all that its account does
	Expires time.Time // zero = never
}

// Reaches reports whether the credential, or the lack of one, reaches a room.
func (c *Credential) Reaches(room *RoomInfo) bool {
	return c == nil || c.Rooms == nil || slices.Contains(c.Rooms, room.ID) || slices.Contains(c.Rooms, room.Address)
}

// Permits reports whether the credential, or the lack of one, permits what needs these scopes.
func (c *Credential) Permits(needed Scopes) bool {
	return c == nil || c.Scopes&needed == needed
}

// Scopes are a set of rights that a token has. A token never gives more rights than its
// account has.
type Scopes uint8

// The scopes of tokens.
const (
	ScopeRead   Scopes = 1 << iota // list, join and read rooms
	ScopeWrite                     // send messages, and change one's own
	ScopeManage                    // manage what the account may manage: rooms, others' messages, people and settings
	// AllScopes are those of a session.
	AllScopes = ScopeRead | ScopeWrite | ScopeManage
)

// scopeNames are the names of the scopes, in order.
var scopeNames = []string{"read", "write", "manage"}

// String returns the names, separated by commas.
func (s Scopes) String() string {
	var names []string
	for i, name := range scopeNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// ParseScopes parses names that are separated by commas or spaces. The error is an *Invalid
// with the field "scopes".
func ParseScopes(text string) (scopes Scopes, err error) {
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		i := slices.Index(scopeNames, name)
		if i < 0 {
			return 0, invalid("scopes", "%q is not a scope: use %s.", name, AllScopes.String())
		}
		scopes |= 1 << i
	}
	if scopes == 0 {
		return 0, invalid("scopes", "Name at least one scope of %s.", AllScopes.String())
	}
	return scopes, nil
}
