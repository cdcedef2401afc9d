package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// forPeople lists the uses of the wall clock, which may jump: times that are shown or
// stored, and never waited for.
var forPeople = map[string]string{
	"chat/moves.go":                "when messages were moved",
	"store/moves.go":               "when messages were removed with the room that they were moved to",
	"handlers/request/guests.go":   "until when a browser keeps its cookie",
	"handlers/request/session.go":  "the expiry of a cookie",
	"handlers/pages/transcript.go": "which day is today",
	"store/erasures.go":            "when an older backup lost a message that was deleted",
	"store/create_rooms.go":        "when a room was created, and how many were within a day",
}

// stripping lists the methods that drop the monotonic clock reading: their results are
// of the wall clock.
var stripping = []string{"UTC", "Local", "In", "Round", "Truncate", "AddDate", "Unix", "UnixMilli", "UnixMicro", "UnixNano", "Format"}

// Times are compared by the monotonic clock, so limits, deadlines and pings neither
// freeze nor expire when the wall clock jumps. Go's times have both readings; this test
// checks that no code drops the monotonic one.
func TestWaitsUseTheMonotonicClock(t *testing.T) {
	found := map[string]bool{}
	for _, folder := range []string{"chat", "cluster", "commands", "fair", "handlers", "journal", "live", "markdown", "names", "node", "store", "task"} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, use := range wallClock(t, path) {
				found[filepath.ToSlash(path)] = true
				if forPeople[filepath.ToSlash(path)] == "" {
					t.Errorf("%s: the wall clock may jump", use)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for path := range forPeople {
		if !found[path] {
			t.Errorf("%s does not use the wall clock", path)
		}
	}
}

// wallClock returns where a file uses the wall clock's reading of time.Now: by a method
// that drops the monotonic one, or by passing the time on.
func wallClock(t *testing.T, path string) (uses []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		call, is := node.(*ast.CallExpr)
		if !is {
			return true
		}
		if method, is := call.Fun.(*ast.SelectorExpr); is && isNow(method.X) && slices.Contains(stripping, method.Sel.Name) {
			uses = append(uses, fmt.Sprint(files.Position(node.Pos())))
		}
		for _, given := range call.Args {
			if isNow(given) {
				uses = append(uses, fmt.Sprint(files.Position(given.Pos())))
			}
		}
		return true
	})
	return uses
}

// isNow reports whether an expression is time.Now().
func isNow(e ast.Expr) bool {
	call, is := e.(*ast.CallExpr)
	if !is {
		return false
	}
	method, is := call.Fun.(*ast.SelectorExpr)
	if !is || method.Sel.Name != "Now" {
		return false
	}
	name, is := method.X.(*ast.Ident)
	return is && name.Name == "time"
}
