package socket

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/handlers/request"
)

// visitKey is the key of a request's visit in its locals.
const visitKey = "visit"

// visit reads and checks a request for /chat/{name}.
func (s *Server) visit(c *fiber.Ctx) (*request.Visit, error) {
	name, err := url.PathUnescape(c.Params("name")) // Fiber's own decoding turns a plus into a space
	if err != nil {
		return nil, &chat.Invalid{Field: "name", Format: "The name in the URL has a broken %% escape."}
	}
	age, err := onlyQuery(c, "age")
	if err != nil {
		return nil, err
	}
	room, err := onlyQuery(c, "room")
	if err != nil {
		return nil, err
	}
	history, err := onlyQuery(c, "history")
	if err != nil {
		return nil, err
	}
	v, errs := s.NewVisit(c, name, age, room)
	for _, field := range []string{"name", "age", "room"} {
		if errs[field] != nil {
			return nil, errs[field]
		}
	}
	if v.History, err = parseHistory(history); err != nil {
		return nil, err
	}
	if v.Kind, err = kindOf(c); err != nil {
		return nil, err
	}
	if v.Kind == chat.JSON {
		v.Kind, err = jsonKind(c)
	} else {
		v.Kind, err = textKind(c)
	}
	return v, err
}

// textKind reads changes, which asks for edits and deletions in plain text.
func textKind(c *fiber.Ctx) (chat.Kind, error) {
	switch changes, err := onlyQuery(c, "changes"); {
	case err != nil:
		return chat.PlainText, err
	case changes == "1":
		return chat.TextWithChanges, nil
	case changes == "" || changes == "0":
		return chat.PlainText, nil
	default:
		return chat.PlainText, &chat.Invalid{Field: "changes", Format: "changes is 1 to be told of edits and deletions, or 0."}
	}
}

// onlyQuery returns a query parameter, or "" if it is absent. It refuses a repeated
// parameter, because it cannot know which value is meant.
func onlyQuery(c *fiber.Ctx, key string) (string, error) {
	values := c.Context().QueryArgs().PeekMulti(key)
	if len(values) > 1 {
		return "", &chat.Invalid{Field: key, Format: "Give %s once, or not at all.", Args: []any{key}}
	}
	if len(values) == 0 {
		return "", nil
	}
	return string(values[0]), nil
}

// jsonKind reads frame_bytes, the size of the largest event that the client accepts, and
// returns the kind with the largest frames that fit.
func jsonKind(c *fiber.Ctx) (chat.Kind, error) {
	text, err := onlyQuery(c, "frame_bytes")
	if err != nil || text == "" {
		return chat.JSON, err
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n < chat.FrameBytes {
		return chat.JSON, &chat.Invalid{Field: "frame_bytes", Format: "frame_bytes is the size in bytes of the largest event that you accept: %d or more.", Args: []any{chat.FrameBytes}}
	}
	if n < chat.LargeFrameBytes {
		return chat.JSON, nil
	}
	return chat.LargeJSON, nil
}

func parseHistory(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > chat.MaxHistory || text[0] == '+' || text[0] == '-' {
		return 0, &chat.Invalid{Field: "history", Format: "The history asked for is a number of messages from 0 to %d.", Args: []any{chat.MaxHistory}}
	}
	return n, nil
}
