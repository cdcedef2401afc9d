package chattest

import "go.uber.org/goleak"

// Lasting returns the goleak options that ignore goroutines of libraries which outlive the
// server.
func Lasting() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),                // one clock for all servers
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp/stackless.funcWorker"),                  // compress pages for all servers
		goleak.IgnoreAnyFunction("github.com/evanw/esbuild/pkg/api.(*internalContext).rebuild.func1"), // forgets a build after 250 ms
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),             // notices within 10 s that it was stopped
	}
}
