package link

// memberAddr is the address of a stream's end: a member's name.
type memberAddr string

func (a memberAddr) Network() string { return "tacet" }
func (a memberAddr) String() string  { return string(a) }
