// Package signin shows and takes the forms with which people sign in and out, claim the server,
// make an account, and manage it. What changes something is POST, and refuses what pages of
// other sites send. The pages work without JavaScript, except for passkeys.
package signin

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/handlers/pages"
	"chatserver/handlers/request"
)

// Server shows and takes the forms.
type Server struct {
	*request.Site
	pages  *pages.Server
	status func(error) int
}

// New returns the forms of a site. status returns the HTTP status of an error.
func New(site *request.Site, pages *pages.Server, status func(error) int) *Server {
	return &Server{site, pages, status}
}

// SignIn takes name and password, and goes on to the path next.
func (s *Server) SignIn(c *fiber.Ctx) error {
	secret, err := s.Accounts.SignIn(context.Background(), s.Client(c), field(c, "name"), field(c, "password"))
	if err != nil {
		v := s.newView(c)
		v.Name = field(c, "name")
		return s.again(c, err, "signin", v)
	}
	return s.enter(c, secret)
}

// SignUp takes name and password, with the invitation of the URL, which is also the link that
// claims the server, or without one. The account has what the browser's guest wrote, and the
// browser becomes another guest.
func (s *Server) SignUp(c *fiber.Ctx) error {
	client := s.Client(c)
	client.GuestName = s.Preferences(c).Get("name")
	secret, err := s.Accounts.SignUp(context.Background(), client, accounts.Registration{
		Name: field(c, "name"), Password: field(c, "password"), Invitation: accounts.Secret(c.Params("secret")),
	})
	if err != nil {
		v := s.signUpView(c)
		v.Name = field(c, "name")
		return s.again(c, err, "signup", v)
	}
	s.RenewGuest(c)
	return s.enter(c, secret)
}

// SignOut ends the browser's session.
func (s *Server) SignOut(c *fiber.Ctx) error {
	if err := s.Accounts.SignOut(context.Background(), s.Actor(c)); err != nil && !errors.Is(err, accounts.ErrNoSession) {
		return err
	}
	s.SetSession(c, "")
	return s.goOn(c)
}

// EndSession ends the session of the URL, one of the account's.
func (s *Server) EndSession(c *fiber.Ctx) error {
	return s.end(c, accounts.SessionFilter{Only: c.Params("id")})
}

// EndOthers ends all sessions of the account except the browser's.
func (s *Server) EndOthers(c *fiber.Ctx) error {
	actor := s.Actor(c)
	if actor.Credential == nil || actor.Credential.Token {
		return accounts.ErrNoSession
	}
	return s.end(c, accounts.SessionFilter{Except: actor.Credential.ID})
}

// EndAll ends all sessions of the account.
func (s *Server) EndAll(c *fiber.Ctx) error { return s.end(c, accounts.SessionFilter{}) }

func (s *Server) end(c *fiber.Ctx, which accounts.SessionFilter) error {
	actor, err := s.account(c)
	if err != nil {
		return err
	}
	which.User = actor.User.ID
	if _, err := s.Accounts.EndSessions(context.Background(), actor, which); err != nil {
		return err
	}
	return s.goOn(c)
}

// SetPassword takes old and password.
func (s *Server) SetPassword(c *fiber.Ctx) error {
	if _, err := s.account(c); err != nil {
		return err
	}
	if err := s.Accounts.SetPassword(context.Background(), s.Client(c), field(c, "old"), field(c, "password")); err != nil {
		return s.accountAgain(c, "access", err)
	}
	return s.goOn(c)
}

// SetProfile takes name, display, status, zone and language.
func (s *Server) SetProfile(c *fiber.Ctx) error {
	actor, err := s.account(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.SetProfile(context.Background(), actor, accounts.Profile{
		Name: field(c, "name"), Display: field(c, "display"), Status: field(c, "status"), Zone: field(c, "zone"), Language: field(c, "language"),
	}); err != nil {
		return s.accountAgain(c, "profile", err)
	}
	return s.goOn(c)
}

// account returns the actor of a request that may manage its account: in a session, or with a
// token that has the scope manage.
func (s *Server) account(c *fiber.Ctx) (chat.Actor, error) {
	actor := s.Actor(c)
	switch {
	case !actor.Role.HasAccount():
		return actor, accounts.ErrNoSession
	case !actor.Credential.Permits(chat.ScopeManage):
		return actor, chat.ErrScope
	}
	return actor, nil
}

// enter gives the browser its session and goes on.
func (s *Server) enter(c *fiber.Ctx, secret accounts.Secret) error {
	s.SetSession(c, secret)
	return s.goOn(c)
}

// goOn redirects to the form's path next, or to the chat.
func (s *Server) goOn(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(s.next(field(c, "next")), fiber.StatusSeeOther)
}

// next returns a path of this chat to which a browser may be sent, or the chat's own.
func (s *Server) next(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(path, s.Base.At("/")) ||
		strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return s.Base.At("/")
	}
	return path
}

// field returns a field of a form as application/x-www-form-urlencoded.
func field(c *fiber.Ctx, name string) string { return string(c.Context().PostArgs().Peek(name)) }
