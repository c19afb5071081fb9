package withhold

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ClaimTable is where an engine that has room for it keeps what [Policy.Claims] yields: person_id, claim_id.
const ClaimTable = "withheld_claim"

// selfFunded is the condition under which a span of eligibility is withheld, in terms of alias e.
func (p Policy) selfFunded() string {
	cond := "LOWER(COALESCE(e.funding, '')) IN ('self', 'self-funded', 'self_funded', 'aso')"
	if len(p.OptedIn) > 0 {
		cond += " AND COALESCE(e.plan, '') NOT IN " + inList(p.OptedIn)
	}
	return cond
}

// Claims are queries for the claims of medical_claim that fall under the list, one for each of its columns: a database that keeps columns apart reads no
// more for it, and needs far less memory than for one condition over all of them. joined names, by code system, a column of DuckDB's that holds the codes
// of all columns of the system, a unit separator before and after each; it is searched in their place. There are no queries when nothing is withheld.
func (p Policy) Claims(joined map[string]string) []string {
	if p.KeepPart2 {
		return nil
	}
	const claims = "SELECT m.person_id, m.claim_id FROM medical_claim m WHERE "
	var out []string
	codes := tables["medical_claim"].codes
	for _, system := range slices.Sorted(maps.Keys(codes)) {
		if column, ok := joined[system]; ok {
			if pattern := searched(Part2.exact[system], Part2.prefix[system]); pattern != "" {
				out = append(out, claims+"regexp_matches(m."+column+", "+pattern+")")
			}
			continue
		}
		for _, c := range codes[system] {
			if cond := p.listed(columns{system: {c}}, "m", false); cond != "" {
				out = append(out, claims+cond)
			}
		}
	}
	return out
}

// searched is the pattern of the codes in a joined column. Codes are letters, digits, hyphens and dots (measures.CheckCodes).
func searched(exact, prefixes []string) string {
	var terms []string
	for _, c := range exact {
		terms = append(terms, c+`\x1F`)
	}
	terms = append(terms, prefixes...)
	if len(terms) == 0 {
		return ""
	}
	return quote(`\x1F(?:` + strings.ReplaceAll(strings.Join(terms, "|"), ".", `\.`) + ")")
}

// Before puts the tables without what is withheld before a query over inputs. hints says that the engine takes [NOT] MATERIALIZED, as
// DuckDB and PostgreSQL do. With kept, [ClaimTable] is a table of
// the database and holds what Claims yields; otherwise the query finds it. Other tables read than inputs: eligibility, drug_crosswalk and, with
// medical_claim, ClaimTable.
func (p Policy) Before(inputs []string, query string, kept, hints bool) (string, error) {
	once, inline := "", ""
	if hints {
		once, inline = "MATERIALIZED ", "NOT MATERIALIZED "
	}
	var parts []string
	define := func(name, how, body string) { parts = append(parts, name+" AS "+how+"("+body+")") }
	if p.spans() {
		define("withheld_span", once, "SELECT e.person_id, e.enrollment_start_date AS first_day, e.enrollment_end_date AS last_day FROM eligibility e WHERE "+p.selfFunded())
	}
	if !p.KeepPart2 && !kept && slices.Contains(inputs, "medical_claim") {
		define(ClaimTable, once, "SELECT DISTINCT m.person_id, m.claim_id FROM medical_claim m WHERE "+p.condition(tables["medical_claim"].codes, false, !hints))
	}
	if !p.KeepPart2 && slices.Contains(inputs, "pharmacy_claim") {
		define("withheld_drug", once, "SELECT DISTINCT ndc_code FROM drug_crosswalk WHERE ingredient_rxcui IN "+inList(Part2.exact["ingredient"]))
	}
	for _, in := range inputs {
		body, err := p.rest(in, !hints)
		if err != nil {
			return "", err
		}
		if body != "" {
			define(in, inline, body)
		}
	}
	if len(parts) == 0 {
		return query, nil
	}
	if !strings.HasPrefix(query, "SELECT") {
		query = "SELECT * FROM (\n" + query + "\n) AS query"
	}
	return "WITH " + strings.Join(parts, ",\n") + "\n" + query, nil
}

// Reads are the tables that [Policy.Before] reads for inputs besides them.
func (p Policy) Reads(inputs []string) []string {
	var out []string
	if p.spans() && !slices.Contains(inputs, "eligibility") {
		out = append(out, "eligibility")
	}
	if !p.KeepPart2 && slices.Contains(inputs, "pharmacy_claim") && !slices.Contains(inputs, "drug_crosswalk") {
		out = append(out, "drug_crosswalk")
	}
	return out
}

// rest is a table without what is withheld; empty when that is the table itself.
func (p Policy) rest(name string, joined bool) (string, error) {
	t, ok := tables[name]
	switch {
	case unpersonal[name]:
		return "", nil
	case name == "eligibility" && p.spans():
		return "SELECT e.* FROM eligibility e WHERE NOT (" + p.selfFunded() + ")", nil
	case name == "eligibility":
		return "", nil
	case !ok:
		return "", fmt.Errorf("there is no rule what to withhold of table %.70q", name)
	}
	joins, conds := "", []string{}
	if p.spans() {
		joins += " LEFT JOIN withheld_span w ON w.person_id = m.person_id" + touches(t)
		conds = append(conds, "w.person_id IS NULL")
	}
	if !p.KeepPart2 {
		switch {
		case t.claims:
			joins += " LEFT JOIN " + ClaimTable + " p ON p.person_id = m.person_id AND p.claim_id = m.claim_id"
			conds = append(conds, "p.person_id IS NULL")
		case name == "pharmacy_claim":
			joins += " LEFT JOIN withheld_drug p ON p.ndc_code = m.ndc_code"
			conds = append(conds, "p.ndc_code IS NULL")
			if cond := p.condition(columns{"npi": t.codes["npi"]}, false, joined); cond != "" {
				conds = append(conds, "NOT "+cond)
			}
		default:
			if cond := p.condition(t.codes, true, joined); cond != "" {
				conds = append(conds, "NOT "+cond)
			}
		}
	}
	if len(conds) == 0 {
		return "", nil
	}
	return "SELECT m.* FROM " + name + " m" + joins + " WHERE " + strings.Join(conds, " AND "), nil
}

// touches compares the dates of m with the span w. A row without a date touches every span. Each side of a comparison is of one table, so that
// every engine can hash the join.
func touches(t table) string {
	coalesce := func(names []string, last string) string {
		parts := []string{}
		for _, c := range names {
			if strings.HasSuffix(c, "_datetime") {
				parts = append(parts, "CAST(m."+c+" AS DATE)")
			} else {
				parts = append(parts, "m."+c)
			}
		}
		return "COALESCE(" + strings.Join(append(parts, last), ", ") + ")"
	}
	switch {
	case len(t.from) == 0:
		return ""
	case t.kind == byMonth:
		month := func(d string) string {
			return "CAST(CAST(EXTRACT(YEAR FROM " + d + ") * 100 + EXTRACT(MONTH FROM " + d + ") AS INTEGER) AS VARCHAR)"
		}
		return " AND " + month("w.first_day") + " <= m." + t.from[0] + " AND " + month("w.last_day") + " >= m." + t.from[0]
	case t.kind == byYear:
		return " AND EXTRACT(YEAR FROM w.first_day) <= m." + t.from[0] + " AND EXTRACT(YEAR FROM w.last_day) >= m." + t.from[0]
	}
	return " AND w.first_day <= " + coalesce(t.to, "DATE '9999-12-31'") + " AND w.last_day >= " + coalesce(t.from, "DATE '0001-01-01'")
}

// listed is the condition that one of the columns holds a code of the list, never NULL; empty when no system of the list is among them.
func (p Policy) listed(in columns, alias string, dotted bool) string {
	var terms []string
	for _, system := range slices.Sorted(maps.Keys(in)) {
		exact := slices.Clone(Part2.exact[system])
		if system == "npi" {
			exact = append(exact, p.Programmes...)
		}
		for _, c := range in[system] {
			col := alias + "." + c
			if dotted && (system == "diagnosis" || system == "procedure") {
				col = "REPLACE(" + col + ", '.', '')"
			}
			terms = append(terms, matches(col, exact, Part2.prefix[system])...)
		}
	}
	if len(terms) == 0 {
		return ""
	}
	return "COALESCE(" + strings.Join(terms, "\n OR ") + ", FALSE)"
}

// condition is listed for the table m, or, where joined is set, the same answer by one search a system in its columns side by side.
func (p Policy) condition(in columns, dotted, joined bool) string {
	if !joined {
		return p.listed(in, "m", dotted)
	}
	var terms []string
	for _, system := range slices.Sorted(maps.Keys(in)) {
		exact := slices.Clone(Part2.exact[system])
		if system == "npi" {
			exact = append(exact, p.Programmes...)
		}
		pattern := searched(exact, Part2.prefix[system])
		if pattern == "" || len(in[system]) == 0 {
			continue
		}
		var list []string
		for _, c := range in[system] {
			if c = "m." + c; dotted && (system == "diagnosis" || system == "procedure") {
				c = "REPLACE(" + c + ", '.', '')"
			}
			list = append(list, c)
		}
		terms = append(terms, "regexp_like(chr(31) || concat_ws(chr(31), "+strings.Join(list, ", ")+") || chr(31), "+pattern+")")
	}
	if len(terms) == 0 {
		return ""
	}
	return "(" + strings.Join(terms, "\n OR ") + ")"
}

// matches tests a column. Prefixes are looked for by their first characters first: most codes fail there, at the price of one look-up.
func matches(col string, exact, prefixes []string) []string {
	var terms []string
	if len(exact) > 0 {
		terms = append(terms, col+" IN "+inList(exact))
	}
	if len(prefixes) == 0 {
		return terms
	}
	shortest := len(slices.MinFunc(prefixes, func(a, b string) int { return len(a) - len(b) }))
	byLength, heads := map[int][]string{}, []string{}
	for _, c := range prefixes {
		byLength[len(c)] = append(byLength[len(c)], c)
		heads = append(heads, c[:shortest])
	}
	slices.Sort(heads)
	cond := fmt.Sprintf("%s IS NOT NULL AND SUBSTRING(%s, 1, %d) IN %s", col, col, shortest, inList(slices.Compact(heads)))
	var full []string
	for _, n := range slices.Sorted(maps.Keys(byLength)) {
		full = append(full, fmt.Sprintf("SUBSTRING(%s, 1, %d) IN %s", col, n, inList(byLength[n])))
	}
	if len(full) > 1 {
		cond += " AND (" + strings.Join(full, " OR ") + ")"
	}
	return append(terms, cond)
}
