package metrics

import (
	"compress/gzip"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// contentType is the media type of the format in Prometheus' own library.
const contentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// Text returns the scrape in the text format.
func (s *Scrape) Text() string {
	var b strings.Builder
	for _, one := range s.sorted() {
		b.WriteString("# HELP " + one.desc.Name + " " + helpEscapes.Replace(one.desc.Help) + "\n")
		b.WriteString("# TYPE " + one.desc.Name + " " + one.desc.Kind + "\n")
		for _, sample := range one.samples {
			for _, line := range sample.lines {
				b.WriteString(one.desc.Name + line.suffix)
				writeLabels(&b, one.desc.Labels, sample.labels, line.label)
				b.WriteString(" " + line.value + "\n")
			}
		}
	}
	return b.String()
}

// writeLabels writes the labels between braces, the one of the type last.
func writeLabels(b *strings.Builder, names, values []string, last string) {
	if len(names) == 0 && last == "" {
		return
	}
	between := "{"
	for i, name := range names {
		b.WriteString(between + name + `="` + labelEscapes.Replace(values[i]) + `"`)
		between = ","
	}
	if last != "" {
		b.WriteString(between + last)
	}
	b.WriteString("}")
}

// number formats a value as Prometheus' library does.
func number(value float64) string {
	switch {
	case value == 0:
		return "0" // also for negative zero
	case math.IsInf(value, 1):
		return "+Inf"
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

var failuresDesc = &Desc{
	Name: "promhttp_metric_handler_errors_total", Kind: CounterKind, Labels: []string{"cause"},
	Help: "Total number of internal errors encountered by the promhttp metric handler.", // the name and help of Prometheus' library
}

const failedEncoding, failedGathering = 0, 1

// ServeHTTP answers with a scrape, compressed if the client accepts gzip.
func (r *Registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	scrape := r.Scrape()
	scrape.Add(failuresDesc, r.failures[failedEncoding].value(), "encoding")
	scrape.Add(failuresDesc, r.failures[failedGathering].value(), "gathering")
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Vary", "Accept-Encoding")
	if err := write(w, scrape.Text(), acceptsGzip(request.Header.Values("Accept-Encoding"))); err != nil {
		r.failures[failedEncoding].Inc()
	}
}

func write(w http.ResponseWriter, text string, packed bool) error {
	if !packed {
		_, err := io.WriteString(w, text)
		return err
	}
	w.Header().Set("Content-Encoding", "gzip")
	packer := gzip.NewWriter(w)
	if _, err := io.WriteString(packer, text); err != nil {
		return err
	}
	return packer.Close()
}

// acceptsGzip parses Accept-Encoding (RFC 9110, 12.5.3). A quality of 0 means no.
func acceptsGzip(headers []string) bool {
	for element := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		coding, parameters, _ := strings.Cut(element, ";")
		if coding = strings.ToLower(strings.TrimSpace(coding)); coding != "gzip" && coding != "*" {
			continue
		}
		quality, found := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
		q, err := strconv.ParseFloat(quality, 64)
		return !found || err == nil && q > 0
	}
	return false
}
