package chattest

import (
	"os"
	"time"
)

// Long reports whether the long forms of the promises run, which make chaos requests by
// setting CHAOS.
func Long() bool { return os.Getenv("CHAOS") != "" }

// Exceeds reports whether something took longer than promised. It judges the long form
// only: make test shares its machine with other work, where a time says more about the
// machine than about the chat. Both forms print what they measured, with Figure.
func Exceeds(took, promised time.Duration) bool { return Long() && took > promised }
