package signin

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/accounts/oidc"
	"chatserver/chat"
	"chatserver/handlers/request"
)

// sections are the pages of an account, by the last part of their path.
var sections = []string{"profile", "access", "devices", "tokens"}

type passkey struct {
	accounts.Passkey
	Handle string // id for forms
}

type identity struct {
	accounts.Identity
	Provider string // name of the provider; its issuer if it is not set up any more
}

// AccountPage shows a section of the account that is signed in.
func (s *Server) AccountPage(c *fiber.Ctx) error {
	section := c.Params("section", sections[0])
	if !slices.Contains(sections, section) {
		return fiber.ErrNotFound
	}
	v, err := s.accountView(c, section)
	if err != nil {
		return err
	}
	return s.show(c, "account", v)
}

// accountAgain shows a section with what is wrong with a form.
func (s *Server) accountAgain(c *fiber.Ctx, section string, failed error) error {
	if !request.WantsDocument(c) {
		return failed
	}
	v, err := s.accountView(c, section)
	if err != nil {
		return err
	}
	return s.again(c, failed, "account", v)
}

func (s *Server) accountView(c *fiber.Ctx, section string) (*view, error) {
	actor := s.Actor(c)
	if !actor.Role.HasAccount() || actor.Credential.Token {
		return nil, accounts.ErrNoSession
	}
	v, ctx := s.newView(c), context.Background()
	v.Section, v.Session = section, actor.Credential.ID
	v.Next = s.Base.At("/account/" + section)
	var err error
	if v.Me, err = s.Accounts.Account(ctx, actor.User.ID); err != nil {
		return nil, err
	}
	switch section {
	case "access":
		err = s.addAccess(ctx, v, actor)
	case "devices":
		v.Sessions, err = s.Accounts.Sessions(ctx, actor, actor.User.ID)
	case "tokens":
		v.Tokens, err = s.Accounts.Tokens(ctx, actor, actor.User.ID)
	}
	return v, err
}

// addAccess adds the ways to sign in to an account.
func (s *Server) addAccess(ctx context.Context, v *view, actor chat.Actor) error {
	keys, err := s.Accounts.Passkeys(ctx, actor)
	if err != nil {
		return err
	}
	for _, k := range keys {
		v.Keys = append(v.Keys, passkey{k, base64.RawURLEncoding.EncodeToString(k.ID)})
	}
	identities, err := s.Accounts.Identities(ctx, actor)
	if err != nil {
		return err
	}
	for _, i := range identities {
		name := i.Issuer
		if at := slices.IndexFunc(s.Accounts.Providers(), func(p *oidc.Provider) bool { return p.Issuer() == i.Issuer }); at >= 0 {
			name = s.Accounts.Providers()[at].Name()
		}
		v.Identities = append(v.Identities, identity{i, name})
	}
	v.CodesLeft, err = s.Accounts.RecoveryCodes(ctx, actor)
	return err
}

// AddPasskey takes another passkey of the account: the fields id and credential. With the first
// one come recovery codes.
func (s *Server) AddPasskey(c *fiber.Ctx) error {
	site, err := s.passkeySite(c)
	if err != nil {
		return refuseAddress(err)
	}
	if err := s.Accounts.FinishPasskey(context.Background(), s.Client(c), site, field(c, "id"), []byte(field(c, "credential"))); err != nil {
		return s.accountAgain(c, "access", err)
	}
	if left, err := s.Accounts.RecoveryCodes(context.Background(), s.Actor(c)); err == nil && left == 0 {
		return s.RenewCodes(c)
	}
	return s.goOn(c)
}

// RenamePasskey takes the fields passkey and name.
func (s *Server) RenamePasskey(c *fiber.Ctx) error {
	return s.changePasskey(c, func(actor chat.Actor, id []byte) error {
		return s.Accounts.RenamePasskey(context.Background(), actor, id, field(c, "name"))
	})
}

// RemovePasskey takes the field passkey.
func (s *Server) RemovePasskey(c *fiber.Ctx) error {
	return s.changePasskey(c, func(actor chat.Actor, id []byte) error {
		return s.Accounts.RemovePasskey(context.Background(), actor, id)
	})
}

func (s *Server) changePasskey(c *fiber.Ctx, change func(chat.Actor, []byte) error) error {
	actor, err := s.account(c)
	if err != nil {
		return err
	}
	id, err := base64.RawURLEncoding.DecodeString(field(c, "passkey"))
	if err != nil {
		err = accounts.ErrNoPasskey
	} else {
		err = change(actor, id)
	}
	if err != nil {
		return s.accountAgain(c, "access", err)
	}
	return s.goOn(c)
}

// RenewCodes replaces the recovery codes, and shows the new ones once.
func (s *Server) RenewCodes(c *fiber.Ctx) error {
	actor, err := s.account(c)
	if err != nil {
		return err
	}
	v := s.newView(c)
	v.Next = s.Base.At("/account/access")
	if v.Codes, err = s.Accounts.NewRecoveryCodes(context.Background(), actor); err != nil {
		return err
	}
	return s.show(c, "codes", v)
}

// Unlink removes an identity: the fields issuer and subject.
func (s *Server) Unlink(c *fiber.Ctx) error {
	actor, err := s.account(c)
	if err == nil {
		err = s.Accounts.Unlink(context.Background(), actor, field(c, "issuer"), field(c, "subject"))
	}
	if err != nil {
		return s.accountAgain(c, "access", err)
	}
	return s.goOn(c)
}

// CreateToken makes a token with the fields scope (several) and days, and shows it once.
func (s *Server) CreateToken(c *fiber.Ctx) error {
	actor, err := s.account(c)
	if err != nil {
		return err
	}
	token := accounts.Token{UserID: actor.User.ID}
	for _, scope := range c.Context().PostArgs().PeekMulti("scope") {
		scopes, err := chat.ParseScopes(string(scope))
		if err != nil {
			return s.accountAgain(c, "tokens", err)
		}
		token.Scopes |= scopes
	}
	if token.Scopes == 0 {
		_, err := chat.ParseScopes("")
		return s.accountAgain(c, "tokens", err)
	}
	if days := map[string]int{"30": 30, "365": 365}[field(c, "days")]; days > 0 {
		token.Expires = time.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	secret, err := s.Accounts.CreateToken(context.Background(), actor, token)
	if err != nil {
		return s.accountAgain(c, "tokens", err)
	}
	v, err := s.accountView(c, "tokens")
	if err != nil {
		return err
	}
	v.Token = string(secret)
	return s.show(c, "account", v)
}

// RevokeToken ends a token of the account: the field token.
func (s *Server) RevokeToken(c *fiber.Ctx) error {
	actor, err := s.account(c)
	if err == nil {
		err = s.Accounts.RevokeToken(context.Background(), actor, field(c, "token"), actor.User.ID)
	}
	if err != nil {
		return s.accountAgain(c, "tokens", err)
	}
	return s.goOn(c)
}
