package oidc

import (
	"errors"
	"fmt"
)

// Code says for the page why somebody could not sign in; the error's text is for the log.
type Code string

const (
	Cancelled   Code = "cancelled"   // the person or the provider declined
	Unavailable Code = "unavailable" // the provider cannot be used now, or is set up wrongly
	Expired     Code = "expired"     // too late, or the code was used before: begin again
	Untrusted   Code = "untrusted"   // the answer failed a check
	NotAllowed  Code = "not_allowed" // the sign-up rules exclude this person
)

// Refusal is the error of everything that does not lead to an identity.
type Refusal struct {
	Code  Code
	cause error
}

func (r *Refusal) Error() string { return r.cause.Error() }

func (r *Refusal) Unwrap() error { return r.cause }

func refuse(code Code, format string, values ...any) error {
	return &Refusal{code, fmt.Errorf(format, values...)}
}

// CodeOf returns the code of an error of this package, and Unavailable for others.
func CodeOf(err error) Code {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return Unavailable
}
