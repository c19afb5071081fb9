package replica

import (
	"reflect"

	"github.com/hashicorp/raft"
)

// await waits for what raft makes of a request, or for raft's end. raft v1.8.0 leaves requests that wait in a buffer (applyCh, leadershipTransferCh)
// without an answer when it shuts down, and who waits for one waits for ever: Close would never return. Its futures have an exported channel for that
// end, which raft sets for some of them only, and only before it is waited for.
func (r *Replica) await(f raft.Future) error {
	if ch := endOf(f); ch.IsValid() {
		ch.Set(reflect.ValueOf(r.down))
	}
	return f.Error()
}

// endOf is the field ShutdownCh of a future, invalid when it has none, as those that are answered already.
func endOf(f raft.Future) (none reflect.Value) {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return none
	}
	ch := v.Elem().FieldByName("ShutdownCh")
	if !ch.IsValid() || !ch.CanSet() || ch.Type() != reflect.TypeFor[chan struct{}]() {
		return none
	}
	return ch
}
