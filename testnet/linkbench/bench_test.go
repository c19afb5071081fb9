package linkbench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestTransferWithLoss: an object arrives whole over a path that loses packets;
// how fast belongs to the machine.
func TestTransferWithLoss(t *testing.T) {
	got, err := transfers(t.Context(), Options{Object: 2 << 20, Delay: 20 * time.Millisecond, Loss: 0.05, Say: t.Logf})
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
}

// TestMain is the strangers' process, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 6 && os.Args[3] == "strangers" {
		rate, _ := strconv.Atoi(os.Args[5])
		if err := Strangers(context.Background(), os.Args[4], rate, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestService: members are served beside strangers, who are turned away.
func TestService(t *testing.T) {
	s, err := newScene(1<<20, "payer-1", "payer-2")
	if err != nil {
		t.Fatal(err)
	}
	defer s.hub.Close()
	asker, err := s.payer(t.Context(), "payer-1", s.hub.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer asker.Close()
	fetcher, err := s.payer(t.Context(), "payer-2", s.hub.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer fetcher.Close()
	o := Options{Flood: 300, Executable: os.Args[0]}
	v, err := look(t.Context(), s, time.Second, asker, fetcher, o.strangers(s.hub.Addr()))
	if err != nil || v.PerSec == 0 || v.MBps == 0 || v.Besides != 0 {
		t.Fatalf("%+v, %v", v, err)
	}
	t.Logf("%+v", v)
}
