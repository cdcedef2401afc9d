package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// reportMode runs the other modes one after the other, and compares the figures with the
// product's goals. A missed goal is a result like any other; only a void run is an
// error.
type reportMode struct {
	Full     bool `help:"Measure for longer, with the same load."`
	Markdown bool `help:"Print the table in Markdown."`

	form form // set by tests
}

// Run implements the mode.
func (m *reportMode) Run(ctx context.Context, b *bench) error {
	name, f, err := m.chosen()
	if err != nil {
		return err
	}
	r := report{header: b.header(ctx, name), markdown: m.Markdown}
	fmt.Fprintln(b.log, r.header)
	for _, s := range steps {
		t, err := s.run(ctx, b, f)
		if err != nil {
			return err
		}
		for _, figure := range reported {
			if figure.step == s.name {
				r.lines = append(r.lines, figure.lines(t)...)
			}
		}
	}
	b.result = &r
	return nil
}

// chosen returns the requested form.
func (m *reportMode) chosen() (name string, f form, err error) {
	if m.form != nil {
		return "another form", m.form, nil
	}
	files, err := openFiles()
	if err != nil {
		return "", nil, err
	}
	if m.Full {
		return "full form", full(files - spareFiles), nil
	}
	return "short form", short(files - spareFiles), nil
}

// run runs a step as the command line would, but in this process, so that all steps
// share the pinned cores and the built programs. It returns the step's table, and prints
// it at once, because a report may be interrupted.
func (s step) run(ctx context.Context, b *bench, f form) (*table, error) {
	args := strings.TrimSpace(s.args + " " + f[s.name])
	var all modes
	parser, err := kong.New(&all)
	if err != nil {
		return nil, err
	}
	mode, err := parser.Parse(strings.Fields(args))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", args, err)
	}
	fmt.Fprintln(b.log, "bench", args)
	b.table, b.Unstored = newTable(s.name), all.Unstored
	mode.BindTo(ctx, (*context.Context)(nil))
	if err := mode.Run(b); err != nil {
		return nil, fmt.Errorf("%s: %w", args, err)
	}
	return b.table, b.table.print(b.log, false)
}

// report is the printed result.
type report struct {
	header   string
	lines    []line
	markdown bool
}

// print implements printer.
func (r *report) print(out io.Writer, asCSV bool) error {
	cells := [][]string{{"figure", "chat.v1", "text", "goal", "reached", "best peer"}}
	for _, l := range r.lines {
		cells = append(cells, l.cells())
	}
	switch {
	case asCSV:
		return printCSV(out, cells)
	case r.markdown:
		return printMarkdown(out, r.header, cells)
	}
	return printText(out, r.header, cells)
}
