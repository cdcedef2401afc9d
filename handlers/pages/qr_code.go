package pages

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
	"rsc.io/qr"

	"chatserver/handlers/request"
)

const (
	// quietZone is the empty border that scanners need, in modules.
	quietZone = 4
	// maxLink is the longest link in bytes that gets a QR code. The modules of a larger code
	// are too small for a phone to scan from a screen.
	maxLink = 400
)

const reasonLongLink = "The room's link is too long for a QR code."

// RoomQRCode serves the room's link as a QR code, for the phone of someone nearby.
func (s *Server) RoomQRCode(c *fiber.Ctx) error {
	room, err := s.roomOf(c)
	if err != nil {
		return err
	}
	link := s.Scheme(c) + "://" + s.Host(c) + s.Base.At(viewOf(room.RoomInfo).Path())
	if len(link) > maxLink {
		return request.Refuse(fiber.StatusBadRequest, reasonLongLink)
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "private, max-age=3600")
	return s.RunFairly(c, func() error { return sendQRCode(c, link) })
}

func sendQRCode(c *fiber.Ctx, link string) error {
	code, err := qr.Encode(link, qr.M)
	if err != nil {
		return fmt.Errorf("encode %s: %w", link, err)
	}
	return c.SendString(qrSVG(code))
}

// qrSVG draws a code with one unit per module. It is always dark on light, since some scanners
// cannot read the inverse.
func qrSVG(code *qr.Code) string {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for code.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+quietZone, y+quietZone, x-begin, x-begin)
			}
		}
	}
	side := code.Size + 2*quietZone
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="%s" d="%s"/></svg>`, side, side, side, side, ink, path.String())
}
