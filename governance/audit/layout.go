package audit

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tacet-health/tacet/governance/ledger"
)

// The files of a bundle that are there once.
const (
	readmeName     = "README.txt"
	policyName     = "policy"
	genesisName    = "genesis.json"
	checkpointName = "checkpoint"
	reportName     = "report/index.html"
)

const (
	tableName       = "table.json"
	certificateName = "certificate.json"
	proofName       = "certificate.tlog-proof"

	tileWidth      = 256
	maxTable       = 16 << 20
	maxCertificate = 4 << 20
	maxReport      = 256 << 20
	maxText        = 256 << 10
	maxProof       = ledger.MaxNote + 64<<10
)

// releaseName is the name of a file of a run.
func releaseName(run, file string) string { return "releases/" + run + "/" + file }

var (
	tileGrammar    = regexp.MustCompile(`^tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$`)
	blobGrammar    = regexp.MustCompile(`^blob/[0-9a-f]{64}$`)
	releaseGrammar = regexp.MustCompile(`^releases/[a-z0-9][a-z0-9-]{0,63}/(table\.json|certificate\.json|certificate\.tlog-proof)$`)
)

// limitOf is the most bytes that a file of that name may have; ok is false for a name that no bundle has. So no name leads out of the folder
// that somebody unpacks into.
func limitOf(name string) (limit int64, ok bool) {
	switch name {
	case readmeName, policyName:
		return maxText, true
	case checkpointName:
		return ledger.MaxNote, true
	case genesisName:
		return ledger.MaxEntry, true
	case reportName:
		return maxReport, true
	}
	switch {
	case len(name) > maxName:
		return 0, false
	case blobGrammar.MatchString(name):
		return ledger.MaxEntry, true
	case releaseGrammar.MatchString(name):
		switch name[strings.LastIndexByte(name, '/')+1:] {
		case tableName:
			return maxTable, true
		case certificateName:
			return maxCertificate, true
		}
		return maxProof, true
	case tileGrammar.MatchString(name):
		if strings.HasPrefix(name, "tile/entries/") {
			return tileWidth * (2 + 1<<16), true
		}
		return tileWidth * 32, true
	}
	return 0, false
}

// tilePath is the name of the n-th tile of a kind ("entries" or a level): c2sp.org/tlog-tiles.
func tilePath(kind string, n uint64, width int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width < tileWidth {
		name += ".p/" + strconv.Itoa(width)
	}
	return "tile/" + kind + "/" + name
}

// splitEntries takes an entry bundle of width leaves apart: a length of two bytes, big endian, and the leaf. The leaves alias data.
func splitEntries(data []byte, width int) ([][]byte, bool) {
	leaves := make([][]byte, 0, width)
	for range width {
		if len(data) < 2 {
			return nil, false
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if len(data) < end {
			return nil, false
		}
		leaves, data = append(leaves, data[2:end:end]), data[end:]
	}
	return leaves, len(data) == 0
}

// blobOf is the file that a leaf refers to: the third line of "tacet-blob/v1", size, SHA-256. Whether the file is the right one is for the
// caller to see: ledger.Leaf of its bytes must be the leaf.
func blobOf(leaf []byte) (name string, ok bool) {
	lines := strings.SplitN(string(leaf[:min(len(leaf), 128)]), "\n", 4)
	if len(lines) != 4 || lines[0] != "tacet-blob/v1" {
		return "", false
	}
	name = "blob/" + lines[2]
	return name, blobGrammar.MatchString(name)
}
