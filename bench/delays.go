package main

import (
	"math"
	"time"
)

// delays is a histogram of durations. Its size depends on the longest duration and not
// on their number.
type delays struct {
	counts []int
	total  int
}

// delayStep is the resolution of the histogram.
const delayStep = 10 * time.Microsecond

func (d *delays) add(took time.Duration) {
	at := int(took / delayStep)
	for len(d.counts) <= at {
		d.counts = append(d.counts, 0)
	}
	d.counts[at]++
	d.total++
}

// ms returns a quantile of the delays, in milliseconds: 0.99 gives their p99.
func (d *delays) ms(part float64) float64 {
	left := int(math.Ceil(part * float64(d.total)))
	for at, n := range d.counts {
		if left -= n; left <= 0 {
			return (time.Duration(at+1) * delayStep).Seconds() * 1e3
		}
	}
	return 0
}
