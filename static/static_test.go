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

// loads matches markup and code that make a browser load something from another origin. A
// namespace such as xmlns="http://www.w3.org/2000/svg" is only a name, and does not match.
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

func TestWhatOthersPublishedIsWhatWasVendored(t *testing.T) {
	listed := map[string]bool{}
	for _, sums := range []string{"vendor/bootstrap/SHA256SUMS", "vendor/emoji-picker/SHA256SUMS"} {
		listed[sums] = true
		for line := range strings.Lines(string(read(sums))) {
			want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
			if !ok {
				t.Fatalf("%s: cannot read %q", sums, line)
			}
			name = path.Join(path.Dir(sums), name)
			listed[name] = true
			if sum := sha256.Sum256(read(name)); hex.EncodeToString(sum[:]) != want {
				t.Errorf("%s is not the file that was vendored", name)
			}
		}
	}
	each(t, func(name, _ string) {
		if strings.HasPrefix(name, "vendor/") && !listed[name] {
			t.Errorf("%s is in no SHA256SUMS", name)
		}
	})
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
