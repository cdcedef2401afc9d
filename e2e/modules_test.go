package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/chattest"
)

// moduleTests is the directory of the tests of single modules. The program does not
// contain them.
const moduleTests = "../static/js/test"

// Each file of static/js/test is a module that tests others in a browser: its default
// export returns a description of what is wrong, or an empty string.
func TestModulesOfThePageKeepTheirPromises(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(moduleTests + "/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no tests of modules: %v", err)
	}
	tab := NewBrowser(t).Person()
	tab.Opens(withModuleTests(t, chattest.NewWorld(t)) + "/")
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".js"), func(t *testing.T) {
			wrong, err := tab.page.Eval(`async (name) => {
				const test = await import(new URL('test/' + name, document.querySelector('script[type=module]').src));
				return String(await test.default());
			}`, name)
			if err != nil || wrong.Value.Str() != "" {
				t.Error(wrong, err)
			}
		})
	}
}

// withModuleTests returns the URL of a server that serves static/js/test in addition to
// a world's own files.
func withModuleTests(t *testing.T, world *chattest.World) string {
	t.Helper()
	origin, err := url.Parse(world.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	program := httputil.NewSingleHostReverseProxy(origin)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(path.Dir(r.URL.Path), "/js/test") {
			http.ServeFile(w, r, filepath.Join(moduleTests, path.Base(r.URL.Path)))
			return
		}
		program.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
