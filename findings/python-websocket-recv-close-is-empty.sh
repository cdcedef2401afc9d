#!/usr/bin/env bash
# Expected: recv() of Python's websocket-client returns a message, which may be empty (RFC 6455
#   §5.6 allows that), and raises WebSocketConnectionClosedException when the server has closed.
# What happens: for a close frame, recv() returns '', the same value as for an empty message, and
#   the code and the reason are lost. The exception comes with the call after that. A loop such as
#   "while message := ws.recv()" ends at the first empty message as if the connection was closed;
#   a loop "while True: handle(ws.recv())" handles an empty message that nobody sent.
#   recv_data() returns the opcode as well, and tells them apart.
# Version: websocket-client 1.2.3 (Debian python3-websocket 1.2.3-1)
# Output seen:
#   recv() for an empty message: ''
#   recv() for a close frame: ''
#   recv() after that: WebSocketConnectionClosedException
#   recv_data() for an empty message: (1, b'')
#   recv_data() for a close frame: (8, b'\x03\xe9going away')
# Source: https://github.com/websocket-client/websocket-client/blob/v1.2.3/websocket/_core.py (recv),
#   https://www.rfc-editor.org/rfc/rfc6455#section-5.6
# Ours: examples/python/client.py uses recv_data().
# Needs: apt-get, python3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get -qq download python3-websocket=1.2.3-1 2>/dev/null
dpkg-deb -x python3-websocket_*.deb kit
cat > try.py <<'PY'
import base64, hashlib, socket, threading
import websocket

server = socket.create_server(('127.0.0.1', 0))

def serve():
    while True:
        conn, _ = server.accept()
        request = b''
        while b'\r\n\r\n' not in request:
            request += conn.recv(4096)
        key = [line.split(b': ', 1)[1] for line in request.split(b'\r\n') if line.lower().startswith(b'sec-websocket-key')][0]
        accept = base64.b64encode(hashlib.sha1(key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
        conn.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
        conn.sendall(b'\x81\x00' + b'\x88\x0c\x03\xe9going away')  # an empty message, and close 1001
        conn.recv(4096)
        conn.close()

threading.Thread(target=serve, daemon=True).start()
url = 'ws://127.0.0.1:%d/' % server.getsockname()[1]
ws = websocket.create_connection(url, timeout=10)
print('recv() for an empty message:', repr(ws.recv()))
print('recv() for a close frame:', repr(ws.recv()))
try:
    print('recv() after that:', repr(ws.recv()))
except Exception as error:
    print('recv() after that:', type(error).__name__)
ws = websocket.create_connection(url, timeout=10)
print('recv_data() for an empty message:', ws.recv_data())
print('recv_data() for a close frame:', ws.recv_data())
PY
got=$(PYTHONPATH=$folder/kit/usr/lib/python3/dist-packages python3 try.py)
echo "$got"
[ "$got" = "recv() for an empty message: ''
recv() for a close frame: ''
recv() after that: WebSocketConnectionClosedException
recv_data() for an empty message: (1, b'')
recv_data() for a close frame: (8, b'\x03\xe9going away')" ]
