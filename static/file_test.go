package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	brotli "github.com/molecule-man/go-brrr"
)

// unpacked decompresses a body as a browser would.
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
		if encoding != "" || len(plain) == 0 {
			t.Errorf("%s: %d bytes, %q", name, len(plain), encoding)
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

func TestAFileIsCompressedOnce(t *testing.T) {
	for _, encoding := range []string{"br", "gzip"} {
		file, _ := Open("js/app.js")
		first, _ := file.Body(encoding)
		if again, _ := file.Body(encoding); &again[0] != &first[0] {
			t.Errorf("js/app.js is compressed with %s each time", encoding)
		}
	}
}

func TestWhatIsCompressedAlreadyOrTinyIsSentAsItIs(t *testing.T) {
	picture, _ := Open("icons/icon-192.png")
	if body, encoding := picture.Body("br"); encoding != "" || !bytes.Equal(body, read("icons/icon-192.png")) {
		t.Errorf("a picture comes as %q", encoding)
	}
	tiny := newFile("a.js", func() []byte { return []byte("a()") })
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
