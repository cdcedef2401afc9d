package static

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func entry(t *testing.T, name string) string {
	t.Helper()
	file, ok := Open(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	body, _ := file.Body("")
	return string(body)
}

func TestTheModuleOfAPageImportsNothingMore(t *testing.T) {
	program := entry(t, "js/app.js")
	later := `import("./details.js")`
	if !strings.Contains(program, later) {
		t.Errorf("details.js is not loaded by %s", later)
	}
	if found := regexp.MustCompile(`\b(?:import|from)\s*\(?["'][^"']*["']`).FindString(strings.ReplaceAll(program, later, "")); found != "" {
		t.Errorf("a browser has to load another module for %s", found)
	}
	for _, element := range []string{"chat-room", "message-list", "settings-dialog"} {
		if !strings.Contains(program, `customElements.define("`+element+`"`) {
			t.Errorf("<%s> is not defined", element)
		}
	}
}

func TestTheStyleSheetOfAPageIsInTheOrderOfItsLayers(t *testing.T) {
	const order = "@layer scriptless,bootstrap,tokens,base,components,first-paint,print;"
	for _, name := range []string{"css/app.css", "css/app.rtl.css"} {
		sheet := entry(t, name)
		if strings.Contains(sheet, "@import") || strings.Index(sheet, order) != strings.Index(sheet, "@layer") {
			t.Errorf("%s begins with %.200s", name, sheet)
		}
		if rtl := strings.Contains(sheet, "ol,ul{padding-right:2rem}"); rtl != strings.HasSuffix(name, ".rtl.css") {
			t.Errorf("%s has the Bootstrap of the other direction", name)
		}
	}
}

// A style sheet or module that nothing imports would never reach a page.
func TestEverySourceIsInABundle(t *testing.T) {
	var bundled []string
	for _, name := range maps() {
		var sourceMap struct{ Sources []string }
		if err := json.Unmarshal([]byte(entry(t, name)), &sourceMap); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, source := range sourceMap.Sources {
			source = path.Join(path.Dir(name), source)
			if _, ok := Open(source); !ok {
				t.Errorf("%s names %s, which developer tools cannot load", name, source)
			}
			bundled = append(bundled, source)
		}
	}
	for _, name := range names() {
		ours := strings.HasPrefix(name, "js/") || strings.HasPrefix(name, "css/")
		if ours && name != "css/parts.css" && !slices.Contains(entries, name) && !slices.Contains(bundled, name) {
			t.Errorf("%s is in no bundle", name)
		}
	}
}

func TestDeveloperToolsFindTheSources(t *testing.T) {
	for _, name := range entries {
		comment := regexp.MustCompile(`# sourceMappingURL=(\S+)`).FindStringSubmatch(entry(t, name))
		if comment == nil || path.Join(path.Dir(name), comment[1]) != name+".map" {
			t.Errorf("%s names the source map %q", name, comment)
		}
	}
	if source, _ := Open("js/lib/words.js"); !bytes.Equal(source.plain(), read("js/lib/words.js")) {
		t.Error("a source is not served as it is written")
	}
}

func TestTwoBuildsOfTheSameSourcesAreTheSame(t *testing.T) {
	for name, again := range bundle(0) {
		if !bytes.Equal(again, bundles()[name]) {
			t.Errorf("%s is another one each time: the machines of a fleet would have different hashes", name)
		}
	}
}
