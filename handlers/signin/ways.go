package signin

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/accounts/oidc"
	"chatserver/handlers/request"
)

// Recover takes a name and a recovery code.
func (s *Server) Recover(c *fiber.Ctx) error {
	secret, err := s.Accounts.SignInRecovery(context.Background(), s.Client(c), field(c, "name"), field(c, "code"))
	if err != nil {
		v := s.newView(c)
		v.Name = field(c, "name")
		return s.again(c, err, "recovery", v)
	}
	return s.enter(c, secret)
}

// BeginPasskey answers a script with what a browser needs to sign in with a passkey.
func (s *Server) BeginPasskey(c *fiber.Ctx) error {
	site, err := s.passkeySite(c)
	if err != nil {
		return refuseAddress(err)
	}
	ceremony, err := s.Accounts.BeginPasskeySignIn(context.Background(), s.BeginFlow(c), site)
	return answerCeremony(c, ceremony, err)
}

// BeginNewPasskey answers a script with what a browser needs to make the passkey of a new
// account.
func (s *Server) BeginNewPasskey(c *fiber.Ctx) error {
	site, err := s.passkeySite(c)
	if err != nil {
		return refuseAddress(err)
	}
	client := s.BeginFlow(c)
	client.GuestName = s.Preferences(c).Get("name") // the passkey is made for the id that the account will have
	ceremony, err := s.Accounts.BeginPasskeySignUp(context.Background(), client, site, field(c, "name"), accounts.Secret(c.Params("secret")))
	return answerCeremony(c, ceremony, err)
}

// BeginAnotherPasskey answers a script with what a browser needs to make a passkey for the
// account that is signed in.
func (s *Server) BeginAnotherPasskey(c *fiber.Ctx) error {
	site, err := s.passkeySite(c)
	if err != nil {
		return refuseAddress(err)
	}
	ceremony, err := s.Accounts.BeginPasskey(context.Background(), s.BeginFlow(c), site)
	return answerCeremony(c, ceremony, err)
}

func refuseAddress(err error) error { return request.Refuse(fiber.StatusConflict, err.Error()) }

// answerCeremony answers with the id of a ceremony and the options for navigator.credentials.
func answerCeremony(c *fiber.Ctx, ceremony accounts.Ceremony, err error) error {
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.SendString(`{"id":"` + ceremony.ID + `","options":` + string(ceremony.Options) + `}`)
}

// FinishPasskey takes the passkey that answered: the fields id and credential.
func (s *Server) FinishPasskey(c *fiber.Ctx) error {
	site, err := s.passkeySite(c)
	if err != nil {
		return refuseAddress(err)
	}
	secret, err := s.Accounts.FinishPasskeySignIn(context.Background(), s.Client(c), site, field(c, "id"), []byte(field(c, "credential")))
	if err != nil {
		return s.again(c, err, "signin", s.newView(c))
	}
	return s.enter(c, secret)
}

// FinishNewPasskey takes the passkey of a new account, and shows its recovery codes.
func (s *Server) FinishNewPasskey(c *fiber.Ctx) error {
	site, err := s.passkeySite(c)
	if err != nil {
		return refuseAddress(err)
	}
	client := s.Client(c)
	client.GuestName = s.Preferences(c).Get("name")
	secret, err := s.Accounts.SignUpPasskey(context.Background(), client, site, field(c, "id"), []byte(field(c, "credential")), accounts.Secret(c.Params("secret")))
	if err != nil {
		return s.again(c, err, "signup", s.signUpView(c))
	}
	s.RenewGuest(c)
	s.SetSession(c, secret)
	actor, err := s.Accounts.Authenticate(context.Background(), secret, s.Actor(c))
	if err != nil {
		return err
	}
	v := s.newView(c)
	if v.Codes, err = s.Accounts.NewRecoveryCodes(context.Background(), actor); err != nil {
		return err
	}
	return s.show(c, "codes", v)
}

// callback returns the URL to which a provider sends the browser back.
func (s *Server) callback(c *fiber.Ctx, provider string) string {
	return s.Scheme(c) + "://" + s.Host(c) + s.Base.At("/sign-in/with/"+provider+"/callback")
}

// GoToProvider sends the browser to an identity provider. It answers with a page that goes on by
// itself: the policy form-action would stop a form that is redirected to another site.
func (s *Server) GoToProvider(c *fiber.Ctx) error {
	id, v := c.Params("provider"), s.newView(c)
	to, err := s.Accounts.BeginProvider(context.Background(), s.BeginFlow(c), accounts.Errand{
		Provider: id, Redirect: s.callback(c, id), Next: v.Next, Invitation: accounts.Secret(field(c, "invitation")), Link: field(c, "link") != "",
	})
	if err != nil {
		return s.failed(c, err, v)
	}
	v.To = to
	return s.show(c, "continue", v)
}

// FormBack takes the answer of a provider that sends a form from its own site (Apple). A browser
// adds no SameSite cookies to it, so it comes once more, from a page of ours.
func (s *Server) FormBack(c *fiber.Ctx) error {
	answer := url.Values{}
	for _, name := range []string{"state", "code", "iss", "error", "error_description", "user"} {
		if value := field(c, name); value != "" {
			answer.Set(name, value)
		}
	}
	v := s.newView(c)
	v.To = s.Base.At("/sign-in/with/"+url.PathEscape(c.Params("provider"))+"/callback") + "?" + answer.Encode()
	return s.show(c, "continue", v)
}

// BackFromProvider takes the answer of an identity provider.
func (s *Server) BackFromProvider(c *fiber.Ctx) error {
	answer, err := url.ParseQuery(c.Context().QueryArgs().String())
	if err != nil {
		return request.Refuse(fiber.StatusBadRequest, accounts.ErrFlow.Error())
	}
	v := s.newView(c)
	arrival, err := s.Accounts.FinishProvider(context.Background(), s.Client(c), c.Params("provider"), answer)
	if arrival.Next != "" {
		v.Next = s.next(arrival.Next)
	}
	switch {
	case err != nil:
		return s.failed(c, err, v)
	case arrival.SignUp != "":
		v.Flow, v.Name, v.Action = arrival.SignUp, arrival.Name, s.Base.At("/sign-up-with")
		return s.show(c, "signup", v)
	case arrival.Session != "":
		s.SetSession(c, arrival.Session)
	}
	// From our own page, so that cookies that were just set are sent.
	v.To = v.Next
	return s.show(c, "continue", v)
}

// SignUpWith takes the name of an account for the identity of the field flow.
func (s *Server) SignUpWith(c *fiber.Ctx) error {
	client := s.Client(c)
	client.GuestName = s.Preferences(c).Get("name")
	arrival, err := s.Accounts.SignUpIdentity(context.Background(), client, field(c, "flow"), field(c, "name"))
	v := s.newView(c)
	if err != nil {
		v.Flow, v.Name, v.Action = arrival.SignUp, field(c, "name"), s.Base.At("/sign-up-with")
		if v.Flow == "" {
			return s.again(c, err, "signin", v)
		}
		return s.again(c, err, "signup", v)
	}
	s.RenewGuest(c)
	s.SetSession(c, arrival.Session)
	return c.Redirect(s.next(arrival.Next), fiber.StatusSeeOther)
}

// failed shows the sign-in, or the account that was to be linked, with what went wrong at a
// provider. What the operator needs stands in the log.
func (s *Server) failed(c *fiber.Ctx, err error, v *view) error {
	var refusal *oidc.Refusal
	if errors.As(err, &refusal) {
		s.Reporter.Log.Warn("sign-in with a provider failed", "provider", strings.Clone(c.Params("provider")), "code", string(refusal.Code), "error", err)
		err = providerErrors[refusal.Code]
	}
	if s.Actor(c).Role.HasAccount() {
		return s.accountAgain(c, "access", err)
	}
	return s.again(c, err, "signin", v)
}

// Sentences returns the errors whose text is for people.
func Sentences() []error {
	all := slices.Clone(spoken)
	for _, err := range providerErrors {
		all = append(all, err)
	}
	return all
}

// providerErrors are what people see of the errors of a provider.
var providerErrors = map[oidc.Code]error{
	oidc.Cancelled:   request.Refuse(fiber.StatusForbidden, "You did not sign in with the provider. Try again, or sign in another way."),
	oidc.Unavailable: request.Refuse(fiber.StatusBadGateway, "The sign-in provider does not answer, or is set up wrongly. Try again in a minute, or tell your admin."),
	oidc.Expired:     request.Refuse(fiber.StatusForbidden, "This took too long, or was used already. Begin again."),
	oidc.Untrusted:   request.Refuse(fiber.StatusForbidden, "The answer of the sign-in provider could not be verified. Tell your admin: the log says why."),
	oidc.NotAllowed:  request.Refuse(fiber.StatusForbidden, "Your account at the provider may not join this chat. Ask an owner or admin."),
}
