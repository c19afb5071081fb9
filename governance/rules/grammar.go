package rules

import "strings"

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

// isID is the grammar of the names we give: runs, measures, profiles, parameter sets.
func isID(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, lower+digits+"-") == "" && s[0] != '-'
}

// isVersion is a measure's version: digits and points, as in semantic versioning.
func isVersion(s string) bool {
	return len(s) >= 1 && len(s) <= 32 && strings.Trim(s, lower+digits+".-") == "" && s[0] != '.'
}

// isKey is the grammar of identifiers that come from outside: practices, strata, periods. Printable ASCII, no space.
func isKey(s string, limit int) bool {
	if len(s) == 0 || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isText is a line for people: not empty, no control characters.
func isText(s string, limit int) bool {
	if strings.TrimSpace(s) == "" || len(s) > limit {
		return false
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return false
		}
	}
	return true
}

// repeated returns the first element that occurs twice.
func repeated(names []string) (string, bool) {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if seen[n] {
			return n, true
		}
		seen[n] = true
	}
	return "", false
}
