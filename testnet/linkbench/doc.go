// Package linkbench measures the link between members on this machine: how long
// objects take over paths with delay and loss, and whether a flood of strangers
// disturbs those who are connected. It moves real objects over real sockets with
// the transfer that runs use (protocol/run/objects), through an in-process UDP
// relay that delays and loses packets; kernel network emulation is not needed.
package linkbench
