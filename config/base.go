package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// basePathPattern is a path that stands for itself in a URL, in a cookie and in a route, and
// whose steps begin with a letter or digit: then it is no dot, and what a browser keeps
// under one path is never taken for that of another.
var basePathPattern = regexp.MustCompile(`^(/[A-Za-z0-9][A-Za-z0-9._~-]*)*/?$`)

// Base is the URL of BaseURL as browsers write it: the host in small letters, no port that
// goes without saying. It is nil if none is set.
func (c *Config) Base() (*url.URL, error) {
	if c.BaseURL == "" {
		return nil, nil //nolint:nilnil // none is a choice
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("--base-url: this is not a URL like https://chat.example/team/") // it may hold a password
	}
	port, known := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	if !known || u.Hostname() == "" || strings.ContainsAny(c.BaseURL, "?#@") || !basePathPattern.MatchString(u.EscapedPath()) {
		return nil, fmt.Errorf("--base-url: %q is not like https://chat.example/team/: http or https, a host, perhaps a path of letters, digits and . _ ~ -, and nothing else", u.Redacted())
	}
	if err := asciiURL(u); err != nil {
		return nil, fmt.Errorf("--base-url: %q has no valid host name: %w", u.Hostname(), err)
	}
	u.Host = strings.TrimSuffix(u.Host, port)
	return u, nil
}
