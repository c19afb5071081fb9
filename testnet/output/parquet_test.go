package output

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release.parquet")
	if err := WriteParquet(context.Background(), path, sampleRows()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("PAR1")) || !bytes.HasSuffix(b, []byte("PAR1")) {
		t.Fatal("not a Parquet file")
	}
	for _, c := range Columns {
		if !bytes.Contains(b, []byte(c)) {
			t.Errorf("the file has no column %s", c)
		}
	}
	if err := WriteParquet(context.Background(), filepath.Join(path, "below-a-file"), nil); err == nil {
		t.Error("a path that cannot be was written")
	}
}
