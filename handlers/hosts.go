package handlers

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

// hostNames are the host names that a port answers to. A site can point a name of its own at
// this machine (DNS rebinding), and its pages are then of the chat's origin to the browser:
// they may open connections and read every answer. Only the name in Host gives them away.
type hostNames struct {
	named   []string // in lower case, without a port
	private bool     // also those that nobody can register: see isPrivate
}

// newHostNames returns the host names of a port, given as people write them.
func newHostNames(names []string, private bool) hostNames {
	h := hostNames{private: private}
	for _, name := range names {
		h.named = append(h.named, strings.TrimSuffix(strings.ToLower(name), "."))
	}
	return h
}

// allows reports whether a Host header names one of the hosts. Nobody else can point an IP
// address or localhost at this machine.
func (h hostNames) allows(hostport string) bool {
	name, ok := hostOf(hostport)
	if !ok {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return name == "localhost" || slices.Contains(h.named, name) || h.private && isPrivate(name) && !isNumber(name)
}

// isNumber reports whether the last label of a name is a number, such as 2130706433 or 127.0x1:
// browsers take such a name for an IPv4 address and send that, so it comes from no browser
// (WHATWG URL, "ends in a number").
func isNumber(name string) bool {
	last := name[strings.LastIndex(name, ".")+1:]
	if hex, found := strings.CutPrefix(last, "0x"); found {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// hostOf returns the host of a Host header in lower case, without its port and the dot of the
// DNS root at its end. It is false for a malformed one (RFC 9110 §7.2, RFC 3986 §3.2.2).
func hostOf(hostport string) (string, bool) {
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
	maxHostName = 253 // characters of a name in the DNS, and how much of a refused one is logged
	maxLabel    = 63  // characters between two dots (RFC 1035 §2.3.4)
)

// isHostName reports whether a text has only the characters of names in the DNS and the
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

// privateSuffixes end names that nobody can register: those of the machine itself and for
// tests (RFC 6761), of home networks (RFC 6762, RFC 8375), and .internal, which ICANN
// reserved for private use in 2024. Routers also use .lan, which is no top-level domain.
var privateSuffixes = []string{".localhost", ".local", ".lan", ".internal", ".home.arpa", ".test"}

// isPrivate reports whether nobody outside can point a name at this machine: it is a single
// label, or it has the suffix of a private network.
func isPrivate(name string) bool {
	return !strings.Contains(name, ".") || slices.ContainsFunc(privateSuffixes, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// The reasons for 421, on the public port and on the operators'.
const (
	reasonHost    = "This chat does not answer to this host name. Its operator can allow it with the setting --hosts."
	reasonOpsHost = "The operators' port answers to IP addresses, localhost and the host of the setting --ops only."
)

// checkHost refuses requests whose host is not among the names. It lets a request without a
// host pass: that is HTTP/1.0, as some health checks send, and no browser's. X-Forwarded-Host
// is not read, because proxies pass on what a client made up.
func checkHost(names hostNames, reason string, unknown *unknownHosts) fiber.Handler {
	return func(c *fiber.Ctx) error {
		// In GET http://chat.example/ HTTP/1.1 the request line counts, and Host may differ.
		for _, host := range []string{string(c.Request().Header.Host()), string(c.Context().Host())} {
			if host != "" && !names.allows(host) {
				unknown.log(host, reason)
				return refuse(fiber.StatusMisdirectedRequest, reason)
			}
		}
		return c.Next()
	}
}

// maxUnknown is how many refused hosts are logged: strangers can make up any number of them.
const maxUnknown = 32

// unknownHosts logs each refused host once for each reason, whatever its port.
type unknownHosts struct {
	to   *slog.Logger
	mu   sync.Mutex
	seen map[string]bool
}

func (u *unknownHosts) log(host, reason string) {
	if name, ok := hostOf(host); ok {
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
		u.to.Warn("too many unknown hosts: no more of them are logged")
		return
	}
	u.to.Warn("request for an unknown host refused", "host", host, "reason", reason)
}

// headerFetchSite says how the origin of a request relates to this one (W3C Fetch Metadata).
const headerFetchSite = "Sec-Fetch-Site"

// checkBrowser refuses requests that pages of other origins send to the operators' port.
func checkBrowser(c *fiber.Ctx) error {
	for _, origin := range c.Context().Request.Header.PeekAll(fiber.HeaderOrigin) {
		if !sameHost(string(origin), string(c.Context().Host())) {
			return refuse(fiber.StatusForbidden, reasonOpsOrigin)
		}
	}
	if c.Get(headerFetchSite) == "cross-site" {
		return refuse(fiber.StatusForbidden, reasonOpsOrigin)
	}
	return c.Next()
}

const reasonOpsOrigin = "Pages of other origins may not use the operators' port."

// sameHost reports whether an origin has the host and port of a Host header.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme+"://"+u.Host != origin || u.Host == "" {
		return false // null, or with a user, a path or a fragment
	}
	port, ok := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return ok && strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(host, port))
}
