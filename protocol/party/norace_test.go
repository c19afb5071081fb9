//go:build !race

package party_test

const underRace = false
