package chat

import (
	"context"
	"fmt"
	"strings"
)

const (
	// Lobby is the room of those who name none.
	Lobby = "lobby"
	// MaxSlug is how many characters a room's slug has at most.
	MaxSlug = 64
	// roomsPage is how many rooms are listed at once.
	roomsPage = 100

	slugCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// Room is a room that is stored: somebody said something there.
type Room struct {
	Slug   string
	Title  string
	Rev    int64
	Online int // users who are there now
}

// ParseRoom returns the slug of a room, lower-cased; empty means the Lobby.
// The error is an *Invalid of the field "room".
func ParseRoom(slug string) (string, error) {
	if slug == "" {
		return Lobby, nil
	}
	return parseSlug("room", slug)
}

func parseSlug(field, slug string) (string, error) {
	if len(slug) > MaxSlug || strings.Trim(slug, slugCharacters) != "" {
		return "", invalid(field, "A room's name has 1 to %d of the characters a-z, 0-9, _ and -.", MaxSlug)
	}
	return strings.ToLower(slug), nil
}

// RoomTitle is what a room is called before somebody gives it a title:
// "night-watch" is "Night watch".
func RoomTitle(slug string) string {
	words := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(slug))
	if words == "" {
		return slug
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// Rooms lists rooms by slug: those after one slug that begin with a prefix, both
// of which may be empty, and whether there are more. The error is an *Invalid of
// the field "after" or "prefix", or the store's.
func (c *Chat) Rooms(ctx context.Context, after, prefix string) (rooms []Room, more bool, err error) {
	if after, err = parseSlug("after", after); err != nil {
		return nil, false, err
	}
	if prefix, err = parseSlug("prefix", prefix); err != nil {
		return nil, false, err
	}
	rooms, err = c.store.Rooms(ctx, after, prefix, roomsPage+1)
	if err != nil {
		return nil, false, fmt.Errorf("list the rooms: %w", err)
	}
	if len(rooms) > roomsPage {
		rooms, more = rooms[:roomsPage], true
	}
	c.hub.countOnline(rooms)
	return rooms, more, nil
}
