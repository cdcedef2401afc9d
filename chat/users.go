package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// MaxName is how many characters (Unicode code points) a name has at most,
// after it was brought into its canonical form.
const MaxName = 32

// maxNameBytes is how many bytes of a name are looked at at all: no name of
// MaxName characters needs more.
const maxNameBytes = 512

// Age is a whole number of years from 1 to MaxAge; 0 is an age not given.
const MaxAge = 199

// User is who speaks: a guest with a name, and the key that its browser keeps.
type User struct {
	Name string // canonical, as it is shown
	Age  int    // 0 when not given
	Key  string // the guest's key; empty for a user that sent none
	ID   string // who it is in the store: the same for the same name and key, and nothing of the key can be read from it
	// FormerID is the ID that earlier versions gave the same name and key, where it was
	// another one: what is stored under it is the user's, too. Empty where it is the same.
	FormerID string

	nameKey  string // the same for the same name
	skeleton string // the same for names that look alike
}

// NewUser checks a name and makes the guest that bears it. The name becomes
// the canonical form of the PRECIS Nickname profile (RFC 8266): blanks at the
// ends go, blanks between words become one, compatible characters become one.
//
// The error is an *Invalid of the field "name".
func NewUser(name string, age int, key string) (User, error) {
	canonical, err := ParseName(name)
	if err != nil {
		return User{}, err
	}
	nameKey, err := nameKey(canonical)
	if err != nil {
		return User{}, err
	}
	user := User{Name: canonical, Age: age, Key: key, ID: guestID(nameKey, key), nameKey: nameKey, skeleton: confusableSkeleton(nameKey)}
	if former := formerNameKey(canonical); former != nameKey {
		user.FormerID = guestID(former, key)
	}
	return user, nil
}

// wrote reports whether the user is the author of a message, by its AuthorID.
func (u User) wrote(authorID string) bool {
	return authorID == u.ID || u.FormerID != "" && authorID == u.FormerID
}

// guestID is the first half of a SHA-256, in hexadecimal digits. A name has no
// slash, so no two guests run together.
func guestID(nameKey, key string) string {
	sum := sha256.Sum256([]byte("guest/" + nameKey + "/" + key))
	return hex.EncodeToString(sum[:len(sum)/2])
}

// ParseName returns the canonical form of a name, or an *Invalid that says
// what is wrong with it.
func ParseName(name string) (string, error) {
	if strings.TrimSpace(name) == "" {
		return "", invalid("name", "Enter a name.")
	}
	if !utf8.ValidString(name) {
		return "", invalid("name", "A name must be valid UTF-8 text.")
	}
	if len(name) > maxNameBytes {
		return "", invalid("name", "A name has at most %d characters.", MaxName)
	}
	canonical, err := precis.Nickname.String(name)
	if err != nil {
		return "", invalid("name", "A name cannot contain control characters, invisible characters or characters that change the direction of writing.")
	}
	if strings.IndexFunc(canonical, isVisible) < 0 {
		return "", invalid("name", "A name must contain at least one visible character.")
	}
	if err := checkCharacters(canonical); err != nil {
		return "", err
	}
	if strings.ContainsAny(canonical, `:/\`) {
		return "", invalid("name", `A name cannot contain the characters : / or \.`)
	}
	if n := utf8.RuneCountInString(canonical); n > MaxName {
		return "", invalid("name", "A name has at most %d characters; this one has %d.", MaxName, n)
	}
	return canonical, nil
}

// isVisible reports whether a character shows something by itself: an accent needs a
// letter to sit on.
func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsMark(r) && !unicode.IsSpace(r) }

// ParseAge reads an age. Empty is an age not given and becomes 0.
// The error is an *Invalid of the field "age".
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
