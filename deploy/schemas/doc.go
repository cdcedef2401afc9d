// Package schemas holds the manifests in deploy to the types that they are read with:
// a misspelt field is an error here, which would be a default in silence there.
package schemas
