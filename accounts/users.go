package accounts

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"chatserver/chat"
)

// maxFormerNames is how many former names an account may have reserved, so that nobody keeps
// names from others by taking one after the other.
const maxFormerNames = 5

// KeepFormerName is how long the former name of an account stays reserved for it, so that
// nobody else can pass for it at once.
const KeepFormerName = 30 * 24 * time.Hour

// The limits of a profile in bytes.
const (
	MaxDisplay = 128
	MaxStatus  = 256
)

// The errors of accounts. handlers/errors.go turns them into statuses.
var (
	// ErrNoUser: there is no account with this name or id.
	ErrNoUser = errors.New("there is no account with this name")
	// ErrNameTaken: another account has the name, or one that looks like it, or had it lately.
	ErrNameTaken = errors.New("another account has this name, or one that looks like it: choose another name")
	// ErrForbidden: the actor's role does not permit the change.
	ErrForbidden = errors.New("your account may not do this: ask an owner or admin")
	// ErrLastOwner: the change would leave the server without an owner.
	ErrLastOwner = errors.New("this is the only owner: make another account an owner first")
)

// User is an account as others may see it.
type User struct {
	ID       string    // 32 hexadecimal characters, like the id of a guest; it never changes
	FormerID string    // of the guest who became this account, see chat.User
	Name     string    // canonical, and unique as names.Skeleton sees it
	Display  string    // name to show; empty = Name
	Role     chat.Role // Bot, Member, Admin or Owner
	Owner    string    // of a bot: the id of the account that it belongs to; empty for the operator's
	Status   string    // text
	Zone     string    // time zone, like Europe/Berlin; empty = the browser's
	Language string    // tag; empty = the browser's
	Created  time.Time
	Disabled time.Time // zero unless the account is disabled: it then cannot sign in
}

// Account is a user with what only the user and this package may see.
type Account struct {
	User
	Password      string // PHC string; empty without one
	Email         string
	EmailVerified bool
}

// Chat returns the user as the chat knows it.
func (u *User) Chat() (chat.User, error) {
	kind := chat.AccountUser
	if u.Role == chat.Bot {
		kind = chat.BotUser
	}
	return chat.NewAccountUser(u.Name, u.ID, u.FormerID, kind)
}

// Grounds are what the rules of a change depend on, as of its transaction.
type Grounds struct {
	OtherOwners int         // owners who are not disabled, besides the changed account
	FormerNames int         // reserved for the changed account
	Invitation  *Invitation // that a new account uses; else nil
	Maker       *User       // who made the invitation; nil = the operator
}

// Effects are what a change of an account causes in its transaction.
type Effects struct {
	At          time.Time // of a change of the name
	Audit       []Entry
	EndSessions *SessionFilter // nil = none
	KeepFormer  time.Time      // how long a former name stays reserved; zero = not at all
}

// Creation is a new account on its way into the store.
type Creation struct {
	Account
	Invitation string    // hash of its secret; empty without one
	Identity   *Identity // stored with the account; nil = none
	Passkey    *Passkey  // stored with the account; nil = none
	// Admit checks the account against the grounds, and completes it.
	Admit func(*Account, Grounds) error
	At    time.Time
	Audit Entry
}

// ParseRole returns the role of an account by its name. The error is an *chat.Invalid with the
// field "role".
func ParseRole(name string) (chat.Role, error) {
	for _, role := range []chat.Role{chat.Owner, chat.Admin, chat.Member, chat.Bot} {
		if role.String() == name {
			return role, nil
		}
	}
	return chat.Stranger, &chat.Invalid{Field: "role", Format: "%q is not a role: use %s.", Args: []any{name, "owner, admin, member, bot"}}
}

// newID returns a random id.
func newID() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	return hex.EncodeToString(raw)
}

// Users returns a page of accounts with a name key above after.
func (a *Accounts) Users(ctx context.Context, after string, limit int) ([]User, error) {
	return a.store.Users(ctx, after, limit)
}

// EachUser calls f for every account, by name.
func (a *Accounts) EachUser(ctx context.Context, f func(User) error) error {
	const page = 200
	for after := ""; ; {
		users, err := a.store.Users(ctx, after, page)
		if err != nil {
			return err
		}
		for _, user := range users {
			if err := f(user); err != nil {
				return err
			}
			named, err := user.Chat()
			if err != nil {
				return err
			}
			after = named.NameKey()
		}
		if len(users) < page {
			return nil
		}
	}
}

// Account returns the account with an id, with what only its owner may see.
func (a *Accounts) Account(ctx context.Context, id string) (Account, error) {
	return a.store.User(ctx, id)
}

// Find returns the account with a name. The error is ErrNoUser.
func (a *Accounts) Find(ctx context.Context, name string) (User, error) {
	user, err := chat.NewUser(name, 0, "")
	if err != nil {
		return User{}, ErrNoUser
	}
	account, err := a.store.UserNamed(ctx, user.Skeleton())
	if err == nil && !sameName(account.Name, user) {
		return User{}, ErrNoUser // it only looks like it
	}
	return account.User, err
}

// sameName reports whether a name is that of a user, in upper or lower case.
func sameName(name string, user chat.User) bool {
	named, err := chat.NewUser(name, 0, "")
	return err == nil && named.NameKey() == user.NameKey()
}

// AdmitGuest returns chat.ErrAccountName for a guest whose name is reserved for an account, or
// whose id has become an account's, and chat.ErrNoGuests where guests may not enter.
func (a *Accounts) AdmitGuest(ctx context.Context, user chat.User) error {
	state := a.State()
	if state.Guests != chat.GuestsEverywhere {
		return chat.ErrNoGuests
	}
	if !state.Accounts {
		return nil
	}
	holders, err := a.store.NameHolders(ctx, []string{user.Skeleton()}, a.now())
	if err != nil {
		return err
	}
	if len(holders) > 0 {
		return chat.ErrAccountName
	}
	switch _, err := a.store.User(ctx, user.ID); {
	case err == nil:
		return chat.ErrAccountName
	case errors.Is(err, ErrNoUser):
		return nil
	default:
		return err
	}
}

// Add creates an account for the operator or an admin, with a password, which may be empty.
func (a *Accounts) Add(ctx context.Context, by chat.Actor, name string, role chat.Role, password string) (User, error) {
	if !manages(by, role) {
		return User{}, ErrForbidden
	}
	account, err := a.newAccount(ctx, name, password)
	if err != nil {
		return User{}, err
	}
	account.Role = role
	if role == chat.Bot && by.Role.HasAccount() {
		account.Owner = by.User.ID
	}
	err = a.store.CreateUser(ctx, Creation{
		Account: account, At: account.Created, Admit: func(*Account, Grounds) error { return nil },
		Audit: a.entry(by, "user.add", account.Name, role.String()),
	})
	return account.User, a.stored(err)
}

// newAccount returns an account with a valid name and a hashed password.
func (a *Accounts) newAccount(ctx context.Context, name, password string) (account Account, err error) {
	user, err := chat.NewUser(name, 0, "")
	if err != nil {
		return account, err
	}
	account = Account{User: User{ID: newID(), Name: user.Name, Role: chat.Member, Created: a.now()}}
	if password != "" {
		account.Password, err = a.hash(ctx, password, user.Name)
	}
	return account, err
}

// SetRole gives an account another role. Its sessions go on; its connections close and come
// back with the new role.
func (a *Accounts) SetRole(ctx context.Context, by chat.Actor, id string, role chat.Role) error {
	return a.change(ctx, id, func(account *Account, grounds Grounds) (Effects, error) {
		isBot, becomesBot := account.Role == chat.Bot, role == chat.Bot
		switch {
		case !manages(by, account.Role), !manages(by, role):
			return Effects{}, ErrForbidden
		case isBot != becomesBot:
			return Effects{}, &chat.Invalid{Field: "role", Format: "A person's account cannot become a bot, nor a bot a person's."}
		case account.Role == chat.Owner && role != chat.Owner && grounds.OtherOwners == 0:
			return Effects{}, ErrLastOwner
		}
		before := account.Role
		account.Role = role
		return Effects{Audit: []Entry{a.entry(by, "user.role", account.Name, before.String()+" → "+role.String())}}, nil
	})
}

// SetDisabled disables an account, which ends its sessions and its use of tokens, or enables it.
func (a *Accounts) SetDisabled(ctx context.Context, by chat.Actor, id string, disabled bool) error {
	return a.change(ctx, id, func(account *Account, grounds Grounds) (Effects, error) {
		switch {
		case !mayManage(by, &account.User):
			return Effects{}, ErrForbidden
		case disabled && account.Role == chat.Owner && grounds.OtherOwners == 0:
			return Effects{}, ErrLastOwner
		case !disabled:
			account.Disabled = time.Time{}
			return Effects{Audit: []Entry{a.entry(by, "user.enable", account.Name, "")}}, nil
		}
		account.Disabled = a.now()
		return Effects{EndSessions: &SessionFilter{User: id}, Audit: []Entry{a.entry(by, "user.disable", account.Name, "")}}, nil
	})
}

// Profile is what people change about their own account.
type Profile struct {
	Name, Display, Status, Zone, Language string
}

// SetProfile changes the actor's own profile. Another name reserves the former one for
// KeepFormerName.
func (a *Accounts) SetProfile(ctx context.Context, by chat.Actor, p Profile) error {
	if err := ownAccount(by); err != nil {
		return err
	}
	user, err := chat.NewUser(p.Name, 0, "")
	if err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	return a.change(ctx, by.User.ID, func(account *Account, grounds Grounds) (Effects, error) {
		var effects Effects
		if account.Name != user.Name {
			if grounds.FormerNames >= maxFormerNames && !sameName(account.Name, user) {
				return effects, &chat.Invalid{Field: "name", Format: "You changed your name %d times lately: try again in a few weeks.", Args: []any{maxFormerNames}}
			}
			effects.Audit = []Entry{a.entry(by, "user.rename", account.Name, user.Name)}
			effects.At = a.now()
			effects.KeepFormer = effects.At.Add(KeepFormerName)
		}
		account.Name, account.Display, account.Status, account.Zone, account.Language = user.Name, p.Display, p.Status, p.Zone, p.Language
		return effects, nil
	})
}

func (p *Profile) check() error {
	for _, field := range []struct {
		name, text string
		most       int
	}{{"display", p.Display, MaxDisplay}, {"status", p.Status, MaxStatus}, {"zone", p.Zone, 64}, {"language", p.Language, 35}} {
		if len(field.text) > field.most || !utf8.ValidString(field.text) || hasControl(field.text) {
			return &chat.Invalid{Field: field.name, Format: "This has at most %d bytes of text, without control characters.", Args: []any{field.most}}
		}
	}
	return nil
}

func hasControl(text string) bool {
	for _, r := range text {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return true
		}
	}
	return false
}

// change changes an account and lets the watchers know.
func (a *Accounts) change(ctx context.Context, id string, f func(*Account, Grounds) (Effects, error)) error {
	return a.stored(a.store.ChangeUser(ctx, id, f))
}
