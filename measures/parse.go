package measures

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Header is the name of the YAML file in a measure's folder.
const Header = "measure.yaml"

// header is the YAML form; it differs from Spec in that sql names a file and
// that percent measures may leave scale and range out.
type header struct {
	ID        string              `yaml:"id"`
	Version   string              `yaml:"version"`
	Title     string              `yaml:"title"`
	Type      Type                `yaml:"type"`
	Direction Direction           `yaml:"direction"`
	Grain     string              `yaml:"grain"`
	Inputs    []string            `yaml:"inputs"`
	ValueSets map[string]ValueSet `yaml:"value_sets"`
	SQL       string              `yaml:"sql"`
	Stratify  string              `yaml:"stratify"`
	Model     string              `yaml:"model"`
	Cap       Cap                 `yaml:"cap"`
	Release   struct {
		Kind    *Kind   `yaml:"kind"`
		Profile string  `yaml:"profile"`
		Unit    string  `yaml:"unit"`
		Scale   *Scale  `yaml:"scale"`
		Step    int64   `yaml:"step"`
		Range   []int64 `yaml:"range"`
		MinDen  int64   `yaml:"min_den"`
	} `yaml:"release"`
	Rationale     string `yaml:"rationale"`
	Source        string `yaml:"source"`
	Licence       string `yaml:"licence"`
	ClinicalNotes string `yaml:"clinical_notes"`
}

// Parse reads the measure in folder dir of fsys: measure.yaml and the SQL file
// it names. An error names the file and, where one line is to blame, the line.
func Parse(fsys fs.FS, dir string) (*Spec, error) {
	name := path.Join(dir, Header)
	data, err := readLimited(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read measure: %w", err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := plain(&root); err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var h header
	if err := dec.Decode(&h); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := dec.Decode(&header{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one YAML document", name)
	}
	s, err := h.spec(fsys, dir)
	if err == nil {
		err = s.Validate()
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, lineOf(&root, err), err)
	}
	return s, nil
}

func (h *header) spec(fsys fs.FS, dir string) (*Spec, error) {
	if h.SQL == "" || path.Base(h.SQL) != h.SQL || !strings.HasSuffix(h.SQL, ".sql") {
		return nil, &FieldError{"sql", fmt.Errorf("%.80q is not the name of an .sql file beside the header", h.SQL)}
	}
	text, err := readLimited(fsys, path.Join(dir, h.SQL))
	if err != nil {
		return nil, &FieldError{"sql", err}
	}
	r := Release{Profile: h.Release.Profile, Unit: h.Release.Unit, Step: h.Release.Step, MinDen: h.Release.MinDen}
	if k := h.Release.Kind; k != nil {
		if *k == PerPractice {
			return nil, &FieldError{"release.kind", fmt.Errorf("is empty; leave it out, or write %s", BenchmarkOnly)}
		}
		r.Kind = *k
	}
	if r.Step == 0 {
		r.Step = 1
	}
	switch {
	case h.Release.Scale != nil:
		r.Scale = *h.Release.Scale
	case r.Unit == Percent && r.Step > 0 && 100%r.Step == 0:
		r.Scale = Scale{Num: 100 / r.Step, Den: 1}
	default:
		return nil, &FieldError{"release.scale", errors.New("is missing")}
	}
	switch {
	case len(h.Release.Range) == 2:
		r.Range = [2]int64(h.Release.Range)
	case h.Release.Range == nil && r.Unit == Percent:
		r.Range = [2]int64{0, 100}
	default:
		return nil, &FieldError{"release.range", fmt.Errorf("has %d numbers, want [lowest, highest]", len(h.Release.Range))}
	}
	return &Spec{
		ID: h.ID, Version: h.Version, Title: h.Title, Type: h.Type, Direction: h.Direction, Grain: h.Grain,
		Inputs: h.Inputs, ValueSets: h.ValueSets, SQL: string(text), Stratify: h.Stratify, Model: h.Model, Cap: h.Cap, Release: r,
		Rationale: h.Rationale, Source: h.Source, Licence: h.Licence, ClinicalNotes: h.ClinicalNotes,
	}, nil
}

// readLimited refuses a file beyond the canonical limit before reading it whole.
func readLimited(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxCanonical+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxCanonical {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, MaxCanonical)
	}
	return data, nil
}

// wholeKeys hold numbers; the YAML library would cut 1.5 to 1 and read 0o10 as 8.
var (
	wholeKeys    = []string{"num", "den", "step", "min_den", "range"}
	wholeGrammar = regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`)
)

func whole(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		return nil // a value set of that name
	}
	for _, v := range append(slices.Clip(n.Content), n) {
		if v.Kind == yaml.ScalarNode && !wholeGrammar.MatchString(v.Value) {
			return fmt.Errorf("%d: %.40q is not a whole number", v.Line, v.Value)
		}
	}
	return nil
}

// plain refuses what makes two readers of one YAML file disagree: anchors,
// aliases, merge keys, explicit tags, and numbers in any form but the decimal.
func plain(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if slices.Contains(wholeKeys, n.Content[i].Value) {
				if err := whole(n.Content[i+1]); err != nil {
					return err
				}
			}
		}
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || n.Tag == "!!merge" {
		return fmt.Errorf("%d: anchors, aliases, merge keys and tags are not allowed in a measure", n.Line)
	}
	for _, c := range n.Content {
		if err := plain(c); err != nil {
			return err
		}
	}
	return nil
}

// lineOf finds the line of the field a FieldError blames, or of its nearest
// ancestor that is there.
func lineOf(root *yaml.Node, err error) int {
	var fe *FieldError
	if !errors.As(err, &fe) || len(root.Content) == 0 {
		return 1
	}
	node, line := root.Content[0], 1
	for _, part := range strings.Split(fe.Field, ".") {
		i := slices.IndexFunc(node.Content, func(c *yaml.Node) bool { return c.Value == part })
		if node.Kind != yaml.MappingNode || i < 0 || i%2 != 0 || i+1 >= len(node.Content) {
			return line
		}
		line, node = node.Content[i].Line, node.Content[i+1]
	}
	return line
}
