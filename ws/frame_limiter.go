package ws

import "time"

// maxIdleFrames is how many frames without a message a connection may send per second:
// pings, pongs, and commands that are not understood. Beyond that the connection is
// throttled, which costs only the sender; client libraries send one every few seconds.
const maxIdleFrames = 1000

// FrameLimiter throttles a connection that sends more than maxIdleFrames.
type FrameLimiter struct {
	frames int32
	since  time.Duration // when the first of them arrived, since clockStart
}

// clockStart is the origin of FrameLimiter's times: a duration takes less memory than a
// time.
var clockStart = time.Now()

// Wait counts a frame, and sleeps if it is too early.
func (p *FrameLimiter) Wait() {
	if p.frames++; p.frames < maxIdleFrames {
		return
	}
	p.frames = 0
	now := time.Since(clockStart)
	if early := p.since + time.Second - now; p.since > 0 && early > 0 {
		time.Sleep(early) // short enough for a stop to wait for it
		now += early
	}
	p.since = now
}
