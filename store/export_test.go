package store

// Pragma reads a setting of the writing connection.
func (db *DB) Pragma(name string) (value string) {
	if err := db.writer.QueryRow(`PRAGMA ` + name).Scan(&value); err != nil {
		return err.Error()
	}
	return value
}

// BreakSeq makes a room forget its last rev, so that its next message has a
// number that is taken.
func (db *DB) BreakSeq(room string) {
	if _, err := db.writer.Exec(`UPDATE rooms SET rev = rev - 1 WHERE slug = $1`, room); err != nil {
		panic(err)
	}
}
