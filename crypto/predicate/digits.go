package predicate

// A searchStep is one pass of a search over a cell's value: the steps it can add are known up to window
// before it, and every lane c asks whether they reach positions[c], the sum of gains[0] … gains[c]. Lanes
// that have nothing to ask carry gain 0 at position 0.
type searchStep struct {
	window           int64
	positions, gains []int64
}

// searchSteps divides a range of steps (Hi − Lo) into passes of the given number of lanes. A value lies
// between two positions, so what is left is at most the gap to the next one less one; above the last
// position it is what the positions leave of the window. Both are kept at the smallest number that lanes
// positions allow, which makes the number of passes the least possible. The gains of all passes sum to
// steps: the largest value is reached exactly, and no test lies beyond it.
func searchSteps(steps int64, lanes int) []searchStep {
	var out []searchStep
	n := int64(lanes)
	for steps > 0 {
		left := steps / (n + 1) // ⌈(steps − n)/(n + 1)⌉
		s := searchStep{window: steps, positions: make([]int64, lanes), gains: make([]int64, lanes)}
		sum, at := steps-left, int64(0)
		for c := range n {
			gain := (sum - at + n - c - 1) / (n - c)
			if gain == 0 {
				break
			}
			at += gain
			s.gains[c], s.positions[c] = gain, at
		}
		out = append(out, s)
		steps = left
	}
	return out
}
