package static_test

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"chatserver/static"
)

// mayImport lists, for each folder of js/, the folders whose modules it may import: lib is
// usable by any page; model holds the state, without the DOM; net talks to the server; elements
// draw, receive properties, and emit events; page connects them. app.js, the entry, is outside
// the folders.
var mayImport = map[string][]string{
	"lib":      {"lib"},
	"model":    {"model", "lib"},
	"net":      {"net", "model", "lib"},
	"elements": {"elements", "model", "lib"},
	"page":     {"page", "elements", "net", "model", "lib"},
	".":        {"page", "elements", "net", "model", "lib"},
}

// imports matches the modules that a source imports. Types in comments are not imports.
var imports = regexp.MustCompile(`(?m)^(?:import|export)\b(?:[^'";]*\bfrom)? *['"](\.[^'"]+)['"]`)

// arrowsUp returns the imports of the modules below js/ that mayImport does not allow.
func arrowsUp(files fs.FS) (up []string, err error) {
	err = fs.WalkDir(files, "js", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		from, known := mayImport[folderOf(name)]
		if !known {
			up = append(up, name+" is in a folder of its own")
		}
		for _, found := range imports.FindAllSubmatch(source, -1) {
			to := path.Join(path.Dir(name), string(found[1]))
			if !slices.Contains(from, folderOf(to)) {
				up = append(up, fmt.Sprintf("%s imports %s", name, to))
			}
		}
		return nil
	})
	return up, err
}

// folderOf returns the folder of a module below js/, "." for js/ itself.
func folderOf(name string) string {
	if path.Dir(name) == "js" {
		return "."
	}
	return path.Base(path.Dir(name))
}

func TestModulesOfThePageImportInward(t *testing.T) {
	up, err := arrowsUp(static.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, arrow := range up {
		t.Error(arrow)
	}
}

// The model has no DOM, so that it can be tested and understood without a page.
func TestTheModelHasNoDOM(t *testing.T) {
	dom := regexp.MustCompile(`\b(document\.|window\.|HTMLElement|customElements|querySelector)`)
	noCode := regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*|'[^'\n]*'`)
	names, err := fs.Glob(static.FS, "js/model/*.js")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		source, err := fs.ReadFile(static.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := dom.Find(noCode.ReplaceAll(source, nil)); found != nil {
			t.Errorf("%s knows of %s", name, found)
		}
	}
}

func TestAnArrowUpIsFound(t *testing.T) {
	module := func(source string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(source)} }
	up, err := arrowsUp(fstest.MapFS{
		"js/app.js":            module("import './page/chat-room.js';\n"),
		"js/page/chat-room.js": module("import { A } from '../net/socket.js';\n"),
		"js/net/socket.js":     module("export { B } from '../elements/list.js';\n"),
		"js/elements/list.js":  module("/** @type {import('../page/chat-room.js').C} */\nimport {\n  D,\n} from '../net/socket.js';\n"),
	})
	if err != nil || !slices.Equal(up, []string{"js/elements/list.js imports js/net/socket.js", "js/net/socket.js imports js/elements/list.js"}) {
		t.Errorf("found %q, %v", up, err)
	}
}
