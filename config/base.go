package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// basePathPattern matches paths that need no escaping in a URL, a cookie or a route. Each
// segment begins with a letter or digit, so there are no dot segments, and no base path
// is mistaken for another in a cookie's path.
var basePathPattern = regexp.MustCompile(`^(/[A-Za-z0-9][A-Za-z0-9._~-]*)*/?$`)

// Base returns BaseURL as browsers write it: the host in lower case, and no default port.
// It is nil if BaseURL is not set.
func (c *Config) Base() (*url.URL, error) {
	if c.BaseURL == "" {
		return nil, nil //nolint:nilnil // it is optional
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("--base-url: not a URL like https://chat.example/team/") // the URL may contain a password
	}
	port, known := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	if !known || u.Hostname() == "" || strings.ContainsAny(c.BaseURL, "?#@") || !basePathPattern.MatchString(u.EscapedPath()) {
		return nil, fmt.Errorf("--base-url: %q is not a URL like https://chat.example/team/: use http or https, a host, and optionally a path of letters, digits and . _ ~ -", u.Redacted())
	}
	if err := asciiURL(u); err != nil {
		return nil, fmt.Errorf("--base-url: %q has no valid host name: %w", u.Hostname(), err)
	}
	u.Host = strings.TrimSuffix(u.Host, port)
	return u, nil
}
