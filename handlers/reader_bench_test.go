package handlers

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

// How our reader compares with the library's: docs/adr/0002 asks. All of them
// read connections that Fiber and contrib/websocket upgraded, each with a bare
// socket at its other end.

// arrival takes a message, to keep; nil says that the connection ended. A
// connection's calls come one after the other.
type arrival func(message []byte)

// wayToRead is one way to read the messages of a connection.
type wayToRead struct {
	name   string
	stays  bool // its handler lives as long as the connection
	buffer int  // of the library's reader
	read   func(*websocket.Conn, arrival)
}

// libraryBuffer is what contrib/websocket takes when it is not told; small holds
// a chat's usual message.
const libraryBuffer, small = 1024, 256

var waysToRead = []wayToRead{
	{name: "ours", buffer: libraryBuffer, read: ours(true)},
	{name: "ours without a descriptor", buffer: libraryBuffer, read: ours(false)},
	{name: "library in its handler", stays: true, buffer: libraryBuffer, read: inHandler},
	{name: "library in its handler, 256", stays: true, buffer: small, read: inHandler},
	{name: "library kept", buffer: libraryBuffer, read: kept},
	{name: "library kept, 256", buffer: small, read: kept},
}

// ours hands the connection over as handOver does.
func ours(withDescriptor bool) func(*websocket.Conn, arrival) {
	return func(ws *websocket.Conn, arrived arrival) {
		conn := ws.NetConn().(interface{ UnsafeConn() net.Conn }).UnsafeConn().(*net.TCPConn)
		r := &testReader{rests: withDescriptor}
		var raw syscall.RawConn
		if withDescriptor {
			raw = rawConn(conn)
		}
		r.init(conn, raw, 1<<16, r)
		go r.serve(arrived)
	}
}

// serve reads as sockets.serve does, which copies each message, too.
func (r *testReader) serve(arrived arrival) {
	for !r.rests || !r.idle() {
		text, err := r.frameReader.readText()
		if err != nil {
			_ = r.conn.Close()
			r.release()
			arrived(nil)
			return
		}
		message := bytes.Clone(text)
		r.releaseIfEmpty()
		arrived(message)
	}
	go r.restAndServe(arrived)
}

func (r *testReader) restAndServe(arrived arrival) {
	r.waitForInput()
	r.serve(arrived)
}

// inHandler reads in the handler, as the library's examples do.
func inHandler(ws *websocket.Conn, arrived arrival) { readAll(ws.Conn, arrived) }

// kept goes on reading the connection inside the library's wrapper after the
// handler has returned.
func kept(ws *websocket.Conn, arrived arrival) { go readAll(ws.Conn, arrived) }

type messageReader interface {
	ReadMessage() (kind int, message []byte, err error)
	Close() error
}

func readAll(conn messageReader, arrived arrival) {
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			_ = conn.Close()
			arrived(nil)
			return
		}
		arrived(message)
	}
}

// serveTo starts a server whose connections are read in one way.
func (way wayToRead) serveTo(t testing.TB, arrived arrival) (address string) {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReduceMemoryUsage: !way.stays})
	app.Server().KeepHijackedConns = !way.stays
	app.Get("/", websocket.New(func(ws *websocket.Conn) { way.read(ws, arrived) }, websocket.Config{ReadBufferSize: way.buffer}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	return listener.Addr().String()
}

// opening is the handshake of a browser, whose headers the library copies.
const opening = "GET / HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nUpgrade: websocket\r\n" +
	"Origin: https://chat.example.org\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-US,en;q=0.5\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// openBare opens a WebSocket and returns the socket under it.
func openBare(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(opening)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("answered with %v, %v", response, err)
	}
	_ = response.Body.Close()
	tcp := conn.(*net.TCPConn)
	_ = tcp.SetLinger(0) // thousands that wait for late packets would use up the ports
	return tcp
}

// What a message of 128 bytes costs: when each is waited for, and when 64 lie
// ready. The client's write is in it, and is the same for all.
func BenchmarkReader(b *testing.B) {
	for _, way := range waysToRead {
		for _, atOnce := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d at once", way.name, atOnce), func(b *testing.B) { benchmarkReader(b, way, atOnce) })
		}
	}
}

func benchmarkReader(b *testing.B, way wayToRead, atOnce int) {
	read, left := make(chan struct{}), atOnce
	client := openBare(b, way.serveTo(b, func(message []byte) {
		if left--; left == 0 || message == nil {
			left = atOnce
			read <- struct{}{}
		}
	}))
	frames := bytes.Repeat(clientFrame(0x81, strings.Repeat("x", 128)), atOnce)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Write(frames); err != nil {
			b.Fatal(err)
		}
		<-read
	}
	b.ReportMetric(float64(b.N*atOnce)/b.Elapsed().Seconds(), "messages/s")
	_ = client.Close()
	<-read // the end
}

// idlePeople is how many are connected at once, in one process: both ends of all.
const idlePeople = 2000

// What a connection holds that has said something once and is waited for: live
// heap and stack, the sockets of both ends included. "Nobody reads" is the sockets
// alone. A goroutine's own record, some 400 bytes, is not seen: Go keeps it for
// the next one.
func BenchmarkIdleReader(b *testing.B) {
	b.Run("nobody reads", func(b *testing.B) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer listener.Close()
		benchmarkIdle(b, func() (end func()) { return openUnread(b, listener) })
	})
	hello := clientFrame(0x81, strings.Repeat("x", 128))
	for _, way := range waysToRead {
		b.Run(way.name, func(b *testing.B) {
			read := make(chan struct{})
			address := way.serveTo(b, func([]byte) { read <- struct{}{} })
			benchmarkIdle(b, func() (end func()) {
				client := openBare(b, address)
				if _, err := client.Write(hello); err != nil {
					b.Fatal(err)
				}
				<-read
				return func() { _ = client.Close(); <-read }
			})
		})
	}
}

func openUnread(b *testing.B, listener net.Listener) (end func()) {
	b.Helper()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	_ = client.(*net.TCPConn).SetLinger(0)
	server, err := listener.Accept()
	if err != nil {
		b.Fatal(err)
	}
	return func() { _ = client.Close(); _ = server.Close() }
}

// benchmarkIdle measures from the second round on: the first leaves what Go keeps
// for as many goroutines.
func benchmarkIdle(b *testing.B, open func() (end func())) {
	ends := make([]func(), idlePeople)
	round := func() (heap, stack uint64) {
		before := memory()
		for i := range ends {
			ends[i] = open()
		}
		after := memory()
		for i := range ends {
			ends[i]()
		}
		clear(ends)
		return after.HeapAlloc - before.HeapAlloc, after.StackInuse - before.StackInuse
	}
	round()
	var heap, stack uint64
	for b.Loop() {
		h, s := round()
		heap, stack = heap+h, stack+s
	}
	each := float64(b.N * idlePeople)
	b.ReportMetric(float64(heap)/each, "heap-B/conn")
	b.ReportMetric(float64(stack)/each, "stack-B/conn")
	b.ReportMetric(float64(heap+stack)/each, "B/conn")
	b.ReportMetric(0, "ns/op") // opening them is not what is measured
}

// memory is what is in use after the pools were emptied, which takes two rounds,
// and the stacks made smaller.
func memory() (stats runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats
}
