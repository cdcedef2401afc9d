package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// core are the packages whose files form no circle, and whose types have their methods in at
// most two files, except those in circular and scattered.
var core = []string{"chat", "cluster", "fair", "journal", "jsonstring", "live", "names", "node", "task"}

// circular are the files of a package that may refer to each other in a circle, and why.
var circular = map[string]struct{ files, why string }{
	"live": {"backfiller.go flow.go hub.go pump.go room.go subscriptions.go", "a subscription belongs to a room and a room to the hub, and each calls the one above"},
}

// scattered are the types whose methods may be in more than two files, and why.
var scattered = map[string]string{
	"chat.Chat": "it is the API: each use case is in the file of its noun",
}

// sources parses the files of a package that are not tests, by name.
func sources(t *testing.T, folder string) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s has no files, %v", folder, err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_gen.go") {
			continue
		}
		files[filepath.Base(path)] = parse(t, path, nil)
	}
	return files
}

func parse(t *testing.T, path string, source any) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// uses returns for each file the files that declare what it names. A method counts where its
// type is declared.
func uses(files map[string]*ast.File) map[string][]string {
	declared := map[string]string{}
	for name, file := range files {
		for object := range file.Scope.Objects {
			declared[object] = name
		}
	}
	uses := map[string][]string{}
	for name, file := range files {
		for _, foreign := range file.Unresolved {
			if in := declared[foreign.Name]; in != "" && in != name && !slices.Contains(uses[name], in) {
				uses[name] = append(uses[name], in)
			}
		}
	}
	return uses
}

// circles returns the files from which a way leads back to themselves, sorted.
func circles(uses map[string][]string) (files []string) {
	for from := range uses {
		seen := map[string]bool{}
		for next := slices.Clone(uses[from]); len(next) > 0; {
			at := next[0]
			next = next[1:]
			if !seen[at] {
				seen[at] = true
				next = append(next, uses[at]...)
			}
		}
		if seen[from] {
			files = append(files, from)
		}
	}
	slices.Sort(files)
	return files
}

// spread returns the types whose methods are in more than two files, with these files.
func spread(files map[string]*ast.File) map[string][]string {
	methods := map[string][]string{}
	for name, file := range files {
		for _, declaration := range file.Decls {
			if f, is := declaration.(*ast.FuncDecl); is && f.Recv != nil {
				receiver := receiverName(f.Recv.List[0].Type)
				if !slices.Contains(methods[receiver], name) {
					methods[receiver] = append(methods[receiver], name)
				}
			}
		}
	}
	for receiver, in := range methods {
		if len(in) <= 2 {
			delete(methods, receiver)
		}
	}
	return methods
}

func receiverName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// maxFiles and maxLines are how many files a package of the core has, and how long one is.
const maxFiles, maxLines = 15, 300

// manyFiles are the packages with more files: how many, and why.
var manyFiles = map[string]struct {
	files int
	why   string
}{
	"chat": {21, "it has the nouns and the use cases of everything"},
}

// oversized returns what is wrong with the number of files and their lengths.
func oversized(lines map[string]int, most int) (faults []string) {
	if len(lines) > most {
		faults = append(faults, fmt.Sprintf("%d files, at most %d", len(lines), most))
	}
	for name, count := range lines {
		if count > maxLines {
			faults = append(faults, fmt.Sprintf("%s has %d lines, at most %d", name, count, maxLines))
		}
	}
	slices.Sort(faults)
	return faults
}

func TestTheFilesOfTheCoreAreFewAndShort(t *testing.T) {
	for _, folder := range core {
		lines := map[string]int{}
		for name := range sources(t, folder) {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			lines[name] = strings.Count(string(text), "\n")
		}
		for _, fault := range oversized(lines, max(maxFiles, manyFiles[folder].files)) {
			t.Errorf("%s: %s; join or divide files by noun", folder, fault)
		}
	}
}

// The refusal: one file too many and a long one are found.
func TestManyFilesAndLongOnesAreFound(t *testing.T) {
	faults := oversized(map[string]int{"a.go": maxLines, "b.go": maxLines + 1, "c.go": 1}, 2)
	if fmt.Sprint(faults) != "[3 files, at most 2 b.go has 301 lines, at most 300]" {
		t.Errorf("found %q", faults)
	}
}

func TestTheFilesOfTheCoreFormNoCircle(t *testing.T) {
	for _, folder := range core {
		found, allowed := circles(uses(sources(t, folder))), circular[folder]
		if strings.Join(found, " ") != allowed.files {
			t.Errorf("in %s these files refer to each other in circles: %v; allowed: %q, since %q", folder, found, allowed.files, allowed.why)
		}
	}
}

func TestTheMethodsOfATypeAreTogether(t *testing.T) {
	found := map[string]bool{}
	for _, folder := range core {
		for receiver, in := range spread(sources(t, folder)) {
			name := folder + "." + receiver
			if found[name] = true; scattered[name] == "" {
				slices.Sort(in)
				t.Errorf("the methods of %s are in %d files: %v", name, len(in), in)
			}
		}
	}
	for name := range scattered {
		if !found[name] {
			t.Errorf("%s need not be listed as scattered", name)
		}
	}
}

// The refusal: a circle of three files and a type in three files are found.
func TestCirclesAndScatteredMethodsAreFound(t *testing.T) {
	files := map[string]*ast.File{
		"a.go": parse(t, "a.go", "package p\ntype A struct{ b *B }\nfunc (A) one() {}"),
		"b.go": parse(t, "b.go", "package p\ntype B int\nfunc f() { g() }\nfunc (*A) two() {}"),
		"c.go": parse(t, "c.go", "package p\nfunc g() { var a A; a.f() }\nfunc (A) three() {}"),
		"d.go": parse(t, "d.go", "package p\nfunc h() { f := 1; _ = f; g() }"),
	}
	if found := circles(uses(files)); fmt.Sprint(found) != "[a.go b.go c.go]" {
		t.Errorf("%v are in a circle", found)
	}
	if found := spread(files); len(found) != 1 || len(found["A"]) != 3 {
		t.Errorf("%v are in more than two files", found)
	}
}

// mainFile finds the first file of a numbered step in docs/architecture.md, which is the
// one to read; the others are beside the way.
var mainFile = regexp.MustCompile(`(?m)^\d+\. \[[^\]]+\]\(\.\./([^)]+)\)`)

// wayOf returns the main files of a message's way in each part of a document: in the
// author's browser, into the server, out of it, and in the reader's browser.
func wayOf(document string) (parts [][]string) {
	_, way, _ := strings.Cut(document, "\n## The way of a message\n")
	way, _, _ = strings.Cut(way, "\n## ")
	for _, part := range strings.Split(way, "\n**In ")[1:] {
		var files []string
		for _, step := range mainFile.FindAllStringSubmatch(part, -1) {
			files = append(files, step[1])
		}
		parts = append(parts, files)
	}
	return parts
}

// returnsTo returns the packages that the files leave and come back to.
func returnsTo(files []string) (packages []string) {
	var left []string
	for i := 1; i < len(files); i++ {
		if from, to := filepath.Dir(files[i-1]), filepath.Dir(files[i]); from != to {
			left = append(left, from)
			if slices.Contains(left, to) {
				packages = append(packages, to)
			}
		}
	}
	return packages
}

func TestTheWayOfAMessageIsShort(t *testing.T) {
	document, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := wayOf(string(document))
	if len(parts) != 4 {
		t.Fatalf("the way has %d parts", len(parts))
	}
	all := slices.Concat(parts...)
	for _, file := range all {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > 20 || len(all) < 15 {
		t.Errorf("the way of a message has %d files: %v", len(all), all)
	}
	for _, part := range parts[1:3] { // in the server
		if back := returnsTo(part); len(back) > 0 {
			t.Errorf("the way %v turns back to %v", part, back)
		}
	}
}

// The refusal: a way that turns back is found.
func TestAWayThatTurnsBackIsFound(t *testing.T) {
	const document = `# A

## The way of a message

**In the server**
1. [a](../ws/a.go), see [b](../x/b.go)
2. [c](../chat/c.go)
3. [d](../chat/d.go)
4. [e](../ws/e.go)

## B
5. [f](../chat/f.go)`
	parts := wayOf(document)
	if fmt.Sprint(parts) != "[[ws/a.go chat/c.go chat/d.go ws/e.go]]" {
		t.Fatalf("the way is %v", parts)
	}
	if back := returnsTo(parts[0]); fmt.Sprint(back) != "[ws]" {
		t.Errorf("it turns back to %v", back)
	}
}
