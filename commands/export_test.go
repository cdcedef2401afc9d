package commands

// Parses returns the parser's error for arguments, for tests of the commands in
// documents.
func Parses(args []string) error {
	var all commands
	parser, err := newParser(&all)
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}
