package accounts

import (
	"context"
	"errors"
	"time"

	"chatserver/accounts/oidc"
	"chatserver/chat"
)

// The errors of signing in and up.
var (
	// ErrWrongPassword: there is no such account, it has no password or another one, or it is
	// disabled. All of these look the same and take the same time.
	ErrWrongPassword = errors.New("name or password is wrong")
	// ErrNoSignUp: the server's setting sign-up does not let the visitor make an account.
	ErrNoSignUp = errors.New("an account here needs an invitation: ask an owner or admin for a link")
	// ErrOnlySSO: accounts are made by signing in at an identity provider.
	ErrOnlySSO = errors.New("this chat makes accounts only for people who sign in with their organization")

	// ErrIDTaken: another account has the id of a new one. Stores return it.
	ErrIDTaken = errors.New("an account has this id")
)

// SignIn checks a name and a password and starts a session. The error is ErrWrongPassword,
// ErrTooManyAttempts, ErrBusy or an *chat.Invalid.
func (a *Accounts) SignIn(ctx context.Context, client Client, name, password string) (Secret, error) {
	account, err := a.checkPassword(ctx, client, name, password)
	if err != nil {
		return "", err
	}
	return a.Begin(ctx, account.User, client, "password")
}

// checkPassword returns the account with a name and a password. Everything that is refused
// costs one hash, as long as attempts are left.
func (a *Accounts) checkPassword(ctx context.Context, client Client, name, password string) (account Account, err error) {
	prepared, err := preparePassword(password)
	if err != nil {
		return Account{}, err
	}
	user, invalidName := chat.NewUser(name, 0, "")
	limits := limitedBy(user.Skeleton(), client.Address)
	if err := a.attempts.begin(limits); err != nil {
		return Account{}, err
	}
	defer func() {
		if !errors.Is(err, ErrWrongPassword) {
			a.attempts.takeBack(limits)
		}
	}()
	account, err = a.store.UserNamed(ctx, user.Skeleton())
	if err != nil && !errors.Is(err, ErrNoUser) {
		return Account{}, err
	}
	ok, outdated, err := a.hasher.verify(ctx, prepared, account.Password)
	if err != nil {
		return Account{}, err
	}
	if !ok || invalidName != nil || !account.Disabled.IsZero() || !sameName(account.Name, user) {
		a.options.Log.Warn("sign-in refused", "address", client.Address, "user", account.ID)
		return Account{}, ErrWrongPassword
	}
	if outdated {
		a.rehash(ctx, account, prepared)
	}
	return account, nil
}

// rehash stores the hash of a password with the parameters of today.
func (a *Accounts) rehash(ctx context.Context, of Account, prepared string) {
	fresh, err := a.hasher.hash(ctx, prepared)
	if err == nil {
		err = a.store.ChangeUser(ctx, of.ID, func(account *Account, _ Grounds) (Effects, error) {
			if account.Password == of.Password { // it was not changed meanwhile
				account.Password = fresh
			}
			return Effects{}, nil
		})
	}
	if err != nil {
		a.options.Log.Warn("could not store a password's new hash", "user", of.ID, "error", err)
	}
}

// SetPassword changes the actor's own password, which needs the old one if there is one, and
// ends the account's other sessions. It needs a session.
func (a *Accounts) SetPassword(ctx context.Context, client Client, old, password string) error {
	session, err := client.session()
	if err != nil {
		return err
	}
	account, err := a.store.User(ctx, client.User.ID)
	if err != nil {
		return err
	}
	if account.Password != "" {
		if _, err := a.checkPassword(ctx, client, account.Name, old); err != nil {
			return err
		}
	}
	return a.setPassword(ctx, client.Actor, account.User, password, session)
}

// ResetPassword gives an account that the actor manages another password, and ends all its
// sessions.
func (a *Accounts) ResetPassword(ctx context.Context, by chat.Actor, id, password string) error {
	account, err := a.store.User(ctx, id)
	if err != nil {
		return err
	}
	if !mayManage(by, &account.User) {
		return ErrForbidden
	}
	if by.Role.HasAccount() && id == by.User.ID {
		if err := inSession(by); err != nil {
			return err
		}
	}
	return a.setPassword(ctx, by, account.User, password, "")
}

func (a *Accounts) setPassword(ctx context.Context, by chat.Actor, user User, password, keep string) error {
	hash, err := a.hash(ctx, password, user.Name)
	if err != nil {
		return err
	}
	return a.change(ctx, user.ID, func(account *Account, _ Grounds) (Effects, error) {
		account.Password = hash
		return Effects{
			EndSessions: &SessionFilter{User: user.ID, Except: keep},
			Audit:       []Entry{a.entry(by, "user.password", user.Name, "")},
		}, nil
	})
}

// Registration is what a person enters, or an identity provider says, to make an account.
type Registration struct {
	Name       string
	Password   string         // empty if the person signs in otherwise
	Invitation Secret         // empty without one
	Identity   *oidc.Identity // of a person whom an identity provider knows
	Passkey    *Passkey       // of a person who signs in with it; its UserID becomes the account's id
}

// SignUp makes an account and starts its first session. The account has what the browser's
// guest wrote. The error is ErrInvitation, ErrClaimed, ErrNoSignUp, ErrOnlySSO, ErrNameTaken,
// one of chat.Chat.MayEnter about the name, or an *chat.Invalid.
func (a *Accounts) SignUp(ctx context.Context, client Client, r Registration) (Secret, error) {
	if err := a.maySignUp(ctx, r); err != nil {
		return "", err
	}
	if r.Password == "" && r.Identity == nil && r.Passkey == nil {
		return "", &chat.Invalid{Field: "password", Format: "A password cannot be empty or contain control characters."}
	}
	account, err := a.newAccount(ctx, r.Name, r.Password)
	if err != nil {
		return "", err
	}
	if err := a.checkNewName(ctx, client, account.Name); err != nil {
		return "", err
	}
	if err := a.create(ctx, client, account, r); err != nil {
		return "", err
	}
	user, err := a.Find(ctx, account.Name)
	if err != nil {
		return "", err
	}
	return a.Begin(ctx, user, client, "sign-up")
}

// checkNewName returns an error for a name that is invalid, or that somebody else uses or whose
// account keeps it.
func (a *Accounts) checkNewName(ctx context.Context, client Client, name string) error {
	as, err := chat.NewUser(name, 0, client.GuestKey)
	if err != nil {
		return err
	}
	holders, err := a.store.NameHolders(ctx, []string{as.Skeleton()}, a.now())
	if err == nil && holders[as.Skeleton()] != "" {
		return ErrNameTaken
	}
	return errors.Join(err, a.options.NameInUse(as))
}

// maySignUp returns the error for a registration that the settings or its invitation forbid.
func (a *Accounts) maySignUp(ctx context.Context, r Registration) error {
	var invitation Invitation
	if r.Invitation != "" {
		var err error
		if invitation, err = a.Invitation(ctx, r.Invitation); err != nil {
			return err
		}
	}
	switch setting := a.State().SignUp; {
	case invitation.Claim:
		return nil
	case setting == SignUpSSO && r.Identity == nil:
		return ErrOnlySSO
	case setting == SignUpInvite && r.Invitation == "":
		return ErrNoSignUp
	}
	return nil
}

// create stores a new account under the id of the browser's guest, or under a new one if the
// browser was no guest or another account has that id.
func (a *Accounts) create(ctx context.Context, client Client, account Account, r Registration) error {
	by := client.Actor
	by.User.Name = account.Name
	creation := Creation{Account: account, Invitation: r.Invitation.hash(), At: account.Created, Audit: a.entry(by, "user.sign-up", account.Name, "")}
	creation.Admit = func(account *Account, g Grounds) error { return admit(account, g, creation.At) }
	var err error
	if creation.ID, creation.FormerID, err = a.futureID(ctx, client); err != nil {
		return err
	}
	if p := r.Passkey; p != nil {
		if p.UserID != creation.ID {
			creation.ID, creation.FormerID = p.UserID, ""
		}
		creation.Passkey = p
	}
	if i := r.Identity; i != nil {
		identity := a.identityOf(*i, creation.ID)
		creation.Identity = &identity
		if i.Verified {
			creation.Email, creation.EmailVerified = i.Email, true
		}
	}
	return a.stored(a.store.CreateUser(ctx, creation))
}

// admit gives a new account the role of its invitation, if that is still valid and its maker may
// still give it.
func admit(account *Account, g Grounds, at time.Time) error {
	switch i := g.Invitation; {
	case i == nil:
		return nil
	case i.Claim && g.OtherOwners > 0:
		return ErrClaimed
	case !i.Valid(at):
		return ErrInvitation
	case i.By != "" && (g.Maker == nil || !g.Maker.Disabled.IsZero() || !mayGive(g.Maker.Role, i.Role)):
		return ErrInvitation
	default:
		account.Role = i.Role
		return nil
	}
}
