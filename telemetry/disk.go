package telemetry

// Space is what the file system of a folder has, in bytes.
type Space struct {
	Free  float64 // for this user
	Total float64
}
