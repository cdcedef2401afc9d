package static

import (
	"path"
	"regexp"
	"slices"
	"sync"
)

// program is the module that the page runs.
const program = "js/app.js"

// imports matches a static import or re-export of a module of ours. One that is
// made while the page runs, import('…'), is no match: it is for later.
var imports = regexp.MustCompile(`(?m)^(?:import|export)\s(?:[^'";()]*?\sfrom\s+)?["'](\.[^'"]+)["']`)

// Modules are the paths of the page's program and of everything it imports,
// directly or not, the program first: what a page loads before it runs. A
// browser that is told need not find out module by module.
func Modules() []string { return slices.Clone(modules()) }

var modules = sync.OnceValue(func() []string {
	found := []string{program}
	for i := 0; i < len(found); i++ {
		for _, match := range imports.FindAllSubmatch(read(found[i]), -1) {
			name := path.Join(path.Dir(found[i]), string(match[1]))
			if !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	return found
})
