package chat

import "strings"

const (
	// Lobby is the room of those who name none.
	Lobby = "lobby"
	// MaxSlug is how many characters a room's slug has at most.
	MaxSlug = 64

	slugCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// ParseRoom returns the slug of a room, lower-cased; empty means the Lobby.
// The error is an *Invalid of the field "room".
func ParseRoom(slug string) (string, error) {
	if slug == "" {
		return Lobby, nil
	}
	if len(slug) > MaxSlug || strings.Trim(slug, slugCharacters) != "" {
		return "", invalid("room", "A room's name has 1 to %d of the characters a-z, 0-9, _ and -.", MaxSlug)
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
