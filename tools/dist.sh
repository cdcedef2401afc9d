#!/bin/sh
# Builds dist/: the program for each of PLATFORMS, the SBOM of each (CycloneDX), and the
# checksums of all files. Builds of the same commit with the same Go version are
# byte-identical. Run by make dist.
set -eu

platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}
dist=${DIST:-dist}

# Without git, as in a source archive, the version comes from the environment.
version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo unknown)}
commit=${COMMIT:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}
built=${BUILT:-$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || echo unknown)}
package=chatserver/commands
stamp="-X $package.version=$version -X $package.commit=$commit -X $package.built=$built"

# sum prints the checksums of files as sha256sum --check reads them.
sum() {
	if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

mkdir -p "$dist"
rm -f "$dist"/chatserver-* "$dist"/checksums.txt
dist=$(cd "$dist" && pwd)
lister=$(mktemp)
trap 'rm -f "$lister"' EXIT
GOFLAGS='' go -C tools build -o "$lister" ./sbom

for platform in $platforms; do
	os=${platform%/*} arch=${platform#*/} ending=''
	if [ "$os" = windows ]; then ending=.exe; fi
	name=chatserver-$version-$os-$arch
	echo "building $name$ending"
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch \
		go build -trimpath -buildvcs=false -ldflags="-s -w $stamp" -o "$dist/$name$ending" .
	"$lister" -version "$version" -built "$built" "$dist/$name$ending" >"$dist/$name.cdx.json"
done
cd "$dist"
sum chatserver-* >checksums.txt
