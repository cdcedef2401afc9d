package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestEveryFaultIsMeasured(t *testing.T) {
	needsLinux(t)
	server := program(t)
	t.Run("slow", func(t *testing.T) {
		got := figures(t, "slow", "--people", "5", "--stalled", "2", "--bytes", "8000", "--rate", "500", "--for", "1s", "--settle", "0", "--unstored", "--server", server)
		for _, name := range []string{"2 of 5 stalled in chat.v1", "2 of 5 stalled in text", "2 of 5 stalled in chat.v1, unstored"} {
			row := got[name]
			if row["cut"] != 2 || row["lost"] != 0 || row["with holes"] != 0 || row["deliveries"] < 3 {
				t.Errorf("%s: %v", name, row)
			}
			if row["p99 without"] <= 0 || row["at its peak"] < row["RSS MB before"] || row["slowest ms"] < row["p99 ms"] {
				t.Errorf("%s: %v", name, row)
			}
		}
	})
	t.Run("slow, but they follow", func(t *testing.T) {
		got := figures(t, "slow", "--people", "2", "--stalled", "1", "--bytes", "128", "--rate", "100", "--for", "100ms", "--settle", "0", "--server", server)
		for row, figures := range got {
			if figures["cut"] != 0 || figures["with holes"] != 0 {
				t.Errorf("%s: what fits into the queue is kept: %v", row, figures)
			}
		}
	})
	t.Run("churn", func(t *testing.T) {
		got := figures(t, "churn", "--connections", "70", "--storms", "2", "--settle", "10ms", "--unstored", "--server", server)
		for _, name := range []string{"2 × 70 in chat.v1", "2 × 70 in text", "2 × 70 in text, unstored"} {
			row := got[name]
			if row["connections"] != 140 || row["connects/s"] <= 0 || row["RSS MB after 2"] <= 1 || row["RSS last/first"] <= 0 {
				t.Errorf("%s: %v", name, row)
			}
		}
	})
	t.Run("resume", func(t *testing.T) {
		got := figures(t, "resume", "--connections", "70", "--missed", "150", "--server", server)
		row := got["70 missed 150 messages"]
		if row["connections"] != 70 || row["MB sent"] < 70*150*textBytes/1e6 || row["p50 s"] <= 0 || row["last s"] < row["p50 s"] {
			t.Errorf("all reconnect and get 2 pages: %v", got)
		}
	})
}

func TestAFaultThatLosesSomebodyIsVoid(t *testing.T) {
	needsLinux(t)
	crowded := strings.Replace(program(t), "--max-per-address 0", "--max-connections 5", 1)
	for _, args := range [][]string{
		{"slow", "--people", "10", "--for", "10ms"},
		{"churn", "--connections", "10"},
		{"resume", "--connections", "10"},
	} {
		var out, errOut bytes.Buffer
		code := run(append(args, "--rounds", "1", "--server", crowded), &out, &errOut)
		why := errOut.String()
		full := strings.Contains(why, "503") || strings.Contains(why, "closed with 1013") // before the upgrade, or just after it
		if code != 1 || out.Len() > 0 || !strings.Contains(why, "void") || !full {
			t.Errorf("%s exits with %d and prints %q, %q", args, code, out.String(), errOut.String())
		}
	}
}
