package request

import (
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// HostNames are the host names that a port answers to. An attacker's site can point its own
// domain at this machine (DNS rebinding). To the browser, its pages then have the chat's
// origin, so they may open connections and read every response. Only the name in the Host
// header gives them away.
type HostNames struct {
	named   []string // in lower case, without a port
	private bool     // also names that nobody can register: see isPrivate
}

// NewHostNames returns the host names of a port. Names may be written in any case and with a
// trailing dot.
func NewHostNames(names []string, private bool) HostNames {
	h := HostNames{private: private}
	for _, name := range names {
		h.named = append(h.named, strings.TrimSuffix(strings.ToLower(name), "."))
	}
	return h
}

// allows reports whether a Host header names one of the hosts. IP addresses and localhost
// are always allowed: nobody else can point them at this machine.
func (h HostNames) allows(hostport string) bool {
	name, ok := HostOf(hostport)
	if !ok {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return name == "localhost" || slices.Contains(h.named, name) || h.private && isPrivate(name) && !isNumber(name)
}

// isNumber reports whether the last label of a name is a number, such as 2130706433 or
// 127.0x1. Browsers parse such a name as an IPv4 address and send that address instead, so
// it cannot come from a browser (WHATWG URL, "ends in a number").
func isNumber(name string) bool {
	last := name[strings.LastIndex(name, ".")+1:]
	if hex, found := strings.CutPrefix(last, "0x"); found {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// HostOf returns the host of a Host header in lower case, without the port and the trailing
// dot of the DNS root. It returns false for a malformed header (RFC 9110 §7.2, RFC 3986
// §3.2.2).
func HostOf(hostport string) (string, bool) {
	host, port, _ := strings.Cut(hostport, ":")
	if inside, after, bracketed := strings.Cut(hostport, "]"); bracketed && strings.HasPrefix(inside, "[") {
		address, err := netip.ParseAddr(inside[1:])
		if err != nil || !address.Is6() || after != "" && after[0] != ':' {
			return "", false
		}
		host, port = address.String(), strings.TrimPrefix(after, ":")
	} else if !isHostName(host) {
		return "", false
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" {
		return "", false
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), true
}

const (
	maxHostName = 253 // characters of a DNS name, and how much of a refused one is logged
	maxLabel    = 63  // characters between two dots (RFC 1035 §2.3.4)
)

// isHostName reports whether a text contains only the characters of DNS names and the
// underscores of container networks. Browsers send other letters as xn--.
func isHostName(text string) bool {
	name := strings.TrimSuffix(text, ".")
	if len(name) > maxHostName {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel {
			return false
		}
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
}

// privateSuffixes end names that nobody can register: those of the machine itself and of
// tests (RFC 6761), of home networks (RFC 6762, RFC 8375), and .internal, which ICANN
// reserved for private use in 2024. Routers also use .lan, which is not a top-level domain.
var privateSuffixes = []string{".localhost", ".local", ".lan", ".internal", ".home.arpa", ".test"}

// isPrivate reports whether nobody outside can point a name at this machine: it is a single
// label, or it has the suffix of a private network.
func isPrivate(name string) bool {
	return !strings.Contains(name, ".") || slices.ContainsFunc(privateSuffixes, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// The reasons for 421 on the public port and on the admin listener.
const (
	ReasonHost    = "This chat does not answer to this host name. Its operator can allow it with the setting --hosts."
	ReasonOpsHost = "The admin listener answers only to IP addresses, localhost and the host of the setting --ops."
)

// CheckHost refuses requests for hosts that are not among the names. It allows a request
// without a host: that is HTTP/1.0, which some health checks send and browsers do not. It
// ignores X-Forwarded-Host, because proxies forward whatever a client put there.
func CheckHost(names HostNames, reason string, unknown *UnknownHosts) fiber.Handler {
	return func(c *fiber.Ctx) error {
		// In GET http://chat.example/ HTTP/1.1 the request line decides, and Host may differ.
		for _, host := range []string{string(c.Request().Header.Host()), string(c.Context().Host())} {
			if host != "" && !names.allows(host) {
				unknown.log(host, reason)
				return Refuse(fiber.StatusMisdirectedRequest, reason)
			}
		}
		return c.Next()
	}
}

// maxUnknown is how many refused hosts are logged: strangers can make up any number of them.
const maxUnknown = 32

// UnknownHosts logs each refused host once per reason, whatever its port.
type UnknownHosts struct {
	To   *slog.Logger
	mu   sync.Mutex
	seen map[string]bool
}

func (u *UnknownHosts) log(host, reason string) {
	if name, ok := HostOf(host); ok {
		host = name
	}
	host = host[:min(len(host), maxHostName)]
	key := host + " " + reason
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.seen[key] || len(u.seen) > maxUnknown {
		return
	}
	if u.seen == nil {
		u.seen = map[string]bool{}
	}
	u.seen[key] = true
	if len(u.seen) > maxUnknown {
		u.To.Warn("too many unknown hosts: further ones are not logged")
		return
	}
	u.To.Warn("request for an unknown host refused", "host", host, "reason", reason)
}

// headerFetchSite says how the origin of a request relates to this one (W3C Fetch Metadata).
const headerFetchSite = "Sec-Fetch-Site"

// CheckBrowser refuses requests that pages of other origins send to the admin listener.
func CheckBrowser(c *fiber.Ctx) error {
	for _, origin := range c.Context().Request.Header.PeekAll(fiber.HeaderOrigin) {
		if !SameHost(string(origin), string(c.Context().Host())) {
			return Refuse(fiber.StatusForbidden, reasonOpsOrigin)
		}
	}
	if c.Get(headerFetchSite) == "cross-site" {
		return Refuse(fiber.StatusForbidden, reasonOpsOrigin)
	}
	return c.Next()
}

const reasonOpsOrigin = "Pages of other origins may not use the admin listener."

// SameHost reports whether an origin has the host and port of a Host header.
func SameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme+"://"+u.Host != origin || u.Host == "" {
		return false // null, or with a user, a path or a fragment
	}
	port, ok := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return ok && strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(host, port))
}
