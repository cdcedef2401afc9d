package handlers_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"html/template"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/handlers/signin"
	"chatserver/locales"
)

// refusalFormats returns the sentences that handlers can show to people, as the source
// contains them: the formats of validation errors, and the reasons why a connection is
// refused.
func refusalFormats(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, err := range []error{
		chat.ErrNameTaken, chat.ErrNameCheckFailed, chat.ErrFull, chat.ErrAddressFull, chat.ErrStopping, chat.ErrTooManyRooms, chat.ErrAccountName, chat.ErrNoGuests, chat.ErrScope, chat.ErrOtherAccount,
		accounts.ErrTooManyAttempts, accounts.ErrFlow, accounts.ErrNoProvider, accounts.ErrNoIdentity, accounts.ErrIdentityTaken, accounts.ErrLastWayIn, accounts.ErrDisabled,
		accounts.ErrInvitation, accounts.ErrClaimed, accounts.ErrNoPasskey, accounts.ErrPasskeyTaken, accounts.ErrWrongCode, accounts.ErrBusy, accounts.ErrNoSession,
		accounts.ErrWrongPassword, accounts.ErrNoSignUp, accounts.ErrOnlySSO, accounts.ErrNoToken, accounts.ErrNoUser, accounts.ErrNameTaken, accounts.ErrForbidden, accounts.ErrLastOwner,
	} {
		found[err.Error()] = true
	}
	for _, err := range signin.Sentences() {
		found[err.Error()] = true
	}
	found[chat.ClosePolicy.Reason] = true
	for _, folder := range []string{".", "ops", "pages", "request", "signin", "socket", "../accounts", "../chat", "../chatv1", "../live", "../names"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool { collectRefusals(t, n, found); return true })
		}
	}
	return found
}

// sentenceConstants are the constants that hold a sentence.
var sentenceConstants = []string{
	"FormatTooSimilar", "FormatNameKept", "formatTooLong", "reasonInternal", "reasonNotFound", "reasonMethod", "reasonTooMany", "reasonNotReady", "reasonAmbiguous", "reasonDamaged", "reasonLongLink", "ReasonHost",
	"reasonCrossSite", "reasonUnreadable", "reasonVersion", "reasonSlow", "reasonBigHeader", "reasonBigBody",
}

func collectRefusals(t *testing.T, n ast.Node, found map[string]bool) {
	t.Helper()
	switch n := n.(type) {
	case *ast.CallExpr:
		if name, is := n.Fun.(*ast.Ident); is && name.Name == "invalid" {
			add(t, n.Args[1], found)
		} else if is && name.Name == "refuseName" {
			add(t, n.Args[0], found)
		}
	case *ast.CompositeLit:
		if typeName(n.Type) == "Invalid" {
			for _, element := range n.Elts {
				pair, is := element.(*ast.KeyValueExpr)
				if is && pair.Key.(*ast.Ident).Name == "Format" {
					add(t, pair.Value, found)
				}
			}
		}
	case *ast.ValueSpec:
		if len(n.Values) == 1 && slices.Contains(sentenceConstants, n.Names[0].Name) {
			add(t, n.Values[0], found)
		}
	}
}

func typeName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// add adds a sentence. A sentence that is assembled where it is returned cannot be
// translated.
func add(t *testing.T, expr ast.Expr, found map[string]bool) {
	t.Helper()
	literal, is := expr.(*ast.BasicLit)
	if !is {
		if name, is := expr.(*ast.Ident); is && name.Name == "format" {
			return // inside the function invalid itself
		}
		if field, is := expr.(*ast.SelectorExpr); is && field.Sel.Name == "Format" {
			return // passed on from names, where it is found
		}
		t.Errorf("a refusal is not a plain format: %T", expr)
		return
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	found[text] = true
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?[a-z%]`)

func TestEveryRefusalIsTranslated(t *testing.T) {
	found := refusalFormats(t)
	for _, want := range []string{
		"Enter a name.", "An age is a whole number from 1 to %d.", "The room in the URL has a broken %% escape.",
		"A message has at most %d bytes; this one has %d.", "Something went wrong. Try again in a moment.",
	} {
		if !found[want] {
			t.Errorf("the test does not find %q", want)
		}
	}
	for _, l := range locales.All() {
		if l.Tag == "en" {
			continue // English is in the source
		}
		said := errorsOf(t, l.Tag)
		for format := range found {
			if said[format] == "" {
				t.Errorf("%s does not translate %q", l.Tag, format)
			} else if got, want := len(verb.FindAllString(said[format], -1)), len(verb.FindAllString(format, -1)); got != want {
				t.Errorf("%s puts %d values into %q", l.Tag, got, format)
			}
		}
		for format := range said {
			if !found[format] {
				t.Errorf("%s translates %q, which is not in the source", l.Tag, format)
			}
		}
	}
}

func errorsOf(t *testing.T, tag string) map[string]string {
	t.Helper()
	content, err := fs.ReadFile(locales.Files, tag+".json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct{ Errors map[string]string }
	if err := json.Unmarshal(content, &catalogue); err != nil {
		t.Fatal(err)
	}
	return catalogue.Errors
}

// Programs always get English, whatever they accept; people get a page.
func TestRefusalsAreWholeSentences(t *testing.T) {
	d := newSite(t, nil)
	for path, want := range map[string]string{
		"/rooms/a%20b": "A room's name has 1 to 64 of the characters a-z, 0-9, _ and -.\n",
		"/rooms/%zz":   "The room in the URL has a broken % escape.\n",
		"/nowhere":     "Page not found. The chat is at /.\n",
	} {
		if _, body := d.get(path, "Accept", "*/*", "Accept-Language", "xx"); body != want {
			t.Errorf("%s: %q", path, body)
		}
		page := `<p class="join-what">` + template.HTMLEscapeString(strings.TrimSpace(want)) + "</p>"
		page = strings.Replace(page, " at /.", ` at <bdi translate="no">/</bdi>.`, 1)
		if response, body := d.get(path, "Accept", "text/html", "Accept-Language", "xx"); !strings.Contains(body, page) || response.StatusCode < 400 {
			t.Errorf("%s in a browser: %d", path, response.StatusCode)
		}
		if _, body := d.get(path, "Accept", "text/html", "Sec-Fetch-Dest", "image"); body != want {
			t.Errorf("%s as a picture: %q", path, body)
		}
	}
	response, body := d.get("/chat/ann?age=1&age=2", handshake("Accept-Language", "xx")...)
	if response.StatusCode != 400 || body != "Give age once, or not at all.\n" {
		t.Errorf("an age given twice: %d %q", response.StatusCode, body)
	}
}
