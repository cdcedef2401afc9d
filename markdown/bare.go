package markdown

import (
	"bytes"
	"net/netip"
	"unicode"
	"unicode/utf8"
)

// Addresses in the middle of a text. Where they end is what Unicode recommends (UTS
// #58, Unicode 17), and a little less, because people write without a blank after one,
// and paste code: linkEnds.go says what. testdata/links.json has the cases; the page
// finds the same (static/js/model/links.js).

// bareURL is where the address ends that begins at a place of a text. If it is not above
// 0, there is none, and none begins before the place of which it is the negative. An
// address begins wherever no ASCII letter or digit stands before it. Stars says whether
// ** and ~~ came before: then they end it, too.
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

// inHost reports whether a place is in the middle of a host, where no address begins.
func inHost(text []byte, at int) bool {
	return at > 1 && (text[at-1] == '.' || text[at-1] == '-') && isAlphanumeric(rune(text[at-2]))
}

func isAlphanumeric(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func hasPrefixFold(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && bytes.EqualFold(text[:len(prefix)], []byte(prefix))
}

// longestHost is how many bytes a host may have, and a name and password before it.
const longestHost = 255

// skipCredentials is where the host begins that a name, and a password, come before.
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

// hostEnd is where a host ends, and whether an address may go on there. If it is not
// above 0, there is none, and no part of what was looked at, up to the place of which it
// is the negative, is one. Any name is a host, as localhost is.
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

// afterDot is the end of a host after whose dot no label comes. The dot belongs to it
// only if the address goes on; and there are no hosts with two of them in a row.
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

// labelEnd is where the label of a host ends.
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

// foreignIn is where, in the last label of a host, letters begin that cannot belong to
// it: no top-level domain has ASCII and other scripts than Latin. What follows it is the
// text, as in https://example.comを.
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

// portEnd is where the port behind a host ends, if there is one.
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

// longestLocal is how many bytes the part of a mail address before its @ may have.
const longestLocal = 64

// mailAddresses finds the mail addresses of a text. What stands before one is no ASCII
// letter or digit, and it has none of the letters that are written without blanks.
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
