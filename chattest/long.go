package chattest

import (
	"os"
	"time"
)

// Long reports whether the promises run in their long form, which make chaos selects by
// setting CHAOS.
func Long() bool { return os.Getenv("CHAOS") != "" }

// Exceeds reports whether something took longer than promised. It always returns false
// in the short form: make test shares the machine with other work, so a duration says
// more about the machine than about the chat. Both forms print their measurements with
// Figure.
func Exceeds(took, promised time.Duration) bool { return Long() && took > promised }
