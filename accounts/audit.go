package accounts

import (
	"context"
	"time"

	"chatserver/chat"
)

// Entry is a line of the audit log, which only grows. It never contains a secret.
type Entry struct {
	Number    int64 // grows; 0 until it is stored
	At        time.Time
	ActorID   string // empty for the operator and for strangers
	ActorName string // "operator" for the command line
	Action    string // like user.role
	Subject   string // name or id of what it happened to
	Detail    string
	Address   string // of the request; empty for the operator
}

// entry returns a line about what an actor does now.
func (a *Accounts) entry(by chat.Actor, action, subject, detail string) Entry {
	e := Entry{At: a.now(), ActorID: by.User.ID, ActorName: by.User.Name, Action: action, Subject: subject, Detail: detail}
	if by.Role == chat.System {
		e.ActorName = "operator"
	}
	if by.Address.IsValid() {
		e.Address = by.Address.String()
	}
	return e
}

// Audit returns up to limit lines with a number below before, newest first, to owners and the
// operator.
func (a *Accounts) Audit(ctx context.Context, by chat.Actor, before int64, limit int) ([]Entry, error) {
	if by.Role < chat.Owner || !by.Credential.Permits(chat.ScopeManage) {
		return nil, ErrForbidden
	}
	return a.store.Audit(ctx, before, limit)
}
