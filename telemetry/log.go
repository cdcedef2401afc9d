package telemetry

import (
	"io"
	"log/slog"
	"os"
)

// NewLog returns a logger that writes one line per event to w, from a level up: text for
// people or JSON for programs. The format is "text", "json", or "auto", which is text on
// a terminal and JSON otherwise. slog escapes everything that could end a line or forge
// another one.
func NewLog(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "text" || format == "auto" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	about, err := file.Stat()
	return err == nil && about.Mode()&os.ModeCharDevice != 0
}
