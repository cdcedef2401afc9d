package main

import (
	"fmt"
	"math"
	"strings"
)

// report returns the tables of docs/scaling.md.
func report(l load, nodes int) string {
	var out strings.Builder
	w := populate(l)
	of := make([][]int32, len(placements))
	for i, p := range placements {
		of[i] = p.nodes(w, nodes)
	}
	fmt.Fprintf(&out, "%s people in %s rooms, %d each, on %d nodes. Each cell has the mean per node, and the busiest node.\n\n",
		count(float64(l.users)), count(float64(l.rooms)), l.each, nodes)
	out.WriteString(nodeTable(w, of, nodes))
	out.WriteString("\nThe largest rooms, and the number of nodes on which each is open.\n\n")
	out.WriteString(roomTable(w, of))
	out.WriteString("\nThe whole fleet, for the same evening.\n\n")
	out.WriteString(planTable(l))
	return out.String()
}

// row is a line of a table of nodes.
type row struct {
	name string
	of   func(n node) float64
	say  func(x float64) string
}

var rows = []row{
	{"connections", func(n node) float64 { return n.connections }, count},
	{"open rooms, and NATS subscriptions", func(n node) float64 { return n.rooms }, count},
	{"messages stored and published/s", func(n node) float64 { return n.published }, count},
	{"commits/s", node.commits, count},
	{"messages received from NATS/s", func(n node) float64 { return n.received }, count},
	{"deliveries/s", func(n node) float64 { return n.delivered }, count},
	{"revs queried from Postgres/s", node.asked, count},
	{"cores", node.cpu, count},
	{"memory, MB", func(n node) float64 { return n.bytes() / 1e6 }, count},
}

func nodeTable(w *world, of [][]int32, nodes int) string {
	lines := make([][]string, len(rows))
	head := []string{"per node"}
	for i, p := range placements {
		head = append(head, p.name)
		all := measure(w, of[i], nodes)
		for r, row := range rows {
			sum, most := 0.0, 0.0
			for _, n := range all {
				sum, most = sum+row.of(n), math.Max(most, row.of(n))
			}
			lines[r] = append(lines[r], row.say(sum/float64(nodes))+" ("+row.say(most)+")")
		}
	}
	for r, row := range rows {
		lines[r] = append([]string{row.name}, lines[r]...)
	}
	return table(head, lines)
}

func roomTable(w *world, of [][]int32) string {
	head := []string{"room", "members", "messages/s", "deliveries/s", "cores for delivery"}
	for _, p := range placements {
		head = append(head, p.name)
	}
	var lines [][]string
	for rank := 1; rank <= w.rooms && rank <= 10_000; rank *= 10 {
		members := float64(w.from[rank] - w.from[rank-1])
		said := w.said(members)
		line := []string{fmt.Sprintf("no. %s", count(float64(rank))), count(members), count(said), count(said * members), count(said * members * deliveryCPU)}
		for i := range placements {
			line = append(line, count(float64(w.reach(rank-1, of[i]))))
		}
		lines = append(lines, line)
	}
	return table(head, lines)
}

// planTable has a column for each step of the plan.
func planTable(l load) string {
	rows := []struct {
		name string
		of   func(f fleet) float64
	}{
		{"nodes", func(f fleet) float64 { return f.nodes }},
		{"connections per node", func(f fleet) float64 { return f.each().connections }},
		{"cores per node", func(f fleet) float64 { return f.each().cpu() }},
		{"memory per node, MB", func(f fleet) float64 { return f.each().bytes() / 1e6 }},
		{"members of the largest room", func(f fleet) float64 { return f.largest }},
		{"messages/s", func(f fleet) float64 { return f.published }},
		{"deliveries/s", func(f fleet) float64 { return f.delivered }},
		{"to clients, Gbit/s", func(f fleet) float64 { return f.delivered * frameBytes * 8 / 1e9 }},
		{"nodes that receive a message", func(f fleet) float64 { return f.reachedNodes }},
		{"NATS: messages out/s", func(f fleet) float64 { return f.received }},
		{"NATS: out, Gbit/s", func(f fleet) float64 { return f.received * eventBytes * 8 / 1e9 }},
		{"NATS: subscriptions", func(f fleet) float64 { return f.rooms }},
		{"Postgres: commits/s", func(f fleet) float64 { return f.nodes * f.each().commits() }},
		{"Postgres: revs queried/s", func(f fleet) float64 { return f.asked() }},
		{"Postgres: cores for these queries", func(f fleet) float64 { return f.asked() * askedCPU }},
		{"Postgres: stored, GB per day", func(f fleet) float64 { return f.published * storedBytes * 86400 / dayOfEvenings / 1e9 }},
		{"vCPU in total", func(f fleet) float64 { return f.nodes * f.each().rented() }},
		{"memory in total, GB", func(f fleet) float64 { return f.nodes * f.each().bytes() * memoryToSpare / 1e9 }},
		{"traffic to clients, TB per month", func(f fleet) float64 { return f.traffic() / 1e12 }},
	}
	fleets, head := make([]fleet, len(steps)), []string{"whole fleet"}
	for i, s := range steps {
		fleets[i] = expect(l, s)
		head = append(head, s.name)
	}
	lines := make([][]string, len(rows))
	for r, row := range rows {
		lines[r] = []string{row.name}
		for _, f := range fleets {
			lines[r] = append(lines[r], count(row.of(f)))
		}
	}
	return table(head, lines)
}

// table formats a Markdown table.
func table(head []string, lines [][]string) string {
	var out strings.Builder
	out.WriteString("| " + strings.Join(head, " | ") + " |\n|" + strings.Repeat("---|", len(head)) + "\n")
	for _, line := range lines {
		out.WriteString("| " + strings.Join(line, " | ") + " |\n")
	}
	return out.String()
}

// count formats a number with two or three significant digits, and commas.
func count(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 0.01:
		return "< 0.01"
	case x < 10:
		return fmt.Sprintf("%.2g", x)
	case x < 999.5:
		return fmt.Sprintf("%.0f", x)
	}
	step := math.Pow(10, math.Floor(math.Log10(x))-2)
	digits := fmt.Sprintf("%.0f", math.Round(x/step)*step)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
