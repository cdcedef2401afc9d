package oidc

import (
	"slices"
	"strings"
)

// CheckSignUp returns why somebody whom the provider knows may not make an account here, or
// nil. Somebody who has an account may sign in whatever the rules say.
func (p *Provider) CheckSignUp(identity Identity) error {
	if err := p.checkDomain(identity); err != nil {
		return err
	}
	if len(p.config.Groups) == 0 || slices.ContainsFunc(p.config.Groups, func(group string) bool { return slices.Contains(identity.Groups, group) }) {
		return nil
	}
	if identity.Overage {
		return refuse(NotAllowed, "%s leaves out the groups of %q because there are too many: assign roles or groups to the application there, and have it send only those", p.config.Issuer, identity.Subject)
	}
	return refuse(NotAllowed, "%q is in the groups %q, and sign-up is for %q", identity.Subject, identity.Groups, p.config.Groups)
}

// checkDomain compares domains as a whole. A Google account may have a verified address of a
// domain that does not administer it, so for Google its organisation counts.
func (p *Provider) checkDomain(identity Identity) error {
	if len(p.config.Domains) == 0 {
		return nil
	}
	_, domain, _ := strings.Cut(identity.Email, "@")
	if !identity.Verified {
		domain = ""
	}
	if p.config.google() {
		domain = identity.Domain
	}
	if domain != "" && slices.Contains(p.config.Domains, strings.ToLower(domain)) {
		return nil
	}
	return refuse(NotAllowed, "%q has the address %q (verified: %t) of the organisation %q, and sign-up is for the domains %q", identity.Subject, identity.Email, identity.Verified, identity.Domain, p.config.Domains)
}
