package main

import (
	"fmt"
	"strings"
)

// step is a mode that a report runs.
type step struct {
	name string // in the report
	args string // of the mode; the form appends to them
}

// steps are all steps. The one with readers also measures without them.
var steps = []step{
	{"idle", "idle"},
	{"fanout at 20 messages/s", "fanout --rate 20"},
	{"fanout", "fanout --window 4"},
	{"fanout to many", "fanout --window 4"},
	{"rooms at 1500 messages/s", "rooms --rate 1500 --unstored"},
	{"slow", "slow"},
	{"churn", "churn"},
	{"resume", "resume"},
	{"quiet", "quiet --unstored"},
	{"echo", "echo --unstored"},
	{"send", "send"},
	{"latency", "latency"},
}

// form is the size and duration of the steps: what it appends to their arguments.
type form map[string]string

// spareFiles is the number of descriptors that this program and a server need besides
// those of lasting connections.
const spareFiles = 300

// full connects as many people as the goals require, or as the limit of open files
// allows.
func full(most int) form {
	const people = 10 // in a room
	return form{
		"idle":                     fmt.Sprint("--connections ", min(10000, most)),
		"fanout at 20 messages/s":  "--receivers 1000 --for 10s",
		"fanout":                   "--receivers 1000 --for 5s",
		"fanout to many":           fmt.Sprint("--receivers ", min(10000, most-1), " --for 10s"), // without the sender
		"rooms at 1500 messages/s": fmt.Sprint("--people ", people, " --rooms ", min(1000, most/people), " --for 10s"),
		"slow":                     "--people 20 --stalled 4 --for 10s",
		"churn":                    fmt.Sprint("--connections ", min(3000, most), " --storms 3"),
		"resume":                   "--connections 1000 --missed 100",
		"quiet":                    "--quiet 10 --saturated 4 --for 10s",
		"echo":                     "--connections 1000 --for 5s",
		"send":                     "--senders 1,16,256 --for 3s",
		"latency":                  "--readers 100 --for 10s",
	}
}

// short measures the same for less time each.
func short(most int) form {
	f := full(most)
	for name, args := range f {
		f[name] = strings.NewReplacer("--for 10s", "--for 4s", "--for 5s", "--for 3s", "--for 3s", "--for 2s").Replace(args)
	}
	return f
}
