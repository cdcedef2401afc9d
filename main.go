// Command chatserver is a chat in one program: see README.md, or run it with
// --help.
package main

import (
	"os"

	"chatserver/commands"
)

func main() {
	os.Exit(commands.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
