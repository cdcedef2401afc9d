package commands

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"chatserver/chat"
	"chatserver/config"
	"chatserver/store"
	"chatserver/telemetry"
)

const (
	// diskInterval is how often the free space is measured. What fills a disk faster than its
	// floor in a second is not stopped by us.
	diskInterval = time.Second
	// diskHysteresis is by what part of a threshold the free space must exceed it again, so that
	// the log does not repeat itself while the space goes up and down at the threshold.
	diskHysteresis = 0.1
)

// diskLevel is how much space is left.
type diskLevel int

const (
	diskOK diskLevel = iota
	diskWarning
	diskLow
)

// disk watches the free space of the data folder. Without one, as with a database
// elsewhere, its methods report no trouble.
type disk struct {
	c      config.Config
	log    *slog.Logger
	space  func(folder string) (telemetry.Space, error)
	low    atomic.Bool // read for each batch of messages
	failed bool        // the last time it was measured

	mu    sync.Mutex
	level diskLevel
	last  telemetry.Space

	quit, done chan struct{}
}

// startDisk measures the free space of the data folder at once, and then every diskEvery.
func startDisk(c config.Config, log *slog.Logger, space func(string) (telemetry.Space, error)) *disk {
	if space == nil {
		space = telemetry.DiskSpace
	}
	d := &disk{c: c, log: log, space: space, quit: make(chan struct{}), done: make(chan struct{})}
	d.measure()
	go d.run()
	return d
}

func (d *disk) run() {
	defer close(d.done)
	ticker := time.NewTicker(diskInterval)
	defer ticker.Stop()
	for {
		select {
		case <-d.quit:
			return
		case <-ticker.C:
			d.measure()
		}
	}
}

// stop is for a server that is stopping, or that did not start.
func (d *disk) stop() {
	if d != nil {
		close(d.quit)
		<-d.done
	}
}

// measure logs each crossing of a threshold once. A space that cannot be measured holds
// nobody back: what the disk refuses is refused by the store.
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

// levelOf compares the free space with the thresholds, which are higher for leaving a level
// than for entering it.
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
		d.log.Error(fmt.Sprintf("the disk is almost full: only messages of up to %d bytes are stored, no rooms are made and no backups are taken", chat.ShortText), attrs...)
	case before == diskLow && !d.failed:
		d.log.Info("there is enough disk space again for messages of any length, new rooms and backups", attrs...)
	case level == diskWarning:
		d.log.Warn("little disk space is left: make room before it falls below --min-free-disk", attrs...)
	case !d.failed:
		d.log.Info("there is enough disk space again", attrs...)
	}
}

// isLow reports whether less than the floor is free.
func (d *disk) isLow() bool { return d != nil && d.low.Load() }

// metrics are what is measured anew for each scrape.
func (d *disk) metrics() telemetry.Disk {
	if d == nil {
		return telemetry.Disk{}
	}
	return telemetry.Disk{Space: func() (telemetry.Space, error) { return d.space(d.c.Data) }, Floor: d.c.DiskFloor}
}

// problem is what is wrong with the disk, a sentence for operators; empty if nothing is.
func (d *disk) problem() string {
	if d == nil {
		return ""
	}
	d.mu.Lock()
	level, space := d.level, d.last
	d.mu.Unlock()
	free, floor := config.Size(space.Free), config.Size(d.c.DiskFloor(space.Total))
	switch {
	case level == diskLow:
		return fmt.Sprintf("%s are free, less than --min-free-disk (%s): only messages of up to %d bytes are stored, no rooms are made and no backups are taken", free.Rounded(), floor.Rounded(), chat.ShortText)
	case level == diskWarning && floor > 0:
		return fmt.Sprintf("%s are free; below %s (--min-free-disk) only messages of up to %d bytes are stored", free.Rounded(), floor.Rounded(), chat.ShortText)
	case level == diskWarning:
		return fmt.Sprintf("%s are free", free.Rounded())
	default:
		return ""
	}
}

// spaceCheck reports, as store.Fits, whether the disk of a folder keeps its floor when a file
// is written there. Where the space is not known it is tried.
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
		return fmt.Errorf("%s are needed on the disk of %s, where %s are free and %s must stay free (--min-free-disk): make room there",
			config.Size(bytes).Rounded(), absolute, config.Size(found.Free).Rounded(), config.Size(floor).Rounded())
	}
}
