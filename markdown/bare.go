package markdown

import (
	"bytes"
	"net/netip"
	"unicode"
	"unicode/utf8"
)

// Addresses within a text. They end where Unicode recommends (UTS #58, Unicode 17), and in a
// few more places, because people write without a space after an address, and paste code:
// linkends.go lists these. testdata/links.json has test cases; the page applies the same
// rules (static/js/model/links.js).

// bareURL returns the end of the URL that begins at a position of a text. If the result is
// not positive, there is none, and none begins before its absolute value. A URL can begin
// wherever no ASCII letter or digit precedes it. Stars says whether ** and ~~ came before;
// then they end the URL.
func bareURL(text []byte, at int, stars [2]bool) (end int) {
	if isAlphanumeric(before(text, at)) || inHost(text, at) {
		return 0
	}
	begin, www := at, false
	switch rest := text[at:]; {
	case hasPrefixFold(rest, "https://"):
		begin += len("https://")
	case hasPrefixFold(rest, "http://"):
		begin += len("http://")
	case hasPrefixFold(rest, "www."):
		www = true
	default:
		return 0
	}
	if !www {
		begin = skipCredentials(text, begin)
	}
	end, whole := hostEnd(text, begin)
	if end <= 0 || www && bytes.Count(text[begin:end], []byte(".")) < 2 {
		return min(end, 0)
	}
	if !whole {
		return end
	}
	end = portEnd(text, end)
	return linkEnd(text, at, end, stars)
}

// inHost reports whether a position is inside a host, where no address begins.
func inHost(text []byte, at int) bool {
	return at > 1 && (text[at-1] == '.' || text[at-1] == '-') && isAlphanumeric(rune(text[at-2]))
}

func isAlphanumeric(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func hasPrefixFold(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && bytes.EqualFold(text[:len(prefix)], []byte(prefix))
}

// longestHost is the maximum length in bytes of a host, and of the credentials before it.
const longestHost = 255

// skipCredentials returns the position after a user name and password, where the host begins.
func skipCredentials(text []byte, at int) int {
	for i := at; i < len(text) && i-at < longestHost; i++ {
		switch b := text[i]; {
		case b == '@' && i > at:
			return i + 1
		case isAlphanumeric(rune(b)), bytes.IndexByte([]byte("-._~!$&*+=:%"), b) >= 0:
		default:
			return at
		}
	}
	return at
}

// hostEnd returns the end of a host, and whether a path may follow. If the end is not
// positive, there is no host, and none begins before its absolute value. Any name is a
// host, such as localhost.
func hostEnd(text []byte, at int) (end int, whole bool) {
	if at < len(text) && text[at] == '[' {
		length := bytes.IndexByte(text[at:min(len(text), at+longestHost)], ']')
		if length < 0 || !isIPv6(text[at+1:at+length]) {
			return 0, false
		}
		return at + length + 1, true
	}
	for begin := at; at-begin <= longestHost; {
		label := labelEnd(text, at)
		if label == at {
			return afterDot(text, at, end)
		}
		if text[label-1] == '-' || text[at] == '-' {
			return -label, false
		}
		if end = label; end == len(text) || text[end] != '.' {
			if foreign := foreignIn(text[at:end]); foreign > 0 {
				return at + foreign, false
			}
			return end, true
		}
		at = end + 1
	}
	return -end, false
}

// afterDot returns the end of a host whose last dot has no label after it. The dot belongs to
// the host only if the address continues. Two dots in a row do not occur in hosts.
func afterDot(text []byte, at, end int) (int, bool) {
	switch {
	case end == 0 || at >= len(text):
		return end, true
	case text[at] == '.' && labelEnd(text, at+runLength(text, at)) > at+runLength(text, at):
		return -at, false
	case bytes.IndexByte([]byte("/?#"), text[at]) >= 0:
		return at, true
	}
	return end, true
}

// labelEnd returns the end of a label of a host.
func labelEnd(text []byte, at int) int {
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.N, unicode.M) && r != '\u200C' && r != joiner {
			break
		}
		at += size
	}
	return at
}

// foreignIn returns the position in the last label of a host where letters begin that cannot
// belong to it: no top-level domain mixes ASCII with scripts other than Latin. From there on
// it is text, as in https://example.comを.
func foreignIn(label []byte) int {
	if label[0] >= utf8.RuneSelf {
		return 0
	}
	return max(bytes.IndexFunc(label, func(r rune) bool {
		return r >= utf8.RuneSelf && unicode.In(r, unicode.L, unicode.N) && !unicode.Is(unicode.Latin, r)
	}), 0)
}

func isIPv6(text []byte) bool {
	address, err := netip.ParseAddr(string(text))
	return err == nil && address.Is6() && address.Zone() == ""
}

// portEnd returns the end of the port after a host, if there is one.
func portEnd(text []byte, at int) int {
	if at >= len(text) || text[at] != ':' {
		return at
	}
	end := at + 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	if end == at+1 || end > at+6 {
		return at
	}
	return end
}

// longestLocal is the maximum length in bytes of the part of a mail address before the @.
const longestLocal = 64

// mailAddresses finds the mail addresses in a text. An address is not preceded by an ASCII
// letter or digit, and has no letters of scripts that are written without spaces.
func mailAddresses(text []byte) (found []extent) {
	for at := bytes.IndexByte(text, '@'); at >= 0; {
		if mail, is := mailAt(text, at); is && (len(found) == 0 || mail.from >= found[len(found)-1].to) {
			found = append(found, mail)
		}
		more := bytes.IndexByte(text[at+1:], '@')
		if more < 0 {
			break
		}
		at += 1 + more
	}
	return found
}

func mailAt(text []byte, at int) (extent, bool) {
	from := at
	for from > 0 && at-from <= longestLocal {
		r, size := utf8.DecodeLastRune(text[:from])
		if !isLocal(r) {
			break
		}
		from -= size
	}
	for from < at && bytes.IndexByte([]byte("_%+-"), text[from]) >= 0 {
		from++
	}
	local := text[from:at]
	if len(local) == 0 || len(local) > longestLocal || before(text, from) == '@' || local[0] == '.' || local[len(local)-1] == '.' || bytes.Contains(local, []byte("..")) {
		return extent{}, false
	}
	end, whole := hostEnd(text, at+1)
	if host := text[at+1 : max(end, at+1)]; !bytes.Contains(host, []byte(".")) || host[0] == '[' {
		return extent{}, false
	}
	if whole && end < len(text) && text[end] == '@' {
		return extent{}, false
	}
	end = at + 1 + len(bytes.TrimRight(text[at+1:end], "_."))
	if begin := from - len(mailto); begin >= 0 && hasPrefixFold(text[begin:], mailto) && !isAlphanumeric(before(text, begin)) {
		from = begin
	}
	return extent{from, end}, true
}

func isLocal(r rune) bool {
	if r < utf8.RuneSelf {
		return isAlphanumeric(r) || bytes.IndexByte([]byte("._%+-"), byte(r)) >= 0
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M) && !isWide(r)
}
