package static

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestTheHashIsStable(t *testing.T) {
	first := Hash()
	if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(first) {
		t.Fatalf("hash %q: want 12 hex digits", first)
	}
	if again := Hash(); again != first {
		t.Fatalf("the hash changed from %s to %s", first, again)
	}
}

// loads matches what makes a browser fetch something from another place. A namespace such as
// xmlns="http://www.w3.org/2000/svg" is only a name, and no match.
var loads = regexp.MustCompile(`(?i)(\bsrc\s*=\s*["']?|url\(\s*["']?|@import\s+["']?|\bimport\s*\(?\s*["']|\bfrom\s+["'])(https?:)?//`)

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	files := 0
	each(t, func(name, content string) {
		files++
		if found := loads.FindString(content); found != "" {
			t.Errorf("%s loads from elsewhere: %s", name, found)
		}
	})
	if files < 20 {
		t.Fatalf("%d files were looked at: the test has lost what it is about", files)
	}
}

func TestTheTestWouldSeeAnOutsideURL(t *testing.T) {
	for _, line := range []string{
		`@import "https://example.org/a.css"`,
		`background: url(https://example.org/a.png)`,
		`background: url("//example.org/a.png")`,
		`import { a } from "https://example.org/a.js"`,
		`import("http://example.org/a.js")`,
		`<img src="http://example.org/a.png">`,
	} {
		if !loads.MatchString(line) {
			t.Errorf("not seen: %s", line)
		}
	}
}

func TestBootstrapIsTheOneThatWasVendored(t *testing.T) {
	const folder = "vendor/bootstrap"
	sums, err := FS.ReadFile(folder + "/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS: cannot read %q", line)
		}
		content, err := FS.ReadFile(path.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not the file that was vendored", name)
		}
	}
}

func each(t *testing.T, do func(name, content string)) {
	t.Helper()
	err := fs.WalkDir(FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := FS.ReadFile(name)
		do(name, string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
