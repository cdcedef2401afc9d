package ws

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

// This file compares our reader with the library's, for docs/adr/0002. All readers read
// connections that Fiber and contrib/websocket upgraded, with a plain socket as the client.

// onMessage receives a message and may keep it; nil means that the connection ended. The
// calls for one connection do not overlap.
type onMessage func(message []byte)

// readerKind is one way to read the messages of a connection.
type readerKind struct {
	name   string
	stays  bool // whether the handler runs as long as the connection
	buffer int  // size of the library's read buffer
	read   func(*websocket.Conn, onMessage)
}

// libraryBuffer is the default of contrib/websocket; small holds a chat's usual message.
const libraryBuffer, small = 1024, 256

var waysToRead = []readerKind{
	{name: "ours", buffer: libraryBuffer, read: ours(true)},
	{name: "ours without a descriptor", buffer: libraryBuffer, read: ours(false)},
	{name: "library in its handler", stays: true, buffer: libraryBuffer, read: readInHandler},
	{name: "library in its handler, 256", stays: true, buffer: small, read: readInHandler},
	{name: "library kept", buffer: libraryBuffer, read: readInWrapper},
	{name: "library kept, 256", buffer: small, read: readInWrapper},
}

// ours takes the connection from the handler like handOver.
func ours(withDescriptor bool) func(*websocket.Conn, onMessage) {
	return func(upgraded *websocket.Conn, arrived onMessage) {
		conn := upgraded.NetConn().(interface{ UnsafeConn() net.Conn }).UnsafeConn().(*net.TCPConn)
		r := &testReader{rests: withDescriptor}
		var raw syscall.RawConn
		if withDescriptor {
			raw = rawConn(conn)
		}
		r.init(conn, raw, 1<<16, r)
		go r.serve(arrived)
	}
}

// serve reads like the server's own, which also copies each message.
func (r *testReader) serve(arrived onMessage) {
	for !r.rests || !r.Idle() {
		text, err := r.Reader.ReadText()
		if err != nil {
			_ = r.conn.Close()
			r.release()
			arrived(nil)
			return
		}
		message := bytes.Clone(text)
		r.ReleaseIfEmpty()
		arrived(message)
	}
	go r.restAndServe(arrived)
}

func (r *testReader) restAndServe(arrived onMessage) {
	r.WaitForInput()
	r.serve(arrived)
}

// readInHandler reads in the handler, like the library's examples.
func readInHandler(upgraded *websocket.Conn, arrived onMessage) { readAll(upgraded.Conn, arrived) }

// readInWrapper keeps reading through the library's wrapper after the handler has returned.
func readInWrapper(upgraded *websocket.Conn, arrived onMessage) { go readAll(upgraded.Conn, arrived) }

type messageReader interface {
	ReadMessage() (kind int, message []byte, err error)
	Close() error
}

func readAll(conn messageReader, arrived onMessage) {
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

// serveTo starts a server that reads its connections in this way.
func (way readerKind) serveTo(t testing.TB, arrived onMessage) (address string) {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReduceMemoryUsage: !way.stays})
	app.Server().KeepHijackedConns = !way.stays
	app.Get("/", websocket.New(func(upgraded *websocket.Conn) { way.read(upgraded, arrived) }, websocket.Config{ReadBufferSize: way.buffer}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	return listener.Addr().String()
}

// handshakeRequest is the handshake of a browser, whose headers the library copies.
const handshakeRequest = "GET / HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nUpgrade: websocket\r\n" +
	"Origin: https://chat.example.org\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-US,en;q=0.5\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// openSocket opens a WebSocket and returns its TCP connection.
func openSocket(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(handshakeRequest)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("answered with %v, %v", response, err)
	}
	_ = response.Body.Close()
	tcp := conn.(*net.TCPConn)
	_ = tcp.SetLinger(0) // thousands of connections in TIME_WAIT would use up the ports
	return tcp
}

// BenchmarkReader measures a message of 128 bytes: when each one is awaited, and when 64 are
// ready. It includes the client's write, which is the same for all readers.
func BenchmarkReader(b *testing.B) {
	for _, way := range waysToRead {
		for _, atOnce := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d at once", way.name, atOnce), func(b *testing.B) { benchmarkReader(b, way, atOnce) })
		}
	}
}

func benchmarkReader(b *testing.B, way readerKind, atOnce int) {
	read, left := make(chan struct{}), atOnce
	client := openSocket(b, way.serveTo(b, func(message []byte) {
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

// idlePeople is how many connections are open at the same time. Both ends are in this process.
const idlePeople = 2000

// BenchmarkIdleReader measures what an idle connection holds after its first message: live
// heap and stack, including the sockets of both ends. "Nobody reads" is the sockets alone.
// It does not see the goroutine's own record, some 400 bytes, which Go keeps for the next
// goroutine.
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
				client := openSocket(b, address)
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

// benchmarkIdle measures from the second round on: the first one includes what Go keeps for
// later goroutines.
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
	b.ReportMetric(0, "ns/op") // the time to open them is not the result
}

// memory returns the memory in use after two collections, which empty the pools and shrink
// the stacks.
func memory() (stats runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats
}
