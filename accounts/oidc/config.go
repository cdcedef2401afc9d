package oidc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Config is one provider of the file that --oidc names.
type Config struct {
	ID               string   `json:"id"`                 // in URLs, like harbour: a to z, 0 to 9 and -, at most 32
	Name             string   `json:"name"`               // on the button, like Harbour ID
	Issuer           string   `json:"issuer"`             // exactly as the provider writes it, with or without a slash at its end
	ClientID         string   `json:"client_id"`          // of this server at the provider
	ClientSecret     string   `json:"client_secret"`      // empty for a public client
	ClientSecretFile string   `json:"client_secret_file"` // instead of client_secret
	Scopes           []string `json:"scopes"`             // besides openid, profile and email
	Domains          []string `json:"domains"`            // who may sign up: people with a verified e-mail address of one of these domains; empty = everybody
	Groups           []string `json:"groups"`             // who may sign up: members of one of these groups; empty = everybody
	GroupsClaim      string   `json:"groups_claim"`       // claim that holds the groups; empty = groups
	Apple            *Apple   `json:"apple"`              // instead of a client secret, for Sign in with Apple
}

// Apple's issuer is the only one with this kind of client secret.
const appleIssuer = "https://appleid.apple.com"

// ReadConfig reads the JSON file of the providers. Its error names every mistake.
func ReadConfig(path string) ([]Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--oidc: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var configs []Config
	if err := decoder.Decode(&configs); err != nil {
		return nil, fmt.Errorf("--oidc: %s must hold a JSON list of providers: %w", path, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("--oidc: %s has text after the list of providers", path)
	}
	var mistakes []error
	seen := map[string]bool{}
	for i := range configs {
		c := &configs[i]
		for _, mistake := range c.prepare() {
			mistakes = append(mistakes, fmt.Errorf("--oidc: %s: provider %d (%s): %w", path, i+1, c.ID, mistake))
		}
		for _, key := range []string{"id " + c.ID, "issuer " + c.Issuer} {
			if seen[key] {
				mistakes = append(mistakes, fmt.Errorf("--oidc: %s: two providers have the %s", path, key))
			}
			seen[key] = true
		}
	}
	return configs, errors.Join(mistakes...)
}

var idPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$`)

// prepare reads the files that a provider names, and returns what is wrong.
func (c *Config) prepare() (mistakes []error) {
	add := func(err error) {
		if err != nil {
			mistakes = append(mistakes, err)
		}
	}
	if !idPattern.MatchString(c.ID) {
		add(errors.New("id must be 1 to 32 of a to z, 0 to 9 and -, like harbour: it is part of a URL"))
	}
	if c.Name = strings.TrimSpace(c.Name); c.Name == "" {
		c.Name = c.ID
	}
	if c.ClientID == "" {
		add(errors.New("client_id is missing: the provider shows it where this server is registered"))
	}
	add(c.checkIssuer())
	add(c.readSecret())
	for i, domain := range c.Domains {
		c.Domains[i] = strings.ToLower(domain)
		if domain == "" || strings.ContainsAny(domain, "@/ *") {
			add(fmt.Errorf("domains: %q is not a domain like example.org; subdomains are listed one by one", domain))
		}
	}
	if slices.Contains(c.Groups, "") {
		add(errors.New("groups: a group has no name"))
	}
	return mistakes
}

// checkIssuer refuses the issuers of Entra ID that stand for every organisation: whoever
// administers one of these sets the claims of its people as they like.
func (c *Config) checkIssuer() error {
	if err := checkURL(c.Issuer); err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if c.entra() {
		for _, shared := range []string{"common", "organizations", "consumers"} {
			if strings.Contains(c.Issuer, "/"+shared+"/") {
				return fmt.Errorf("issuer: %s stands for every organisation: use https://login.microsoftonline.com/TENANT-ID/v2.0 of your own", c.Issuer)
			}
		}
	}
	if (c.Issuer == appleIssuer) != (c.Apple != nil) {
		return errors.New("issuer " + appleIssuer + " and the key of Sign in with Apple (apple) belong together")
	}
	return nil
}

func (c *Config) readSecret() error {
	if c.Apple != nil {
		return c.Apple.readKey()
	}
	if c.ClientSecretFile == "" {
		return nil
	}
	if c.ClientSecret != "" {
		return errors.New("client_secret and client_secret_file exclude each other")
	}
	secret, err := os.ReadFile(c.ClientSecretFile)
	if err != nil {
		return fmt.Errorf("client_secret_file: %w", err)
	}
	if c.ClientSecret = strings.TrimSpace(string(secret)); c.ClientSecret == "" {
		return fmt.Errorf("client_secret_file: %s is empty", c.ClientSecretFile)
	}
	return nil
}

// secret returns the client secret at a time; "" for a public client.
func (c *Config) secret(now time.Time) (string, error) {
	if c.Apple != nil {
		return c.Apple.secret(c.ClientID, now)
	}
	return c.ClientSecret, nil
}

func (c *Config) scopes() []string {
	if c.Apple != nil {
		return []string{"openid", "name", "email"}
	}
	return append([]string{"openid", "profile", "email"}, c.Scopes...)
}

func (c *Config) groupsClaim() string {
	if c.GroupsClaim == "" {
		return "groups"
	}
	return c.GroupsClaim
}

func (c *Config) google() bool { return host(c.Issuer) == "accounts.google.com" }

func (c *Config) entra() bool { return host(c.Issuer) == "login.microsoftonline.com" }
