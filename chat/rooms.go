package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	// Lobby is the default room.
	Lobby = "lobby"
	// MaxSlug is the maximum length of a room's slug in characters.
	MaxSlug = 64
	// roomsPage is the number of rooms in one page of the list.
	roomsPage = 100

	slugCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// Room is a stored room: one with at least one message.
type Room struct {
	Slug   string
	Title  string
	Rev    int64
	Online int // users present now
}

// ParseRoom returns the lower-case slug of a room; empty means the Lobby. The error is an
// *Invalid with the field "room".
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

// RoomTitle returns the title that a room has until it is given one: "night-watch" becomes
// "Night watch".
func RoomTitle(slug string) string {
	words := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(slug))
	if words == "" {
		return slug
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// Rooms lists the rooms that an actor may find by slug, after a given slug and with a given prefix; both may be empty.
// It reports whether there are more. The error is an *Invalid with the field "after" or
// "prefix", or the store's.
func (c *Chat) Rooms(ctx context.Context, actor Actor, after, prefix string) (rooms []Room, more bool, err error) {
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
	rooms = slices.DeleteFunc(rooms, func(room Room) bool {
		_, err := c.open(ctx, actor, room.Slug, toList)
		return err != nil
	})
	c.live.CountOnline(rooms)
	return rooms, more, nil
}
