package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain is also the process that is killed: with TACET_KILL_LOAD it loads a file and says how far it is.
func TestMain(m *testing.M) {
	dir, file, ok := strings.Cut(os.Getenv("TACET_KILL_LOAD"), "|")
	if !ok {
		os.Exit(m.Run())
	}
	chunk = 5_000
	s, err := Open(context.Background(), dir, Options{MemoryMB: 256, Threads: 1, Sources: []string{file}, Progress: func(Progress) { fmt.Println("progress") }})
	if err == nil {
		fmt.Println("progress") // before the first row
		_, err = s.Load(context.Background(), file)
	}
	fmt.Println("done", err)
	select {} // a store that is not closed: what is committed is in the write-ahead log
}

// A process that is killed during a load, at any point of it, leaves nothing of the file behind; after the commit it leaves all of it. The next process
// opens the store and completes the load.
func TestKillDuringLoad(t *testing.T) {
	const rows = 30_000
	folder := t.TempDir()
	var text strings.Builder
	text.WriteString(claimHeader)
	for i := range rows {
		fmt.Fprintf(&text, "c%06d,1,p%d,2024-01-%02d,%d.00,E119\n", i, i%5000, i%28+1, i%300)
	}
	csvFile := filepath.Join(folder, "medical_claim.csv")
	if err := os.WriteFile(csvFile, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	columns := parquet(t, filepath.Join(folder, "medical_claim.parquet"), fmt.Sprintf(`SELECT 'c' || i AS claim_id, 1 AS claim_line_number, 'p' || (i %% 5000) AS person_id FROM range(%d) t(i)`, rows), ", ROW_GROUP_SIZE 2048")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{csvFile, columns} {
		for _, after := range []string{"progress 1", "progress 2", "progress 4", "done"} {
			t.Run(filepath.Ext(file)+" "+after, func(t *testing.T) {
				dir := t.TempDir()
				kill(t, self, dir, file, after)
				s, err := Open(t.Context(), dir, Options{MemoryMB: 256, Threads: 1, Sources: []string{folder}})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				var notes int64
				if err := s.db.QueryRow("SELECT count(*) FROM node.loaded").Scan(&notes); err != nil {
					t.Fatal(err)
				}
				want, noted := int64(0), int64(0)
				if after == "done" {
					want, noted = rows, 1
				}
				count(t, s, "medical_claim", want)
				if notes != noted {
					t.Errorf("%d loads are noted", notes)
				}
				report, err := s.Load(t.Context(), file)
				if err != nil || report.Files[0].Already != (after == "done") {
					t.Fatalf("%+v %v", report, err)
				}
				count(t, s, "medical_claim", rows)
			})
		}
	}
}

// kill starts a load and ends it with SIGKILL when it has said what is named.
func kill(t *testing.T, self, dir, file, after string) {
	t.Helper()
	c := exec.Command(self)
	c.Env = append(os.Environ(), "TACET_KILL_LOAD="+dir+"|"+file)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	said := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said++
		if lines.Text() == "done <nil>" && after == "done" || fmt.Sprintf("%s %d", lines.Text(), said) == after {
			break
		}
		if strings.HasPrefix(lines.Text(), "done") {
			t.Errorf("the load ended before it was killed: %s", lines.Text())
			break
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Error(err)
	}
	c.Wait() // says that it was killed
}
