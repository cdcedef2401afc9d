package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// figures runs a mode with small numbers and returns its figures by row and name. No
// test asserts a time, because a busy machine may be slow.
func figures(t *testing.T, args ...string) map[string]map[string]float64 {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(append(args, "--rounds", "2", "--csv", "--timeout", "2m"), &out, &errOut); code != 0 {
		t.Fatalf("bench %s exits with %d: %s", args, code, errOut.String())
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]float64{}
	for _, line := range lines[1:] {
		value, err := strconv.ParseFloat(line[3], 64)
		if err != nil || value < 0 {
			t.Errorf("%q is not a figure", line)
		}
		if all[line[1]] == nil {
			all[line[1]] = map[string]float64{}
		}
		all[line[1]][line[2]] = value
	}
	return all
}

// program returns the command of a server that is built once for all tests.
func program(t *testing.T) string {
	t.Helper()
	return built(t, "chatserver") + limitless
}

func built(t *testing.T, from string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(from))
	if err := build(context.Background(), path, from); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryModeMeasures(t *testing.T) {
	server, floor := program(t), built(t, "chatserver/bench/floor")
	t.Run("send", func(t *testing.T) {
		got := figures(t, "send", "--senders", "1,4", "--for", "50ms", "--server", server)
		for _, row := range []string{"1 senders, a room each", "4 senders, a room each"} {
			if got[row]["messages"] < 1 || got[row]["messages/s"] <= 0 {
				t.Errorf("%s: %v", row, got[row])
			}
		}
		if got["1 senders, a room each"]["ratio to 1"] != 1 {
			t.Errorf("1 sender is not 1 × 1 sender: %v", got)
		}
	})
	t.Run("send to one room", func(t *testing.T) {
		got := figures(t, "send", "--senders", "8", "--in-rooms", "1", "--for", "50ms", "--server", server)
		if row := got["8 senders in 1 rooms"]; row["messages"] < 8 {
			t.Errorf("each sends at least once: %v", got)
		}
	})
	t.Run("latency", func(t *testing.T) {
		got := figures(t, "latency", "--rate", "100", "--senders", "5", "--in-rooms", "2", "--for", "200ms", "--server", server)
		row := got["100 messages/s of 5 senders"]
		if row["messages"] != 20 || row["p50 ms"] <= 0 || row["p99 ms"] < row["p50 ms"] || row["slowest ms"] < row["p99 ms"] {
			t.Errorf("20 messages are sent and timed: %v", got)
		}
	})
	t.Run("latency beside readers", func(t *testing.T) {
		got := figures(t, "latency", "--rate", "100", "--senders", "5", "--readers", "3", "--filled", "150", "--for", "200ms", "--server", server)
		for _, name := range []string{"100 messages/s of 5 senders", "100 messages/s of 5 senders beside 3 readers"} {
			if row := got[name]; row["messages"] != 20 || row["p50 ms"] <= 0 || row["slowest ms"] < row["p99 ms"] {
				t.Errorf("20 messages are sent and timed: %s: %v", name, row)
			}
		}
		if read := got["100 messages/s of 5 senders beside 3 readers"]["pages/s"]; read <= 0 {
			t.Errorf("3 read %v pages a second", read)
		}
	})
	t.Run("catchup", func(t *testing.T) {
		got := figures(t, "catchup", "--messages", "250", "--server", server)
		if row := got["250 messages missed"]; row["pages"] != 3 || row["bytes"] < 250*textBytes {
			t.Errorf("250 messages arrive in 3 pages: %v", got)
		}
	})
	t.Run("rooms-memory", func(t *testing.T) {
		got := figures(t, "rooms-memory", "--rooms", "5", "--messages", "120", "--join", "3", "--settle", "0", "--server", server)
		for _, row := range []string{"an empty store", "5 rooms of 120 messages", "a user in 3 of them", "nobody again"} {
			if got[row]["RSS MB"] <= 1 {
				t.Errorf("%s: %v", row, got[row])
			}
		}
	})
	t.Run("first-load", func(t *testing.T) {
		program, _, _ := strings.Cut(server, " ")
		got := figures(t, "first-load", "--base", program, "--rtt", "20ms", "--loads", "1", "--server", server)
		if row := got["first load"]; row["now, ms"] < 60 || row["base, ms"] < 60 || row["× base"] <= 0 {
			t.Errorf("a handshake, a page and its files take three round trips of 20 ms at least: %v", row)
		}
	})
	t.Run("attack", func(t *testing.T) {
		got := figures(t, "attack", "--others", "3", "--every", "20ms", "--connections", "2", "--for", "200ms", "--server", server)
		for _, row := range []string{"3 beside an address with 0 connections", "3 beside an address with 2 connections"} {
			if one := got[row]; one["p50 ms"] <= 0 || one["p99 ms"] < one["p50 ms"] || one["p99, × undisturbed"] <= 0 {
				t.Errorf("%s: %v", row, one)
			}
		}
	})
	t.Run("rush", func(t *testing.T) {
		got := figures(t, "rush", "--people", "20", "--within", "50ms", "--server", server)
		if row := got["20 in chat.v1"]; row["events in"] < 1 || row["bytes out"] < 1 || row["RSS MB"] <= 1 {
			t.Errorf("the first member receives them: %v", row)
		}
		if row := got["20 in text"]; row["events in"] != 21 || row["events out"] != 21 {
			t.Errorf("the first member receives 20 joined and 20 left lines, and its own: %v", row)
		}
	})
	t.Run("fanout", func(t *testing.T) {
		needsLinux(t)
		got := figures(t, "fanout", "--receivers", "20", "--for", "50ms", "--server", server, "--floor", floor)
		for _, name := range []string{"1 to 20 in chat.v1", "1 to 20 in text", "floor of chat.v1", "floor of text"} {
			if row := got[name]; row["deliveries"] < 21 || row["bytes"] <= textBytes || row["each p50 ms"] <= 0 || row["last p99 ms"] < row["each p50 ms"] {
				t.Errorf("%s: %v", name, row)
			}
		}
		if bare, full := got["floor of text"]["bytes"], got["1 to 20 in text"]["bytes"]; bare != full {
			t.Errorf("the floor's frames have %v bytes and the server's %v", bare, full)
		}
	})
	t.Run("fanout beside others", func(t *testing.T) {
		needsLinux(t)
		got := figures(t, "fanout", "--receivers", "20", "--for", "50ms", "--unstored", "--server", server, "--floor", floor)
		for _, name := range []string{"1 to 20 in chat.v1, unstored", "1 to 20 in text, unstored"} {
			if row := got[name]; row["deliveries"] < 21 || row["deliveries/s"] <= 0 {
				t.Errorf("%s: %v", name, row)
			}
		}
	})
	t.Run("fanout at a rate", func(t *testing.T) {
		needsLinux(t)
		got := figures(t, "fanout", "--receivers", "3", "--frames", "text", "--rate", "100", "--for", "100ms", "--floor-merge", "2", "--server", server, "--floor", floor)
		for row, figures := range got {
			if n := figures["deliveries"]; n < 4 || n > 4*11 {
				t.Errorf("%s: 10 messages to 4 receivers, but %v deliveries", row, n)
			}
		}
	})
	t.Run("idle in rooms", func(t *testing.T) {
		needsLinux(t)
		got := figures(t, "idle", "--connections", "20", "--rooms", "10", "--settle", "10ms", "--frames", "text", "--server", server, "--floor", floor)
		if got["20 in 10 rooms in text"]["connections"] != 20 {
			t.Errorf("it measures %v", got)
		}
	})
	t.Run("idle", func(t *testing.T) {
		needsLinux(t)
		got := figures(t, "idle", "--connections", "70", "--settle", "10ms", "--server", server, "--floor", floor)
		for _, row := range []string{"70 in chat.v1", "70 in text", "floor"} {
			if got[row]["connections"] != 70 || got[row]["RSS MB at 0"] <= 1 {
				t.Errorf("%s: %v", row, got)
			}
		}
	})
}

// needsLinux skips a mode that reads thousands of connections without a goroutine for
// each.
func needsLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("NOT TESTED HERE: this mode waits for its connections with epoll, so it is measured on Linux only; CI runs it there")
	}
}

func TestItMeasuresTheServerOfThisFolder(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := run([]string{"catchup", "--messages", "10", "--rounds", "1"}, &out, &errOut); code != 0 {
		t.Fatalf("it exits with %d: %s", code, errOut.String())
	}
	if !strings.Contains(out.String(), "10 messages missed") {
		t.Errorf("it prints %q", out.String())
	}
}

// A void run prints no figures.
func TestARunThatLosesSomebodyIsVoid(t *testing.T) {
	crowded := strings.Replace(program(t), "--max-per-address 0", "--max-connections 5", 1)
	var out, errOut bytes.Buffer
	code := run([]string{"rush", "--people", "10", "--within", "0s", "--rounds", "1", "--server", crowded}, &out, &errOut)
	if code != 1 || out.Len() > 0 || !strings.Contains(errOut.String(), "void") || !strings.Contains(errOut.String(), "did not get in") {
		t.Errorf("it exits with %d and prints %q, %q", code, out.String(), errOut.String())
	}
	code = run([]string{"send", "--rounds", "1", "--server", "false {listen}"}, &out, &errOut)
	if code != 1 || !strings.Contains(errOut.String(), "ended before it answered") {
		t.Errorf("without a server it exits with %d and %q", code, errOut.String())
	}
}

func TestAMisorderedMessageIsDetected(t *testing.T) {
	at := order{last: 7}
	if err := at.check(8); err != nil {
		t.Error(err)
	}
	for _, rev := range []int64{7, 8, 10} {
		if at.check(rev) == nil {
			t.Errorf("rev %d after 8 is accepted", rev)
		}
	}
}

func TestATableShowsMedianAndRange(t *testing.T) {
	table := newTable("mode")
	for _, value := range []float64{3, 1, 2000} {
		table.note("row", "figure", value)
	}
	var out bytes.Buffer
	if err := table.print(&out, false); err != nil || !strings.Contains(out.String(), "3 (1–2000)") {
		t.Errorf("%v: %q", err, out.String())
	}
}
