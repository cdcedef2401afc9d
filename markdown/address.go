package markdown

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

const mailto = "mailto:"

func withMailto(typed string) string {
	if len(typed) >= len(mailto) && strings.EqualFold(typed[:len(mailto)], mailto) {
		return typed
	}
	return mailto + typed
}

// address returns the target of a link: a web or mail address. Everything else is not a link,
// above all what a browser would run. A percent sign that begins no escape is escaped itself,
// as browsers would do.
func address(typed string) (href string, to *url.URL) {
	if len(typed) > 4 && strings.EqualFold(typed[:4], "www.") {
		typed = "http://" + typed
	}
	typed = escapePercent(typed)
	u, err := url.Parse(typed)
	if err != nil || strings.ContainsFunc(typed, unicode.IsSpace) {
		return "", nil
	}
	switch u.Scheme { // always in lower case
	case "http", "https":
		if u.Hostname() != "" && u.Opaque == "" {
			return inASCII(typed, u), u
		}
	case "mailto":
		if u.Opaque != "" {
			return typed, u
		}
	}
	return "", nil
}

// inASCII returns the address with its host in ASCII, the form used for lookups, if it has other letters.
func inASCII(typed string, u *url.URL) string {
	host := u.Hostname()
	if isASCII(host) {
		return typed
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return typed
	}
	return strings.Replace(typed, host, ascii, 1)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

func escapePercent(typed string) string {
	if !strings.Contains(typed, "%") {
		return typed
	}
	var b strings.Builder
	for i := range len(typed) {
		b.WriteByte(typed[i])
		if typed[i] == '%' && (i+2 >= len(typed) || !isHex(typed[i+1]) || !isHex(typed[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f' }

// mostNamed is the number of addresses in the text of a link that are compared with its
// target. If there are more, the host is shown in any case.
const mostNamed = 8

// hostBeside returns what to show beside the text of a link that names another address than
// its target: the target's host, or mail address. It returns "" if the text names no address,
// or the same one.
func hostBeside(shown string, to *url.URL) string {
	if host := credentialHost(to); host != "" {
		return host
	}
	leads, names := "", 0
	for word := range strings.FieldsFuncSeq(legible(shown), notInAddress) {
		named := namedBy(word)
		if named == "" {
			continue
		}
		if names++; leads == "" {
			leads = target(to)
		}
		if named != leads || names > mostNamed {
			return leads
		}
	}
	return ""
}

// credentialHost returns the host of a URL that has a user name and password, which can
// look like a host themselves; otherwise "".
func credentialHost(to *url.URL) string {
	if to.User == nil {
		return ""
	}
	return hostOf(to)
}

// target returns the host of a link, or its mail address.
func target(u *url.URL) string {
	if u.Scheme != "mailto" {
		return hostOf(u)
	}
	mail, err := url.PathUnescape(u.Opaque)
	if err != nil {
		return u.Opaque
	}
	return strings.ToLower(mail)
}

// hostOf returns the host of a URL in the form used for lookups: in ASCII, where look-alikes
// are visible. The port stays unless it is the default of the scheme.
func hostOf(u *url.URL) string {
	host := strings.TrimSuffix(u.Hostname(), ".")
	if isASCII(host) {
		host = strings.ToLower(host)
	} else if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	} else if ascii, err := idna.Punycode.ToASCII(strings.ToLower(host)); err == nil {
		host = ascii
	}
	host = strings.TrimPrefix(host, "www.")
	if port := u.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + port
	}
	return host
}

// legible returns a text as people perceive it: without invisible characters, and with each
// character in one form.
func legible(shown string) string {
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '。' || r == '｡': // also separate labels, RFC 3490 §3.1
			return '.'
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return r
	}, shown))
}

// notInAddress reports whether a character separates addresses.
func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("()[]{}<>\"'`,;|*", r) || r > unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// namedBy returns the host or mail address that a word names; "" if it names none.
func namedBy(word string) string {
	word = strings.Trim(strings.ReplaceAll(word, `\`, "/"), ".:!?_~/")
	if scheme, rest, is := strings.Cut(word, ":/"); is { // browsers accept any number of slashes
		word = scheme + "://" + strings.TrimLeft(rest, "/")
	} else if !strings.ContainsAny(word, ".@[") {
		return ""
	}
	if len(word) > len(mailto) && strings.EqualFold(word[:len(mailto)], mailto) {
		word = word[len(mailto):]
	}
	scheme, _, explicit := strings.Cut(word, "://")
	if !explicit {
		if local, _, is := strings.Cut(word, "@"); is && local != "" && !strings.Contains(word, "/") {
			return strings.ToLower(word)
		}
		word = "https://" + word
	} else if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		word = "https" + word[len(scheme):]
	}
	u, err := url.Parse(escapePercent(word))
	if err != nil || u.Host == "" || !explicit && !looksLikeHost(u.Hostname()) {
		return ""
	}
	if u.User != nil { // the host may look like a part of the path
		return strings.ToLower(word)
	}
	return hostOf(u)
}

// looksLikeHost reports whether people may read a word as a host name: at least two labels
// of which the last consists of letters, or an IP address.
func looksLikeHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || len([]rune(last)) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" {
			return false
		}
	}
	return strings.HasPrefix(strings.ToLower(last), "xn--") || !strings.ContainsFunc(last, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}
