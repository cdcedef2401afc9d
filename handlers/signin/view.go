package signin

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/accounts/passkeys"
	"chatserver/chat"
	"chatserver/handlers/pages"
	"chatserver/handlers/request"
)

// view holds the values that the pages of accounts render.
type view struct {
	pages.Frame
	Host      string
	Next      string   // path to show after the form
	Error     string   // what is wrong with the form that was sent
	Said      string   // what the form did
	Providers []button // identity providers to sign in with
	Passkeys  bool     // whether browsers have passkeys at this address
	Guests    bool     // whether guests may enter
	Open      bool     // whether everyone may sign up
	Name      string   // in the form

	// Signing up.
	Claim  bool   // becomes the owner
	Action string // path of the form
	Secret string // of the invitation
	Flow   string // of an identity that has no account yet
	To     string // URL at a provider to go on to

	// The account.
	Section    string // profile, access, devices or tokens
	Me         accounts.Account
	Session    string // id of this browser's
	Sessions   []accounts.Session
	Keys       []passkey
	Identities []identity
	Tokens     []accounts.Token
	Codes      []string // recovery codes, shown once
	CodesLeft  int
	Token      string // the secret of a new token, shown once
}

type button struct{ ID, Name string }

// newView returns what all pages of accounts show. None of them may be kept by a cache.
func (s *Server) newView(c *fiber.Ctx) *view {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Vary(fiber.HeaderCookie)
	state := s.Accounts.State()
	v := &view{Frame: s.pages.NewFrame(c), Host: s.Host(c), Next: s.next(field(c, "next")), Guests: state.Guests == chat.GuestsEverywhere, Open: state.SignUp == accounts.SignUpOpen}
	if next := c.Query("next"); v.Next == s.Base.At("/") && next != "" {
		v.Next = s.next(next)
	}
	_, err := s.passkeySite(c)
	v.Passkeys, v.Module = err == nil, "account"
	for _, p := range s.Accounts.Providers() {
		v.Providers = append(v.Providers, button{p.ID(), p.Name()})
	}
	return v
}

// passkeySite returns the site to which passkeys belong at the address of a request. The host
// is one that CheckHost has let through, or that of --base-url.
func (s *Server) passkeySite(c *fiber.Ctx) (*passkeys.Site, error) {
	return passkeys.NewSite(s.Scheme(c)+"://"+s.Host(c), s.Host(c))
}

// sentence returns an error for people, or passes on one that is not theirs to mend.
func (s *Server) sentence(c *fiber.Ctx, err error) (string, error) {
	if s.status(err) >= fiber.StatusInternalServerError && !errors.Is(err, accounts.ErrBusy) {
		return "", err
	}
	for _, known := range spoken {
		if errors.Is(err, known) {
			err = known // without what the layers in between add
			break
		}
	}
	return request.LocalizeForPage(s.pages.Locale(c), err), nil
}

// spoken are the errors whose text is for people.
var spoken = []error{
	accounts.ErrWrongPassword, accounts.ErrTooManyAttempts, accounts.ErrBusy, accounts.ErrNoSignUp, accounts.ErrOnlySSO, accounts.ErrNameTaken,
	accounts.ErrInvitation, accounts.ErrClaimed, accounts.ErrFlow, accounts.ErrDisabled, accounts.ErrNoProvider, accounts.ErrNoIdentity,
	accounts.ErrIdentityTaken, accounts.ErrLastWayIn, accounts.ErrNoPasskey, accounts.ErrPasskeyTaken, accounts.ErrWrongCode, accounts.ErrForbidden, accounts.ErrNoToken, passkeys.ErrRefused,
}

// show renders a page. Pages cost CPU, so addresses take turns: see RunFairly.
func (s *Server) show(c *fiber.Ctx, name string, v *view) error {
	return s.RunFairly(c, func() error { return c.Render(name, v, "layout") })
}

// again shows a form again with what is wrong, to a browser; a program gets the error.
func (s *Server) again(c *fiber.Ctx, failed error, name string, v *view) error {
	if !request.WantsDocument(c) {
		return failed
	}
	text, err := s.sentence(c, failed)
	if err != nil {
		return err
	}
	v.Error = text
	c.Status(s.status(failed))
	return s.show(c, name, v)
}

// Ask shows the sign-in in the place of a page that needs one, with the reason.
func (s *Server) Ask(c *fiber.Ctx, reason string) error {
	v := s.newView(c)
	v.Said = reason
	if c.Method() == fiber.MethodGet {
		v.Next = s.next(string(c.Context().URI().RequestURI()))
	}
	return s.show(c, "signin", v)
}

// SignInPage shows the form to sign in. Somebody who is signed in goes on.
func (s *Server) SignInPage(c *fiber.Ctx) error {
	v := s.newView(c)
	if s.Actor(c).Role.HasAccount() {
		return c.Redirect(v.Next, fiber.StatusSeeOther)
	}
	return s.show(c, "signin", v)
}

// RecoveryPage shows the form for a recovery code.
func (s *Server) RecoveryPage(c *fiber.Ctx) error { return s.show(c, "recovery", s.newView(c)) }

// SignUpPage shows the form to make an account: with the invitation of the URL, with the link
// that claims the server, with an identity that has no account yet, or without either.
func (s *Server) SignUpPage(c *fiber.Ctx) error {
	v := s.signUpView(c)
	if v.Secret == "" && v.Flow == "" && !v.Open {
		return s.again(c, accounts.ErrNoSignUp, "signin", v)
	}
	if v.Secret != "" {
		invitation, err := s.Accounts.Invitation(context.Background(), accounts.Secret(v.Secret))
		if err != nil {
			return err
		}
		v.Claim = invitation.Claim
	}
	return s.show(c, "signup", v)
}

func (s *Server) signUpView(c *fiber.Ctx) *view {
	v := s.newView(c)
	v.Secret, v.Flow, v.Name = strings.Clone(c.Params("secret")), c.Query("flow"), c.Query("name")
	v.Action = s.Base.At("/sign-up")
	if v.Secret != "" {
		v.Action += "/" + v.Secret
	}
	if v.Name == "" {
		v.Name = s.Preferences(c).Get("name")
	}
	return v
}
