package accounts

import (
	"context"
	"slices"
	"strings"

	"chatserver/chat"
)

// SignUp is who may make an account without an admin.
type SignUp string

// The values of the setting sign-up.
const (
	SignUpOpen   SignUp = "open"   // everyone
	SignUpInvite SignUp = "invite" // who has an invitation
	SignUpSSO    SignUp = "sso"    // who signs in at an identity provider, and nobody else
)

// Settings are the settings that an owner or admin changes while the server runs.
type Settings struct {
	Guests chat.GuestPolicy
	SignUp SignUp
}

// DefaultSettings are those of a new server.
var DefaultSettings = Settings{Guests: chat.GuestsEverywhere, SignUp: SignUpInvite}

// State is what every request depends on.
type State struct {
	Settings
	Changes  int64 // see SettingStore
	Accounts bool  // there is at least one
	Claimed  bool  // there is an owner
}

// Setting is a setting by its name.
type Setting struct {
	Name    string
	Default string
	Values  []string
	of      func(*Settings) string
	set     func(*Settings, string)
}

// AllSettings are the settings, in the order in which they are listed.
var AllSettings = []Setting{
	{
		"guests", DefaultSettings.Guests.String(), chat.GuestPolicies,
		func(s *Settings) string { return s.Guests.String() },
		func(s *Settings, value string) {
			s.Guests = chat.GuestPolicy(max(0, slices.Index(chat.GuestPolicies, value))) //nolint:gosec // an index
		},
	},
	{
		"sign-up", string(DefaultSettings.SignUp),
		[]string{string(SignUpOpen), string(SignUpInvite), string(SignUpSSO)},
		func(s *Settings) string { return string(s.SignUp) },
		func(s *Settings, value string) { s.SignUp = SignUp(value) },
	},
}

// FindSetting returns the setting of a name. The error is an *Invalid with the field "setting".
func FindSetting(name string) (Setting, error) {
	var names []string
	for _, setting := range AllSettings {
		if setting.Name == name {
			return setting, nil
		}
		names = append(names, setting.Name)
	}
	return Setting{}, &chat.Invalid{Field: "setting", Format: "%q is not a setting: use %s.", Args: []any{name, strings.Join(names, ", ")}}
}

// Of returns the setting's value.
func (s Setting) Of(all Settings) string { return s.of(&all) }

// ReadSettings returns the settings from stored values. Values that this version does not know
// are as the default, except that an unknown guests setting lets nobody in.
func ReadSettings(values map[string]string) Settings {
	settings := DefaultSettings
	for _, setting := range AllSettings {
		if value, stored := values[setting.Name]; stored && slices.Contains(setting.Values, value) {
			setting.set(&settings, value)
		} else if stored && setting.Name == "guests" {
			settings.Guests = chat.GuestsNever
		}
	}
	return settings
}

// Set changes a setting. The error is ErrForbidden, or an *Invalid with the field "setting" or
// "value".
func (a *Accounts) Set(ctx context.Context, by chat.Actor, name, value string) error {
	if by.Role < chat.Admin || !by.Credential.Permits(chat.ScopeManage) {
		return ErrForbidden
	}
	setting, err := FindSetting(name)
	if err != nil {
		return err
	}
	if !slices.Contains(setting.Values, value) {
		return &chat.Invalid{Field: "value", Format: "%q is not a value of %s: use %s.", Args: []any{value, name, strings.Join(setting.Values, ", ")}}
	}
	return a.stored(a.store.SetSetting(ctx, name, value, a.entry(by, "setting", name, value)))
}
