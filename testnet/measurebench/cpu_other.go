//go:build !unix

package measurebench

// processorSeconds is unknown here.
func processorSeconds() float64 { return 0 }
