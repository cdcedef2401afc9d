#!/usr/bin/env bash
# Expected: with "H2WebSockets on", Apache carries WebSockets over HTTP/2 (RFC 8441) to a backend
#   that speaks HTTP/1.1, as it does over HTTP/1.1: what the backend sends reaches the client.
# What happens: a frame that reaches Apache together with the backend's 101 response is held back.
#   The client gets the 200, and the frame only after more data passes, here after the client
#   has sent something. A server that greets its clients seems dead until then. Over HTTP/1.1 the
#   same Apache passes the frame on at once, and so it does over HTTP/2 for a later frame.
# Version: Apache 2.4.71 (Debian 2.4.71-1~deb12u1), libnghttp2 1.52.0
# Output seen:
#   HTTP/1.1, frame with the 101: at once
#   HTTP/2, frame after the 101: at once
#   HTTP/2, frame with the 101: not before the client sends something
# Source: https://httpd.apache.org/docs/2.4/mod/mod_http2.html#h2websockets, RFC 8441
# Ours: docs/tls.md advises against the switch; browsers then use HTTP/1.1.
# Needs: apt-get, python3, openssl.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in apache2-bin=2.4.71-1~deb12u1 libnghttp2-14=1.52.0-1+deb12u3 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 libjansson4=2.14-2; do
	apt-get -qq download "$package" 2>/dev/null
done
for package in *.deb; do dpkg-deb -x "$package" kit; done
LD_LIBRARY_PATH=$(echo kit/usr/lib/*-linux-gnu* | sed "s|kit|$folder/kit|g" | tr ' ' ':')
export LD_LIBRARY_PATH
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
cat > try.py <<'PY'
import base64, hashlib, os, signal, socket, ssl, struct, subprocess, sys, threading, time

together = False  # whether the backend sends its frame with the 101

def backend(conn):
    request = b''
    while b'\r\n\r\n' not in request:
        request += conn.recv(4096)
    key = [line.split(b': ', 1)[1] for line in request.split(b'\r\n') if line.lower().startswith(b'sec-websocket-key')][0]
    accept = base64.b64encode(hashlib.sha1(key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
    head = b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' + accept + b'\r\n\r\n'
    if together:
        conn.sendall(head + b'\x81\x05hello')
    else:
        conn.sendall(head)
        time.sleep(1)
        conn.sendall(b'\x81\x05hello')
    while data := conn.recv(4096):
        conn.sendall(b'\x81\x05again')

def listen():
    port = socket.create_server(('127.0.0.1', 0))
    def accept():
        while True:
            threading.Thread(target=backend, args=(port.accept()[0],), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return port.getsockname()[1]

def free():
    with socket.create_server(('127.0.0.1', 0)) as port:
        return port.getsockname()[1]

def connect(port, protocol):
    context = ssl._create_unverified_context()
    context.set_alpn_protocols([protocol])
    for _ in range(100):
        try:
            conn = context.wrap_socket(socket.create_connection(('127.0.0.1', port)), server_hostname='localhost')
            break
        except OSError:
            time.sleep(0.1)
    assert conn.selected_alpn_protocol() == protocol
    conn.settimeout(5)
    return conn

def over_http1(port):
    conn = connect(port, 'http/1.1')
    conn.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
    return receives(conn, lambda: conn.sendall(b'\x81\x82\0\0\0\0hi'))

def over_http2(port):
    conn = connect(port, 'h2')
    def frame(kind, flags, stream, payload=b''):
        conn.sendall(struct.pack('>I', len(payload))[1:] + bytes([kind, flags]) + struct.pack('>I', stream) + payload)
    def field(name, value):
        return b'\0' + bytes([len(name)]) + name + bytes([len(value)]) + value
    conn.sendall(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    frame(4, 0, 0)
    assert b'\0\x08\0\0\0\x01' in conn.recv(4096)  # SETTINGS_ENABLE_CONNECT_PROTOCOL = 1
    frame(4, 1, 0)
    fields = [(b':method', b'CONNECT'), (b':protocol', b'websocket'), (b':scheme', b'https'), (b':path', b'/'), (b':authority', b'localhost'), (b'sec-websocket-version', b'13')]
    frame(1, 4, 1, b''.join(field(*f) for f in fields))
    return receives(conn, lambda: frame(0, 0, 1, b'\x81\x82\0\0\0\0hi'))

def receives(conn, send):
    data = b''
    try:
        while b'hello' not in data:
            data += conn.recv(4096)
        return 'at once'
    except TimeoutError:
        pass
    send()
    try:
        while b'hello' not in data:
            data += conn.recv(4096)
        return 'not before the client sends something'
    except TimeoutError:
        return 'never'

folder, port = os.getcwd(), free()
modules = folder + '/kit/usr/lib/apache2/modules/mod_'
lines = ['ServerRoot ' + folder, 'PidFile ' + folder + '/apache.pid', 'ErrorLog ' + folder + '/log', 'ServerName localhost', 'User nobody', 'Group nogroup', 'Listen 127.0.0.1:%d' % port]
lines += ['LoadModule %s_module %s%s.so' % (m, modules, m) for m in 'mpm_event authz_core ssl proxy proxy_http http2'.split()]
lines += ['Protocols h2 http/1.1', 'H2WebSockets on', 'SSLEngine on', 'SSLCertificateFile %s/cert.pem' % folder, 'SSLCertificateKeyFile %s/key.pem' % folder, 'ProxyPass / http://127.0.0.1:%d/ upgrade=websocket' % listen()]
open('apache.conf', 'w').write('\n'.join(lines) + '\n')
apache = subprocess.Popen([folder + '/kit/usr/sbin/apache2', '-f', folder + '/apache.conf', '-DFOREGROUND'])
try:
    together = True
    print('HTTP/1.1, frame with the 101:', over_http1(port))
    together = False
    print('HTTP/2, frame after the 101:', over_http2(port))
    together = True
    print('HTTP/2, frame with the 101:', over_http2(port))
finally:
    apache.send_signal(signal.SIGTERM)
    apache.wait()
PY
got=$(python3 try.py)
echo "$got"
[ "$got" = 'HTTP/1.1, frame with the 101: at once
HTTP/2, frame after the 101: at once
HTTP/2, frame with the 101: not before the client sends something' ]
