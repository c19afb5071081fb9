package measures

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// diffSets writes what changes in the value sets, by name, then by code.
func diffSets(b *strings.Builder, old, new map[string]ValueSet) {
	names := maps.Clone(old)
	if names == nil {
		names = map[string]ValueSet{}
	}
	maps.Copy(names, new)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, had := old[name]
		is, has := new[name]
		out, in := without(was.Public, is.Public), without(is.Public, was.Public)
		switch {
		case !has:
			fmt.Fprintf(b, "- value_sets.%s: %s\n", name, describeSet(was))
		case !had:
			fmt.Fprintf(b, "+ value_sets.%s: %s\n", name, describeSet(is))
		default:
			if was.System != is.System || was.Slot != is.Slot || was.SlotHash != is.SlotHash {
				fmt.Fprintf(b, "- value_sets.%s: system %q, slot %q%s\n+ value_sets.%s: system %q, slot %q%s\n", name, was.System, was.Slot, was.hashText(), name, is.System, is.Slot, is.hashText())
			}
			if len(out) > 0 {
				fmt.Fprintf(b, "- value_sets.%s codes: %s\n", name, strings.Join(out, " "))
			}
			if len(in) > 0 {
				fmt.Fprintf(b, "+ value_sets.%s codes: %s\n", name, strings.Join(in, " "))
			}
			if len(out)+len(in) == 0 && !slices.Equal(was.Public, is.Public) {
				fmt.Fprintf(b, "  value_sets.%s: the same codes in another order\n", name)
			}
		}
	}
}

func describeSet(v ValueSet) string {
	return fmt.Sprintf("system %q, slot %q%s, codes %s", v.System, v.Slot, v.hashText(), strings.Join(v.Public, " "))
}

func without(a, b []string) []string {
	in := make(map[string]bool, len(b))
	for _, c := range b {
		in[c] = true
	}
	var out []string
	for _, c := range a {
		if !in[c] {
			out = append(out, c)
		}
	}
	return out
}

// maxDiffLines bounds the table of the longest common subsequence, old lines
// times new lines; longer texts are shown whole.
const maxDiffLines = 4 << 20

// diffLines writes a line diff by the longest common subsequence, with two lines
// of context and "…" where unchanged lines are left out.
func diffLines(b *strings.Builder, old, new []string) {
	type line struct {
		mark byte
		text string
	}
	var all []line
	if len(old)*len(new) > maxDiffLines {
		for _, l := range old {
			all = append(all, line{'-', l})
		}
		for _, l := range new {
			all = append(all, line{'+', l})
		}
	} else {
		// common[i][j] is the length for old[i:] and new[j:].
		common := make([][]int32, len(old)+1)
		for i := range common {
			common[i] = make([]int32, len(new)+1)
		}
		for i := len(old) - 1; i >= 0; i-- {
			for j := len(new) - 1; j >= 0; j-- {
				if old[i] == new[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
		i, j := 0, 0
		for i < len(old) || j < len(new) {
			switch {
			case i < len(old) && j < len(new) && old[i] == new[j]:
				all = append(all, line{' ', old[i]})
				i, j = i+1, j+1
			case i < len(old) && (j == len(new) || common[i+1][j] >= common[i][j+1]):
				all = append(all, line{'-', old[i]})
				i++
			default:
				all = append(all, line{'+', new[j]})
				j++
			}
		}
	}
	const context = 2
	skipped := false
	for k, l := range all {
		near := slices.ContainsFunc(all[max(0, k-context):min(len(all), k+context+1)], func(o line) bool { return o.mark != ' ' })
		if !near {
			skipped = true
			continue
		}
		if skipped {
			b.WriteString("  …\n")
			skipped = false
		}
		fmt.Fprintf(b, "%c   %s\n", l.mark, l.text)
	}
}

func (v ValueSet) hashText() string {
	if v.SlotHash == "" {
		return ""
	}
	return " sha256 " + v.SlotHash
}
