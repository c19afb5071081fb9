package rules

// Deadlines say how many seconds a member waits in a step of each phase, from the moment it enters the step until it has everything of
// everybody. When one passes, the member that notices ends the run, and names whom it waited for.
type Deadlines struct {
	Prepare int64 `json:"prepare"` // operators give consent
	Keys    int64 `json:"keys"`    // each of the two key rounds
	Input   int64 `json:"input"`
	Refresh int64 `json:"refresh"` // each refresh round with the evaluation before it, and the result
	Release int64 `json:"release"`
	Certify int64 `json:"certify"`
}

// check holds every phase against the limits.
func (d Deadlines) check() *Refusal {
	for _, p := range []struct {
		name    string
		seconds int64
	}{
		{"prepare", d.Prepare}, {"keys", d.Keys}, {"input", d.Input}, {"refresh", d.Refresh}, {"release", d.Release}, {"certify", d.Certify},
	} {
		if p.seconds < 1 || p.seconds > MaxDeadline {
			return refuse(CodeForm, "deadline of %s is %d s, want 1 to %d", p.name, p.seconds, MaxDeadline)
		}
	}
	return nil
}
