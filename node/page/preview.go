package page

import (
	"fmt"
	"html/template"
	"io"
)

// Counts is a line of a preview: a practice's numerator and denominator, those of the year before, and what to look at.
type Counts struct {
	Measure, Practice, Stratum   string
	Num, Den, PriorNum, PriorDen int64
	Flags                        string
}

const counts = `{{define "body"}}
<p>What this node would contribute to a run, before any rule of disclosure: the plan's own counts.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Counts"><table><caption>Per measure, practice and stratum</caption><thead><tr><th scope="col">Measure</th><th scope="col">Practice</th><th scope="col">Stratum</th><th scope="col">Numerator</th><th scope="col">Denominator</th><th scope="col">Numerator the year before</th><th scope="col">Denominator the year before</th><th scope="col">Change of denominator</th><th scope="col">Look at</th></tr></thead><tbody>
{{range .Rows}}<tr{{if .Flags}} class="decides"{{end}}><td>{{.Measure}}</td><th scope="row">{{.Practice}}</th><td>{{.Stratum}}</td><td class="n">{{.Num}}</td><td class="n">{{.Den}}</td><td class="n">{{.PriorNum}}</td><td class="n">{{.PriorDen}}</td><td class="n">{{.Change}}</td><td>{{.Flags}}</td></tr>
{{else}}<tr><td colspan="9">No practice has anybody.</td></tr>{{end}}</tbody></table></div>
{{end}}`

var preview = template.Must(template.Must(template.New("frame").Parse(frame)).Parse(counts))

// Change is that of the denominator, with its sign.
func (c Counts) Change() string { return fmt.Sprintf("%+d", c.Den-c.PriorDen) }

// Preview writes the page of what a node would contribute to a run or a year.
func Preview(w io.Writer, of string, rows []Counts) error {
	err := preview.Execute(w, struct {
		Title string
		Rows  []Counts
	}{"Preview of " + of, rows})
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
