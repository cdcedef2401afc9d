package commands_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Everything that was said, in order, while people go on.
func TestARoomIsExported(t *testing.T) {
	folder := t.TempDir()
	w := chattest.StartProgram(t, "--data", folder).World()
	ann, id := w.Join("Ann", "lobby"), uuid.NewString()
	ann.SaysUntilAcknowledged("lobby", id, "**hello** <b>")
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "again")
	said := strings.Split(strings.TrimSpace(succeeds(t, "export", "lobby", "--data", folder)), "\n")
	var first struct {
		Room, ID, From, Text, HTML string
		Seq                        int64
		At                         time.Time
	}
	if err := json.Unmarshal([]byte(said[0]), &first); err != nil || len(said) != 2 {
		t.Fatalf("%v: %q", err, said)
	}
	if first.Room != "lobby" || first.ID != id || first.From != "Ann" || first.Text != "**hello** <b>" || first.Seq != 1 || first.At.IsZero() || !strings.Contains(first.HTML, "<strong>hello</strong>") {
		t.Errorf("the first line is %q", said[0])
	}
	file := filepath.Join(t.TempDir(), "lobby.html")
	succeeds(t, "export", "lobby", "--format", "html", "--output", file, "--data", folder)
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"<strong>hello</strong> &lt;b&gt;", "again", `<html lang="en" dir="ltr">`, "default-src 'none'", "--paper:", "</html>"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, part := range []string{"<script", "<link", "src=", "url(", "@import"} {
		if strings.Contains(string(page), part) {
			t.Errorf("the page has %q", part)
		}
	}
}

func TestAnExportIsRefusedWithAReason(t *testing.T) {
	folder := t.TempDir()
	storeOne(t, folder, "one")
	for room, says := range map[string]string{"night-watch": "nothing was ever said", "No Room!": "is not the name of a room"} {
		if said, code := run(t, "export", room, "--data", folder); code == 0 || !strings.Contains(said, says) {
			t.Errorf("%s: %d %q", room, code, said)
		}
	}
}
