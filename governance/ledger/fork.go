package ledger

// MaxForkProof is the longest proof of a fork: the genesis, two entries, two signed checkpoints, all in base64.
const MaxForkProof = 8 << 20

// ForkProof is what a replica leaves on disk, as canonical JSON, when somebody shows it another history than it has: both sides. Entries are signed by their
// authors and checkpoints by who signed them, so the file proves what it says without the replica's word (audit.CheckFork).
type ForkProof struct {
	What     string `json:"what"`     // for people
	Kind     string `json:"kind"`     // ForkCheckpoint, ForkEntry, ForkWitness
	Index    uint64 `json:"index"`    // the size of a checkpoint, the place of an entry
	Position uint64 `json:"position"` // in raft, 0 when it did not come through raft
	Stops    bool   `json:"stops"`    // the replica stopped by it
	Ours     []byte `json:"ours"`     // a checkpoint's text, or an entry
	Theirs   []byte `json:"theirs"`   // a signed checkpoint, or an entry
	Genesis  []byte `json:"genesis"`  // canonical: with the keys of the convener and the founding members
	// Checkpoint is the newest signed one that the replica had, when it covers Index, and Proof that Ours is in it: consistency of a checkpoint, inclusion of
	// an entry (RFC 6962). Both are empty when the replica had none so far: then an evidence bundle of another member is the other side.
	Checkpoint []byte   `json:"checkpoint"`
	Proof      [][]byte `json:"proof"`
}

// The kinds of ForkProof.
const (
	ForkCheckpoint = "checkpoint"
	ForkEntry      = "entry"
	ForkWitness    = "witness" // Ours as of ForkCheckpoint; Theirs is an entry checkpoint.witness
)
