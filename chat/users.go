package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"

	"chatserver/names"
)

// MaxName is the maximum length of a canonical name in Unicode code points.
const MaxName = names.MaxLength

// MaxAge is the highest age in years. Ages are whole numbers from 1; 0 means not given.
const MaxAge = 199

// User is somebody who takes part in the chat: a guest, who is a name and the key that the
// guest's browser keeps, or an account.
type User struct {
	Name string // canonical, as shown
	Age  int    // 0 if not given
	Key  string // the guest key; empty if the client sent none
	ID   string // identifies the user in the store: the same for the same name and key; it reveals nothing about the key
	// FormerID is the ID that earlier versions derived from the same name and key, if it
	// differs. Chat.Enter gives messages stored under it the ID. Otherwise it is empty.
	FormerID string
	Kind     UserKind

	nameKey  string // equal for equal names
	skeleton string // equal for names that look alike
}

// NewUser parses a name and returns the guest with that name in its canonical form, see
// names.Parse. The error is an *Invalid with the field "name".
func NewUser(name string, age int, key string) (User, error) {
	canonical, err := names.Parse(name)
	if err != nil {
		return User{}, invalidName(err)
	}
	nameKey, err := names.Key(canonical)
	if err != nil {
		return User{}, invalidName(err)
	}
	user := User{Name: canonical, Age: age, Key: key, ID: guestID(nameKey, key), nameKey: nameKey, skeleton: names.Skeleton(nameKey)}
	if former := names.FormerKey(canonical); former != nameKey {
		user.FormerID = guestID(former, key)
	}
	return user, nil
}

// UserKind tells guests, people with an account and programs apart.
type UserKind uint8

// The kinds of users.
const (
	GuestUser UserKind = iota
	AccountUser
	BotUser
)

// NewAccountUser returns the user of an account, with the id and the former id that the
// account has. The name must be canonical. The error is an *Invalid with the field "name".
func NewAccountUser(name, id, formerID string, kind UserKind) (User, error) {
	user, err := NewUser(name, 0, "")
	user.ID, user.FormerID, user.Kind = id, formerID, kind
	return user, err
}

// invalidName returns the *Invalid for an error of package names.
func invalidName(err error) error {
	var name *names.Invalid
	if !errors.As(err, &name) {
		return err
	}
	return invalid("name", name.Format, name.Args...)
}

// guestID returns the first half of a SHA-256 in hexadecimal. A name contains no slash, so
// different pairs of name and key never hash the same input.
func guestID(nameKey, key string) string {
	sum := sha256.Sum256([]byte("guest/" + nameKey + "/" + key))
	return hex.EncodeToString(sum[:len(sum)/2])
}

// ParseAge parses an age. The empty string means not given and returns 0. The error is an
// *Invalid with the field "age".
func ParseAge(age string) (int, error) {
	if age == "" {
		return 0, nil
	}
	years, err := strconv.Atoi(age)
	if err != nil || years < 1 || years > MaxAge || age[0] == '+' {
		return 0, invalid("age", "An age is a whole number from 1 to %d.", MaxAge)
	}
	return years, nil
}

// NameKey returns the key of the name, which is equal for equal names.
func (u User) NameKey() string { return u.nameKey }

// Skeleton returns the confusable skeleton of the name, which is equal for names that look
// alike.
func (u User) Skeleton() string { return u.skeleton }

// OfAnotherNode returns a user whose name another node has checked. valid is false if the
// name is none in this version.
func (u User) OfAnotherNode() (user User, valid bool) {
	key, err := names.Key(u.Name)
	u.nameKey = key
	return u, err == nil
}

// Author is the user who makes a change, as messages record it.
type Author struct {
	ID   string // User.ID
	Name string
}

// Author returns the user as the author of a change.
func (u User) Author() Author { return Author{u.ID, u.Name} }

// Wrote reports whether the author of a message with this AuthorID is this author. Nobody
// wrote a message without one.
func (a Author) Wrote(authorID string) bool {
	return authorID != "" && authorID == a.ID
}
