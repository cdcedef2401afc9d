// Package views holds the templates of the page, embedded, so that the program is one file.
//
// A page is rendered as room inside layout. The other templates are its parts, and each piece
// of markup exists once: a message looks as message.html says, whoever puts it on the screen.
package views

import "embed"

// FS holds every template at its root; a template is called by its file name without .html.
//
//go:embed *.html
var FS embed.FS
