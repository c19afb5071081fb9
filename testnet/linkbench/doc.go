// Package linkbench measures the link between members on this machine: how long
// objects take over paths with delay and loss, and whether a flood of strangers
// disturbs those who are connected, and a run. The strangers are a process of
// their own at the lowest priority, so that what is measured is what they cost the
// hub. It moves real objects over real sockets with
// the transfer that runs use (protocol/run/objects), through an in-process UDP
// relay that delays and loses packets; kernel network emulation is not needed.
package linkbench
