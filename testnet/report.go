package testnet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/scoring"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet/oracle"
	"github.com/tacet-health/tacet/testnet/output"
)

// result is what a finished network has to say.
type result struct {
	rows      []output.Row
	differing []string // cells that are not what the oracle says
	model     *fitted  // none: no risk model
	asked     bool     // there is a reliability.csv
}

// report checks the recipients' tables and certificates against each other and against the oracle, writes the output folder, and prints.
func (o *Options) report(ctx context.Context, runs []admin.Run, s *source, expected []oracle.Cell, model *fitted, ciphertexts int, p *progress) (*result, error) {
	end := p.step("check")
	for _, r := range runs[1:] {
		if !bytes.Equal(r.Table, runs[0].Table) {
			return nil, fmt.Errorf("%w: two recipients hold different tables", ErrDiffers)
		}
	}
	if err := checkCertificate(runs[0]); err != nil {
		return nil, err
	}
	table, err := node.ParseTable(runs[0].Table)
	if err != nil {
		return nil, err
	}
	res := &result{rows: rows(table, s.measures), model: model, asked: len(runs[0].Lines) > 0}
	release := filepath.Join(o.Out, "release.csv")
	if err := output.WriteRelease(release, res.rows); err != nil {
		return nil, err
	}
	// What is compared is the file that people get, read back.
	got, err := output.ReadRelease(release)
	if err != nil {
		return nil, err
	}
	released := 0
	for _, r := range got {
		if r.Status == oracle.Released {
			released++
		}
	}
	for _, d := range oracle.Compare(got, expected) {
		res.differing = append(res.differing, d.String())
	}
	asked, differing, err := o.reliable(runs[0], expected)
	if err != nil {
		return nil, err
	}
	if res.differing = append(res.differing, differing...); len(res.differing) > 0 {
		end("%d of %d cells differ from the pooled plain data", len(res.differing), len(expected))
	} else {
		end("all %d cells equal the pooled plain data: %d released, %d suppressed%s", len(got), released, len(got)-released, benchmarkText(table)+asked)
	}
	if runs[0].Evaluation > 0 {
		p.line("evaluation", fmt.Sprintf("the convener's took %.1f s of one core for %d ciphertexts, refreshes and the others' work excluded", runs[0].Evaluation, ciphertexts))
	}
	if err := o.write(ctx, runs[0], res, expected, p); err != nil {
		return nil, err
	}
	return res, o.print(res, p)
}

// rows lays the table out with the benchmarks of each measure and stratum, computed from the released values alone; of a measure that releases a
// benchmark only, as it was released.
func rows(t node.Table, specs []*measures.Spec) []output.Row {
	direction := map[string]measures.Direction{}
	for _, s := range specs {
		direction[s.ID] = s.Direction
	}
	type part struct{ measure, stratum string }
	values := map[part][]int64{}
	for _, c := range t.Cells {
		if c.Value != nil {
			values[part{c.Measure, c.Stratum}] = append(values[part{c.Measure, c.Stratum}], *c.Value)
		}
	}
	out := make([]output.Row, len(t.Cells))
	for i, c := range t.Cells {
		r := output.Row{
			Practice: c.Practice, Measure: c.Measure, Version: c.Version, Period: t.Period, Stratum: c.Stratum,
			Status: c.Status, Value: c.Value, Bound: c.Bound, Unit: c.Unit, Run: t.Run, Reliable: c.Reliable,
		}
		if b, ok := scoring.Compute(values[part{c.Measure, c.Stratum}], direction[c.Measure]); ok {
			r.P25, r.P50, r.P75, r.P90 = &b.P25, &b.P50, &b.P75, &b.P90
			if c.Value != nil {
				r.Band = b.Band(*c.Value)
			}
		}
		out[i] = r
	}
	for _, b := range t.Benchmarks {
		out = append(out, output.Row{
			Measure: b.Measure, Version: b.Version, Period: t.Period, Stratum: b.Stratum, Status: b.Status, Unit: b.Unit,
			P25: b.P25, P50: b.P50, P75: b.P75, P90: b.P90, Run: t.Run,
		})
	}
	return out
}

// benchmarkText counts the rows that are benchmarks.
func benchmarkText(t node.Table) string {
	if len(t.Benchmarks) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of them benchmarks of measures that release no practice)", len(t.Benchmarks))
}

// checkCertificate holds a table against the statement that its certificate signs.
func checkCertificate(r admin.Run) error {
	var c node.Certificate
	if err := json.Unmarshal(r.Certificate, &c); err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	var st struct {
		Run   string `json:"run"`
		Table string `json:"table"`
	}
	if err := json.Unmarshal([]byte(c.Statement), &st); err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	hash := sha256.Sum256(r.Table)
	if st.Run != r.Run || st.Table != hex.EncodeToString(hash[:]) {
		return fmt.Errorf("%w: the certificate is not of this table", ErrDiffers)
	}
	return nil
}

// write fills the output folder; release.csv is there already.
func (o *Options) write(ctx context.Context, r admin.Run, res *result, expected []oracle.Cell, p *progress) error {
	if err := output.WriteParquet(ctx, filepath.Join(o.Out, "release.parquet"), res.rows); err != nil {
		return err
	}
	if err := output.WriteOracle(filepath.Join(o.Out, "oracle.csv"), o.payerNames(), expected); err != nil {
		return err
	}
	if err := vault.Write(filepath.Join(o.Out, "certificate.json"), append(r.Certificate, '\n')); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	b, err := json.MarshalIndent(struct {
		Seconds float64 `json:"seconds"`
		PeakRSS uint64  `json:"peak_rss_bytes"`
		// Evaluation is the convener's processor time for the circuit, refreshes excluded.
		Evaluation float64  `json:"convener_evaluation_cpu_seconds"`
		Steps      []timing `json:"steps"`
	}{p.elapsed().Seconds(), p.rss(), r.Evaluation, p.all()}, "", "  ")
	if err != nil {
		return fmt.Errorf("write timings: %w", err)
	}
	if err := vault.Write(filepath.Join(o.Out, "timings.json"), append(b, '\n')); err != nil {
		return fmt.Errorf("write timings: %w", err)
	}
	return nil
}

// print shows the table and where everything is.
func (o *Options) print(res *result, p *progress) error {
	if o.JSON {
		all := map[string]any{"out": o.Out, "differing": res.differing, "cells": len(res.rows), "seconds": p.elapsed().Seconds(), "peak_rss_bytes": p.rss()}
		if res.model != nil {
			all["risk"] = res.model
		}
		return json.NewEncoder(o.Stdout).Encode(all)
	}
	fmt.Fprintln(o.Stdout)
	if err := output.Table(o.Stdout, res.rows); err != nil {
		return err
	}
	if res.model != nil {
		if err := res.model.print(o.Stdout); err != nil {
			return err
		}
	}
	fmt.Fprintf(o.Stdout, "\n%.1f s, peak memory %.2f GiB\n%s\n", p.elapsed().Seconds(), float64(p.rss())/(1<<30), o.Out)
	files := []string{"release.csv", "release.parquet", "certificate.json", evidenceName, "oracle.csv", "timings.json", "plan.txt"}
	if res.asked {
		files = append(files, node.ReliabilityFile)
	}
	if res.model != nil {
		files = append(files, "risk-model.json")
	}
	if o.Totals {
		files = append(files, "totals.csv")
	}
	for _, f := range files {
		fmt.Fprintf(o.Stdout, "  %s\n", f)
	}
	return nil
}
