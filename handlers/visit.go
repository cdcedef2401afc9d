package handlers

import (
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
)

// headerTraceparent is defined by W3C Trace Context.
const headerTraceparent = "traceparent"

// visit is a checked request to open a connection. Its strings are copies and outlive the
// request.
type visit struct {
	user        chat.User
	kind        chat.Kind
	room        string
	history     int
	address     netip.Addr
	traceparent string    // the parent of the upgrade's trace
	began       time.Time // when the request arrived
}

// actor returns who the connection acts for.
func (v *visit) actor() chat.Actor { return chat.GuestAt(v.user, v.address) }

// newVisit checks what a person enters, and returns the errors by form field.
func (s *site) newVisit(c *fiber.Ctx, name, age, room string) (*visit, map[string]error) {
	v := &visit{address: s.address(c), traceparent: strings.Clone(c.Get(headerTraceparent)), began: c.Context().Time()}
	errs := map[string]error{}
	years, err := chat.ParseAge(strings.Clone(age))
	if err != nil {
		errs["age"] = err
	}
	if v.user, err = chat.NewUser(strings.Clone(name), years, s.guestKey(c)); err != nil {
		errs["name"] = err
	}
	if v.room, err = chat.ParseRoom(strings.Clone(room)); err != nil {
		errs["room"] = err
	}
	return v, errs
}
