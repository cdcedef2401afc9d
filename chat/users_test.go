package chat

import (
	"errors"
	"strings"
	"testing"

	"chatserver/names"
)

func newTestUser(t *testing.T, name, key string) User {
	t.Helper()
	user, err := NewUser(name, 0, key)
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	return user
}

func TestAges(t *testing.T) {
	for text, want := range map[string]int{"": 0, "1": 1, "25": 25, "199": 199, "007": 7} {
		if got, err := ParseAge(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "-1", "+5", "200", "abc", "1.5", " 5", "5 ", "٥", "99999999999999999999", "1e2"} {
		var invalid *Invalid
		if got, err := ParseAge(text); !errors.As(err, &invalid) || invalid.Field != "age" {
			t.Errorf("%q is accepted as %d or has no reason: %v", text, got, err)
		}
	}
}

// An invalid name is refused with the name of the form's field, which shows the reason.
// Spellings of one name are one user.
func TestAUserNeedsAValidName(t *testing.T) {
	var refused *Invalid
	if _, err := NewUser("a/b", 0, "k"); !errors.As(err, &refused) || refused.Field != "name" || refused.Error() != `A name cannot contain the characters : / or \.` {
		t.Errorf("a name with a slash: %v", err)
	}
	if _, err := NewUser(strings.Repeat("a", 40), 0, "k"); !errors.As(err, &refused) || refused.Error() != "A name has at most 32 characters; this one has 40." {
		t.Errorf("a long name: %v", err)
	}
	if ann, same := newTestUser(t, "ANN LEE", "k"), newTestUser(t, " ann  lee ", "k"); ann.ID != same.ID || ann.nameKey != same.nameKey || ann.skeleton != same.skeleton {
		t.Errorf("%v is not %v", ann, same)
	}
	if ann, li := newTestUser(t, "Ann Lee", "k"), newTestUser(t, "Ann Li", "k"); ann.ID == li.ID || ann.nameKey == li.nameKey {
		t.Errorf("%v is %v", ann, li)
	}
}

// TestPeopleAreKnownByTheirFormerID uses the id that earlier versions derived from a name.
func TestPeopleAreKnownByTheirFormerID(t *testing.T) {
	for name, changed := range map[string]bool{"Ὀδυσσεύς": true, "Strauß": true, "İpek": true, "Ann": false, "Zoë": false} {
		user := newTestUser(t, name, "k")
		former := ""
		if changed {
			former = guestID(names.FormerKey(name), "k")
		}
		if user.FormerID != former || user.ID == former {
			t.Errorf("%s has the ids %q and %q; it was %q", name, user.ID, user.FormerID, former)
		}
		if author := user.Author(); !author.Wrote(user.ID) || author.Wrote("") || author.Wrote(newTestUser(t, name, "another").ID) {
			t.Errorf("%s wrote other users' messages, or not the own ones", name)
		}
	}
}
