"""Where boxes go: layer under layer, by longest paths; within a layer near what they are connected to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: how often the layers are ordered and straightened, alternately downwards and upwards
SWEEPS = 8
GAP = 24.0


@dataclass
class Layout:
    """Of boxes 0 to n - 1, and behind these of bends, through which long arrows go: layer and centre.

    `paths` has for each arrow the numbers that it passes through, both ends included.
    """

    layers: list[int]
    centres: list[float]
    paths: list[list[int]]


def lay_out(widths: Sequence[float], arrows: Sequence[tuple[int, int]]) -> Layout:
    """Positions for boxes of these widths. Boxes come in an order in which arrows lead to later ones."""
    layers = _layers(len(widths), arrows)
    sizes = list(widths)
    paths = []
    for start, end in arrows:
        path = [start]
        for layer in range(layers[start] + 1, layers[end]):
            path.append(len(sizes))
            layers.append(layer)
            sizes.append(4.0)
        paths.append([*path, end])
    above: list[list[int]] = [[] for _ in sizes]
    below: list[list[int]] = [[] for _ in sizes]
    for path in paths:
        for a, b in pairwise(path):
            above[b].append(a)
            below[a].append(b)
    rows: list[list[int]] = [[] for _ in range(max(layers, default=-1) + 1)]
    for item, layer in enumerate(layers):
        rows[layer].append(item)
    centres = _place(rows, sizes, above, below)
    return Layout(layers, centres, paths)


def _layers(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """The length of the longest path to each box; what nothing leads to stands right above what it leads to."""
    layers = [0] * count
    entered, followers = [False] * count, [count] * count
    for start, end in sorted(arrows, key=lambda arrow: arrow[1]):
        layers[end] = max(layers[end], layers[start] + 1)
        entered[end] = True
    for start, end in arrows:
        followers[start] = min(followers[start], layers[end])
    return [
        f - 1 if not seen and f < count else layer for layer, seen, f in zip(layers, entered, followers, strict=True)
    ]


def _place(
    rows: Sequence[list[int]], sizes: Sequence[float], above: Sequence[list[int]], below: Sequence[list[int]]
) -> list[float]:
    centres = [0.0] * len(sizes)
    for row in rows:
        _spread(row, [0.0] * len(row), sizes, centres)
    for sweep in range(SWEEPS):
        neighbours, order = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for row in order:
            wanted = {i: _mean([centres[n] for n in neighbours[i]], centres[i]) for i in row}
            row.sort(key=lambda i: wanted[i])
            _spread(row, [wanted[i] for i in row], sizes, centres)
    left = min((c - w / 2 for c, w in zip(centres, sizes, strict=True)), default=0.0)
    return [c - left for c in centres]


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _spread(row: Sequence[int], wanted: Sequence[float], sizes: Sequence[float], centres: list[float]) -> None:
    """Put a row, from left to right, near where it is wanted, so that nothing overlaps: between the two extremes in
    which everything is pushed to the right, or to the left.
    """
    apart = [(sizes[a] + sizes[b]) / 2 + GAP for a, b in pairwise(row)]
    right, left = list(wanted), list(wanted)
    for i, distance in enumerate(apart):
        right[i + 1] = max(right[i + 1], right[i] + distance)
    for i in range(len(apart) - 1, -1, -1):
        left[i] = min(left[i], left[i + 1] - apart[i])
    for i, item in enumerate(row):
        centres[item] = (right[i] + left[i]) / 2


__all__ = ["Layout", "lay_out"]
