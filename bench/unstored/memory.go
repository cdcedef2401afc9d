package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"chatserver/chat"
)

// memory is a store that keeps everything until the process ends. It stores new messages
// only, so a message's rev is its seq.
type memory struct {
	epoch string

	mu    sync.Mutex
	rooms map[string]*kept
}

// kept is a room's messages, the first of which has seq 1.
type kept struct {
	messages []chat.Message
	byID     map[string]int64
}

var _ chat.Store = (*memory)(nil)

func newMemory(epoch string) *memory { return &memory{epoch: epoch, rooms: map[string]*kept{}} }

// Commit implements chat.Store.
func (m *memory) Commit(_ context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	outcomes := make([]chat.Outcome, len(changes))
	for i, change := range changes {
		d, isPost := change.(chat.Post)
		if !isPost {
			outcomes[i].Err = errors.ErrUnsupported
			continue
		}
		r := m.rooms[d.Room]
		if r == nil {
			r = &kept{byID: map[string]int64{}}
			m.rooms[d.Room] = r
		}
		seq, known := r.byID[d.ID]
		if !known {
			seq = int64(len(r.messages) + 1)
			r.byID[d.ID] = seq
			r.messages = append(r.messages, d.Message(seq))
		}
		outcomes[i] = chat.Outcome{Message: r.messages[seq-1], Known: known, Rev: int64(len(r.messages))}
	}
	return outcomes, nil
}

// Before implements chat.Store.
func (m *memory) Before(_ context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	messages := m.messages(room)
	end := min(int64(len(messages)), seq-1)
	first, bytes := end, 0
	for first > 0 && fits(&messages[first-1], int(end-first), &bytes, limit) {
		first--
	}
	return m.page(messages, first, end, first > 0), nil
}

// Changes implements chat.Store.
func (m *memory) Changes(_ context.Context, room string, since int64, limit chat.Limit) (chat.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	messages := m.messages(room)
	newest := int64(len(messages))
	if since >= newest {
		return chat.Page{Since: since, Rev: newest}, nil
	}
	end, bytes := since, 0
	for end < newest && fits(&messages[end], int(end-since), &bytes, limit) {
		end++
	}
	p := m.page(messages, since, end, end < newest)
	p.Since, p.Rev = since, end
	return p, nil
}

func (m *memory) messages(room string) []chat.Message {
	if r := m.rooms[room]; r != nil {
		return r.messages
	}
	return nil
}

// page returns the messages after one seq up to another.
func (*memory) page(messages []chat.Message, first, end int64, more bool) chat.Page {
	p := chat.Page{Since: first, Rev: int64(len(messages)), Messages: slices.Clone(messages[first:end]), More: more}
	if first > 0 {
		p.SinceID = messages[first-1].ID
	}
	return p
}

// fits reports whether a page with the given number of messages can take another one.
func fits(m *chat.Message, have int, bytes *int, limit chat.Limit) bool {
	*bytes += m.Size()
	return have == 0 || have < limit.Messages && (limit.Bytes == 0 || *bytes <= limit.Bytes)
}

// Rooms implements chat.Store.
func (m *memory) Rooms(_ context.Context, after, prefix string, limit int) ([]chat.Room, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []chat.Room
	for slug, r := range m.rooms {
		if slug > after && strings.HasPrefix(slug, prefix) {
			all = append(all, chat.Room{ID: slug, Address: slug, Title: chat.RoomTitle(slug), Rev: int64(len(r.messages))})
		}
	}
	slices.SortFunc(all, func(a, b chat.Room) int { return strings.Compare(a.ID, b.ID) })
	return all[:min(len(all), limit)], nil
}

// FindRoom implements chat.RoomFinder.
func (*memory) FindRoom(_ context.Context, address string) (*chat.RoomInfo, error) {
	return chat.NewRoomInfo(address), nil
}

// Epoch implements chat.Store.
func (m *memory) Epoch() string { return m.epoch }

// Check implements chat.Store.
func (*memory) Check(context.Context) error { return nil }

// Replies implements chat.Details.
func (*memory) Replies(context.Context, string, int64, int64, chat.Limit) (chat.Page, error) {
	return chat.Page{}, errors.ErrUnsupported
}

// ThreadChanges implements chat.Details.
func (*memory) ThreadChanges(context.Context, string, int64, int64, chat.Limit) (chat.Page, error) {
	return chat.Page{}, errors.ErrUnsupported
}

// Pins implements chat.Details.
func (*memory) Pins(context.Context, string, chat.Limit) (chat.Page, error) {
	return chat.Page{}, errors.ErrUnsupported
}

// Versions implements chat.Details.
func (*memory) Versions(context.Context, string, int64, int64, chat.Limit) ([]chat.Version, bool, error) {
	return nil, false, errors.ErrUnsupported
}

// After implements chat.Details.
func (*memory) After(context.Context, string, int64, chat.Limit) (chat.Page, error) {
	return chat.Page{}, errors.ErrUnsupported
}

// ReplaceAuthor finds no messages of earlier versions.
func (*memory) ReplaceAuthor(context.Context, string, string) ([]string, error) { return nil, nil }
