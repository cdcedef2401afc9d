package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// ends are the methods by which a test takes the server, or the connection to it, away from
// a page.
var ends = []string{"Stop", "Break", "Cut"}

// unexpected returns the functions that take the server away from an open page and do not
// expect what Chromium logs then. It logs it only sometimes, so that such a test fails only
// sometimes. A page is open after NewBrowser.
func unexpected(file *ast.File) (functions []string) {
	for _, declaration := range file.Decls {
		function, is := declaration.(*ast.FuncDecl)
		if !is {
			continue
		}
		opens, expects, ended := token.NoPos, false, false
		ast.Inspect(function, func(node ast.Node) bool {
			call, is := node.(*ast.CallExpr)
			if !is {
				return true
			}
			switch callee := call.Fun.(type) {
			case *ast.Ident:
				if callee.Name == "NewBrowser" && opens == token.NoPos {
					opens = callee.Pos()
				}
			case *ast.SelectorExpr:
				expects = expects || callee.Sel.Name == "ExpectsOutages"
				router := fmt.Sprint(callee.X) == "router" // a request router ends with its browser
				ended = ended || slices.Contains(ends, callee.Sel.Name) && opens != token.NoPos && !router
			}
			return true
		})
		if ended && !expects {
			functions = append(functions, function.Name.Name)
		}
	}
	return functions
}

func TestEveryOutageOfABrowserTestIsExpected(t *testing.T) {
	paths, err := filepath.Glob("e2e/*_test.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no browser tests, %v", err)
	}
	for _, path := range paths {
		if functions := unexpected(parse(t, path, nil)); len(functions) > 0 {
			t.Errorf("%s: %v do not call browser.ExpectsOutages", path, functions)
		}
	}
}

// The refusal: an outage that is not expected is found.
func TestEveryUnexpectedOutageIsFound(t *testing.T) {
	const source = `package e2e
func TestA(t *testing.T) { world, browser := chattest.NewWorld(t), NewBrowser(t); browser.ExpectsOutages(); world.Stop() }
func TestB(t *testing.T) { f, browser := chattest.NewFleet(t, 2), NewBrowser(t); for range 2 { f.Nodes[1].Stop() } }
func TestC(t *testing.T) { world := chattest.NewWorld(t); world.Stop(); NewBrowser(t) }
func TestD(t *testing.T) { browser := NewBrowser(t); newWire(t, "").Break() }`
	if found := unexpected(parse(t, "a.go", source)); fmt.Sprint(found) != "[TestB TestD]" {
		t.Errorf("found are %v", found)
	}
}
