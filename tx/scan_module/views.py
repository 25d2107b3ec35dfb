"""Loops with a simpler face: `map`, `reduce`, `foldl`, `foldr`, and `scan_checkpoints`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tx.scan_module.basic import scan
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import zeros
from tx.tensor.joining import concatenate
from tx.tensor.shapes import shape_i


def map(
    fn: Callable[..., Any],
    sequences: Any,
    non_sequences: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """Apply `fn` to each element of the sequences. Returns the outputs, stacked, and the updates, as `scan` does."""
    return scan(
        fn, sequences, [], non_sequences, None, truncate_gradient, go_backwards, mode, name
    )  # fmt: skip


def reduce(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """As `scan`, but returns only the last value of each output, and the updates."""
    outputs, updates = scan(fn, sequences, outputs_info, non_sequences, None, -1, go_backwards, mode, name)
    return ([o[-1] for o in outputs] if isinstance(outputs, list) else outputs[-1]), updates


def foldl(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """`reduce` from the first element to the last."""
    return reduce(fn, sequences, outputs_info, non_sequences, False, mode, name)


def foldr(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """`reduce` from the last element to the first."""
    return reduce(fn, sequences, outputs_info, non_sequences, True, mode, name)


class _Block:
    """A step of the outer loop of `scan_checkpoints`: an inner loop over one block, of which the end is kept."""

    #: the inside of a block is computed again by the gradient, instead of being stored
    checkpoint = True

    def __init__(self, fn: Callable[..., Any], sequences: int, states: int, length: Any):
        self.fn, self.sequences, self.states, self.length = fn, sequences, states, length

    def __call__(self, *arguments: Any) -> Any:
        a, b = self.sequences, self.sequences + self.states
        outputs, updates = scan(
            self.fn, list(arguments[:a]), list(arguments[a:b]), list(arguments[b:]), self.length, return_list=True
        )
        return [o[-1] for o in outputs], updates


def scan_checkpoints(
    fn: Callable[..., Any],
    sequences: Any = (),
    outputs_info: Any = None,
    non_sequences: Any = (),
    name: str = "checkpointscan_fn",
    n_steps: Any = None,
    save_every_N: int = 10,
    padding: bool = True,
) -> Any:
    """As `scan`, but only the values of every `save_every_N`-th step are returned, and stored.

    The gradient computes the others again. Sequences are padded with zeros to a multiple of `save_every_N`, unless
    `padding` says that they are one already.
    Raises RuntimeError when an output has no initial value, or sequences or initial values have taps.
    """
    listed = [list(s) if isinstance(s, list | tuple) else [s] for s in (sequences, outputs_info or (), non_sequences)]
    seqs, states, fixed = listed
    if any(s is None for s in states) or not states:
        raise RuntimeError("There must be an initial value for each output: no output of scan_checkpoints is a map.")
    if any(isinstance(s, dict) for s in (*seqs, *states)):
        raise RuntimeError("scan_checkpoints doesn't accept taps: give the sequences and initial values themselves.")
    seqs = [as_tensor_variable(s) for s in seqs]
    if n_steps is None:
        if not seqs:
            raise RuntimeError("scan_checkpoints needs sequences or n_steps.")
        n_steps = shape_i(seqs[0], 0)
        for s in seqs[1:]:
            n_steps = F.minimum(n_steps, shape_i(s, 0))
    n_steps = F.cast(as_tensor_variable(n_steps), "int64")
    blocks = (n_steps + (save_every_N - 1)) // save_every_N
    cut = [_blocks(s, n_steps, blocks, save_every_N, padding) for s in seqs]
    return scan(_Block(fn, len(seqs), len(states), save_every_N), cut, states, fixed, blocks, name=name)


def _blocks(s: Any, n_steps: Any, blocks: Any, length: int, padding: bool) -> Any:
    """A sequence with its first axis cut into `blocks` of `length`, padded with zeros where need be."""
    s = s[:n_steps]
    rest = [shape_i(s, d) for d in range(1, s.ndim)]
    if padding:
        missing = blocks * length - shape_i(s, 0)
        s = concatenate([s, zeros([missing, *rest], dtype=s.dtype)], axis=0)
    return s.reshape([blocks, length, *rest], ndim=s.ndim + 1)


__all__ = ["foldl", "foldr", "map", "reduce", "scan_checkpoints"]
