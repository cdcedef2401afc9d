package store

// Pragma reads a setting of the writing connection.
func (db *DB) Pragma(name string) (value string) {
	if err := db.writer.QueryRow(`PRAGMA ` + name).Scan(&value); err != nil {
		return err.Error()
	}
	return value
}
