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

// address is where a link may lead: to the web, or to somebody's mail. Everything else
// is no link, above all what a browser would run. A percent sign that begins no escape
// becomes one, which is what browsers send for it.
func address(typed string) (href string, to *url.URL) {
	if len(typed) > 4 && strings.EqualFold(typed[:4], "www.") {
		typed = "http://" + typed
	}
	typed = escapePercent(typed)
	u, err := url.Parse(typed)
	if err != nil || strings.ContainsFunc(typed, unicode.IsSpace) {
		return "", nil
	}
	switch u.Scheme { // which is in lower case
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

// inASCII has the host of an address as it is looked up, if it has other letters.
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

// mostNamed is up to how many addresses the text of a link names before its host is
// shown anyway.
const mostNamed = 8

// hostBeside is what a link shows beside its text if that names another address than
// the one it leads to: its host, or mail address. It is empty if the text names none, or
// the same.
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

// credentialHost is the host of a URL with a name and password before it, which may look
// like a host themselves; otherwise it is empty.
func credentialHost(to *url.URL) string {
	if to.User == nil {
		return ""
	}
	return hostOf(to)
}

// target is the host that a link leads to, or the mail address.
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

// hostOf is the host of a URL as it is looked up: in ASCII, where look-alikes show. A
// port stays unless it is that of the scheme.
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

// legible is a text as people read it: without what cannot be seen, and in one form of
// each character.
func legible(shown string) string {
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '。' || r == '｡': // a dot of a host, RFC 3490 §3.1
			return '.'
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return r
	}, shown))
}

// notInAddress reports whether a character separates the addresses of a text.
func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("()[]{}<>\"'`,;|*", r) || r > unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// namedBy is the host that a word names, or the mail address; empty if it is no address.
func namedBy(word string) string {
	word = strings.Trim(word, ".:!?_~")
	if !strings.ContainsAny(word, ".@[") {
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
	return hostOf(u)
}

// looksLikeHost reports whether somebody may read a word as the name of a host: as two
// labels, of which the last one is of letters, or as an IP address.
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
