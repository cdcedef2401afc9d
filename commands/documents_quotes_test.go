package commands_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// quote matches inline code of two or more lower-case words, such as a log message.
var quote = regexp.MustCompile("`([a-z]+(?:[ ,:]+[a-z]+)+)`")

// TestOperatorsFindTheLogLinesThatDocumentsQuote searches the program's sources for every
// quoted message, so that an operator who searches a log for one finds it.
func TestOperatorsFindTheLogLinesThatDocumentsQuote(t *testing.T) {
	source := sources(t)
	found := 0
	operators, err := filepath.Glob(filepath.Join(top, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range operators {
		if filepath.Base(page) == "protocol.md" {
			continue // it quotes other programs
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range quotes(string(text)) {
			found++
			if !strings.Contains(source, message) {
				t.Errorf("%s quotes `%s`, which is not in the sources: quote the message as it is now", page, message)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d quotes were found", found)
	}
}

func TestAQuoteThatIsNoLogLineIsNoticed(t *testing.T) {
	if got := quotes("The log has `messages not stored`; run `docker compose up`."); !slices.Equal(got, []string{"messages not stored"}) {
		t.Errorf("the quotes are %q", got)
	}
	if strings.Contains(sources(t), "messages are "+"not remembered") {
		t.Error("the sources contain everything")
	}
}

// quotes returns the messages that a page quotes. Commands are not messages.
func quotes(page string) (messages []string) {
	for _, match := range quote.FindAllStringSubmatch(page, -1) {
		words := strings.Fields(match[1])
		command := words[0] == "nats" || words[0] == "rooms" || words[0] == "sudo" || rules[words[0]] != nil
		if !command {
			messages = append(messages, match[1])
		}
	}
	return messages
}

// sources returns the Go files and page strings of the program, without tests.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bench", "findings", "testdata"}, entry.Name()):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && entry.Name() != "en.json":
			return nil
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
