package linkbench

import (
	"context"
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

// TestService: members are served beside strangers.
func TestService(t *testing.T) {
	s, err := newScene(1<<20, "payer-1", "payer-2")
	if err != nil {
		t.Fatal(err)
	}
	defer s.hub.Close()
	o := Options{Flood: 200, For: time.Second, Say: t.Logf}
	v, err := service(t.Context(), s, o, "a flood", func(ctx context.Context) int64 { return flood(ctx, s, o) })
	if err != nil || v.Tried == 0 {
		t.Fatalf("%+v, %v", v, err)
	}
}
