package request

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/chat"
)

// actorKey is the key of a request's identity in its locals.
const actorKey = "actor"

// identity is who sends a request.
type identity struct {
	actor   chat.Actor
	changes int64 // see accounts.Accounts.Recheck
	ended   bool  // it has the cookie of a session that has ended
}

// Authenticate finds out who sends a request, by its token or its session. A token that is
// invalid is refused; a session that has ended makes its browser a stranger.
//
// Credentials of a proxy in front may be in Authorization as well. Only what looks like a token
// of ours is one.
func (s *Site) Authenticate(c *fiber.Ctx) error {
	who := identity{actor: chat.StrangerAt(s.Address(c)), changes: s.Accounts.State().Changes}
	token, err := tokenOf(c)
	if err == nil && token != "" {
		who.actor, err = s.Accounts.AuthenticateToken(context.Background(), token, who.actor)
	} else if session := s.Session(c); err == nil && session != "" {
		who.actor, err = s.Accounts.Authenticate(context.Background(), session, who.actor)
		if errors.Is(err, accounts.ErrNoSession) {
			who.ended, err = true, nil
		}
	}
	if err != nil {
		return err
	}
	c.Locals(actorKey, who)
	return c.Next()
}

func identityOf(c *fiber.Ctx) (who identity, known bool) {
	who, known = c.Locals(actorKey).(identity)
	return who, known
}

// Actor returns who sends a request: an account, or a stranger, because a guest is one only in
// the chat.
func (s *Site) Actor(c *fiber.Ctx) chat.Actor {
	if who, known := identityOf(c); known {
		return who.actor
	}
	return chat.StrangerAt(s.Address(c))
}

// SessionEnded reports whether a browser has the cookie of a session that has ended.
func (s *Site) SessionEnded(c *fiber.Ctx) bool {
	who, _ := identityOf(c)
	return who.ended
}

// tokenOf returns the token in Authorization: as Bearer (RFC 6750), or as the password of Basic
// (RFC 7617). It returns "" if there is none.
func tokenOf(c *fiber.Ctx) (accounts.Secret, error) {
	lines := c.Context().Request.Header.PeekAll(fiber.HeaderAuthorization)
	if len(lines) == 0 {
		return "", nil
	}
	scheme, value, _ := strings.Cut(string(lines[0]), " ")
	value = strings.TrimSpace(value)
	if strings.EqualFold(scheme, "Basic") {
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return "", nil
		}
		_, value, _ = strings.Cut(string(decoded), ":")
	} else if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	token := accounts.Secret(value)
	if !token.IsToken() {
		return "", nil
	}
	if len(lines) > 1 {
		return "", Refuse(fiber.StatusBadRequest, "Send one Authorization header.")
	}
	return token, nil
}

// challenge is the WWW-Authenticate header of 401 (RFC 9110 §11.6.1). It names only Bearer:
// for Basic, browsers would ask for a password themselves.
const challenge = `Bearer realm="chatserver"`

// Challenge adds the challenge to a response with 401.
func Challenge(c *fiber.Ctx) { c.Set(fiber.HeaderWWWAuthenticate, challenge) }

// RequireEntry lets only those read pages who may enter the chat. Its errors lead a browser to
// the sign-in, also where guests may enter and the browser's session has ended.
func (s *Site) RequireEntry(c *fiber.Ctx) error {
	switch {
	case s.Actor(c).Role != chat.Stranger:
		return c.Next()
	case s.SessionEnded(c) && WantsDocument(c):
		return accounts.ErrNoSession
	case s.Accounts.State().Guests != chat.GuestsEverywhere:
		return chat.ErrNoGuests
	}
	return c.Next()
}

// MayEnter returns the error with which a visitor would be refused now.
func (s *Site) MayEnter(v *Visit) error {
	if v.Role == chat.Guest {
		if err := s.Accounts.AdmitGuest(context.Background(), v.User); err != nil {
			return err
		}
	}
	return s.Chat.MayEnter(v.Actor)
}
