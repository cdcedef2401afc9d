package request

import (
	"net/netip"
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
	User        chat.User
	Kind        chat.Kind
	Room        string
	History     int
	Address     netip.Addr
	Traceparent string    // the parent of the upgrade's trace
	Began       time.Time // when the request arrived
}

// Actor returns who the connection acts for.
func (v *Visit) Actor() chat.Actor { return chat.GuestAt(v.User, v.Address) }

// NewVisit checks what a person enters, and returns the errors by form field.
func (s *Site) NewVisit(c *fiber.Ctx, name, age, room string) (*Visit, map[string]error) {
	v := &Visit{Address: s.Address(c), Traceparent: strings.Clone(c.Get(headerTraceparent)), Began: c.Context().Time()}
	errs := map[string]error{}
	years, err := chat.ParseAge(strings.Clone(age))
	if err != nil {
		errs["age"] = err
	}
	if v.User, err = chat.NewUser(strings.Clone(name), years, s.guestKey(c)); err != nil {
		errs["name"] = err
	}
	if v.Room, err = chat.ParseRoom(strings.Clone(room)); err != nil {
		errs["room"] = err
	}
	return v, errs
}
