package config

import "fmt"

const (
	// defaultDiskFloor and defaultDiskShare make the floor if nobody sets one: a quarter
	// of what the alert for little space allows on a large disk, and on a small one a
	// share that leaves most of it for messages.
	defaultDiskFloor = 250e6
	defaultDiskShare = 1. / 20
	// diskWarning is at how many times the floor operators are warned.
	diskWarning = 4
	// diskWarningUnset is the free space in bytes at which they are warned without a floor.
	diskWarningUnset = 1e9
)

// DiskFloor is the free space in bytes below which a disk of that size counts as almost
// full; 0 = never.
func (c *Config) DiskFloor(total float64) float64 {
	if c.MinFreeDisk != nil {
		return float64(*c.MinFreeDisk)
	}
	return min(defaultDiskFloor, total*defaultDiskShare)
}

// DiskWarning is the free space in bytes below which operators are warned, for a disk of
// that size.
func (c *Config) DiskWarning(total float64) float64 {
	if floor := c.DiskFloor(total); floor > 0 {
		return diskWarning * floor
	}
	return diskWarningUnset
}

// checkDisk refuses a floor that would not be watched.
func (c *Config) checkDisk(wrong *Mistakes) {
	if c.Database != "" && c.MinFreeDisk != nil && *c.MinFreeDisk > 0 {
		wrong.add(fmt.Errorf("--min-free-disk watches the disk of SQLite: leave it out with --database, and watch the disk of the Postgres server"))
	}
}
