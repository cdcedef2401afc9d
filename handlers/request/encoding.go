package request

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	brotli = "br"
	gzip   = "gzip"
	// pageLevel is the compression level of pages, which are compressed for each response.
	// It takes about half a millisecond a page in both encodings; higher levels save 1 %.
	pageLevel = 5
	// minCompressed is the size in bytes below which a response fits into one packet anyway.
	minCompressed = 1024
)

// EncodingFor returns the encoding that an Accept-Encoding header prefers, brotli if it
// prefers both equally, or "" for no compression.
func EncodingFor(accept string) string {
	likes := qualitiesOf(accept)
	like := func(name string) float64 {
		if q, ok := likes[name]; ok {
			return q
		}
		return likes["*"]
	}
	best, most := "", likes["identity"]
	for _, name := range []string{gzip, brotli} {
		if q := like(name); q > 0 && q >= most {
			best, most = name, q
		}
	}
	return best
}

// qualitiesOf maps the lower-case name of each entry of an Accept or Accept-Encoding header to
// its q; other parameters are ignored (RFC 9110 §12.4.2).
func qualitiesOf(header string) map[string]float64 {
	qualities := map[string]float64{}
	for entry := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(entry, ";")
		qualities[strings.ToLower(strings.TrimSpace(name))] = quality(parameters)
	}
	return qualities
}

// quality returns the q among an entry's parameters, or 1 by default. An invalid q counts
// as 0.
func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) { // this form also catches NaN
			return 0
		}
		return q
	}
	return 1
}

// Compressed compresses responses that are generated for each request. If a body contained
// both a secret and reflected input, its length could reveal the secret (BREACH). No page
// contains one: the guest key is in a cookie that no page shows, and everyone may read the
// messages of a room.
func Compressed(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	compress(c)
	return nil
}

// compress compresses a response's body with the encoding that the client prefers.
func compress(c *fiber.Ctx) {
	c.Vary(fiber.HeaderAcceptEncoding)
	body := c.Response().Body()
	if c.Response().StatusCode() != fiber.StatusOK || len(body) < minCompressed {
		return
	}
	encoding := EncodingFor(c.Get(fiber.HeaderAcceptEncoding))
	switch encoding {
	case brotli:
		c.Response().SetBodyRaw(fasthttp.AppendBrotliBytesLevel(nil, body, pageLevel))
	case gzip:
		c.Response().SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, body, pageLevel))
	default:
		return
	}
	c.Set(fiber.HeaderContentEncoding, encoding)
}
