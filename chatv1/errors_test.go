package chatv1

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
)

// documented returns what a pattern's group matches in docs/protocol.md, sorted.
func documented(t *testing.T, pattern string) (found []string) {
	t.Helper()
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(page), -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Clients decide by the code, so every error has one of the documented codes, and there are no
// others. An error of no known kind reveals nothing.
func TestTheCodesAreThoseOfTheProtocol(t *testing.T) {
	secret := errors.New("dial 10.0.0.7: password wrong")
	var given []string
	errs := []error{&commandError{codeBadCommand, "x"}, &commandError{codeUnknownCommand, "x"}, &chat.Invalid{Format: "x"}, &chat.TooLong{Limit: 1, Size: 2}, &SlowDown{time.Second}, secret}
	for _, known := range codes {
		errs = append(errs, fmt.Errorf("wrapped: %w", known.err))
	}
	for _, err := range errs {
		code, message := codeFor(err)
		given = append(given, code)
		if message == "" || strings.Contains(message, "10.0.0.7") {
			t.Errorf("%v has the message %q", err, message)
		}
	}
	slices.Sort(given)
	if want := documented(t, "(?m)^\\| `([a-z_]+)` \\| .* \\| .* \\|$"); !slices.Equal(slices.Compact(given), want) {
		t.Errorf("the errors have the codes\n%v\nand documented are\n%v", slices.Compact(given), want)
	}
}
