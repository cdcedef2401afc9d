package request

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
)

// headerTraceparent is defined by W3C Trace Context.
const headerTraceparent = "traceparent"

// Visit is a checked request to open a connection. Its strings are copies and outlive the
// request.
type Visit struct {
	chat.Actor        // who the connection acts for
	Changes     int64 // see accounts.Accounts.Recheck
	Kind        chat.Kind
	Room        string
	History     int
	Traceparent string    // the parent of the upgrade's trace
	Began       time.Time // when the request arrived
}

// NewVisit checks what a person enters, and returns the errors by form field. A request with a
// session or token enters as its account; all others are guests.
func (s *Site) NewVisit(c *fiber.Ctx, name, age, room string) (*Visit, map[string]error) {
	who, _ := identityOf(c)
	v := &Visit{Actor: chat.GuestAt(chat.User{}, s.Address(c)), Changes: who.changes, Traceparent: strings.Clone(c.Get(headerTraceparent)), Began: c.Context().Time()}
	errs := map[string]error{}
	years, err := chat.ParseAge(strings.Clone(age))
	if err != nil {
		errs["age"] = err
	}
	if v.User, err = chat.NewUser(strings.Clone(name), years, s.guestKey(c)); err != nil {
		errs["name"] = err
	} else if own := who.actor.User; who.actor.Role.HasAccount() {
		if v.User.NameKey() != own.NameKey() {
			errs["name"] = chat.ErrOtherAccount
		}
		own.Age = years
		v.Actor, v.User = who.actor, own
	}
	if v.Room, err = chat.ParseRoom(strings.Clone(room)); err != nil {
		errs["room"] = err
	}
	return v, errs
}
