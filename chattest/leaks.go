package chattest

import "go.uber.org/goleak"

// Lasting are goroutines of the HTTP server's that outlive it, however often it comes
// and goes: goleak is not to ask about them.
func Lasting() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),    // one clock for all
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp/stackless.funcWorker"),      // compress pages, for all
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"), // notices after 10 s that it was stopped
	}
}
