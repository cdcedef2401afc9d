package chattest

import "os"

// Long tells whether the long forms of the promises run, as make chaos asks: CHAOS is set.
func Long() bool { return os.Getenv("CHAOS") != "" }
