package pages

import (
	"html/template"
	"io"
	"strings"
	"time"

	"chatserver/chat"
	"chatserver/handlers/request"
	"chatserver/locales"
	"chatserver/static"
	"chatserver/views"
)

// exportStyles are the stylesheets of a room that is only read.
var exportStyles = []string{"tokens", "base", "member", "message", "message-states", "markup"}

// Export writes a room as one self-contained HTML file, without scripts, other files or a
// server. It looks like the page, also when printed.
type Export struct {
	to     io.Writer
	engine interface {
		Render(w io.Writer, name string, data any, layouts ...string) error
	}
	rows transcriptBuilder
}

// NewExport writes the beginning of a room's file. The HTML of the messages must be safe, as
// package chat guarantees.
func NewExport(to io.Writer, room string) (*Export, error) {
	engines := views.NewEngine(request.Base{}.At)
	if err := engines.Load(); err != nil {
		return nil, err
	}
	style, err := exportStyle()
	if err != nil {
		return nil, err
	}
	e := &Export{to: to, engine: engines[locales.Match("en", "")], rows: transcriptBuilder{zone: time.UTC}}
	return e, e.engine.Render(to, "export", struct {
		Title string
		Style template.CSS
	}{chat.RoomTitle(room), style})
}

// Add writes the next message.
func (e *Export) Add(m chat.Message) error {
	for _, row := range e.rows.add(&m) {
		name, data := "message", any(row.Message)
		if row.Day != nil {
			name, data = "day", row.Day
		} else if row.Message.Gone != nil {
			name = "gone"
		}
		if err := e.engine.Render(e.to, name, data); err != nil {
			return err
		}
	}
	return nil
}

// End writes the end of the file.
func (e *Export) End() error {
	_, err := io.WriteString(e.to, "</div></message-list></main></body></html>\n")
	return err
}

func exportStyle() (template.CSS, error) {
	var style strings.Builder
	for _, name := range exportStyles {
		css, err := static.FS.ReadFile("css/" + name + ".css")
		if err != nil {
			return "", err
		}
		style.Write(css)
	}
	onPaper, err := static.FS.ReadFile("css/print.css")
	if err != nil {
		return "", err
	}
	style.WriteString("@media print {\n" + string(onPaper) + "}\n")
	return template.CSS(style.String()), nil //nolint:gosec // embedded files, not user input
}
