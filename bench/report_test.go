package main

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// tiny is a form whose figures mean nothing.
var tiny = form{
	"idle":                     "--connections 20 --settle 10ms",
	"fanout at 20 messages/s":  "--receivers 5 --for 100ms",
	"fanout":                   "--receivers 5 --for 50ms",
	"fanout to many":           "--receivers 10 --for 50ms",
	"rooms at 1500 messages/s": "--rooms 4 --people 3 --for 50ms",
	"slow":                     "--people 5 --stalled 2 --bytes 8000 --rate 500 --for 1s --settle 0",
	"churn":                    "--connections 20 --settle 10ms",
	"resume":                   "--connections 10 --missed 5",
	"quiet":                    "--quiet 2 --saturated 2 --people 5 --for 100ms",
	"echo":                     "--connections 5 --window 5 --for 50ms",
	"send":                     "--senders 1,2 --for 50ms",
	"latency":                  "--senders 5 --rate 100 --readers 3 --filled 150 --for 100ms",
}

// inForm makes a report in a form, with one round.
func inForm(t *testing.T, f form, server string) (report, log string, err error) {
	t.Helper()
	needsLinux(t)
	ctx := context.Background()
	var out, errOut bytes.Buffer
	b := &bench{options: options{Rounds: 1, ServerCores: 1, Server: server, Timeout: time.Minute}, log: &errOut}
	defer b.close()
	if err := b.open(ctx); err != nil {
		t.Fatal(err)
	}
	if err := (&reportMode{form: f}).Run(ctx, b); err != nil {
		return "", errOut.String(), err
	}
	if err := b.result.print(&out, false); err != nil {
		t.Fatal(err)
	}
	return out.String(), errOut.String(), nil
}

func TestAReportHasEveryFigure(t *testing.T) {
	got, log, err := inForm(t, tiny, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	for _, want := range []string{
		"idle, 20: RSS bytes per connection", "fanout at 20 messages/s, 1 to 5: CPU per delivery",
		"fanout, 1 to 5: CPU per delivery", "fanout, 1 to 5: deliveries/s", "fanout to many, 1 to 10: CPU per delivery",
		"rooms at 1500 messages/s, 4 rooms of 3: CPU per delivery, unstored", "4 rooms of 3: p99 ms, what the store adds",
		"slow, 2 of 5 stalled: stalled readers that were not cut", "churn, 3 × 20: CPU µs", "resume, 10 missed 5 messages: s until",
		"quiet, 2 beside 2 rooms of 5: p99 ms, unstored", "echo, 5 alone, 5 under way: CPU", "send, 1 senders, a room each: ack", "send, 2 senders",
		"latency, 100 messages/s of 5 senders: p99", "latency, 100 messages/s of 5 senders beside 3 readers: p99",
		runtime.Version(), "1 rounds", "another form",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it has no %q:\n%s", want, got)
		}
	}
	lines := len(reported) + 1 + 3                     // send has 2 rows, latency 2 for each of its figures
	if n := strings.Count(got, "\n") - 3; n != lines { // without the header, an empty line and the column names
		t.Errorf("it has %d figures, want %d:\n%s", n, lines, got)
	}
	for _, s := range steps {
		if !strings.Contains(log, "bench "+s.args) || !strings.Contains(log, s.name+"  ") {
			t.Errorf("the table of %s is not in the log", s.name)
		}
	}
}

// Every form has sizes for steps that exist, and every figure belongs to a step.
func TestFormsAndFiguresAreOfSteps(t *testing.T) {
	var names []string
	for _, s := range steps {
		names = append(names, s.name)
	}
	for _, f := range []form{tiny, full(20000), short(20000)} {
		for name := range f {
			if !slices.Contains(names, name) {
				t.Errorf("there is no step %q", name)
			}
		}
		if len(f) != len(steps) {
			t.Errorf("%d steps have sizes, of %d", len(f), len(steps))
		}
	}
	for _, f := range reported {
		if !slices.Contains(names, f.step) {
			t.Errorf("there is no step %q", f.step)
		}
	}
}

func TestAFormTakesAsManyConnectionsAsFilesAllow(t *testing.T) {
	for most, want := range map[int][3]string{
		20000: {"--connections 10000", "--receivers 10000 ", "--rooms 1000 "},
		4000:  {"--connections 4000", "--receivers 3999 ", "--rooms 400 "},
	} {
		for _, f := range []form{full(most), short(most)} {
			for i, name := range []string{"idle", "fanout to many", "rooms at 1500 messages/s"} {
				if !strings.Contains(f[name], want[i]) {
					t.Errorf("with %d connections %s has %q", most, name, f[name])
				}
			}
		}
	}
}

func TestAReportWithAVoidModeIsVoid(t *testing.T) {
	crowded := strings.Replace(program(t), "--max-per-address 0", "--max-connections 5", 1)
	got, _, err := inForm(t, tiny, crowded)
	if err == nil || got != "" || !strings.Contains(err.Error(), "idle --connections 20") || !strings.Contains(err.Error(), "void") {
		t.Errorf("got %q, %v", got, err)
	}
}
