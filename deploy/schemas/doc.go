// Package schemas checks the manifests in deploy against the types that read them. A
// misspelt field, which is silently ignored in production, is an error here.
package schemas
