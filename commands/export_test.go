package commands

// Parses reports why the program would not understand its arguments, for tests of what
// the documents show.
func Parses(args []string) error {
	var all commands
	parser, err := newParser(&all)
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}
