package handlers

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/locales"
)

// pageView is what views/ shows.
type pageView struct {
	preferences
	Title        string // what the browser's tab says before the product's name
	Static       string // URL prefix of what is in static/
	Origin       string // of the addresses that are given to others, if it need not be the page's
	Room         roomView
	Rooms        []roomView        // those that are stored, in the order of the list
	Transcript   *transcript       // nil if it could not be read
	SignedIn     bool              // whether somebody comes in without being asked
	AskName      bool              // whether they are to be asked, whoever they were before
	Me           *personRow        // how somebody looks who comes in
	Refused      string            // the name of somebody who would come in and may not
	Errors       map[string]string // by field: name, age, room, form
	Suggestion   string            // a name that is free, if the name is taken
	Reason       string            // the page is refused
	Failed       bool              // the address may be right, and something else is wrong
	UnknownHost  bool              // no page of the chat can be reached at this host
	Host         string
	Scheme       string
	SocketScheme string
	MaxText      int
}

// maxSuggestions is how many names are tried for somebody whose name is taken.
const maxSuggestions = 8

type roomView struct{ Slug, Title string }

// Path is that of the room's page, below the base.
func (v roomView) Path() string {
	if v.Slug == chat.Lobby {
		return "/"
	}
	return "/rooms/" + v.Slug
}

// Locale implements views.Page.
func (v *pageView) Locale() *locales.Locale { return v.locale }

// newView is what every page shows.
func (s *Server) newView(c *fiber.Ctx) *pageView {
	return &pageView{preferences: s.preferencesOf(c), Static: s.base.static(), Origin: s.base.origin()}
}

// page shows the chat, at / for the lobby and at /rooms/{room}. A name and an
// age in the query are filled in, and what is wrong with them is said.
func (s *Server) page(c *fiber.Ctx) error {
	room, err := roomOf(c)
	if err != nil {
		return err
	}
	if path := s.base.at(roomView{Slug: room}.Path()); path != string(c.Context().URI().PathOriginal()) {
		return redirectToRoom(c, path)
	}
	s.ensureGuest(c)
	view := s.newView(c)
	view.Room, view.Errors, view.MaxText = roomView{room, chat.RoomTitle(room)}, map[string]string{}, s.options.MaxText
	view.Host, view.Scheme, view.SocketScheme = s.host(c), s.scheme(c), "ws"
	if view.Scheme == "https" {
		view.SocketScheme = "wss"
	}
	if room != chat.Lobby {
		view.Title = view.Room.Title
	}
	s.chooseScreen(c, view)
	view.Transcript = s.transcript(s.payer(c), room, view.Zone)
	view.Rooms = s.storedRooms(view.Room)
	c.Set(fiber.HeaderCacheControl, "no-store") // it names a person, and it sets a key
	return s.runFairly(c, func() error { return c.Render("room", view, "layout") })
}

// roomOf is the room of the URL, the lobby if there is none in it.
func roomOf(c *fiber.Ctx) (string, error) {
	slug, err := url.PathUnescape(c.Params("room"))
	if err != nil {
		return "", &chat.Invalid{Field: "room", Format: "The room in the URL has a broken %% escape."}
	}
	return chat.ParseRoom(slug)
}

// redirectToRoom redirects another spelling of a room's address, such as /rooms/W/ or
// /rooms/%77, to the one that the page and its worker know the room by. It is the rule of
// static/js/model/room-name.js and static/sw.js; testdata/room-paths.json has its cases.
func redirectToRoom(c *fiber.Ctx, path string) error {
	if query := c.Context().QueryArgs().String(); query != "" {
		path += "?" + query
	}
	return c.Redirect(path, fiber.StatusPermanentRedirect)
}

// chooseScreen decides which screen somebody gets first. Who was in comes in again; who
// brings a name in the URL, has disconnected or is refused, is asked.
func (s *Server) chooseScreen(c *fiber.Ctx, view *pageView) {
	view.AskName = c.Context().QueryArgs().Has("name")
	if view.AskName {
		view.Name, view.Age = c.Query("name"), c.Query("age")
	} else if view.Name == "" {
		return
	}
	v, errs := s.checkVisit(c, view.Name, view.Age, view.Room.Slug)
	view.Errors, view.Suggestion = errs, s.suggestName(v, errs)
	if len(errs) > 0 && !view.AskName {
		view.Refused = view.Name
	} else if len(errs) == 0 && !view.AskName {
		view.SignedIn, view.Name, view.Me = true, v.user.Name, s.options.ShortIDs.personRow(v.user)
	}
}

// storedRooms are the first rooms there are, the lobby before all, and the one
// that is shown among them: links for those who read without modules.
func (s *Server) storedRooms(shown roomView) []roomView {
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	stored, _, err := s.chat.Rooms(ctx, "", "")
	if err != nil {
		s.log.Warn("page without rooms", "error", err)
	}
	others := []roomView{}
	for _, room := range stored {
		others = append(others, roomView{room.Slug, room.Title})
	}
	if !slices.ContainsFunc(others, func(v roomView) bool { return v.Slug == shown.Slug }) {
		others = append(others, shown)
	}
	others = slices.DeleteFunc(others, func(v roomView) bool { return v.Slug == chat.Lobby })
	slices.SortFunc(others, func(a, b roomView) int { return strings.Compare(a.Slug, b.Slug) })
	return append([]roomView{{chat.Lobby, chat.RoomTitle(chat.Lobby)}}, others...)
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
	for n := 2; n < 2+maxSuggestions; n++ {
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

// checkVisit says by field, in a sentence each for the page, what would be refused.
func (s *Server) checkVisit(c *fiber.Ctx, name, age, room string) (*visit, map[string]string) {
	v, errs := s.newVisit(c, name, age, room)
	said, locale := map[string]string{}, s.pageLocale(c)
	for field, err := range errs {
		said[field] = localizeForPage(locale, err)
	}
	if len(errs) == 0 {
		if err := s.chat.MayEnter(v.user, v.address); err != nil {
			said[formField(err)] = localizeForPage(locale, err)
		}
	}
	return v, said
}

// formField is where the form says an error.
func formField(err error) string {
	if errors.Is(err, chat.ErrNameTaken) {
		return "name"
	}
	return "form"
}

func robots(c *fiber.Ctx) error {
	return c.SendString("User-agent: *\nDisallow: /\n")
}
