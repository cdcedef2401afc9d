package main

// figure describes what a report prints of a step's table: one line, or, if the step
// does not distinguish framings, a line for each row.
type figure struct {
	step   string
	about  string // the description
	column string
	goal   goal
	of     string // the system under test; empty is our server
	less   string // a system whose value is subtracted, round by round
	rows   bool   // a line for each row, all in chat.v1
}

// queueKB is the size of a connection's queue, which is what a stalled reader may cost.
const queueKB = (256 << 10) / 1e3

// reported lists the figures with goals, and some without. The unstored server shows the
// costs beyond the commit.
var reported = []figure{
	{step: "idle", about: "RSS bytes per connection", column: "RSS bytes/connection", goal: atMost(6000)},
	{step: "fanout at 20 messages/s", about: "CPU per delivery, × floor", column: "× floor", goal: atMost(1.05)},
	{step: "fanout", about: "CPU per delivery, × floor", column: "× floor", goal: atMost(0.45)},
	{step: "fanout", about: "deliveries/s, × floor's", column: "× floor's", goal: atLeast(3)},
	{step: "fanout to many", about: "CPU per delivery, × floor", column: "× floor", goal: atMost(0.5)},
	{step: "rooms at 1500 messages/s", about: "CPU per delivery, unstored, × floor", column: "× floor", of: "unstored", goal: atMost(1.15)},
	{step: "rooms at 1500 messages/s", about: "CPU per delivery, × floor", column: "× floor", goal: atMost(1.8)},
	{step: "rooms at 1500 messages/s", about: "p99 ms, unstored", column: "each p99 ms", of: "unstored", goal: atMost(5)},
	{step: "rooms at 1500 messages/s", about: "p99 ms", column: "each p99 ms"},
	{step: "rooms at 1500 messages/s", about: "p99 ms, what the store adds", column: "each p99 ms", less: "unstored"},
	{step: "slow", about: "stalled readers that were not cut", column: "not cut", goal: atMost(0)},
	{step: "slow", about: "messages that others lost", column: "lost", goal: atMost(0)},
	{step: "slow", about: "RSS grown, kB per stalled reader", column: "kB/stalled", goal: atMost(queueKB)},
	{step: "churn", about: "CPU µs per connect and drop", column: "CPU µs/connect+drop", goal: atMost(130)},
	{step: "churn", about: "RSS after the last storm, × after the first", column: "RSS last/first", goal: atMost(1.05)},
	{step: "resume", about: "s until all are complete", column: "last s", goal: atMost(5), rows: true},
	{step: "quiet", about: "p99 ms, unstored", column: "p99 ms", of: "unstored", goal: atMost(5)},
	{step: "quiet", about: "p99 ms", column: "p99 ms"},
	{step: "quiet", about: "p99 ms, what the store adds", column: "p99 ms", less: "unstored"},
	{step: "echo", about: "CPU per delivery, unstored, × floor", column: "× floor", of: "unstored", goal: atMost(1.25)},
	{step: "echo", about: "CPU per delivery, × floor", column: "× floor"},
	{step: "send", about: "acknowledged messages/s", column: "messages/s", rows: true},
	{step: "latency", about: "p50 ms", column: "p50 ms", rows: true},
	{step: "latency", about: "p99 ms", column: "p99 ms", rows: true},
	{step: "latency", about: "slowest ms", column: "slowest ms", rows: true},
}

// goal is the limit for a figure.
type goal struct {
	sign  string // empty without a goal
	limit float64
}

func atMost(limit float64) goal  { return goal{"≤", limit} }
func atLeast(limit float64) goal { return goal{"≥", limit} }

// text formats the goal.
func (g goal) text() string {
	if g.sign == "" {
		return ""
	}
	return g.sign + " " + number(g.limit)
}

// met reports whether a value reaches the goal.
func (g goal) met(value float64) bool {
	switch g.sign {
	case "≤":
		return value <= g.limit
	case "≥":
		return value >= g.limit
	}
	return true
}

// better reports whether a value is better than another.
func (g goal) better(value, other float64) bool {
	if g.sign == "≥" {
		return value > other
	}
	return value < other
}
