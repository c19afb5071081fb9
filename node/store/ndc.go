package store

import "strings"

// parseNDC brings a National Drug Code to the 11 digits of billing (5-4-2). The
// three ten-digit layouts of the FDA are told apart by their hyphens only, so
// ten digits without hyphens are refused. [21 CFR 207.33; HIPAA 5-4-2.]
func parseNDC(s string) (string, bool) {
	parts := strings.Split(s, "-")
	for _, p := range parts {
		if _, ok := digits(p); !ok {
			return "", false
		}
	}
	if len(parts) == 1 {
		return s, len(s) == 11
	}
	if len(parts) != 3 {
		return "", false
	}
	missing := 0
	for i, want := range []int{5, 4, 2} {
		switch want - len(parts[i]) {
		case 0:
		case 1:
			missing++
			parts[i] = "0" + parts[i]
		default:
			return "", false
		}
	}
	return strings.Join(parts, ""), missing <= 1
}
