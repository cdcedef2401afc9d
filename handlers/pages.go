package handlers

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/locales"
	"chatserver/static"
)

// pageView is what views/ shows.
type pageView struct {
	preferences
	Title        string   // what the browser's tab says before the product's name
	Static       string   // URL prefix of what is in static/
	Modules      []string // what the page's program imports, below Static
	Room         roomView
	Errors       map[string]string // by field: name, age, room, form
	Suggestion   string            // a name that is free, if the name is taken
	Host         string
	Scheme       string
	SocketScheme string
	MaxText      int
}

// suggestions is how many names are tried for somebody whose name is taken.
const suggestions = 8

type roomView struct{ Slug, Title string }

// Locale implements views.Page.
func (v *pageView) Locale() *locales.Locale { return v.locale }

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
	view := &pageView{
		preferences: preferencesOf(c), Static: staticPrefix + static.Hash(), Modules: static.Modules(),
		Room: roomView{room, chat.RoomTitle(room)}, Errors: map[string]string{},
		Host: string(c.Context().Host()), Scheme: s.scheme(c), SocketScheme: "ws", MaxText: s.options.MaxText,
	}
	if view.Scheme == "https" {
		view.SocketScheme = "wss"
	}
	if room != chat.Lobby {
		view.Title = view.Room.Title
	}
	if c.Context().QueryArgs().Has("name") {
		var v *visit
		view.Name, view.Age = c.Query("name"), c.Query("age")
		v, view.Errors = s.checkVisit(c, view.Name, view.Age, room)
		view.Suggestion = s.suggestName(v, view.Errors)
	}
	c.Set(fiber.HeaderCacheControl, "no-store") // it names a person, and it sets a key
	return c.Render("room", view, "layout")
}

// check tells by the server's own rules whether somebody may come in, before
// the page opens a connection. It always answers 200: a wrong name is an answer.
func (s *Server) check(c *fiber.Ctx) error {
	v, errs := s.checkVisit(c, c.Query("name"), c.Query("age"), c.Query("room"))
	c.Set(fiber.HeaderCacheControl, "no-store")
	answer := fiber.Map{"name": v.user.Name, "age": v.user.Age, "room": v.room, "errors": errs}
	if suggestion := s.suggestName(v, errs); suggestion != "" {
		answer["suggestion"] = suggestion
	}
	return c.JSON(answer)
}

// suggestName is a name like the one that is taken, and free just now; empty if
// that is not what is wrong, or none is found.
func (s *Server) suggestName(v *visit, errs map[string]string) string {
	if len(errs) != 1 || errs["name"] == "" || v.user.Name == "" {
		return ""
	}
	name := v.user.Name
	if begin := strings.TrimRight(name, "0123456789"); strings.HasSuffix(begin, " ") {
		name = begin // that of Ann 2 is Ann 3
	}
	for n := 2; n < 2+suggestions; n++ {
		number := " " + strconv.Itoa(n)
		begin := []rune(name)
		begin = begin[:min(len(begin), chat.MaxName-len(number))]
		user, err := chat.NewUser(strings.TrimSpace(string(begin))+number, v.user.Age, v.user.Key)
		if err == nil && s.chat.MayEnter(user, v.address) == nil {
			return user.Name
		}
	}
	return ""
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
