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
	// minCompressed is the size in bytes below which an answer is one packet anyway.
	minCompressed = 1024
)

// encodingFor is how an answer is to be compressed for somebody who sent this
// Accept-Encoding: with what they like best, of two that they like the same with
// brotli; empty for not at all.
func encodingFor(accept string) string {
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

// qualitiesOf returns the q of each entry of an Accept or Accept-Encoding header by its name
// in lower case, parameters other than q left out (RFC 9110 §12.4.2).
func qualitiesOf(header string) map[string]float64 {
	qualities := map[string]float64{}
	for entry := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(entry, ";")
		qualities[strings.ToLower(strings.TrimSpace(name))] = quality(parameters)
	}
	return qualities
}

// quality returns the q among an entry's parameters, 1 without one. A q that is no number
// from 0 to 1 counts as 0.
func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) { // NaN is in no order
			return 0
		}
		return q
	}
	return 1
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
	if c.Response().StatusCode() != fiber.StatusOK || len(body) < minCompressed {
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
