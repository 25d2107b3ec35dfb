"""A chain of 50,000 nodes: nothing that walks a graph recurses."""

import pickle

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.graph import FunctionGraph, ancestors, inputs, is_same_graph, toposort

LENGTH = 50_000


@pytest.fixture(scope="module")
def chain():
    x = T.dscalar("x")
    y = x
    for _ in range(LENGTH):
        y = T.tanh(y)
    return x, y


def test_walks(chain):
    x, y = chain
    assert len(toposort([y])) == LENGTH
    assert len(ancestors([y])) == LENGTH + 1
    assert inputs([y]) == [x]


def test_clones_and_compares(chain):
    x, y = chain
    (x2,), (y2,) = tx.graph.clone([x], [y])
    assert x2 is not x
    assert len(toposort([y2])) == LENGTH
    assert not is_same_graph(y, y2)
    assert is_same_graph(y, y2, givens={x: x2})


def test_pickles(chain):
    x, y = chain
    x2, y2 = pickle.loads(pickle.dumps((x, y)))
    assert len(toposort([y2])) == LENGTH
    assert inputs([y2]) == [x2]
    graph = pickle.loads(pickle.dumps(FunctionGraph([x], [y])))
    assert len(graph.apply_nodes) == LENGTH


def test_prints(chain):
    _, y = chain
    formula = tx.pp(y)
    assert formula.count("tanh(") == LENGTH
    assert formula.endswith("x" + ")" * LENGTH)
    assert tx.printing.debugprint(y, file="str").count("\n") == LENGTH + 1


def test_differentiates_and_lowers(chain):
    x, y = chain
    gradient = T.grad(y, x)
    f = tx.function([x], gradient, mode="FAST_COMPILE")
    stage = f.program.single
    value = np.array(0.5)
    with jax.enable_x64(True), stage.tracing([value]):
        text = stage.new_jit().lower(value).as_text()
    assert text.count("stablehlo.tanh") == LENGTH
