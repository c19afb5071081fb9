package engine

import (
	"embed"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The building blocks are SQL files, one each, with a version in the name: a
// measure says enrolled_v1, so its bytes, and with them the hash members vote
// on, say which text is meant. A block that has been released never changes
// (a test holds the hash of each); a better one is a new version beside it.
//
//go:embed blocks/*.sql
var blockFiles embed.FS

// blocks maps a block's name to its text, comments out and on one line, so that
// the lines of a measure keep their numbers.
var blocks = func() map[string]string {
	out := map[string]string{}
	entries, err := blockFiles.ReadDir("blocks")
	if err != nil {
		panic("engine: embedded blocks: " + err.Error())
	}
	for _, e := range entries {
		text, err := blockFiles.ReadFile(path.Join("blocks", e.Name()))
		if err != nil {
			panic("engine: embedded blocks: " + err.Error())
		}
		out[strings.TrimSuffix(e.Name(), ".sql")] = strings.Join(strings.Fields(stripComments(string(text))), " ")
	}
	return out
}()

// Block describes a building block to a reader: its name and its SQL as it is
// kept, comments included.
type Block struct{ Name, SQL string }

// Blocks returns all building blocks by name.
func Blocks() []Block {
	var out []Block
	for name := range blocks {
		text, err := blockFiles.ReadFile("blocks/" + name + ".sql")
		if err != nil {
			panic("engine: embedded blocks: " + err.Error())
		}
		out = append(out, Block{name, string(text)})
	}
	slices.SortFunc(out, func(a, b Block) int { return strings.Compare(a.Name, b.Name) })
	return out
}

const nameArgument, wholeArgument, sqlArgument = "a name", "a whole number", "SQL"

// blockArguments are the blocks a measure may name, and what each takes.
// Files without an entry are parts of summary_v1.
var blockArguments = map[string][]string{
	"enrolled_v1":     {wholeArgument},
	"people_v1":       {wholeArgument, wholeArgument},
	"assigned_v1":     {},
	"attributed_v1":   {},
	"panel_v1":        {},
	"lines_v1":        {nameArgument, sqlArgument},
	"spend_v1":        {nameArgument, sqlArgument},
	"fills_v1":        {nameArgument, sqlArgument},
	"results_v1":      {nameArgument, sqlArgument},
	"hospice_v1":      {},
	"cohort_v1":       {wholeArgument, wholeArgument, wholeArgument},
	"stays_v1":        {sqlArgument, sqlArgument},
	"ed_visits_v1":    {},
	"summary_v1":      {wholeArgument, wholeArgument},
	"coded_days_v1":   {},
	"patients_v1":     {},
	"covered_v1":      {},
	"readmissions_v1": {},
	"costs_v1":        {},
	"expected_v1":     {},
}

var (
	blockName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)
	blockWhole = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)
)

// block returns the text of a block with its arguments in place; macros in it
// are expanded by the caller.
func (e *expander) block(name string, args []string, line int) (string, error) {
	want := blockArguments[name]
	if len(args) != len(want) {
		return "", refuse(line, "block %s takes %d arguments, not %d", name, len(want), len(args))
	}
	pairs := []string{}
	for i, a := range args {
		switch {
		case want[i] == nameArgument && !blockName.MatchString(a):
			return "", refuse(line, "block %s: %.60q is not a lower-case name", name, a)
		case want[i] == wholeArgument && !blockWhole.MatchString(a):
			return "", refuse(line, "block %s: %.60q is not a whole number", name, a)
		}
		if a = strings.Join(strings.Fields(a), " "); name == "lines_v1" || name == "spend_v1" {
			a = e.narrowed(a)
		}
		pairs = append(pairs, "$"+strconv.Itoa(i+1), a)
	}
	e.modelled(name)
	switch name {
	case "summary_v1":
		return e.summary(args, line)
	case "expected_v1":
		return e.expected(), nil
	}
	return strings.NewReplacer(pairs...).Replace(blocks[name]), nil
}

// summary is the end of a measure in the form asked for: sums per practice, sums
// per practice and stratum, or the members themselves.
func (e *expander) summary(units []string, line int) (string, error) {
	e.summaries++
	if e.members {
		return blocks["members_v1"], nil
	}
	half := func(s string) (string, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return "", refuse(line, "summary_v1 divides by whole numbers from 1, not by %.40q", s)
		}
		return strconv.Itoa(n / 2), nil
	}
	halfNum, err := half(units[0])
	if err != nil {
		return "", err
	}
	halfDen, err := half(units[1])
	if err != nil {
		return "", err
	}
	stratum, join, group := "'all'", "", ""
	if e.spec.Stratify != "" {
		stratum, group = "COALESCE(s.stratum, 'unknown')", ", COALESCE(s.stratum, 'unknown')"
		join = "LEFT JOIN (" + blocks[strataBlock(e.spec.Stratify)] + ") AS s ON s.person_id = r.person_id"
	}
	return strings.NewReplacer("$1", units[0], "$2", units[1], "$half_num", halfNum, "$half_den", halfDen,
		"$stratum", stratum, "$join", join, "$group", group).Replace(blocks["summary_v1"]), nil
}

func strataBlock(kind string) string { return "strata_" + kind + "_v1" }
