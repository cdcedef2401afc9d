package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house says which of our packages a package may import, and which other packages it
// must not depend on; docs/adr/0001 gives the reasons. Every package must be listed
// here.
var house = map[string]struct {
	may     []string
	mustNot []string // not even indirectly
}{
	// Each of these costs every first go run seconds, and the binary megabytes:
	// docs/adr/0029-a-light-exporter.md.
	"":         {may: []string{"commands"}, mustNot: []string{"google.golang.org/grpc", "github.com/grpc-ecosystem/grpc-gateway/v2/runtime", "golang.org/x/net/http2", "google.golang.org/protobuf/reflect/protoreflect"}},
	"broker":   {may: []string{"chat", "task"}, mustNot: []string{"database/sql", fiber, fasthttp}},
	"commands": {may: []string{"accounts", "accounts/oidc", "broker", "chat", "chatv1", "cluster", "config", "doctor", "handlers", "handlers/pages", "handlers/socket", "markdown", "metrics", "node", "store", "task", "telemetry"}},
	"config":   {mustNot: []string{"database/sql", "net/http"}},
	"chat":     {may: []string{"emoji", "fair", "jsonstring", "names"}, mustNot: []string{"database/sql", "net/http", "html/template", fiber, fasthttp}},
	// Identity providers are asked over HTTP.
	"accounts":        {may: []string{"accounts/oidc", "accounts/passkeys", "chat", "task"}, mustNot: []string{"database/sql", "html/template", fiber, fasthttp}},
	"live":            {may: []string{"chat", "fair", "task"}, mustNot: []string{"database/sql", "net/http", "html/template", fiber, fasthttp}},
	"journal":         {may: []string{"chat", "fair", "task"}, mustNot: []string{"database/sql", "net/http", "html/template", fiber, fasthttp}},
	"cluster":         {may: []string{"chat", "live", "task"}, mustNot: []string{"database/sql", "net/http", "html/template", fiber, fasthttp}},
	"node":            {may: []string{"chat", "fair", "journal", "live"}, mustNot: []string{"database/sql", "net/http", "html/template", fiber, fasthttp}},
	"store":           {may: []string{"accounts", "chat", "jsonstring"}, mustNot: []string{"html/template", fiber, fasthttp}},
	"handlers":        {may: []string{"accounts", "accounts/passkeys", "chat", "chatv1", "handlers/ops", "handlers/pages", "handlers/request", "handlers/signin", "handlers/socket", "locales", "static", "telemetry", "views", "ws"}, mustNot: []string{"database/sql", "modernc.org/sqlite", "zombiezen.com/go/sqlite"}},
	"handlers/ops":    {may: []string{"chat", "handlers/request"}, mustNot: []string{"database/sql", "modernc.org/sqlite", "zombiezen.com/go/sqlite"}},
	"handlers/pages":  {may: []string{"chat", "chatv1", "handlers/request", "locales", "static", "views"}, mustNot: []string{"database/sql", "modernc.org/sqlite", "zombiezen.com/go/sqlite"}},
	"handlers/signin": {may: []string{"accounts", "accounts/oidc", "accounts/passkeys", "chat", "handlers/pages", "handlers/request"}, mustNot: []string{"database/sql", "modernc.org/sqlite", "zombiezen.com/go/sqlite"}},
	"handlers/socket": {may: []string{"chat", "chatv1", "handlers/request", "telemetry", "ws"}, mustNot: []string{"database/sql", "modernc.org/sqlite", "zombiezen.com/go/sqlite", "html/template"}},
	// What the routes share, so it knows none of them.
	"handlers/request": {may: []string{"accounts", "chat", "chatv1", "locales", "static", "telemetry"}, mustNot: []string{"database/sql", "modernc.org/sqlite", "zombiezen.com/go/sqlite"}},
	"names":            {mustNot: []string{"database/sql", "net/http", fiber, fasthttp}},
	"fair":             {mustNot: []string{"database/sql", "net/http", fiber, fasthttp}},
	"task":             {mustNot: []string{"database/sql", "net/http", fiber, fasthttp}},
	"jsonstring":       {mustNot: []string{"database/sql", "net/http", fiber, fasthttp}},
	"chatv1":           {may: []string{"chat", "jsonstring", "ws"}, mustNot: []string{"database/sql", "net/http", "html/template", fiber, fasthttp}},
	"ws":               {mustNot: []string{"database/sql", "net/http", fiber, fasthttp}},
	"locales":          {mustNot: []string{fiber, fasthttp}},
	"views":            {may: []string{"locales"}},
	"markdown":         {may: []string{"chat", "jsonstring"}, mustNot: []string{"database/sql", "net/http", fiber, fasthttp}},
	"static":           {},
	"doctor":           {may: []string{"broker", "chat", "config", "handlers/ops", "store", "telemetry"}},
	"telemetry":        {may: []string{"chat", "metrics", "otlp"}, mustNot: []string{"database/sql", fiber, fasthttp}},
	"metrics":          {mustNot: []string{"database/sql", fiber, fasthttp}},
	"otlp":             {mustNot: []string{"database/sql", fiber, fasthttp}},
	// What signs in knows no accounts, and accounts do not know how somebody signed in.
	"accounts/oidc":          {mustNot: []string{"database/sql", "html/template", fiber, fasthttp}},
	"accounts/passkeys":      {mustNot: []string{"database/sql", "html/template", fiber, fasthttp}},
	"chattest/authenticator": {},
	"chattest/idp":           {},
	"chattest/tcp":           {},
	"chattest":               {may: []string{"accounts", "chat", "commands", "config", "store", "telemetry"}},
	"deploy":                 {},
	"fleet":                  {may: []string{"chattest"}},
	"e2e":                    {may: []string{"chattest", "chattest/idp", "config", "locales", "telemetry"}},
	"bench":                  {may: []string{"chat", "store"}, mustNot: []string{fiber, fasthttp}},
	"emoji":                  {},
	// The floor must be as bare as possible.
	"bench/floor": {mustNot: []string{"net/http", fiber, fasthttp}},
	// The same server with another store.
	"bench/unstored": {may: []string{"chat", "commands", "config"}},
	// The load of a fleet is computed, not run.
	"bench/fleet": {mustNot: []string{"net/http", fiber, fasthttp}},
	// The peers use none of our code.
	"bench/peers/naive":     {},
	"bench/peers/gorilla":   {},
	"bench/peers/peerstest": {},
	// Programs may copy the client, so it needs nothing from the server.
	"client":      {mustNot: []string{"database/sql", fiber, fasthttp}},
	"examples":    {},
	"examples/go": {may: []string{"client"}},
}

const fiber, fasthttp = "github.com/gofiber/fiber/v2", "github.com/valyala/fasthttp"

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// list returns the imports of a module's packages; its folder is "." or "bench".
func list(t *testing.T, module string) []listed {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), "go", "-C", module, "list", "-json=ImportPath,Imports,Deps", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// ours returns the path of a package below the module, if it is one of ours.
func ours(path string) (string, bool) {
	if path == "chatserver" {
		return "", true
	}
	return strings.CutPrefix(path, "chatserver/")
}

// rules are the packages without input or output.
var rules = []string{"chat", "cluster", "fair", "journal", "jsonstring", "live", "names", "node", "task"}

// ofTheRules reports whether the rules may import a package: texts, ids and a container,
// without input or output.
func ofTheRules(path string) bool {
	return strings.HasPrefix(path, "golang.org/x/text/") || path == "github.com/google/uuid" || path == "github.com/hashicorp/golang-lru/v2"
}

func TestImportsPointInward(t *testing.T) {
	seen := 0
	for _, p := range append(list(t, "."), list(t, "bench")...) {
		name, _ := ours(p.ImportPath)
		room, known := house[name]
		if !known {
			t.Errorf("package %s is not listed in house", p.ImportPath)
			continue
		}
		seen++
		for _, path := range p.Imports {
			if imported, is := ours(path); is && !slices.Contains(room.may, imported) {
				t.Errorf("%s must not import %s", p.ImportPath, path)
			}
		}
		for _, path := range p.Imports {
			if slices.Contains(rules, name) && strings.Contains(path, ".") && !ofTheRules(path) {
				t.Errorf("%s imports %s, but it may contain only rules", name, path)
			}
		}
		for _, path := range room.mustNot {
			if slices.Contains(p.Deps, path) {
				t.Errorf("%s depends on %s", p.ImportPath, path)
			}
		}
	}
	if seen < len(house) {
		t.Errorf("only %d packages were checked", seen)
	}
}

// Test support is not part of the program.
func TestTheProgramHasNoTestSupport(t *testing.T) {
	for _, p := range list(t, ".") {
		if p.ImportPath != "chatserver" {
			continue
		}
		for _, path := range p.Deps {
			if strings.HasPrefix(path, "chatserver/chattest") || strings.HasPrefix(path, "github.com/coder/") {
				t.Errorf("the program contains %s", path)
			}
			if name, is := ours(path); is && strings.HasPrefix(name, "examples") {
				t.Errorf("the program contains %s", path)
			}
		}
	}
}

// selected returns the versions of a module's dependencies, by path.
func selected(t *testing.T, module string) map[string]string {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), "go", "-C", module, "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{with .Replace}}{{.Path}} {{.Version}}{{else}}{{.Version}}{{end}}{{end}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	versions := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, version, found := strings.Cut(strings.TrimSpace(line), " "); found {
			versions[path] = version
		}
	}
	return versions
}

// The benchmark is a module of its own: it adds no dependency to ours, and measures the
// server with the same versions that users get.
func TestTheBenchmarkAddsNothingAndMeasuresWhatPeopleGet(t *testing.T) {
	ours, theirs := selected(t, "."), selected(t, "bench")
	const alone = "github.com/gorilla/websocket" // of a peer
	if ours[alone] != "" || theirs[alone] == "" {
		t.Errorf("%s is %q in ours and %q in the benchmark's", alone, ours[alone], theirs[alone])
	}
	common := 0
	for path, version := range ours {
		if theirs[path] == "" || strings.HasPrefix(path, "chatserver") {
			continue
		}
		if common++; theirs[path] != version {
			t.Errorf("%s is %s, and %s in the benchmark", path, version, theirs[path])
		}
	}
	if common < 20 {
		t.Errorf("only %d modules were compared", common)
	}
}

// Older versions of fasthttp's parser accept requests that a proxy may interpret
// differently. None of our dependencies requires a newer version.
func TestTheParserIsNew(t *testing.T) {
	out, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Version}}", fasthttp).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(string(out), "v%d.%d.%d", &major, &minor, &patch); err != nil || major != 1 || minor < 77 {
		t.Errorf("fasthttp is %s, %v; it must be v1.77.0 or newer", out, err)
	}
}
