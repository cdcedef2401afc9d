package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// HostNames returns the host names of the public port from the settings, as requests
// contain them: in lower case, without a port, non-ASCII letters as xn--. They may
// include IP addresses.
func (c *Config) HostNames() []string {
	names := append(append([]string{}, c.Hosts...), c.TLSDomains...)
	for _, address := range append([]string{c.BaseURL}, c.Origins...) {
		if u, err := url.Parse(address); err == nil {
			names = append(names, u.Hostname())
		}
	}
	return asciiHosts(append(names, listenHost(c.Listen)))
}

// OpsHostNames returns the host name of the admin listener if --ops has one. The public
// host names do not apply, because they are for members' browsers.
func (c *Config) OpsHostNames() []string { return asciiHosts([]string{listenHost(c.Ops)}) }

// listenHost returns the host of an address to listen on, or an empty string.
func listenHost(listen string) string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	return host
}

// LocalURL returns the URL at which this machine reaches a server that listens on an address:
// localhost if it listens on all addresses. The zone of an IPv6 address is escaped as
// RFC 6874 requires.
func LocalURL(scheme, listen string) string {
	if host, port, err := net.SplitHostPort(listen); err == nil {
		ip, err := netip.ParseAddr(host)
		if host == "" || err == nil && ip.WithZone("").IsUnspecified() {
			listen = net.JoinHostPort("localhost", port)
		}
	}
	return (&url.URL{Scheme: scheme, Host: listen}).String()
}

// Scheme returns the scheme of the public port's URLs.
func (c *Config) Scheme() string {
	if c.TLS() {
		return "https"
	}
	return "http"
}

// asciiHosts returns names as browsers send them, without empty names and invalid ones,
// which Validate refuses.
func asciiHosts(names []string) (ascii []string) {
	for _, name := range names {
		if host, err := asciiHost(name); err == nil && host != "" {
			ascii = append(ascii, host)
		}
	}
	return ascii
}

// asciiHost returns a host name in lower case, without the trailing dot, non-ASCII
// letters as xn-- (IDNA, UTS #46).
func asciiHost(name string) (string, error) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		return idna.Lookup.ToASCII(name) // not applied to ASCII names, because it refuses underscores
	}
	return name, nil
}

// asciiURL normalizes the host of a URL as browsers do.
func asciiURL(u *url.URL) error {
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // an IPv6 address
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	return nil
}

// BrowserOrigins returns --origins as browsers send them.
func (c *Config) BrowserOrigins() (origins []string) {
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err == nil && asciiURL(u) == nil { // otherwise Validate refused it
			origins = append(origins, u.String())
		}
	}
	return origins
}

// checkHosts accepts bare host names: a name with a scheme or a port would match no
// request.
func (c *Config) checkHosts(wrong *Mistakes) {
	for _, name := range c.Hosts {
		if name == "" {
			continue // from a list with a trailing comma, as compose files produce
		}
		ascii, err := asciiHost(name)
		_, notAddress := netip.ParseAddr(ascii)
		if err != nil || ascii == "" || notAddress != nil && strings.Trim(ascii, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			wrong.add(fmt.Errorf("--hosts: %q is not a host name like chat.example, without a scheme, a port or a *", name))
		}
	}
}
