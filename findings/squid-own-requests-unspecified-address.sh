#!/usr/bin/env bash
# Expected: in an accelerator (reverse proxy), Squid sends the origin server the requests of its
#   clients, each with the client's address as the last entry of X-Forwarded-For. A request that
#   Squid makes on its own account has no client: no header, or "unknown", as for
#   "forwarded_for off".
# What happens: at the first request, Squid asks an origin server for a cache digest, as if it were
#   another Squid. The request has "X-Forwarded-For: ::", the unspecified address. That is a valid
#   IPv6 address, in the same /64 as loopback (::1), and whoever limits or logs by address takes
#   it for a client.
# Version: Squid 5.7 (Debian 5.7-2+deb12u6)
# Output seen:
#   /page 127.0.0.1
#   /squid-internal-periodic/store_digest ::
# Source: https://www.squid-cache.org/Doc/config/forwarded_for/ ("unknown"),
#   https://www.squid-cache.org/Doc/config/cache_peer/ (no-digest)
# Ours: the chat counts :: with all addresses that cannot be read; the configuration in docs/tls.md
#   sends it none of these requests.
# Needs: apt-get, python3.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in squid=5.7-2+deb12u6 squid-common=5.7-2+deb12u6 libecap3=1.0.1-3.4 libnetfilter-conntrack3=1.0.9-3 libnfnetlink0=1.0.2-2 libtdb1=1.4.8-2 libltdl7=2.4.7-7~deb12u1; do
	apt-get -qq download "$package" 2>/dev/null
done
for package in *.deb; do dpkg-deb -x "$package" kit; done
LD_LIBRARY_PATH=$(echo kit/usr/lib/*-linux-gnu* | sed "s|kit|$folder/kit|g" | tr ' ' ':')
export LD_LIBRARY_PATH
cat > try.py <<'PY'
import http.server, os, queue, socket, subprocess, threading, time, urllib.request

asked = queue.Queue()

class Origin(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.put(f"{self.path} {self.headers.get('X-Forwarded-For')}")
        self.send_response(404 if 'squid' in self.path else 200)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *args):
        pass

origin = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Origin)
threading.Thread(target=origin.serve_forever, daemon=True).start()
with socket.create_server(('127.0.0.1', 0)) as free:
    port = free.getsockname()[1]
folder = os.getcwd()
share = folder + '/kit/usr/share/squid'
lines = ['pid_filename none', 'access_log none', 'cache_log /dev/null', 'coredump_dir ' + folder, 'pinger_enable off', 'shutdown_lifetime 0 seconds',
    'unlinkd_program %s/kit/usr/lib/squid/unlinkd' % folder, 'mime_table %s/mime.conf' % share, 'icon_directory %s/icons' % share, 'error_directory ' + folder,
    'http_port 127.0.0.1:%d accel defaultsite=site.example' % port, 'cache_peer 127.0.0.1 parent %d 0 no-query originserver' % origin.server_port, 'http_access allow all', 'never_direct allow all']
if os.geteuid() == 0:
    lines.append('cache_effective_user nobody')
open('squid.conf', 'w').write('\n'.join(lines) + '\n')
squid = subprocess.Popen([folder + '/kit/usr/sbin/squid', '-N', '-n', 'own%d' % port, '-f', folder + '/squid.conf'], stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            urllib.request.urlopen('http://127.0.0.1:%d/page' % port)
            break
        except OSError:
            time.sleep(0.1)
    print('\n'.join(sorted(asked.get(timeout=20) for _ in range(2))))
finally:
    squid.kill()
    squid.wait()
PY
got=$(python3 try.py)
echo "$got"
[ "$got" = '/page 127.0.0.1
/squid-internal-periodic/store_digest ::' ]
