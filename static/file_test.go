package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"

	brotli "github.com/molecule-man/go-brrr"
)

// unpacked is what a browser makes of a body.
func unpacked(t *testing.T, body []byte, encoding string) []byte {
	t.Helper()
	var reader io.Reader = bytes.NewReader(body)
	switch encoding {
	case "br":
		reader = brotli.NewReader(reader)
	case "gzip":
		var err error
		if reader, err = gzip.NewReader(reader); err != nil {
			t.Fatal(err)
		}
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestEveryFileArrivesAsItIsHoweverItIsSent(t *testing.T) {
	for _, name := range names() {
		file, ok := Open(name)
		if !ok {
			t.Fatalf("%s is not there", name)
		}
		plain, encoding := file.Body("")
		if encoding != "" || len(plain) == 0 || len(plain) > len(read(name)) {
			t.Errorf("%s: %d bytes of %d, %q", name, len(plain), len(read(name)), encoding)
		}
		for _, asked := range []string{"br", "gzip", "zstd"} {
			body, encoding := file.Body(asked)
			if encoding != "" && encoding != asked {
				t.Errorf("%s: asked for %s, got %s", name, asked, encoding)
			}
			if !bytes.Equal(unpacked(t, body, encoding), plain) {
				t.Errorf("%s is another file in %s", name, asked)
			}
		}
	}
}

func TestAFileIsMadeAsSmallAsItCanBeMeanwhile(t *testing.T) {
	for _, name := range []string{"js/chat-room.js", "css/message.css"} {
		file, _ := Open(name)
		quick, _ := file.Body("br")
		waiting.Add(1)
		file.improve()
		best, encoding := file.Body("br")
		if encoding != "br" || len(best) > len(quick) || !bytes.Equal(unpacked(t, best, encoding), file.plain()) {
			t.Errorf("%s: %d bytes of %s after %d", name, len(best), encoding, len(quick))
		}
		if again, _ := file.Body("br"); &again[0] != &best[0] {
			t.Errorf("%s is compressed each time", name)
		}
	}
}

func TestWhatIsCompressedAlreadyOrTinyIsSentAsItIs(t *testing.T) {
	picture, _ := Open("icons/icon-192.png")
	if body, encoding := picture.Body("br"); encoding != "" || !bytes.Equal(body, read("icons/icon-192.png")) {
		t.Errorf("a picture comes as %q", encoding)
	}
	tiny := &File{name: "a.js", plain: func() []byte { return []byte("a()") }}
	if body, encoding := tiny.Body("br"); encoding != "" || string(body) != "a()" {
		t.Errorf("what grows comes as %q", encoding)
	}
}

func TestNoFileIsFoundByAnotherName(t *testing.T) {
	for _, name := range []string{"", ".", "css", "css/", "/css/tokens.css", "../static.go", "css/../css/tokens.css", "nope.css"} {
		if _, ok := Open(name); ok {
			t.Errorf("%q is a file", name)
		}
	}
}

func TestTheProgramsModulesAreFoundThroughTheirImports(t *testing.T) {
	found := Modules()
	if found[0] != "js/app.js" {
		t.Errorf("the program is not the first of %v", found)
	}
	for _, want := range []string{"js/chat-room.js", "js/socket.js", "js/uuid.js"} { // directly, and through others
		if !slices.Contains(found, want) {
			t.Errorf("%s is not among %v", want, found)
		}
	}
	for _, name := range found {
		if _, ok := Open(name); !ok {
			t.Errorf("%s is imported and not there", name)
		}
		if strings.HasPrefix(name, "vendor/") || name == "sw.js" {
			t.Errorf("%s is no part of the first load", name)
		}
	}
	if all := slices.Compact(slices.Sorted(slices.Values(found))); len(all) != len(found) {
		t.Error("a module is told twice")
	}
}

func TestWhatIsAnImportIsSeenAndNothingElse(t *testing.T) {
	for line, want := range map[string]string{
		`import { a } from './a.js';`:               "./a.js",
		"import {\n  a,\n  b,\n} from \"./a.js\"":   "./a.js",
		`import './a.js';`:                          "./a.js",
		`import * as a from '../a.js';`:             "../a.js",
		`export { a } from './a.js';`:               "./a.js",
		`const a = await import('./a.js');`:         "",
		`  import('./a.js');`:                       "",
		`/** @returns {import('./a.js').A|null} */`: "",
		`import a from 'elsewhere';`:                "",
		"export const a = 1;\nsay(' from ./a.js')":  "",
	} {
		got := ""
		if match := imports.FindStringSubmatch(line); match != nil {
			got = match[1]
		}
		if got != want {
			t.Errorf("%s: %q instead of %q", line, got, want)
		}
	}
}
