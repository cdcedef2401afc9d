package accounts_test

import (
	"testing"

	"chatserver/accounts"
	"chatserver/chat"
)

// withToken returns a client that uses a token of an account with every scope.
func (h *house) withToken(of accounts.Client) accounts.Client {
	h.t.Helper()
	secret, err := h.CreateToken(ctx, of.Actor, accounts.Token{UserID: of.User.ID, Scopes: chat.AllScopes})
	if err != nil {
		h.t.Fatal(err)
	}
	client := browser()
	if client.Actor, err = h.AuthenticateToken(ctx, secret, client.Actor); err != nil {
		h.t.Fatal(err)
	}
	return client
}

// Whoever has a token gains no way in that would outlive its revocation, and takes none away.
func TestATokenDoesNotChangeHowPeopleSignIn(t *testing.T) {
	h := newHouse(t, nil)
	ann, key := h.newcomer("Ann") // she has no password
	h.is("7", "", false)
	if _, err := h.arrive(ann, accounts.Errand{Link: true}); err != nil {
		t.Fatal(err)
	}
	wants(t, h.SetRole(ctx, chat.Actor{Role: chat.System}, ann.User.ID, chat.Owner), nil)
	ann = h.in(ann, ann.Session, nil)
	token := h.withToken(ann)

	_, err := h.NewRecoveryCodes(ctx, token.Actor)
	wants(t, err, chat.ErrScope)
	wants(t, h.SetPassword(ctx, token, "", "correct horse"), chat.ErrScope)
	wants(t, h.ResetPassword(ctx, token.Actor, ann.User.ID, "correct horse"), chat.ErrScope)
	_, err = h.BeginPasskey(ctx, token, h.site)
	wants(t, err, chat.ErrScope)
	wants(t, h.RenamePasskey(ctx, token.Actor, key.ID, "Mine"), chat.ErrScope)
	wants(t, h.RemovePasskey(ctx, token.Actor, key.ID), chat.ErrScope)
	_, err = h.BeginProvider(ctx, token, accounts.Errand{Provider: "harbour", Link: true})
	wants(t, err, chat.ErrScope)
	wants(t, h.Unlink(ctx, token.Actor, h.idp.URL, "7"), chat.ErrScope)

	// Her session may do all of it.
	_, err = h.NewRecoveryCodes(ctx, ann.Actor)
	wants(t, err, nil)
	wants(t, h.SetPassword(ctx, ann, "", "correct horse"), nil)
	wants(t, h.RenamePasskey(ctx, ann.Actor, key.ID, "Mine"), nil)
	wants(t, h.RemovePasskey(ctx, ann.Actor, key.ID), nil)
	wants(t, h.Unlink(ctx, ann.Actor, h.idp.URL, "7"), nil)
}

// A token that is limited to a room or a time could otherwise make one that is not.
func TestATokenMakesNoToken(t *testing.T) {
	h := newHouse(t, nil)
	ann, _ := h.newcomer("Ann")
	token := h.withToken(ann)
	_, err := h.CreateToken(ctx, token.Actor, accounts.Token{UserID: ann.User.ID, Scopes: chat.ScopeRead})
	wants(t, err, chat.ErrScope)
	if all, err := h.Tokens(ctx, ann.Actor, ann.User.ID); err != nil || len(all) != 1 {
		t.Errorf("the tokens are %+v, %v", all, err)
	}
}
