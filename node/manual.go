package node

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/protocol/link"
)

// text is the file's content; its comments are the manual.
func (c Config) text() string {
	var b strings.Builder
	b.WriteString("# tacet.toml: the configuration of one member. Unknown keys are errors. A running service reads it at its next start.\n\n")
	transport := fmt.Sprintf(`# auto: QUIC over UDP, and TLS over TCP on the same port number where UDP is blocked; through the proxy that HTTPS_PROXY and
# NO_PROXY name. quic, tcp: that one only.
transport = %q

`, cmp.Or(c.Transport, link.TransportAuto)) + fmt.Sprintf(`# The most that this member takes, its database included. What a run needs beyond it waits on disk, in the run's folder; a run
# that cannot be held is declined, with the least that would do.
memory = %q

`, cmp.Or(c.Memory, defaultMemory))
	key := func(name, value, comment string) { fmt.Fprintf(&b, "# %s\n%s = %q\n\n", comment, name, value) }
	key("name", c.Name, "This member's name in the ledger, for ever: a-z, 0-9 and -, at most 32.")
	key("role", string(c.Role), `What it does: "payer", "convener", or a seat's: "auditor", "counsel", "provider", "expert", "observer".`)
	if c.Role == Convener {
		key("convener", c.Convener, "The convener's name in the ledger: this member's own.")
		key("address", c.Address, "Where it listens for payers: host:port, UDP and TCP.")
		key("advertise", c.Advertise, "The address that invitations carry, host:port as payers reach it; empty: the one above as bound.")
		b.WriteString(transport)
		if c.Withhold.Part2 == keepPart2 {
			b.WriteString("# Runs are authorised for data of which no record falls under 42 CFR Part 2.\n[withhold]\npart2 = \"keep\"\n")
		}
		return b.String()
	}
	key("convener", c.Convener, `The convener's name and its address, host:port; "tacet node join" fills both in. No connection is ever made to this node.`)
	b.WriteString(c.addressLine())
	b.WriteString(transport)
	if c.Role.Seat() {
		b.WriteString(c.Witness.text())
		return b.String()
	}
	q := c.Quality
	fmt.Fprintf(&b, `# The quality gate: "tacet node check" shows how the data does. Where it fails, the node takes no part in a run, and says so with no figure. Whole
# percent; 0: no rule. A disclosure profile may ask for more.
[quality]
# Rows of each month against the median month; of the year against the year before; claims of the last quarter still to come.
min_month_percent = %d
max_month_percent = %d
max_year_percent = %d
max_late_percent = %d
# Claim lines with well-formed codes, and with a valid NPI; members with a practice, and with a laboratory result.
min_coded_percent = %d
min_npi_percent = %d
min_attributed_percent = %d
min_lab_percent = %d
# Results in a wrong unit; lines that are there again under another claim id.
max_unit_percent = %d
max_duplicate_percent = %d

`, q.MinMonthPercent, q.MaxMonthPercent, q.MaxYearPercent, q.MaxLatePercent, q.MinCodedPercent, q.MinNPIPercent, q.MinAttributedPercent,
		q.MinLabPercent, q.MaxUnitPercent, q.MaxDuplicatePercent)
	fmt.Fprintf(&b, `[database]
# Bounds of the embedded database: memory in MB, at least 64; threads, at least 1.
memory_mb = %d
threads = %d
# The data may stay in a warehouse of PostgreSQL (postgres://role@host/db?search_path=schema) or Trino (https://role@host/catalog/schema) instead:
# its address with a role that may only read. "tacet node schema" prints the tables; a password belongs into ~/.pgpass.
dsn = %q

`, c.Database.MemoryMB, c.Database.Threads, c.Database.DSN)
	b.WriteString(c.Withhold.text())
	b.WriteString(c.Policy.text())
	return b.String()
}

func tomlList(l []string) string {
	var quoted []string
	for _, s := range l {
		quoted = append(quoted, fmt.Sprintf("%q", s))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (c Config) addressLine() string { return fmt.Sprintf("address = %q\n\n", c.Address) }

const policyManual = `# [policy] is what the node may do without asking. There is no default: without it the node does not start.
#
#   consent = "standing"              contribute to every authorised run within this policy of measures that this member voted for; "never": decline all
#   measures = ["qp-crc", "qa-pcp"]   measures, ID or ID@VERSION; ["any"]: all that this member voted for
#   profiles = ["quality-rate"]       disclosure profiles a measure may be released under; ["any"]
#   peers = ["payer-2", "payer-3"]    the other payers of a run, whose joining this node endorses too; "NAME FINGERPRINT" insists on keys; ["any"]
#   seats = ["auditor-1"]             members without data (auditors, counsel, …) whose joining this node endorses by itself; none: its operator endorses
#   min_contributors = 0              floors of this member's own, on top of those of the profiles; 0: none
#   min_den = 0
#   max_share_percent = 0
`

func (p Policy) text() string {
	if p.Consent == "" {
		return policyManual
	}
	return policyManual + fmt.Sprintf("[policy]\nconsent = %q\nmeasures = %s\nprofiles = %s\npeers = %s\nseats = %s\nmin_contributors = %d\nmin_den = %d\nmax_share_percent = %d\n",
		p.Consent, tomlList(p.Measures), tomlList(p.Profiles), tomlList(p.Peers), tomlList(p.Seats), p.MinContributors, p.MinDen, p.MaxSharePercent)
}
