package doctor

import (
	"context"
	"math"
	"runtime/debug"
	"time"

	"chatserver/config"
	"chatserver/store"
)

const (
	// reservedFiles are those that no connection gets: see config.ConnectionLimit.
	reservedFiles = 64
	// minFiles is a limit that a busy evening reaches.
	minFiles = 4096
	// What docs/scaling.md says that a process needs, whoever is there, and for each
	// connection.
	processBytes    = 55e6
	connectionBytes = 5600
)

// descriptors compares how many files may be open with how many connections there may
// be: of the running server, else of this process, which may have another limit.
func (d *Doctor) descriptors(context.Context) []Finding {
	const check = "descriptors"
	whose, files := "this shell's limit", config.OpenFiles()
	if most, known := d.metric("process_max_fds"); known {
		whose, files = "the server's limit", int(most)
	}
	const raise = "raise it: LimitNOFILE=65536 in systemd, --ulimit nofile=65536:65536 in docker, ulimit -n in a shell"
	wanted := d.Config.MaxConnections
	switch {
	case files == 0:
		return []Finding{ok(check, "open files are not limited, or not known to be")}
	case wanted != nil && (*wanted == 0 || *wanted > files-reservedFiles):
		return []Finding{problem(check, raise+"; or set --max-connections lower",
			"%s is %s, which is enough for %s; --max-connections is %d", whose, plural(files, "open file"), plural(max(files-reservedFiles, 0), "connection"), *wanted)}
	case files < minFiles:
		return []Finding{problem(check, raise, "%s is %s, so beyond %s newcomers hear 503", whose, plural(files, "open file"), plural(max(files-reservedFiles, 0), "connection"))}
	}
	if open, known := d.metric("process_open_fds"); known && open > 0.9*float64(files) {
		return []Finding{problem(check, raise, "%.0f of %d files are open: soon newcomers hear 503", open, files)}
	}
	return []Finding{ok(check, "%s is %s", whose, plural(files, "open file"))}
}

// memory compares the limit of memory with what so many connections need.
func (d *Doctor) memory(context.Context) []Finding {
	const check = "memory"
	limit, known := d.metric("go_gc_gomemlimit_bytes")
	if !known {
		limit = float64(debug.SetMemoryLimit(-1))
	}
	if limit >= math.MaxInt64 {
		return []Finding{note(check, "set MemoryMax= in systemd, a limit of the container, or GOMEMLIMIT",
			"there is no limit, so nobody is refused while memory is short: the system would end the server instead")}
	}
	connections := d.Config.ConnectionLimit()
	if files, known := d.metric("process_max_fds"); known && d.Config.MaxConnections == nil {
		connections = int(files) - reservedFiles
	}
	needed := processBytes + connectionBytes*float64(connections)
	if needed > 0.9*limit {
		return []Finding{problem(check, "give it more, or set --max-connections lower: docs/scaling.md",
			"the limit is %s; %s need about %s", size(limit), plural(connections, "connection"), size(needed))}
	}
	return []Finding{ok(check, "the limit is %s; %s need about %s", size(limit), plural(connections, "connection"), size(needed))}
}

// maxSkew is how far a clock may be ahead of another one before people notice.
const maxSkew = 5 * time.Second

// clock looks for a clock that was set back, and whether anybody keeps it right. What
// a server in front says the time is, is looked at with the page.
func (d *Doctor) clock(ctx context.Context) []Finding {
	const check = "clock"
	now := time.Now()
	says := "it is " + inUTC(now)
	if looked, err := store.Probe(ctx, d.Config.Database, d.Config.Data, false); err == nil && !looked.Newest.IsZero() {
		if looked.Newest.After(now.Add(maxSkew)) {
			return []Finding{problem(check, remedyClock, "%s, and the newest message is of %s: one of the two is wrong", says, inUTC(looked.Newest))}
		}
		says += ", after the newest message"
	}
	kept, known := clockSynced()
	switch {
	case !known:
		return []Finding{note(check, "", "%s; whether it is kept right is not known here", says)}
	case !kept:
		return []Finding{note(check, remedyClock+"; a guest or a container has its host's", "%s; the system does not know that anybody keeps it right", says)}
	}
	return []Finding{ok(check, "%s, and the system says that it is kept right", says)}
}

const remedyClock = "have it kept right: systemctl enable --now systemd-timesyncd"

func inUTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
