package withhold

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

//go:embed part2-v1.txt
var part2 []byte

// systems are the code systems of a list, and whether their codes may be prefixes.
var systems = map[string]bool{"diagnosis": true, "procedure": true, "hcpcs": false, "place": false, "revenue": false, "drg": false,
	"ingredient": false, "snomed": false, "npi": false}

// List is a list of codes by system.
type List struct {
	Name    string
	Version string
	hash    [sha256.Size]byte
	exact   map[string][]string
	prefix  map[string][]string // by system; at least three characters
}

// Part2 is the list that this program holds.
var Part2 = func() *List {
	l, err := parseList(part2)
	if err != nil {
		panic("withhold: embedded list: " + err.Error())
	}
	return l
}()

// Hash is the SHA-256 of the list's file, in hexadecimal.
func (l *List) Hash() string { return hex.EncodeToString(l.hash[:]) }

// Text is the list's file as it stands.
func (l *List) Text() string { return string(part2) }

// Size is the number of codes on the list.
func (l *List) Size() int {
	n := 0
	for _, m := range []map[string][]string{l.exact, l.prefix} {
		for _, codes := range m {
			n += len(codes)
		}
	}
	return n
}

// parseList reads a list; errors name the line.
func parseList(text []byte) (*List, error) {
	l := &List{hash: sha256.Sum256(text), exact: map[string][]string{}, prefix: map[string][]string{}}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for n := 1; lines.Scan(); n++ {
		f := strings.Fields(lines.Text())
		switch {
		case n == 1:
			if len(f) != 3 || f[0] != "tacet-withhold" {
				return nil, fmt.Errorf("line 1: want tacet-withhold NAME VERSION")
			}
			l.Name, l.Version = f[1], f[2]
		case len(f) == 0 || strings.HasPrefix(f[0], "#"):
		default:
			if err := l.add(f[0], f[1:]); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	if l.Name == "" || l.Size() == 0 {
		return nil, fmt.Errorf("the list is empty")
	}
	return l, lines.Err()
}

func (l *List) add(system string, codes []string) error {
	prefixes, ok := systems[system]
	if !ok {
		return fmt.Errorf("unknown code system %.40q", system)
	}
	for _, c := range codes {
		head, isPrefix := strings.CutSuffix(c, "*")
		if isPrefix && (!prefixes || len(head) < 2) {
			return fmt.Errorf("%.40q: %s takes no such prefix", c, system)
		}
		if err := measures.CheckCodes([]string{head}); err != nil {
			return err
		}
		into := l.exact
		if isPrefix {
			into = l.prefix
		}
		if slices.Contains(into[system], head) {
			return fmt.Errorf("%s %.40q is listed twice", system, c)
		}
		into[system] = append(into[system], head)
		// Some payers keep revenue codes without their leading zero.
		if short, ok := strings.CutPrefix(head, "0"); ok && system == "revenue" {
			into[system] = append(into[system], short)
		}
	}
	return nil
}
