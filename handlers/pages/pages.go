package pages

import (
	"context"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/handlers/request"
	"chatserver/locales"
)

// Frame holds what views/layout.html renders of every page.
type Frame struct {
	preferences
	Content template.HTML // of the layout
	Title   string        // shown in the browser's tab, before the product's name
	Static  string        // URL prefix of the files in static/
	Origin  string        // of the addresses that people share, if it may differ from the page's own
	Module  string        // name of a script besides the page's own; empty = none
	Awaits  string        // id of the element before which nothing is painted; empty = none
}

// pageView holds the values that views/ renders.
type pageView struct {
	Frame
	Room         roomView
	Rooms        []roomView        // stored rooms, in list order
	Transcript   *transcript       // nil if the store could not be read
	Accounts     bool              // whether there are accounts
	Account      bool              // whether the visitor is signed in with one
	SignedIn     bool              // whether the visitor enters the room without signing in again
	AskName      bool              // whether to show the sign-in, whoever was signed in before
	Me           *personRow        // the visitor, if SignedIn
	Refused      string            // the name of a signed-in visitor who may not enter
	Errors       map[string]string // by field: name, age, room, form
	Suggestion   string            // a free name, if the requested one is taken
	Reason       string            // why the request is refused
	Failed       bool              // whether the fault is not in the address
	UnknownHost  bool              // whether no page of the chat can be reached at this host
	Host         string
	Scheme       string
	SocketScheme string
	MaxText      int
}

// maxSuggestions is how many names are tried when a name is taken.
const maxSuggestions = 8

// roomView is what pages show of a room: see chat.RoomInfo.
type roomView struct{ ID, Address, Title string }

func viewOf(room *chat.RoomInfo) roomView { return roomView{room.ID, room.Address, room.Title} }

// Path returns the path of the room's page, below the base path.
func (v roomView) Path() string {
	if v.ID == chat.Lobby {
		return "/"
	}
	return "/rooms/" + v.Address
}

// Locale implements views.Page.
func (f *Frame) Locale() *locales.Locale { return f.locale }

// SetContent implements views.Page.
func (f *Frame) SetContent(content template.HTML) { f.Content = content }

// NewFrame returns what every page shows.
func (s *Server) NewFrame(c *fiber.Ctx) Frame {
	return Frame{preferences: s.preferencesOf(c), Static: s.Base.Static(), Origin: s.Base.Origin()}
}

func (s *Server) newView(c *fiber.Ctx) *pageView { return &pageView{Frame: s.NewFrame(c)} }

// Page shows the chat, at / for the lobby and at /rooms/{room}. It fills in a name and an
// age from the query, and shows what is wrong with them.
func (s *Server) Page(c *fiber.Ctx) error {
	room, err := s.roomOf(c)
	if err != nil {
		return err
	}
	if path := s.Base.At(viewOf(room.RoomInfo).Path()); path != string(c.Context().URI().PathOriginal()) {
		return room.redirect(c, path)
	}
	view := s.newRoomView(c, room.RoomInfo)
	view.Transcript = s.transcript(s.Actor(c), room.ID, view.Zone)
	return s.renderRoom(c, view)
}

// newRoomView returns what the page of a room shows besides its messages. It gives a browser
// its guest key.
func (s *Server) newRoomView(c *fiber.Ctx, room *chat.RoomInfo) *pageView {
	s.EnsureGuest(c)
	view := s.newView(c)
	view.Room, view.Errors, view.MaxText = viewOf(room), map[string]string{}, s.maxText
	view.Host, view.Scheme, view.SocketScheme = s.Host(c), s.Scheme(c), "ws"
	if view.Scheme == "https" {
		view.SocketScheme = "wss"
	}
	if room.ID != chat.Lobby {
		view.Title = view.Room.Title
	}
	s.chooseScreen(c, view)
	view.Rooms = s.storedRooms(s.Actor(c), view.Room)
	return view
}

func (s *Server) renderRoom(c *fiber.Ctx, view *pageView) error {
	if view.Transcript != nil {
		view.Awaits = "newest" // every row would move the others
	}
	c.Set(fiber.HeaderCacheControl, "no-store") // it names a user and sets a guest key
	return s.RunFairly(c, func() error { return c.Render("room", view, "layout") })
}

// roomAt is the room of a URL.
type roomAt struct {
	*chat.RoomInfo
	moved bool // whether the URL has another address than the room has now
}

// redirectWithQuery redirects to a path, with the query of the request.
func redirectWithQuery(c *fiber.Ctx, path string, status int) error {
	if query := c.Context().QueryArgs().String(); query != "" {
		path += "?" + query
	}
	return c.Redirect(path, status)
}

// roomOf returns the room of the URL, or the lobby if the URL has none. If the store cannot be
// read now, it is the one that the URL would lead to if no room had ever been renamed.
func (s *Server) roomOf(c *fiber.Ctx) (roomAt, error) {
	slug, err := url.PathUnescape(c.Params("room"))
	if err != nil {
		return roomAt{}, &chat.Invalid{Field: "room", Format: "The room in the URL has a broken %% escape."}
	}
	address, err := chat.ParseRoom(strings.Clone(slug))
	if err != nil {
		return roomAt{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	room, err := s.Chat.Room(ctx, s.Actor(c), address)
	if err != nil && !errors.Is(err, chat.ErrNoRoom) && !errors.Is(err, chat.ErrForbidden) {
		s.Reporter.Log.Warn("page of a room that could not be looked up", "room", address, "error", err)
		room, err = chat.NewRoomInfo(address), nil
	}
	if err != nil {
		return roomAt{}, err
	}
	return roomAt{room, address != room.Address}, nil
}

// redirect redirects a former address of a room to its present one, and other spellings of an
// address, such as /rooms/W/ or /rooms/%77, to the one that the page and its worker use.
// static/js/model/room-name.js and static/sw.js hold the same rule; testdata/room-paths.json has
// its cases.
func (r roomAt) redirect(c *fiber.Ctx, path string) error {
	if r.moved {
		return redirectWithQuery(c, path, fiber.StatusMovedPermanently)
	}
	return redirectWithQuery(c, path, fiber.StatusPermanentRedirect)
}

// chooseScreen decides which screen a visitor sees first. A visitor who is signed in enters
// the room again; a visitor who brings a name in the URL, has disconnected or is refused
// sees the sign-in.
func (s *Server) chooseScreen(c *fiber.Ctx, view *pageView) {
	view.Accounts = s.Accounts.State().Accounts
	if actor := s.Actor(c); actor.Role.HasAccount() {
		view.Account, view.Name, view.Age = true, actor.User.Name, ""
	}
	view.AskName = !view.Account && c.Context().QueryArgs().Has("name")
	if view.AskName {
		view.Name, view.Age = c.Query("name"), c.Query("age")
	} else if view.Name == "" {
		return
	}
	v, errs := s.checkVisit(c, view.Name, view.Age, view.Room.Address)
	view.Errors, view.Suggestion = errs, s.suggestName(v, errs)
	if len(errs) > 0 && !view.AskName {
		view.Refused = view.Name
	} else if len(errs) == 0 && !view.AskName {
		view.SignedIn, view.Name, view.Me = true, v.User.Name, newPersonRow(s.shortIDs, v.User)
	}
}

// storedRooms returns the first rooms, the lobby before all others, and the current room
// among them: links for readers without modules.
func (s *Server) storedRooms(actor chat.Actor, shown roomView) []roomView {
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	stored, _, err := s.Chat.Rooms(ctx, actor, "", "")
	if err != nil {
		s.Reporter.Log.Warn("page without rooms", "error", err)
	}
	others, lobby := []roomView{}, viewOf(chat.NewRoomInfo(chat.Lobby))
	for _, room := range stored {
		if room.ID == chat.Lobby {
			lobby.Title = room.Title
		}
		others = append(others, roomView{room.ID, room.Address, room.Title})
	}
	if !slices.ContainsFunc(others, func(v roomView) bool { return v.ID == shown.ID }) {
		others = append(others, shown)
	}
	others = slices.DeleteFunc(others, func(v roomView) bool { return v.ID == chat.Lobby })
	slices.SortFunc(others, func(a, b roomView) int { return strings.Compare(a.Address, b.Address) })
	return append([]roomView{lobby}, others...)
}

// Check reports by the server's own rules whether a visitor may enter, before the page opens
// a connection. The status is always 200: a wrong name is a valid question.
func (s *Server) Check(c *fiber.Ctx) error {
	v, errs := s.checkVisit(c, c.Query("name"), c.Query("age"), c.Query("room"))
	c.Set(fiber.HeaderCacheControl, "no-store")
	answer := fiber.Map{"name": v.User.Name, "age": v.User.Age, "room": v.Room, "errors": errs}
	if suggestion := s.suggestName(v, errs); suggestion != "" {
		answer["suggestion"] = suggestion
	}
	return c.JSON(answer)
}

// suggestName returns a name that resembles the one that is taken and is free at the moment.
// It returns "" if the name is not the problem, or if no free name was found.
func (s *Server) suggestName(v *request.Visit, errs map[string]string) string {
	if len(errs) != 1 || errs["name"] == "" || v.User.Name == "" {
		return ""
	}
	name := v.User.Name
	if begin := strings.TrimRight(name, "0123456789"); strings.HasSuffix(begin, " ") {
		name = begin // the next one after Ann 2 is Ann 3
	}
	for n := 2; n < 2+maxSuggestions; n++ {
		number := " " + strconv.Itoa(n)
		begin := []rune(name)
		begin = begin[:min(len(begin), chat.MaxName-len(number))]
		user, err := chat.NewUser(strings.TrimSpace(string(begin))+number, v.User.Age, v.User.Key)
		other := *v
		other.User = user
		if err == nil && s.MayEnter(&other) == nil {
			return user.Name
		}
	}
	return ""
}

// checkVisit returns what would be refused, by form field, as sentences for the page.
func (s *Server) checkVisit(c *fiber.Ctx, name, age, room string) (*request.Visit, map[string]string) {
	v, errs := s.NewVisit(c, name, age, room)
	sentences, locale := map[string]string{}, s.Locale(c)
	for field, err := range errs {
		sentences[field] = request.LocalizeForPage(locale, err)
	}
	if len(errs) == 0 {
		if err := s.MayEnter(v); err != nil {
			sentences[formField(err)] = request.LocalizeForPage(locale, err)
		}
	}
	return v, sentences
}

// formField returns the form field that shows an error.
func formField(err error) string {
	if errors.Is(err, chat.ErrNameTaken) || errors.Is(err, chat.ErrAccountName) {
		return "name"
	}
	return "form"
}

func Robots(c *fiber.Ctx) error {
	return c.SendString("User-agent: *\nDisallow: /\n")
}
