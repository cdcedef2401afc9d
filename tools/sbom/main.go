// Command sbom lists what is in a Go program, from what Go wrote into it, as a
// CycloneDX 1.6 document:
//
//	go -C tools run ./sbom -version v1.2.3 ../dist/chatserver >chatserver.cdx.json
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
)

type document struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Timestamp string    `json:"timestamp,omitempty"`
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl,omitempty"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

func main() {
	version := flag.String("version", "", "the version of the program, if it is not in it")
	built := flag.String("built", "", "when it was built, in RFC 3339")
	flag.Parse()
	if err := list(os.Stdout, flag.Arg(0), *version, *built); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// list writes what is in the program of a file.
func list(to io.Writer, file, version, built string) error {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return err
	}
	bytes, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if version == "" {
		version = info.Main.Version
	}
	sum := sha256.Sum256(bytes)
	program := component{
		Type: "application", Ref: info.Main.Path + "@" + version, Name: info.Main.Path, Version: version,
		Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}},
	}
	if built == "unknown" {
		built = ""
	}
	d := document{
		Format: "CycloneDX", Spec: "1.6", Serial: serial(sum), Version: 1,
		Metadata: metadata{built, program}, Components: []component{standardLibrary(info.GoVersion)},
	}
	for _, module := range info.Deps {
		d.Components = append(d.Components, of(module))
	}
	needs := dependency{Ref: program.Ref}
	for _, c := range d.Components {
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	d.Dependencies = []dependency{needs}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

// of is a module that the program was built with, or what replaced it.
func of(module *debug.Module) component {
	if module.Replace != nil {
		module = module.Replace
	}
	purl := "pkg:golang/" + module.Path + "@" + module.Version
	c := component{Type: "library", Ref: purl, Name: module.Path, Version: module.Version, PURL: purl}
	return c
}

func standardLibrary(goVersion string) component {
	version := strings.TrimPrefix(goVersion, "go")
	purl := "pkg:golang/std@" + version
	return component{Type: "library", Ref: purl, Name: "std", Version: version, PURL: purl}
}

// serial is a UUID that goes by the program's sum, so that who builds the same
// program writes the same document.
func serial(sum [sha256.Size]byte) string {
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8 of RFC 9562: by whatever is ours
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
