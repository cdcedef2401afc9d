package handlers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"testing"
)

// maxHandler is how many lines a handler has at most: decode, call, encode.
const maxHandler = 15

// A handler decodes a request, calls the chat, and encodes the answer. What takes longer is a
// function of its own, or a rule that belongs into another package.
func TestHandlersAreThin(t *testing.T) {
	handlers := 0
	for _, folder := range []string{".", "ops", "pages", "request", "socket"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, declared := range file.Decls {
				f, is := declared.(*ast.FuncDecl)
				if !is || types.ExprString(f.Type) != "func(c *fiber.Ctx) error" && types.ExprString(f.Type) != "func(c *fiber.Ctx) (err error)" {
					continue
				}
				handlers++
				if lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line - 1; lines > maxHandler {
					t.Errorf("%s: %s has %d lines, and a handler at most %d", name, f.Name.Name, lines, maxHandler)
				}
			}
		}
	}
	if handlers < 30 {
		t.Errorf("only %d handlers were found", handlers)
	}
}
