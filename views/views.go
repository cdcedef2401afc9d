// Package views embeds the HTML templates of the page, so that the program is a single file.
//
// A page is rendered as room inside layout. The other templates are its parts, and each piece
// of markup exists once: message.html is the markup of a message, wherever it is shown. The
// text comes from package locales: {{t "key" "name" .Name}}; {{strong …}} wraps the values in
// <strong>; {{named …}} is for values that are names, addresses, or code, which browsers must
// not translate; {{marked .Errors.name}} takes a sentence in which locales.Named isolated them.
// {{words}} has the texts of the page's modules as JSON; {{language}} and {{direction}} are for
// the root element; {{languages}} lists all languages; {{at "/check"}} puts the base path
// before a path.
package views

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/gofiber/template/html/v2"

	"chatserver/locales"
)

// FS holds all templates at its root. A template's name is its file name without .html.
//
//go:embed *.html
var FS embed.FS

// Page is what can be rendered. It names its language and holds the content of its layout.
type Page interface {
	Locale() *locales.Locale
	// SetContent sets what the layout shows as {{.Content}}.
	SetContent(content template.HTML)
}

// Engine renders the templates in the language of the page. It has an engine for each
// language, because the texts of a template are bound when it is parsed.
type Engine map[*locales.Locale]*html.Engine

// NewEngine returns an engine that parses nothing until Fiber calls Load. at puts the base path before a path.
func NewEngine(at func(path string) string) Engine {
	e := Engine{}
	for _, l := range locales.All() {
		e[l] = html.NewFileSystem(dense{http.FS(FS)}, ".html")
		e[l].AddFunc("t", l.Say)
		e[l].AddFunc("at", at)
		e[l].AddFunc("strong", withValues(l, `<strong><bdi translate="no">`, `</bdi></strong>`))
		e[l].AddFunc("named", withValues(l, beginName, endName))
		e[l].AddFunc("marked", marked)
		e[l].AddFunc("language", func() string { return l.Tag })
		e[l].AddFunc("languages", locales.All)
		e[l].AddFunc("direction", func() string { return l.Dir })
		e[l].AddFunc("words", func() template.JS { return template.JS(l.Script()) }) //nolint:gosec // our own catalogue
	}
	return e
}

// dense is a file system whose templates have no indentation, which would be half a kB of each page.
type dense struct{ http.FileSystem }

// denseFile is a file whose content is read from memory.
type denseFile struct {
	http.File
	content *strings.Reader
}

var indentation = regexp.MustCompile(`\n[ \t]+`)

// Open implements http.FileSystem.
func (d dense) Open(name string) (http.File, error) {
	file, err := d.FileSystem.Open(name)
	if err != nil || !strings.HasSuffix(name, ".html") {
		return file, err
	}
	content, err := io.ReadAll(file)
	return denseFile{file, strings.NewReader(indentation.ReplaceAllString(string(content), "\n"))}, err
}

// Read implements http.File.
func (f denseFile) Read(p []byte) (int, error) { return f.content.Read(p) }

// Markup around a name, an address, or code in a sentence, which browsers must not translate.
const beginName, endName = `<bdi translate="no">`, `</bdi>`

// withValues is t with markup around the values: {{named "key" "name" .Name}}.
func withValues(l *locales.Locale, before, after string) func(string, ...any) (template.HTML, error) {
	return func(key string, pairs ...any) (template.HTML, error) {
		const begin, end = "\x02", "\x03" // occur in no text and no name
		for i := 1; i < len(pairs); i += 2 {
			pairs[i] = begin + fmt.Sprint(pairs[i]) + end
		}
		text, err := l.Say(key, pairs...)
		html := strings.NewReplacer(begin, before, end, after).Replace(template.HTMLEscapeString(text))
		return template.HTML(html), err //nolint:gosec // escaped
	}
}

// isolated matches a value that locales.Named has isolated in a sentence.
var isolated = regexp.MustCompile("\u2068([^\u2066-\u2069]*)\u2069")

// marked returns the HTML of a sentence in which locales.Named has isolated the names. A field
// without an error has no sentence; its HTML is empty.
func marked(sentence any) template.HTML {
	text, _ := sentence.(string)
	html := isolated.ReplaceAllString(template.HTMLEscapeString(text), beginName+"$1"+endName)
	return template.HTML(html) //nolint:gosec // escaped
}

// Load implements fiber.Views.
func (e Engine) Load() error {
	var errs []error
	for _, engine := range e {
		errs = append(errs, engine.Load())
	}
	return errors.Join(errs...)
}

// Render implements fiber.Views, for a Page and at most one layout. The content is rendered
// before its layout: the {{embed}} of the library prints an error of the content into the page
// and reports success.
func (e Engine) Render(w io.Writer, name string, page any, layouts ...string) error {
	p, ok := page.(Page)
	if !ok {
		return fmt.Errorf("render %s: %T is not a views.Page", name, page)
	}
	engine := e[p.Locale()]
	var content bytes.Buffer
	if err := engine.Render(&content, name, page); err != nil {
		return err
	}
	if len(layouts) == 0 {
		_, err := content.WriteTo(w)
		return err
	}
	p.SetContent(template.HTML(content.String())) //nolint:gosec // from our own templates
	return engine.Render(w, layouts[0], page)
}
