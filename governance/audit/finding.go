package audit

import (
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/governance/rules"
)

// Code says what is wrong; programs branch on it.
type Code string

// The codes, in the order in which Verify looks.
const (
	CodeContainer      Code = "container"       // not the one byte form of a bundle
	CodeFileUnexpected Code = "file_unexpected" // a file that this evidence does not have
	CodeFileMissing    Code = "file_missing"
	CodeGenesis        Code = "genesis"
	CodeAnchor         Code = "anchor" // not the genesis or the policy that the auditor was given
	CodeCheckpoint     Code = "checkpoint"
	CodeEntries        Code = "entries" // an entry bundle or a blob is not what the tree refers to
	CodeRule           Code = "rule"    // the rules refuse an entry; Finding.Rule has their code
	CodeRoot           Code = "root"    // the entries do not hash to the checkpoint's root
	CodeTile           Code = "tile"
	CodeSignature      Code = "checkpoint_signature"
	CodeCosignatures   Code = "cosignatures" // too few members stand behind a checkpoint

	CodeWitness Code = "witness" // a member has seen another root than the log has

	CodeCertificate          Code = "certificate"
	CodeCertificateRun       Code = "certificate_run"       // of another run
	CodeCertificateSignature Code = "certificate_signature" // of a recipient
	CodeCertificateProof     Code = "certificate_proof"     // not in the tree
	CodeTable                Code = "table"
	CodeTableHash            Code = "table_hash" // not the table that was signed
	CodeTableCell            Code = "table_cell" // a cell that was not authorised, or a value that its rules cannot give

	CodeModel Code = "model" // a model that does not follow from the sum it was signed with

	CodePolicy Code = "policy"
	CodeReadme Code = "readme"
	CodeReport Code = "report"

	CodeOlder Code = "older" // of two bundles, the one called new is the shorter
	CodeFork  Code = "fork"  // two bundles tell different histories

	CodeForkProof Code = "fork_proof" // a proof of a fork that proves nothing, or not by itself
)

// Finding is one thing that is wrong. It is an error too, so that reading can stop at it.
type Finding struct {
	Code  Code       `json:"code"`
	Where string     `json:"where,omitempty"` // a file of the bundle, with entry, run or cell
	Rule  rules.Code `json:"rule,omitempty"`  // why the rules refuse an entry
	Text  string     `json:"text"`
}

// Error is the finding as a line.
func (f *Finding) Error() string {
	code := string(f.Code)
	if f.Rule != "" {
		code += " (" + string(f.Rule) + ")"
	}
	if f.Where == "" {
		return code + ": " + f.Text
	}
	return code + ": " + f.Where + ": " + f.Text
}

func bad(code Code, where, format string, args ...any) *Finding {
	return &Finding{Code: code, Where: where, Text: fmt.Sprintf(format, args...)}
}

// findings collects what is wrong, at most maxFindings of it: one flipped byte early in the log makes many.
type findings struct {
	list []Finding
}

const maxFindings = 100

func (f *findings) add(x *Finding) {
	if x != nil && len(f.list) < maxFindings {
		f.list = append(f.list, *x)
	}
}

// take adds an error that is a finding and returns any other.
func (f *findings) take(err error) error {
	if x, ok := errors.AsType[*Finding](err); ok {
		f.add(x)
		return nil
	}
	return err
}
