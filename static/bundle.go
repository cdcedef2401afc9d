package static

import (
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/evanw/esbuild/pkg/api"
)

// entries are the files that pages link to. Each is served bundled with everything it
// imports, so that a page loads one module and one style sheet. js/details.js and
// css/details.css are what app.js loads later.
var entries = []string{"js/app.js", "js/details.js", "js/account.js", "css/app.css", "css/app.rtl.css", "css/details.css"}

// mapSuffix is appended to the name of an entry for its source map.
const mapSuffix = ".map"

// bundles holds the bundled entries by name. They are built at the first request.
var bundles = sync.OnceValue(func() map[string][]byte {
	time.AfterFunc(settled, freeMemory)
	return bundle(api.SourceMapNone)
})

// settled is how long after the start a first page has been bundled, compressed, and sent.
const settled = 5 * time.Second

// freeMemory returns to the system the memory that bundling and compressing used: 30 MB. The
// first collection clears pools, the second one frees their contents.
func freeMemory() {
	runtime.GC()
	debug.FreeOSMemory()
}

// sourceMaps holds the source maps by name. A browser requests one only while its
// developer tools are open, so they are made by a second build and not with bundles.
var sourceMaps = sync.OnceValue(func() map[string][]byte { return bundle(api.SourceMapExternal) })

// content returns what is served under a name: entries are bundled, third-party files
// and the service worker are minified, and our sources are unchanged, because source
// maps refer to them.
func content(name string) []byte {
	switch {
	case slices.Contains(entries, name):
		return append(slices.Clip(bundles()[name]), mapComment(name)...)
	case strings.HasSuffix(name, mapSuffix):
		return sourceMaps()[name]
	case path.Ext(name) == ".js" && (strings.HasPrefix(name, "vendor/") || name == "sw.js"):
		return minified(name)
	}
	return read(name)
}

// maps returns the names of the source maps.
func maps() []string {
	var found []string
	for _, name := range entries {
		found = append(found, name+mapSuffix)
	}
	return found
}

// mapComment returns the line by which developer tools find the source map of an
// entry.
func mapComment(name string) string {
	comment := "# sourceMappingURL=" + path.Base(name) + mapSuffix
	if path.Ext(name) == ".css" {
		return "/*" + comment + " */\n"
	}
	return "//" + comment + "\n"
}

// bundle builds the entries, with or without source maps. It panics on a source
// that is not valid JavaScript or CSS; the tests build the same embedded files.
func bundle(sourceMaps api.SourceMap) map[string][]byte {
	result := api.Build(api.BuildOptions{
		EntryPoints: entries,
		// The file system of FS, at the root. Nothing is read from or written to the disk.
		AbsWorkingDir: "/", Outbase: "/", Outdir: "/",
		Plugins: []api.Plugin{{Name: "embedded", Setup: readEmbedded}},
		Bundle:  true,
		Format:  api.FormatESModule,
		// The sources use only what the browsers in docs/browsers.md support.
		Target:            api.ESNext,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsInline, // Bootstrap's licence
		Sourcemap:         sourceMaps,
		SourcesContent:    api.SourcesContentExclude,
	})
	must(result.Errors, result.Warnings)
	made := map[string][]byte{}
	for _, file := range result.OutputFiles {
		made[strings.TrimPrefix(file.Path, "/")] = file.Contents
	}
	return made
}

// minified returns a single script without comments and whitespace.
func minified(name string) []byte {
	result := api.Transform(string(read(name)), api.TransformOptions{
		Target:            api.ESNext,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
	})
	must(result.Errors, result.Warnings)
	return result.Code
}

// must panics if esbuild reports anything.
func must(problems ...[]api.Message) {
	for _, messages := range problems {
		if len(messages) > 0 {
			panic("static: " + strings.Join(api.FormatMessages(messages, api.FormatMessagesOptions{}), ""))
		}
	}
}

// readEmbedded makes esbuild resolve imports within FS and load files from it.
func readEmbedded(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		switch args.Kind {
		case api.ResolveCSSURLToken:
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		case api.ResolveJSDynamicImport: // of another entry, beside this one
			return api.OnResolveResult{Path: "./" + path.Base(args.Path), External: true}, nil
		}
		return api.OnResolveResult{Path: path.Join("/", path.Dir(args.Importer), args.Path)}, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: ".*"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		content, err := FS.ReadFile(strings.TrimPrefix(args.Path, "/"))
		if err != nil {
			return api.OnLoadResult{}, fmt.Errorf("read a source: %w", err)
		}
		source, loader := string(content), api.LoaderJS
		if path.Ext(args.Path) == ".css" {
			loader = api.LoaderCSS
		}
		return api.OnLoadResult{Contents: &source, Loader: loader}, nil
	})
}
