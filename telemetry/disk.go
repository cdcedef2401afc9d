package telemetry

// Space is the space of a folder's file system, in bytes.
type Space struct {
	Free  float64 // available to this user
	Total float64
}
