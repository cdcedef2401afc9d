package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"
)

// returner is a connection that resumes.
type returner struct {
	*user
	pages [][]byte // undecoded: parsing would slow this program down while others wait
	at    time.Time
}

// measure waits for the server, makes everybody reconnect at once, and checks what they
// got.
func (m *resumeMode) measure(ctx context.Context, s *server, epoch string, note note) error {
	if err := s.await(ctx, time.Millisecond, s.accepts); err != nil {
		return err
	}
	open := time.Now()
	before, err := s.usage()
	if err != nil {
		return err
	}
	returners := make([]*returner, m.Connections)
	defer func() {
		for _, r := range returners {
			if r != nil {
				r.cut()
			}
		}
	}()
	err = atOnce(len(returners), func(i int) (err error) {
		returners[i], err = m.comeBack(ctx, s, i, epoch)
		return err
	})
	if err != nil {
		return err
	}
	after, err := s.usage()
	if err != nil {
		return err
	}
	took, bytes, err := m.check(returners, epoch, open)
	row := fmt.Sprintf("%d missed %d messages", m.Connections, m.Missed)
	note(row, "p50 s", quantile(took, 0.5))
	note(row, "last s", quantile(took, 1))
	note(row, "CPU seconds", (after.cpu - before.cpu).Seconds())
	note(row, "RSS MB", after.rss)
	note(row, "MB sent", float64(bytes)/1e6)
	note(row, "connections", float64(len(took)))
	return err
}

// accepts reports whether the server listens. A health check would come too late, after
// everybody who waits for the port.
func (s *server) accepts(ctx context.Context) error {
	tcp, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	return tcp.Close()
}

// comeBack connects and requests what was missed, page by page.
func (m *resumeMode) comeBack(ctx context.Context, s *server, i int, epoch string) (*returner, error) {
	u, err := m.enter(ctx, s, i)
	if err != nil {
		return nil, err
	}
	r := &returner{user: u}
	for since, more := int64(heardBefore), true; more; {
		if err := r.say(fmt.Appendf(nil, resumeCommand, filledRoom(0), since, epoch)); err != nil {
			return r, err
		}
		frame, err := r.awaitFrame("room")
		if err != nil {
			return r, err
		}
		r.pages = append(r.pages, bytes.Clone(frame))
		if more = bytes.Contains(frame, []byte(`"more":true`)); more {
			page, err := parse(frame)
			if err != nil {
				return r, err
			}
			since = page.Rev
		}
	}
	r.at = time.Now()
	return r, nil
}

// check checks that everybody got exactly what was missed. It returns how many seconds
// that took each, and the bytes received by all.
func (m *resumeMode) check(returners []*returner, epoch string, open time.Time) (took []float64, bytes int64, err error) {
	for _, r := range returners {
		if err := r.check(epoch, int64(heardBefore+m.Missed)); err != nil {
			return nil, 0, fmt.Errorf("%s reconnected: %w", r.name, err)
		}
		took = append(took, r.at.Sub(open).Seconds())
		bytes += r.bytes
	}
	return took, bytes, nil
}

func (r *returner) check(epoch string, until int64) error {
	if r.epoch != epoch {
		return fmt.Errorf("the epoch %q has become %q", epoch, r.epoch)
	}
	at := order{last: heardBefore}
	for _, frame := range r.pages {
		page, err := parse(frame)
		if err != nil {
			return err
		}
		if err := at.checkPage(page); err != nil {
			return err
		}
	}
	if at.last != until {
		return fmt.Errorf("reached rev %d, want %d", at.last, until)
	}
	return nil
}
