package commands_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// top is the root folder of the repository.
const top = ".."

// shownLine is one command line of a document, split into the commands of a pipe and
// their words.
type shownLine struct {
	where string // the document and the line in it
	text  string
	parts [][]string
}

// TestEveryCommandThatIsShownWorks checks every line of every shell block in the
// documents. It runs the line against a real server in its own folder, or applies a rule.
// Nothing is skipped: a command without a rule fails.
func TestEveryCommandThatIsShownWorks(t *testing.T) {
	t.Parallel() // it starts many programs, one after the other
	s := newScene(t)
	kinds := map[string]int{}
	for _, page := range pages(t) {
		for _, l := range linesOf(t, page) {
			kind, err := s.try(l)
			if err != nil {
				t.Errorf("%s: %s: %v", l.where, l.text, err)
			}
			kinds[kind]++
		}
	}
	t.Logf("lines that were run and checked: %v", kinds)
	if kinds["run"] < 20 || kinds["checked"] < 30 {
		t.Errorf("only %v were found", kinds)
	}
}

// Every rule refuses something.
func TestACommandThatDoesNotWorkIsNoticed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for text, want := range map[string]string{
		"chatserver backup x.db --forse":                         "--forse",
		"chatserver bakup x.db":                                  "bakup",
		"chatserver --lisen :443":                                "--lisen",
		"chatserver --listen :443 --tls-cert a.pem":              "must be set together",
		"chatserver export nobody-was-here":                      "exit status 1",
		"sudo env CHAT_DAAT=/x chatserver doctor":                "CHAT_DAAT",
		"docker run --rm -v chat:/data chatserver restroe x":     "restroe",
		"docker exec chat /chatserver doctr":                     "doctr",
		"kubectl -n chatserver exec x -- /chatserver doctr":      "doctr",
		"docker compose -f deploy/compose.yml up -d":             "deploy/compose.yml",
		"sudo install -m 644 deploy/chatserver.service /etc":     "deploy/chatserver.service",
		"sudo systemctl restart chatservr":                       "chatservr",
		"journalctl -u chatservr":                                "chatservr",
		"make bild":                                              "bild",
		"make bench BSE=main":                                    "BSE",
		"go run ./example/go":                                    "example/go",
		"go run ./examples/go -nme Ann":                          "-nme",
		"go -C bench run . sned":                                 "sned",
		"go -C bensh run . send":                                 "bensh",
		"go test ./commands -run TestNothingIsCalledSo":          "TestNothingIsCalledSo",
		"go test ./comands -run TestMain":                        "comands",
		"examples/shell/sing.sh Bot":                             "sing.sh",
		"websocat 'ws://localhost:9090/chatt/Ann'":               "404",
		"curl http://127.0.0.1:9797/metric":                      "404",
		"curl http://127.0.0.1:9797/metrics | grep chatserver_x": "exit status 1",
		"curl --htpp1.1 http://localhost:9090/":                  "exit status 2",
		"frobnicate the server":                                  "no rule",
		"df -h | frobnicate":                                     "no rule",
		"echo 'it does not end":                                  "quote",
	} {
		l := shownLine{text: text}
		var err error
		if l.parts, err = words(text); err == nil {
			_, err = s.try(l)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: not noticed: %v", text, err)
		}
	}
}

// pages returns the documents that show commands.
func pages(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md", "docs/gallery/*.md", "examples/*.md", "bench/*.md"} {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// linesOf returns the command lines of a page. A line that ends with a backslash
// continues.
func linesOf(t *testing.T, page string) (lines []shownLine) {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	inside, text := false, ""
	for n, row := range strings.Split(string(content), "\n") {
		row = strings.TrimSpace(row)
		if language, fence := strings.CutPrefix(row, "```"); fence {
			inside = !inside && slices.Contains([]string{"sh", "bash", "shell", "console"}, language)
			continue
		}
		if !inside {
			continue
		}
		text += strings.TrimPrefix(row, "$ ")
		if before, goesOn := strings.CutSuffix(text, "\\"); goesOn {
			text = before
			continue
		}
		l := shownLine{where: fmt.Sprintf("%s:%d", strings.TrimPrefix(page, top+"/"), n+1), text: text}
		if l.parts, err = words(text); err != nil {
			t.Errorf("%s: %v", l.where, err)
		}
		if text = ""; len(l.parts) > 0 {
			lines = append(lines, l)
		}
	}
	return lines
}

// words splits a command line as a shell does, as far as documents need it: quotes,
// comments, pipes and sequences. It drops redirections.
func words(text string) (parts [][]string, err error) {
	var (
		part    []string
		word    strings.Builder
		begun   bool
		quote   rune
		endWord = func() {
			if begun {
				part, begun = append(part, word.String()), false
				word.Reset()
			}
		}
		endPart = func() {
			if endWord(); len(part) > 0 {
				parts, part = append(parts, withoutFiles(part)), nil
			}
		}
	)
	for _, c := range text {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == '#' && !begun:
			endPart()
			return parts, nil
		case c == '|' || c == ';' || c == '&':
			endPart()
		case c == ' ':
			endWord()
		default:
			begun = true
			word.WriteRune(c)
		}
	}
	endPart()
	if quote != 0 {
		return parts, errors.New("unclosed quote")
	}
	return parts, nil
}

// withoutFiles removes redirections.
func withoutFiles(part []string) (left []string) {
	for i := 0; i < len(part); i++ {
		switch {
		case part[i] == ">" || part[i] == "<" || part[i] == ">>":
			i++
		case strings.HasPrefix(part[i], ">") || strings.HasPrefix(part[i], "<"):
		default:
			left = append(left, part[i])
		}
	}
	return left
}
