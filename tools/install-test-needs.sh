#!/bin/sh
# Installs what make test needs besides Go and this machine lacks: a C compiler, Chromium,
# Python with websocket-client (for the examples), tsc (checks the types in the page's
# comments), promtool (tests the alerts), Postgres, and on Linux strace (shows what is
# synced), Caddy, nginx, HAProxy, Apache, lighttpd and Squid (as proxies in front of the
# chat), and PgBouncer (in front of Postgres). It lists what is missing before it installs
# it, prints nothing if nothing is missing, and starts no service. Run by make deps.
set -eu

# has_compiler builds a program with the compiler that Go uses: a compiler without the
# headers of libc is not enough.
has_compiler() {
	cc=$(go env CC 2>/dev/null || true)
	scratch=$(mktemp -d)
	works=true
	# shellcheck disable=SC2086 # CC may hold a command and its flags
	printf '#include <stdlib.h>\nint main(void) { return 0; }\n' |
		${cc:-gcc} -x c -o "$scratch/a.out" - 2>/dev/null || works=false
	rm -r "$scratch"
	$works
}

# has_browser starts each candidate: on some systems, chromium-browser only prints how to
# install a browser.
has_browser() {
	if [ -n "${CHROMIUM:-}" ]; then
		"$CHROMIUM" --version >/dev/null 2>&1
		return
	fi
	for browser in chromium chromium-browser google-chrome google-chrome-stable \
		'/Applications/Chromium.app/Contents/MacOS/Chromium' \
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
		if "$browser" --version >/dev/null 2>&1; then return 0; fi
	done
	return 1
}

# has_websocket checks the Python that the tests use, and looks for a WebSocket client for
# the shell.
has_websocket() {
	"${PYTHON:-/usr/bin/python3}" -c 'import websocket' 2>/dev/null || return 1
	command -v websocat >/dev/null || command -v wsdump >/dev/null
}

# cache is the directory of programs that are unpacked instead of installed: installing
# their packages would start a Prometheus on the chat's port, or a proxy on port 80.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/chatserver

# has_program asks where deploy/prometheus_test.go looks: $1 is the program, $2 what
# the variable of its name says, $3 what has it tell its version.
has_program() {
	if [ -n "$2" ]; then
		"$2" "$3" >/dev/null 2>&1
		return
	fi
	for path in "$1" "/usr/sbin/$1" "$cache/$1"; do
		if "$path" "$3" >/dev/null 2>&1; then return 0; fi
	done
	return 1
}

has_promtool() { has_program promtool "${PROMTOOL:-}" --version; }
has_caddy() { has_program caddy "${CADDY:-}" version; }
has_nginx() { has_program nginx "${NGINX:-}" -v; }
has_pgbouncer() { has_program pgbouncer "${PGBOUNCER:-}" --version; }

# The proxies of deploy/other_proxies_linux_test.go. Each is unpacked to a directory of its
# own, with the libraries that the machine may lack. This is tested with Debian's packages
# only; on other systems, set a variable such as HAPROXY to the path of the program.
kits=$cache/kits
kit_packages() {
	case $1 in
	haproxy) echo haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 ;;
	apache2) echo apache2-bin libapr1 libaprutil1 libnghttp2-14 libjansson4 ;;
	lighttpd) echo lighttpd lighttpd-mod-openssl libnettle8 libxxhash0 ;;
	squid) echo squid-openssl squid-common squid-langpack libecap3 libnetfilter-conntrack3 libnfnetlink0 libtdb1 libltdl7 ;;
	esac
}

# has_kit starts a proxy: $1 is its name, $2 the value of the variable with its path.
has_kit() {
	if [ -n "$2" ]; then
		"$2" -v >/dev/null 2>&1
		return
	fi
	LD_LIBRARY_PATH=$(echo "$kits/$1"/usr/lib/*-linux-gnu* | tr ' ' ':') "$kits/$1/usr/sbin/$1" -v >/dev/null 2>&1
}

# unpack_kit unpacks all packages of a proxy and installs nothing.
unpack_kit() {
	echo "make test needs $1 (for the proxies): unpacking it from Debian's packages to $kits/$1."
	rm -rf "${kits:?}/$1"
	mkdir -p "$kits/$1"
	for package in $(kit_packages "$1"); do
		folder=$(mktemp -d)
		chmod 755 "$folder" # apt fetches as another user
		unpacked=false
		if (cd "$folder" && apt-get -qq download "$package" >/dev/null 2>&1 && dpkg-deb -x ./*.deb "$kits/$1"); then unpacked=true; fi
		rm -rf "$folder"
		$unpacked || by_hand "apt-get could not download the package $package (its lists may be old: apt-get update)"
	done
	# Dangling links, to files of an Apache or Squid that is installed on this machine.
	find "$kits/$1" -xtype l -delete
}

# unpack extracts a program from an apt package without installing it: $1 is its path in
# the package, $2 what it is needed for, the rest the packages that may contain it.
unpack() {
	path=$1 purpose=$2 name=$(basename "$1")
	shift 2
	echo "make test needs $name (for $purpose): unpacking it from $1 to $cache."
	mkdir -p "$cache"
	unpacked=false
	for package in "$@"; do
		folder=$(mktemp -d)
		chmod 755 "$folder" # apt fetches as another user
		if (cd "$folder" && apt-get -qq download "$package" >/dev/null 2>&1 && dpkg-deb -x ./*.deb . &&
			mv "$path" "$cache/$name" 2>/dev/null); then unpacked=true; fi
		rm -rf "$folder"
		if $unpacked; then return 0; fi
	done
	return 1
}

# unpack_or_say ends the script if it cannot be done.
unpack_or_say() {
	unpack "$@" || by_hand "apt-get could not download the package $3 (its lists may be old: apt-get update)" ', or set PROMTOOL, CADDY, NGINX or PGBOUNCER to the path of one'
}

# has_postgres asks where chattest/postgres.go looks. The tests need one of 15 or newer,
# which can sort as a language does, on any machine.
has_postgres() {
	for initdb in /usr/lib/postgresql/*/bin/initdb initdb \
		/opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb; do
		if "$initdb" --help 2>/dev/null | grep -q -e --icu-locale; then return 0; fi
	done
	return 1
}

# no_cluster keeps Debian's packages from making a database of their own and starting
# it: the tests have theirs.
no_cluster() {
	config=/etc/postgresql-common/createcluster.conf
	if ! $need_postgres || [ -e "$config" ]; then return 0; fi
	echo "It makes no database and starts no server: create_main_cluster is false in $config."
	$sudo mkdir -p "$(dirname "$config")"
	echo 'create_main_cluster = false' | $sudo tee "$config" >/dev/null
}

# lacks adds to missing, in words.
lacks() {
	missing="${missing:+$missing and }$1"
}

# look sets missing to what the machine lacks, in words.
look() {
	need_compiler=false need_browser=false need_websocket=false need_types=false need_promtool=false
	need_postgres=false need_strace=false need_caddy=false need_nginx=false need_pgbouncer=false missing=''
	if ! has_compiler; then
		need_compiler=true
		lacks 'a C compiler (for the race detector)'
	fi
	if ! has_browser; then
		need_browser=true
		lacks 'Chromium (for the browser tests)'
	fi
	if ! has_websocket; then
		need_websocket=true
		lacks 'Python with websocket-client (for the examples)'
	fi
	if ! command -v tsc >/dev/null; then
		need_types=true
		lacks 'tsc (for the types of the page)'
	fi
	if ! has_promtool; then
		need_promtool=true
		lacks 'promtool (for the alerts)'
	fi
	if ! has_postgres; then
		need_postgres=true
		lacks 'Postgres (for the store of a fleet)'
	fi
	if [ "$(uname)" = Linux ] && ! command -v strace >/dev/null; then
		need_strace=true
		lacks 'strace (to see what is synced)'
	fi
	if [ "$(uname)" = Linux ] && ! has_caddy; then
		need_caddy=true
		lacks 'Caddy (to be behind it)'
	fi
	if [ "$(uname)" = Linux ] && ! has_nginx; then
		need_nginx=true
		lacks 'nginx (to be behind it)'
	fi
	if [ "$(uname)" = Linux ] && ! has_pgbouncer; then
		need_pgbouncer=true
		lacks 'PgBouncer (to be named when it is in front of Postgres)'
	fi
	need_kits=''
	if [ "$(uname)" != Linux ]; then return 0; fi
	for proxy in haproxy apache2 lighttpd squid; do
		eval "named=\${$(echo "$proxy" | tr a-z A-Z):-}"
		if ! has_kit "$proxy" "$named"; then
			need_kits="$need_kits $proxy"
			lacks "$proxy (to be behind it)"
		fi
	done
}

# by_hand ends the script: why it cannot install, and what else would help.
by_hand() {
	echo "make test needs $missing, but $1. Please install it by hand${2:-}." >&2
	exit 1
}

# types_by_hand is for package managers that have no tsc.
types_by_hand() {
	if $need_types; then
		by_hand "$manager has no package of tsc" '; for example: npm install -g typescript'
	fi
}

# plan sets packages to what to install, given the compiler's packages, the
# browser's, the WebSocket's, those of tsc, promtool's and Postgres's, and says it.
plan() {
	packages=''
	if $need_compiler; then packages=$1; fi
	if $need_browser; then packages="${packages:+$packages }$2"; fi
	if $need_websocket; then packages="${packages:+$packages }$3"; fi
	if $need_types; then packages="${packages:+$packages }$4"; fi
	if $need_promtool; then packages="${packages:+$packages }${5:-}"; fi
	if $need_postgres; then packages="${packages:+$packages }$6"; fi
	if $need_strace; then packages="${packages:+$packages }strace"; fi # named alike everywhere
	if $need_caddy; then packages="${packages:+$packages }caddy"; fi
	if $need_nginx; then packages="${packages:+$packages }nginx"; fi
	if $need_pgbouncer; then packages="${packages:+$packages }${pgbouncer:-pgbouncer}"; fi
	echo "make test needs $missing: installing $packages with $manager."
}

look
if [ -z "$missing" ]; then exit 0; fi

if $need_browser && [ -n "${CHROMIUM:-}" ]; then
	by_hand "CHROMIUM is $CHROMIUM, which does not start" ', or set CHROMIUM to a browser that does'
fi
if $need_websocket && [ -n "${PYTHON:-}" ]; then
	by_hand "PYTHON is $PYTHON, which has no module websocket, or there is no wsdump" ', or set PYTHON to one that has'
fi
if $need_promtool && [ -n "${PROMTOOL:-}" ]; then
	by_hand "PROMTOOL is $PROMTOOL, which does not start" ', or set PROMTOOL to one that does'
fi
if $need_caddy && [ -n "${CADDY:-}" ]; then
	by_hand "CADDY is $CADDY, which does not start" ', or set CADDY to one that does'
fi
if $need_nginx && [ -n "${NGINX:-}" ]; then
	by_hand "NGINX is $NGINX, which does not start" ', or set NGINX to one that does'
fi
if $need_pgbouncer && [ -n "${PGBOUNCER:-}" ]; then
	by_hand "PGBOUNCER is $PGBOUNCER, which does not start" ', or set PGBOUNCER to one that does'
fi
for manager in apt-get dnf apk pacman brew none; do
	if command -v "$manager" >/dev/null; then break; fi
done
if [ "$manager" = none ]; then
	by_hand 'this script knows no package manager of this machine'
fi
if [ "$manager" = apt-get ]; then
	if $need_promtool; then unpack_or_say usr/bin/promtool 'the alerts' prometheus; fi
	if $need_caddy; then unpack_or_say usr/bin/caddy 'the proxies' caddy; fi
	if $need_nginx; then unpack_or_say usr/sbin/nginx 'the proxies' nginx nginx-light; fi
	if $need_pgbouncer; then
		unpack_or_say usr/sbin/pgbouncer 'the poolers' pgbouncer
		# Its libraries start nothing; those of the system are installed.
		pgbouncer=$(apt-cache depends pgbouncer | sed -n 's/^ *Depends: \(lib.*\)/\1/p' | tr '\n' ' ')
	fi
	for proxy in $need_kits; do unpack_kit "$proxy"; done
	look
	if [ -z "$missing" ]; then exit 0; fi
fi
sudo=''
if [ "$(id -u)" -ne 0 ] && [ "$manager" != brew ]; then
	sudo=sudo
	if ! command -v sudo >/dev/null; then
		by_hand "$manager needs root, and there is no sudo"
	fi
fi

failed="$manager could not install it"
# shellcheck disable=SC2086 # packages is one word a package, sudo may be no word
case $manager in
apt-get)
	browser=chromium
	if grep -qs '^ID=ubuntu' /etc/os-release; then browser=chromium-browser; fi
	plan 'gcc libc6-dev' "$browser" 'python3 python3-websocket' node-typescript '' postgresql
	no_cluster
	# Lists that cannot be refreshed may still do; the installation will tell.
	$sudo apt-get -qq update || true
	$sudo env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -qq -y --no-install-recommends \
		install $packages >/dev/null || by_hand "$failed"
	;;
dnf)
	types_by_hand
	plan 'gcc glibc-devel' chromium 'python3 python3-websocket-client' '' golang-github-prometheus postgresql-server
	$sudo dnf -q -y install $packages || by_hand "$failed"
	;;
apk)
	types_by_hand
	plan 'gcc musl-dev' chromium 'python3 py3-websocket-client' '' prometheus postgresql
	$sudo apk add -q --no-cache $packages || by_hand "$failed"
	;;
pacman)
	plan 'gcc glibc' chromium 'python python-websocket-client' typescript prometheus postgresql
	$sudo pacman -S --needed --noconfirm $packages || by_hand "$failed"
	;;
brew)
	if $need_compiler; then
		by_hand 'brew has no compiler that Go would call' '; on a Mac: xcode-select --install'
	fi
	if $need_websocket; then
		by_hand 'brew has no websocket-client' '; for example: python3 -m venv and pip install websocket-client, then set PYTHON to its python and PATH to its wsdump'
	fi
	if $need_promtool; then
		# Its server stays off until brew services starts it.
		brew install -q prometheus || by_hand "$failed"
	fi
	if $need_browser || $need_types || $need_postgres; then
		plan '' google-chrome '' typescript '' postgresql@17
		brew install -q $packages || by_hand "$failed"
	fi
	;;
esac

look
if [ -n "$missing" ]; then
	by_hand 'what was installed does not start' ', or set CHROMIUM to the path of a browser and PYTHON to that of a Python with the module websocket'
fi
