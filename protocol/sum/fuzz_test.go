package sum

import (
	"bytes"
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// FuzzFrame: any bytes are a frame that encodes to the same bytes, or an error.
func FuzzFrame(f *testing.F) {
	r := secagg.Round{Members: []string{"a", "b", "c"}, Threshold: 2, Length: 4, Cap: 1}
	for _, x := range []frame{hello([32]byte{1}, 2, nil), refusal(true, "over"), {tMessage, secagg.KindKeys, 1, []byte("x")}, {tVector, 0, 2, make([]byte, 32)}, {tFixed, secagg.KindList, 0, make([]byte, statementHead(3)+64)}, {t: tWord}} {
		var b bytes.Buffer
		writeFrame(&b, x)
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		x, err := readFrame(bytes.NewReader(in), &r)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if writeFrame(&b, x); !bytes.HasPrefix(in, b.Bytes()) {
			t.Error("another form")
		}
	})
}
