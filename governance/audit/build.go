package audit

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/tacet-health/tacet/governance/rules"
)

// Build makes a bundle of a log that ledger.Export wrote and of what a member kept of its runs: kept returns the table or the certificate ("table.json",
// "certificate.json") of a run, nil when the member has none. Certificates are made from the log where there is none or where the one kept is of a later
// state than the checkpoint. The log must replay; whether it is cosigned by enough members is Verify's to say. The bundle reads log when it is written.
func Build(log fs.FS, kept func(run, name string) ([]byte, error)) (*Bundle, error) {
	b, err := build(log, kept)
	if err != nil {
		return nil, fmt.Errorf("build evidence bundle: %w", err)
	}
	return b, nil
}

func build(log fs.FS, kept func(run, name string) ([]byte, error)) (*Bundle, error) {
	b := newBundle()
	if err := b.addLog(log); err != nil {
		return nil, err
	}
	var f findings
	h, err := replay(b, &f)
	if err != nil {
		return nil, err
	}
	if len(f.list) > 0 {
		return nil, &f.list[0]
	}
	if wrong := h.checkRoot(); wrong != nil {
		return nil, wrong
	}
	v := directory{h.state}
	top, wrong := openCheckpoint(h.note, checkpointName, v)
	if wrong != nil {
		return nil, wrong
	}
	tables := map[string]Table{}
	for _, run := range h.state.Runs() {
		if run.Status != rules.RunCertified {
			continue
		}
		name := run.Body.Run
		table, err := kept(name, tableName)
		if err != nil {
			return nil, err
		}
		var t Table
		if table != nil {
			var found []*Finding
			if t, found = checkTable(table, releaseName(name, tableName), run, h.state); len(found) > 0 {
				return nil, found[0]
			}
			tables[name] = t
			b.put(releaseName(name, tableName), table)
		}
		certificate, err := kept(name, certificateName)
		if err != nil {
			return nil, err
		}
		if certificate == nil || !h.stands(certificate, run, top, v) {
			if certificate, err = h.certify(run, marks(t.Cells)); err != nil {
				return nil, err
			}
		}
		b.put(releaseName(name, certificateName), certificate)
		b.put(releaseName(name, proofName), h.proof(run.Ended))
	}
	return b, h.addMade(b, h.report(top, tables))
}

// addMade adds the files that are made from the rest.
func (h *history) addMade(b *Bundle, r *Report) error {
	for name, made := range map[string]func() ([]byte, error){
		policyName: func() ([]byte, error) { return policyOf(h.state) },
		readmeName: func() ([]byte, error) { return readme(r) },
		reportName: func() ([]byte, error) { return HTML(r) },
	} {
		data, err := made()
		if err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		b.put(name, data)
	}
	return nil
}

// addLog adds the exported log's files, and the genesis, which is its first entry.
func (b *Bundle) addLog(log fs.FS) error {
	err := fs.WalkDir(log, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		limit, ok := limitOf(name)
		if !ok || name != checkpointName && !tileGrammar.MatchString(name) && !blobGrammar.MatchString(name) {
			return fmt.Errorf("%s is not a file of an exported log", name)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Size() > limit {
			return fmt.Errorf("%s has %d bytes, at most %d", name, info.Size(), limit)
		}
		b.add(name, content{info.Size(), func() ([]byte, error) { return fs.ReadFile(log, name) }})
		return nil
	})
	if err != nil {
		return err
	}
	note, found, err := b.file(checkpointName)
	if err != nil || !found {
		return errors.Join(err, errors.New("the exported log has no checkpoint"))
	}
	h := &history{b: b, used: map[string]bool{}}
	if h.claimed, err = textOf(note); err != nil {
		return err
	}
	genesis, err := h.entry(0)
	if err != nil {
		return err
	}
	b.put(genesisName, genesis)
	return nil
}
