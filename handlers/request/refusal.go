package request

// Refusal is the error of a refused request: a status and a sentence.
type Refusal struct {
	Status int
	reason string
}

func (r *Refusal) Error() string { return r.reason }

func Refuse(status int, reason string) error { return &Refusal{status, reason} }
