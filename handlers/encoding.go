package handlers

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	brotli = "br"
	gzip   = "gzip"
	// pageLevel compresses each response on its own. With both encodings it takes
	// about half a millisecond a page; the next levels take longer and save 1 %.
	pageLevel = 5
	// worthIt is the size in bytes below which an answer is one packet anyway.
	worthIt = 1024
)

// encodingFor is how an answer is to be compressed for somebody who sent this
// Accept-Encoding: with what they like best, of two that they like the same with
// brotli; empty for not at all.
func encodingFor(accept string) string {
	likes := map[string]float64{}
	for entry := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(entry, ";")
		likes[strings.ToLower(strings.TrimSpace(name))] = quality(parameters)
	}
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

// quality is the q of an entry; what cannot be read is not liked.
func quality(parameters string) float64 {
	name, value, ok := strings.Cut(parameters, "=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || q < 0 || q > 1 {
		return 0
	}
	return q
}

// compressed compresses an answer that is made anew for everybody. What is
// reflected into a page may be guessed by its length if a secret is in the same
// body (BREACH): no page of ours has one. A guest's key is in a cookie that no
// page shows, and what is said in a room everybody can read.
func compressed(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	compress(c)
	return nil
}

// compress compresses the body of an answer in the way its reader likes best.
func compress(c *fiber.Ctx) {
	c.Vary(fiber.HeaderAcceptEncoding)
	body := c.Response().Body()
	if c.Response().StatusCode() != fiber.StatusOK || len(body) < worthIt {
		return
	}
	encoding := encodingFor(c.Get(fiber.HeaderAcceptEncoding))
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
