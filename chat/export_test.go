package chat

import "time"

// KeepPages is how long pages are given again: a slow machine must not make a test
// ask for them anew.
func (c *Chat) KeepPages(long time.Duration) { c.pages.keep = long }
