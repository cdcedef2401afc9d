package commands_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatserver/chattest"
)

// forgeries would become lines of their own, terminal colours or other fields in a log
// that does not escape its input.
var forgeries = []string{
	"x\r\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged", "x\nlevel=ERROR msg=forged", "x\x1b[31mred\x1b[0m", "x\x1b]0;title\a", "x\u0085level=forged", "x\u2028level=forged",
	"x\u009b31mred", `x" level=ERROR msg="forged`, `{"level":"ERROR","msg":"forged"}`, "x\x00\b\b\bforged", "\u202egnp.exe",
}

// secrets must never be in a log.
const (
	secretText   = "the-text-of-a-message"
	secretKey    = "0123456789abcdef0123456789abcdef"
	secretCookie = "the-value-of-a-cookie"
	secretQuery  = "the-value-of-a-query"
	secretAgent  = "the-name-of-a-browser"
)

// line is a log event: its time, level, message and fields.
var line = regexp.MustCompile(`^time=\S+ level=(INFO|WARN|ERROR) msg=("([^"\\]|\\.)*"|[^\s"=]+)( [a-z_.]+=("([^"\\]|\\.)*"|[^\s"=]*))*$`)

// Whatever a request contains, the log has one line per event and no control characters,
// and it never contains messages or credentials.
func TestTheLogCannotBeForged(t *testing.T) {
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--trusted-proxies", "127.0.0.1", "--rate", "0", "--byte-rate", "0")
	came := 0
	for i, forgery := range forgeries {
		inPath := url.PathEscape(forgery)
		for _, path := range []string{"/chat/" + inPath, "/chat/Ann?age=" + inPath + "&x=" + secretQuery, "/chat/Ann?room=" + inPath, "/rooms/" + inPath, "/" + inPath, "/static/" + inPath + "/" + inPath} {
			for _, header := range []string{"User-Agent", "Origin", "X-Forwarded-For", "Cookie", "Host", "Accept-Language", "Sec-WebSocket-Protocol", "X-" + secretCookie} {
				for _, upgrade := range []string{"", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"} {
					stream := "GET " + path + " HTTP/1.1\r\nHost: " + program.Address + "\r\nUser-Agent: " + secretAgent + "\r\nCookie: chat_guest=" + secretKey + "; chat_page=" + secretCookie + "\r\n" +
						upgrade + header + ": " + forgery + "\r\n\r\n"
					if i == 0 || header == "X-Forwarded-For" || header == "User-Agent" { // the first forgery everywhere, the others where it matters
						came += ask(t, program.Address, stream)
					}
				}
			}
		}
	}
	visit(t, program, "O'Brien \" level=ERROR msg=x")
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	log := program.Log()
	closed := 0
	for text := range strings.Lines(log) {
		text = strings.TrimSuffix(text, "\n")
		if !line.MatchString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u202e' }) {
			t.Errorf("a line is not an event: %q", text)
		}
		if strings.Contains(text, `msg="connection closed"`) {
			closed++
		}
	}
	if closed != came+1 {
		t.Errorf("%d connected, but %d lines report a closed connection", came+1, closed)
	}
	for _, secret := range []string{secretText, secretKey, secretCookie, secretQuery, secretAgent} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %s", secret)
		}
	}
	if !strings.Contains(log, `user="O'Brien \" level=ERROR msg=x"`) {
		t.Error("a valid name is not logged in quotes")
	}
}

// ask sends raw bytes, and returns how many users joined, none or one: most requests are
// refused.
func ask(t *testing.T, address, stream string) int {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, chattest.Patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
	if _, err := io.WriteString(conn, stream); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%q is answered with %v", stream, err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		return 0
	}
	return 1
}

// visit makes a user with a key join, send a message and leave.
func visit(t *testing.T, program *chattest.Program, name string) {
	t.Helper()
	p, _, err := program.World().TryConnect(name, "history=3", http.Header{
		"Cookie": {fmt.Sprintf("chat_guest=%s; chat_page=%s", secretKey, secretCookie)}, "User-Agent": {secretAgent},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Hears(name + " connected to chat")
	p.Says(secretText)
	p.Hears(name + ": " + secretText)
	p.Leaves()
}
