package oidc

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Identity is who a provider says somebody is. Issuer and Subject together are the key of an
// account: no other claim identifies anybody, because names and e-mail addresses change hands.
type Identity struct {
	Provider string   `json:"provider"` // ID of the provider
	Issuer   string   `json:"issuer"`   // as configured
	Subject  string   `json:"subject"`
	Name     string   `json:"name,omitempty"` // to suggest; may be anything
	Email    string   `json:"email,omitempty"`
	Verified bool     `json:"verified,omitempty"` // whether the provider vouches for Email
	Domain   string   `json:"domain,omitempty"`   // of the organisation, by Google's claim hd
	Groups   []string `json:"groups,omitempty"`
	// Overage means that the provider has left out the groups because there are too many
	// (Entra ID, above 200).
	Overage bool `json:"overage,omitempty"`
}

// claims are the members of a token or of a userinfo response. Providers disagree on their
// types, so each is decoded when it is read.
type claims map[string]json.RawMessage

// text returns a claim that is a string, or "".
func (c claims) text(name string) (value string) {
	_ = json.Unmarshal(c[name], &value) // other types count as absent
	return strings.TrimSpace(value)
}

// time returns a claim that is a number of seconds since 1970, or the zero time.
func (c claims) time(name string) time.Time {
	var seconds float64
	if json.Unmarshal(c[name], &seconds) != nil || seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// is reports whether a claim says yes: true, "true" (Apple, AWS Cognito), 1 or "1".
func (c claims) is(name string) bool {
	var value any
	_ = json.Unmarshal(c[name], &value)
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true") || v == "1"
	case float64:
		return v == 1
	}
	return false
}

// list returns a claim that is a list of strings, one string, or an object whose members are
// the entries, as Zitadel writes the roles of a project.
func (c claims) list(name string) (values []string) {
	var one string
	var object map[string]json.RawMessage
	switch raw := c[name]; {
	case json.Unmarshal(raw, &values) == nil:
	case json.Unmarshal(raw, &one) == nil:
		values = []string{one}
	case json.Unmarshal(raw, &object) == nil:
		values = nil
		for member := range object {
			values = append(values, member)
		}
		slices.Sort(values)
	default:
		values = nil
	}
	return values
}

// newIdentity reads the claims of a verified ID token and, where present, of userinfo.
func newIdentity(config Config, subject string, token, info claims) Identity {
	identity := Identity{Provider: config.ID, Issuer: config.Issuer, Subject: subject}
	identity.Name = cmp.Or(info.text("name"), token.text("name"), info.text("preferred_username"), token.text("preferred_username"), info.text("nickname"), token.text("nickname"))
	// An address and the word on it come from one place: a verified address in the token says
	// nothing about another one in userinfo.
	mail := token
	if info.text("email") != "" {
		mail = info
	}
	identity.Email = mail.text("email")
	identity.Verified = identity.Email != "" && (mail.is("email_verified") || config.entra() && mail.is("xms_edov"))
	identity.Domain = cmp.Or(token.text("hd"), info.text("hd"))
	for _, source := range []claims{token, info} {
		identity.Groups = append(identity.Groups, source.list(config.groupsClaim())...)
		var elsewhere map[string]string
		_ = json.Unmarshal(source["_claim_names"], &elsewhere)
		identity.Overage = identity.Overage || elsewhere[config.groupsClaim()] != ""
	}
	slices.Sort(identity.Groups)
	identity.Groups = slices.Compact(identity.Groups)
	return identity
}

// nameOfApple returns the name in the field that Apple adds to its first answer only.
func nameOfApple(field string) string {
	var user struct {
		Name struct{ FirstName, LastName string }
	}
	_ = json.Unmarshal([]byte(field), &user)
	return strings.TrimSpace(user.Name.FirstName + " " + user.Name.LastName)
}

// host returns the host of a URL that was checked before.
func host(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
