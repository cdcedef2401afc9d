package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A newcomer who copies the code of docs/architecture.md gets a command that compiles.
func TestTheExampleOfArchitectureCompiles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 2 {
		t.Fatalf("the page has %d blocks of Go, not a row and a function", len(blocks))
	}
	row, function := strings.TrimSuffix(strings.TrimSpace(blocks[0][1]), ","), blocks[1][1]
	source := "package chatv1\n\nimport \"chatserver/chat\"\n\nvar _ = []row{" + row + "}\n\n" + function
	folder := t.TempDir()
	at, err := filepath.Abs("chatv1/example_of_architecture.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {at: filepath.Join(folder, "example.go")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"example.go": []byte(source), "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(folder, "overlay.json"), "./chatv1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("the example does not compile: %v\n%s\n%s", err, out, source)
	}
}
