//go:build race

package party_test

// The lattice arithmetic is ten times slower under the race detector; the same
// goroutines meet in fewer runs.
const underRace = true
