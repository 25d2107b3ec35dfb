"""The workloads, by theme; `WORKLOADS` has all of them, by name."""

from benchmarks.workloads import arrays, calls, graphs, loops, models, streams

WORKLOADS = {w.name: w for theme in (calls, arrays, models, loops, graphs, streams) for w in theme.TABLE}
