package handlers_test

import (
	"net"
	"testing"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

// libraryServer reports each message of a connection, with nothing around the library but
// what its examples have.
func libraryServer(t *testing.T, limit int64) (address string) {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/chat/:name", websocket.New(func(ws *websocket.Conn) {
		ws.SetReadLimit(limit)
		for {
			kind, message, err := ws.ReadMessage()
			if err != nil || ws.WriteMessage(kind, append([]byte(ws.Params("name")+": "), message...)) != nil {
				return
			}
		}
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	return listener.Addr().String()
}
