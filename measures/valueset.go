package measures

import (
	"errors"
	"fmt"
)

func (v ValueSet) check(name string) error {
	if !nameGrammar.MatchString(name) {
		return fmt.Errorf("the name %.70q must be lower-case letters, digits and underscores", name)
	}
	if v.System != "" && (len(v.System) > 32 || !idGrammar.MatchString(v.System)) {
		return fmt.Errorf("system %.40q must be lower-case letters, digits and hyphens", v.System)
	}
	if v.Slot != "" && !nameGrammar.MatchString(v.Slot) {
		return fmt.Errorf("slot %.70q must be lower-case letters, digits and underscores", v.Slot)
	}
	if err := v.checkHash(); err != nil {
		return err
	}
	if len(v.Public) == 0 && v.Slot == "" {
		return errors.New("has neither public codes nor a slot")
	}
	return CheckCodes(v.Public)
}

// CheckCodes holds a list of codes to the grammar under which it can be put
// into a query: letters, digits, dots and hyphens, at most 32, no code twice.
func CheckCodes(codes []string) error {
	if len(codes) > maxCodes {
		return fmt.Errorf("%d codes, more than %d", len(codes), maxCodes)
	}
	seen := make(map[string]bool, len(codes))
	for _, c := range codes {
		if !codeGrammar.MatchString(c) {
			return fmt.Errorf("code %.40q has other characters than letters, digits, dots and hyphens", c)
		}
		if seen[c] {
			return fmt.Errorf("code %q is listed twice", c)
		}
		seen[c] = true
	}
	return nil
}
