package chat

import (
	"strings"
)

const (
	// Lobby is the default room.
	Lobby = "lobby"
	// MaxSlug is the maximum length of a room's slug in characters.
	MaxSlug        = 64
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
