"""What a workload is, and how one of its programs is made ready to run.

A workload is written once in Theano's words, for tx, Theano and PyTensor alike, and once by hand with JAX. It does not
run anything: it says what to compile (`Graph`, `Hand`), and what to call that with. Who has what: what a Theano program
keeps in shared variables is placed on the device by hand, too; what it is called with are ndarrays for everyone.

Real Theano imports this file: it must do for Python 3.8, and must not import any of the libraries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Graph(NamedTuple):
    """What a workload compiles in Theano's words; `calls` are the arguments of the calls that make up a step."""

    inputs: list
    outputs: Any
    calls: Sequence[tuple]
    updates: Sequence[tuple] = ()
    givens: Any = ()


class Hand(NamedTuple):
    """The same with JAX. `function` takes the state, if there is one, what is held, and the arguments of a call.

    A state is placed and donated: the function returns outputs and the new state. What is held is placed.
    A function that is not to be jitted (`jit=False`) does that itself.
    """

    function: Callable
    calls: Sequence[tuple]
    state: Any = None
    held: tuple = ()
    jit: bool = True


class Workload(NamedTuple):
    """A row of the table. `numbers(**sizes)` makes what both programs are given; both make one plan, or a list of them.

    The results of the first steps agree within `tolerance`, relative and absolute (None: there is nothing to compare).
    `tiny` are other sizes, for tests. `limit` is how many times the time of JAX by hand tx may take.
    What is not `default` runs when it is named.
    """

    name: str
    title: str
    numbers: Callable
    symbolic: Callable
    by_hand: Callable
    sizes: dict = {}
    tiny: dict = {}
    floatX: str = "float32"
    tolerance: float | None = 1e-4
    limit: float = 1.05
    default: bool = True


CALL_LIMIT = 1.3
"""The limit of workloads in which a call does so little that it is the call that costs."""


class Ready(NamedTuple):
    """A program that has run once: a step that returns a list of ndarrays, seconds by phase, Apply nodes.

    `rebuild` builds the graph again, and returns the seconds that this took.
    """

    step: Callable
    seconds: dict
    nodes: int = 0
    rebuild: Callable | None = None


def ready_graph(workload, language, sizes):
    """Build the graphs of a workload, make functions of them, and run the first step, taking times. Returns a Ready."""
    numbers = workload.numbers(**sizes)
    build = lambda: _built(workload, language, numbers)
    graphs, seconds = build()
    built = time.perf_counter()
    functions = [language.function(g.inputs, g.outputs, list(g.updates), dict(g.givens)) for g in graphs]
    made = time.perf_counter()
    step = _step(list(zip(functions, (g.calls for g in graphs))))
    step()
    end = time.perf_counter()
    phases = {"build": seconds, "function": made - built, "first": end - made, "compile": end - built}
    return Ready(step, phases, sum(count_nodes(g) for g in graphs), lambda: build()[1])


def _built(workload, language, numbers):
    """The graphs of a workload, and the seconds that building them took, but for copies of what is shared."""
    language.begin()
    placed, start = language.placing, time.perf_counter()
    graphs = _listed(workload.symbolic(language, *numbers))
    return graphs, time.perf_counter() - start - (language.placing - placed)


def ready_hand(workload, sizes):
    """Place what is to be placed, jit, and run the first step, taking times. Returns a Ready."""
    import jax

    hands = _listed(workload.by_hand(*workload.numbers(**sizes)))
    placed = [jax.tree.map(jax.numpy.array, (hand.state, hand.held)) for hand in hands]
    jax.block_until_ready(placed)
    start = time.perf_counter()
    pairs = [(_jitted(jax, h, *p), h.calls) for h, p in zip(hands, placed)]
    step = _step(pairs)
    step()
    seconds = time.perf_counter() - start
    return Ready(step, {"first": seconds, "compile": seconds})


def _listed(plans):
    return plans if type(plans) is list else [plans]


def _jitted(jax, hand, state, held):
    """A function of the arguments of a call; it keeps the state."""
    jitted = jax.jit(hand.function, donate_argnums=() if state is None else 0) if hand.jit else hand.function
    if state is None:
        return (lambda *arguments: jitted(*held, *arguments)) if held else jitted
    box = [state]

    def call(*arguments):
        outputs, box[0] = jitted(box[0], *held, *arguments)
        return outputs

    return call


def _step(pairs):
    """All calls of all functions, one after another. What they return is read as ndarrays, if it is not yet such."""
    work = [(function, arguments) for function, calls in pairs for arguments in calls]

    def step():
        results = []
        for function, arguments in work:
            found = function(*arguments)
            if type(found) in (list, tuple):
                results += [np.asarray(v) for v in found]
            elif found is not None:
                results.append(np.asarray(found))
        return results

    return step


def count_nodes(graph):
    """How many Apply nodes the outputs and updates of a Graph have, those inside of loops included."""
    seen, todo = set(), [*_listed(graph.outputs), *(new for _, new in graph.updates)]
    while todo:
        node = getattr(todo.pop(), "owner", None)
        if node is not None and node not in seen:
            seen.add(node)
            todo += [*node.inputs, *_inside(node.op)]
    return len(seen)


def _inside(op):
    """The outputs of an Op's own graph: tx, PyTensor and Theano keep them in different places."""
    for holder in (getattr(op, "body", None), getattr(op, "fgraph", None), op):
        outputs = getattr(holder, "outputs", None)
        if isinstance(outputs, (list, tuple)):
            return outputs
    return []
