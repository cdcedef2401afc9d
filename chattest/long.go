package chattest

import (
	"os"
	"time"
)

// Long tells whether the long forms of the promises run, as make chaos asks: CHAOS is set.
func Long() bool { return os.Getenv("CHAOS") != "" }

// Within is how long something may take of which a promise says how long: as promised in
// the long form, and ten times that in the short one, which runs beside everything else
// on a machine that may have other things to do.
func Within(promised time.Duration) time.Duration {
	if Long() {
		return promised
	}
	return 10 * promised
}
