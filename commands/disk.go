package commands

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"chatserver/chat"
	"chatserver/config"
	"chatserver/store"
	"chatserver/task"
	"chatserver/telemetry"
)

const (
	// diskInterval is how often the free space is measured. A disk that fills from the
	// minimum to the end within a second is beyond this check.
	diskInterval = time.Second
	// diskHysteresis is the fraction by which the free space must exceed a threshold
	// again, so that the log does not repeat itself while the free space fluctuates
	// around it.
	diskHysteresis = 0.1
)

// diskLevel classifies the free space.
type diskLevel int

const (
	diskOK diskLevel = iota
	diskWarning
	diskLow
)

// diskWatch watches the free space of the data directory.
type diskWatch interface {
	// isLow reports whether the free space is below the minimum.
	isLow() bool
	// metrics returns what is measured on each scrape.
	metrics() telemetry.Disk
	// problem returns a sentence about the disk for operators; empty if all is well.
	problem() string
	// stop ends the measurements.
	stop()
}

// noDisk is the watch of a server without a data directory, as with Postgres.
type noDisk struct{}

func (noDisk) isLow() bool             { return false }
func (noDisk) metrics() telemetry.Disk { return telemetry.Disk{} }
func (noDisk) problem() string         { return "" }
func (noDisk) stop()                   {}

// disk is the watch of a data directory.
type disk struct {
	c      config.Config
	log    *slog.Logger
	space  func(folder string) (telemetry.Space, error)
	low    atomic.Bool // read for each batch of messages
	failed bool        // whether the last measurement failed

	mu    sync.Mutex
	level diskLevel
	last  telemetry.Space

	task *task.Task
}

// startDisk measures the free space of the data directory now and then every diskInterval.
func startDisk(c config.Config, log *slog.Logger, space func(string) (telemetry.Space, error)) *disk {
	if space == nil {
		space = telemetry.DiskSpace
	}
	d := &disk{c: c, log: log, space: space}
	d.measure()
	d.task = task.Start(d.run)
	return d
}

func (d *disk) run(ctx context.Context) {
	ticker := time.NewTicker(diskInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			d.measure()
		}
	}
}

// stop ends the measurements.
func (d *disk) stop() {
	_ = d.task.Stop(context.Background()) // it ends at once
}

// measure updates the level and logs when it changes. If the space cannot be measured,
// nothing is refused here; the store reports a full disk itself.
func (d *disk) measure() {
	space, err := d.space(d.c.Data)
	if err != nil {
		if !d.failed {
			d.log.Warn("cannot measure the free disk space: --min-free-disk has no effect", "error", err)
		}
		space = telemetry.Space{}
	}
	d.failed = err != nil
	level := d.levelOf(space)
	d.mu.Lock()
	before := d.level
	d.level, d.last = level, space
	d.mu.Unlock()
	d.low.Store(level == diskLow)
	if level != before {
		d.logChange(before, level, space)
	}
}

// levelOf compares the free space with the thresholds, which are higher for leaving a
// level than for entering it.
func (d *disk) levelOf(space telemetry.Space) diskLevel {
	below := func(threshold float64, already bool) bool {
		if already {
			threshold *= 1 + diskHysteresis
		}
		return space.Free < threshold
	}
	switch {
	case d.failed:
		return diskOK
	case below(d.c.DiskFloor(space.Total), d.level >= diskLow):
		return diskLow
	case below(d.c.DiskWarning(space.Total), d.level >= diskWarning):
		return diskWarning
	default:
		return diskOK
	}
}

func (d *disk) logChange(before, level diskLevel, space telemetry.Space) {
	attrs := []any{"free", int64(space.Free), "floor", int64(d.c.DiskFloor(space.Total)), "folder", d.c.Data}
	switch {
	case level == diskLow:
		d.log.Error(fmt.Sprintf("the disk is almost full: storing only messages of up to %d bytes, creating no rooms and no backups", chat.ShortText), attrs...)
	case before == diskLow && !d.failed:
		d.log.Info("enough disk space again: accepting long messages, new rooms and backups", attrs...)
	case level == diskWarning:
		d.log.Warn("low disk space: free some before it falls below --min-free-disk", attrs...)
	case !d.failed:
		d.log.Info("enough disk space again", attrs...)
	}
}

func (d *disk) isLow() bool { return d.low.Load() }

func (d *disk) metrics() telemetry.Disk {
	return telemetry.Disk{Space: func() (telemetry.Space, error) { return d.space(d.c.Data) }, Floor: d.c.DiskFloor}
}

func (d *disk) problem() string {
	d.mu.Lock()
	level, space := d.level, d.last
	d.mu.Unlock()
	free, floor := config.Size(space.Free), config.Size(d.c.DiskFloor(space.Total))
	switch {
	case level == diskLow:
		return fmt.Sprintf("%s free, less than --min-free-disk (%s): storing only messages of up to %d bytes, creating no rooms and no backups", free.Rounded(), floor.Rounded(), chat.ShortText)
	case level == diskWarning && floor > 0:
		return fmt.Sprintf("%s free; below %s (--min-free-disk) the server stores only messages of up to %d bytes", free.Rounded(), floor.Rounded(), chat.ShortText)
	case level == diskWarning:
		return fmt.Sprintf("%s free", free.Rounded())
	default:
		return ""
	}
}

// spaceCheck returns a store.SpaceCheck for files in a folder: the disk must keep its
// minimum free. If the free space is unknown, it allows the file.
func spaceCheck(c config.Config, space func(string) (telemetry.Space, error), folder string) store.SpaceCheck {
	if space == nil {
		space = telemetry.DiskSpace
	}
	return func(bytes int64) error {
		found, err := space(folder)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		floor := c.DiskFloor(found.Total)
		if found.Free-float64(bytes) >= floor {
			return nil
		}
		absolute, err := filepath.Abs(folder)
		if err != nil {
			absolute = folder
		}
		return fmt.Errorf("not enough disk space in %[2]s: %[1]s needed, %[3]s free, of which %[4]s must stay free (--min-free-disk)",
			config.Size(bytes).Rounded(), absolute, config.Size(found.Free).Rounded(), config.Size(floor).Rounded())
	}
}
