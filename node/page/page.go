package page

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

const frame = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); overflow-wrap: normal; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.decides { background: color-mix(in srgb, #c80 18%, transparent); }
tr.withheld { opacity: .65; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.note { border-left: .3rem solid #c80; padding-left: .8rem; }
@media print { :root { color-scheme: light; font-size: 9pt; } th, td { padding: .2rem .3rem; } body { margin: 0; max-width: none; } thead { display: table-header-group; } tr { break-inside: avoid; } .scroll { overflow: visible; } td, tbody th { overflow-wrap: anywhere; } }
</style></head><body><main>
<h1>{{.Title}}</h1>
<p class="note">Member data of this plan: it stays on this machine. Delete the file when you are done.</p>
{{template "body" .}}
</main></body></html>
`

const explanation = `{{define "body"}}
<p>{{.Spec.ID}} {{.Spec.Version}}, {{.Spec.Title}}; measurement year {{.Year}}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Populations"><table><caption>Populations</caption><thead><tr><th scope="col">Practice</th><th scope="col">Initial population</th><th scope="col">Denominator</th><th scope="col">Exclusion</th><th scope="col">Exception</th><th scope="col">Numerator</th></tr></thead><tbody>
{{range .E.Members}}<tr><th scope="row">{{.Practice}}</th><td class="n">{{.InitialPopulation}}</td><td class="n">{{.Denominator}}</td><td class="n">{{.Exclusion}}</td><td class="n">{{.Exception}}</td><td class="n">{{.Numerator}}</td></tr>
{{else}}<tr><td colspan="6">Not in the initial population, or attributed to no practice.</td></tr>{{end}}</tbody></table></div>
{{range .Expected}}<p>{{.}}</p>
{{end}}<div class="scroll" tabindex="0" role="region" aria-label="Rows"><table><caption>Rows that the measure may have counted; shaded: without this row alone the populations are others</caption>
<thead><tr><th scope="col">Table</th><th scope="col">Row</th><th scope="col">Value sets</th><th scope="col">What it does</th></tr></thead><tbody>
{{range .Rows}}<tr class="{{.Class}}"><th scope="row">{{.Table}}</th><td>{{range .Cells}}<code>{{.}}</code> {{end}}</td><td>{{.Sets}}</td><td>{{.Effect}}</td></tr>
{{else}}<tr><td colspan="4">The measure reads no row of this person.</td></tr>{{end}}</tbody></table></div>
{{if .E.More}}<p>There are more rows; the first {{len .Rows}} were tried.</p>{{end}}
{{end}}`

var explain = template.Must(template.Must(template.New("frame").Parse(frame)).Parse(explanation))

type row struct {
	Table, Sets, Effect, Class string
	Cells                      []string
}

// Explain writes the page of one person's result.
func Explain(w io.Writer, spec *measures.Spec, year int, person string, e store.Explanation) error {
	rows := []row{}
	for _, v := range e.Evidence {
		r := row{Table: v.Table, Sets: strings.Join(v.Sets, ", "), Effect: Effect(e.Members, v)}
		for i, c := range v.Columns {
			r.Cells = append(r.Cells, c+"="+v.Values[i])
		}
		switch {
		case v.Decides:
			r.Class = "decides"
		case v.Withheld:
			r.Class = "withheld"
		}
		rows = append(rows, r)
	}
	err := explain.Execute(w, struct {
		Title    string
		Spec     *measures.Spec
		Year     int
		E        store.Explanation
		Rows     []row
		Expected []string
	}{fmt.Sprintf("Why %s counts %s as it does", spec.ID, person), spec, year, e, rows, Expected(spec, e.Members)})
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// Expected says of a measure of observed over expected what was observed and what was expected of the person, practice by practice; nothing of another one.
func Expected(spec *measures.Spec, members []engine.Member) (out []string) {
	if spec.Type != measures.ObservedExpected {
		return nil
	}
	for _, m := range members {
		out = append(out, fmt.Sprintf("practice %s: observed %d, expected %d.%04d by model %s", m.Practice, m.Numerator, m.Denominator/10_000, m.Denominator%10_000, spec.Model))
	}
	return out
}

// Effect says in words what a row does to the populations: what they are with it and would not be without it.
func Effect(with []engine.Member, e store.Evidence) string {
	switch {
	case e.Withheld:
		return "withheld: no measure sees it (42 CFR Part 2, or a self-funded plan)"
	case !e.Decides:
		return "alone it decides nothing"
	case len(e.Without) == 0:
		return "puts the member into the initial population"
	case len(with) == 0:
		return "takes the member out of the initial population"
	case len(with) != 1 || len(e.Without) != 1:
		return "changes the populations"
	}
	a, b := with[0], e.Without[0]
	var out []string
	if a.Practice != b.Practice {
		out = append(out, fmt.Sprintf("attributes the member to %s instead of %s", a.Practice, b.Practice))
	}
	for _, p := range []struct {
		name string
		a, b int64
	}{
		{"the initial population", a.InitialPopulation, b.InitialPopulation}, {"the denominator", a.Denominator, b.Denominator}, {"the exclusions", a.Exclusion, b.Exclusion},
		{"the exceptions", a.Exception, b.Exception}, {"the numerator", a.Numerator, b.Numerator},
	} {
		switch {
		case p.a == 1 && p.b == 0:
			out = append(out, "puts the member into "+p.name)
		case p.a == 0 && p.b == 1:
			out = append(out, "takes the member out of "+p.name)
		case p.a != p.b:
			out = append(out, fmt.Sprintf("%s: %d instead of %d", p.name, p.a, p.b))
		}
	}
	return strings.Join(out, "; ")
}
