package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestModesOfManyRoomsMeasure(t *testing.T) {
	needsLinux(t)
	server, floor := program(t), built(t, "chatserver/bench/floor")
	t.Run("rooms", func(t *testing.T) {
		got := figures(t, "rooms", "--rooms", "4", "--people", "3", "--rate", "100", "--addresses", "2", "--for", "100ms", "--unstored", "--server", server, "--floor", floor)
		for _, name := range []string{
			"4 rooms of 3 in chat.v1", "4 rooms of 3 in chat.v1, unstored", "floor of chat.v1",
			"4 rooms of 3 in text", "4 rooms of 3 in text, unstored", "floor of text",
		} {
			if row := got[name]; row["deliveries"] < 3 || row["deliveries"] > 3*11 || row["bytes"] <= textBytes || row["each p50 ms"] <= 0 {
				t.Errorf("%s: 10 messages to 3 receivers: %v", name, row)
			}
		}
		if bare, full := got["floor of text"]["bytes"], got["4 rooms of 3 in text"]["bytes"]; bare != full {
			t.Errorf("the floor's frames have %v bytes and the server's %v", bare, full)
		}
	})
	t.Run("echo", func(t *testing.T) {
		for _, window := range []string{"3", "7", "20"} {
			got := figures(t, "echo", "--connections", "7", "--window", window, "--addresses", "2", "--for", "50ms", "--server", server, "--floor", floor)
			for _, name := range []string{"7 alone, " + window + " under way in chat.v1", "floor of chat.v1", "7 alone, " + window + " under way in text", "floor of text"} {
				if row := got[name]; row["deliveries"] < 1 || row["deliveries/s"] <= 0 || row["each p50 ms"] != row["last p50 ms"] {
					t.Errorf("%s: %v", name, row)
				}
			}
		}
	})
	t.Run("quiet", func(t *testing.T) {
		got := figures(t, "quiet", "--quiet", "2", "--rate", "100", "--saturated", "2", "--people", "5", "--addresses", "2", "--for", "100ms", "--unstored", "--server", server)
		for _, name := range []string{
			"2 beside 2 rooms of 5 in chat.v1", "2 beside 2 rooms of 5 in chat.v1, unstored",
			"2 beside 2 rooms of 5 in text", "2 beside 2 rooms of 5 in text, unstored",
		} {
			row := got[name]
			if row["quiet deliveries"] < 2 || row["p99 ms"] < row["p50 ms"] || row["slowest ms"] < row["p99 ms"] {
				t.Errorf("%s: some messages to 2 receivers: %v", name, row)
			}
			if row["loud deliveries"] < 2*5*4 || row["loud deliveries/s"] <= 0 {
				t.Errorf("%s: each of 2 loud rooms of 5 sends at least what its window allows: %v", name, row)
			}
		}
	})
	t.Run("quiet alone", func(t *testing.T) {
		got := figures(t, "quiet", "--quiet", "2", "--rate", "100", "--saturated", "0", "--frames", "text", "--for", "100ms", "--server", server)
		if row := got["2 beside 0 rooms of 250 in text"]; row["quiet deliveries"] < 2 || row["p50 ms"] <= 0 {
			t.Errorf("it is %v", got)
		}
	})
}

// A floor that mistakes two rooms for one stands for any server that does.
func TestARunInWhichSomebodyHearsAnotherRoomIsVoid(t *testing.T) {
	needsLinux(t)
	mixed := filepath.Join(t.TempDir(), "mixed")
	script := fmt.Sprintf("#!/bin/sh\nexec %s --connections 4 --rooms 1\n", built(t, "chatserver/bench/floor"))
	if err := os.WriteFile(mixed, []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	code := run([]string{"rooms", "--rooms", "2", "--people", "2", "--for", "50ms", "--rounds", "1", "--frames", "text", "--server", program(t), "--floor", mixed}, &out, &errOut)
	if code != 1 || out.Len() > 0 || !strings.Contains(errOut.String(), "void") || !strings.Contains(errOut.String(), "came after") {
		t.Errorf("it exits with %d and prints %q, %q", code, out.String(), errOut.String())
	}
}

func TestRoomsThatCannotBeMeasuredAreRefused(t *testing.T) {
	for _, args := range []string{"rooms --rooms 0", "rooms --people 0", "rooms --rate 0", "echo --window 0", "echo --connections 1 --window 257", "quiet --window 257", "quiet --rate 0"} {
		var out, errOut bytes.Buffer
		if code := run(append(strings.Fields(args), "--server", "false"), &out, &errOut); code != 1 || strings.Contains(errOut.String(), "void") {
			t.Errorf("%s exits with %d and %q", args, code, errOut.String())
		}
	}
}
