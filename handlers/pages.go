package handlers

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/static"
)

// pageView is what views/ shows.
type pageView struct {
	Title        string
	Static       string // URL prefix of what is in static/
	Room         roomView
	Name, Age    string            // to fill in
	Errors       map[string]string // by field: name, age, room, form
	Host         string
	Scheme       string
	SocketScheme string
	MaxText      int
}

type roomView struct{ Slug, Title string }

// page shows the chat, at / for the lobby and at /rooms/{room}. A name and an
// age in the query are filled in, and what is wrong with them is said.
func (s *Server) page(c *fiber.Ctx) error {
	slug, err := url.PathUnescape(c.Params("room"))
	if err != nil {
		return &chat.Invalid{Field: "room", Reason: "The room in the URL has a broken % escape."}
	}
	room, err := chat.ParseRoom(slug)
	if err != nil {
		return err
	}
	s.ensureGuest(c)
	view := pageView{
		Title: "chatserver", Static: staticPrefix + static.Hash(),
		Room: roomView{room, chat.RoomTitle(room)},
		Name: c.Query("name"), Age: c.Query("age"), Errors: map[string]string{},
		Host: string(c.Context().Host()), Scheme: s.scheme(c), SocketScheme: "ws", MaxText: s.options.MaxText,
	}
	if view.Scheme == "https" {
		view.SocketScheme = "wss"
	}
	if room != chat.Lobby {
		view.Title = view.Room.Title + " · chatserver"
	}
	if c.Context().QueryArgs().Has("name") {
		_, view.Errors = s.checkVisit(c, view.Name, view.Age, room)
	}
	c.Set(fiber.HeaderCacheControl, "no-store") // it names a person, and it sets a key
	return c.Render("room", view, "layout")
}

// check tells by the server's own rules whether somebody may come in, before
// the page opens a connection. It always answers 200: a wrong name is an answer.
func (s *Server) check(c *fiber.Ctx) error {
	v, errs := s.checkVisit(c, c.Query("name"), c.Query("age"), c.Query("room"))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"name": v.user.Name, "age": v.user.Age, "room": v.room, "errors": errs})
}

// checkVisit says by field, in a sentence each, what would be refused.
func (s *Server) checkVisit(c *fiber.Ctx, name, age, room string) (*visit, map[string]string) {
	v, errs := s.newVisit(c, name, age, room)
	said := map[string]string{}
	for field, err := range errs {
		said[field] = sentence(err.Error())
	}
	if len(errs) == 0 {
		if err := s.chat.MayEnter(v.user, v.address); err != nil {
			said[fieldOf(err)] = sentence(err.Error())
		}
	}
	return v, said
}

// fieldOf is where the form says an error.
func fieldOf(err error) string {
	if err == chat.ErrNameTaken { //nolint:errorlint // MayEnter returns it as it is
		return "name"
	}
	return "form"
}

func robots(c *fiber.Ctx) error {
	return c.SendString("User-agent: *\nDisallow: /\n")
}
