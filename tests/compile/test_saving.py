"""Functions and shared variables are pickled and copied, with what they share."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.ifelse import ifelse
from tx.random import MRG_RandomStreams

X = T.dvector("x")


def function_of(output, **options):
    return tx.function([X], output, **options)


def looped():
    values, _ = tx.scan(lambda v, a: a * v, X, T.constant(np.float64(1)))
    return function_of([values, T.grad(values.sum(), X)])


PROGRAMS = {
    "loop": looped,
    "branch": lambda: function_of(ifelse(X.sum() > 0, X, -X)),
    "random": lambda: function_of(X + MRG_RandomStreams(3).normal((3,), nstreams=6)),
    "inner graph": lambda: function_of(tx.OpFromGraph([X], [X * 2])(X)),
    "jacobian": lambda: function_of(tx.gradient.jacobian(X**2, X)),
    "dict": lambda: function_of({"a": X, "b": X.sum()}),
    "default": lambda: tx.function([tx.In(X, value=np.ones(3))], X + 1),
    "linear algebra": lambda: function_of(T.nlinalg.det(T.outer(X, X) + T.eye(3))),
    "size from data": lambda: function_of(X.nonzero()[0]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_pickled_functions_compute_the_same(name):
    f = PROGRAMS[name]()
    again, deep = pickle.loads(pickle.dumps(f)), copy.deepcopy(f)
    expected = f([1.0, 2.0, 0.0])
    for g in (again, deep):
        np.testing.assert_equal(g([1.0, 2.0, 0.0]), expected)


def counter():
    s = tx.shared(np.zeros(2), "s")
    return tx.function([], s, updates=[(s, s + 1)], name="count"), s


def test_what_was_shared_is_shared():
    f, s = counter()
    for both in (pickle.loads(pickle.dumps({"f": f, "s": s})), copy.deepcopy({"f": f, "s": s})):
        both["f"]()
        assert both["s"].get_value().tolist() == [1, 1] and s.get_value().tolist() == [0, 0]
        assert both["f"].get_shared()[0] is both["s"] and both["f"].name == "count"


def test_copies_as_theanos():
    f, s = counter()
    copy.copy(f)()
    assert s.get_value().tolist() == [1, 1]
    shallow, deep = copy.copy(s), copy.deepcopy(s)
    assert shallow is not s and shallow.container is s.container and deep.container is not s.container
    shallow.set_value(np.full(2, 5.0))
    assert s.get_value().tolist() == [5, 5] and deep.get_value().tolist() == [1, 1]
    assert shallow.name == deep.name == "s"


def test_in_another_process(tmp_path):
    f, s = counter()
    f()
    path = tmp_path / "f.pkl"
    path.write_bytes(pickle.dumps([f, s]))
    source = (
        "import pickle, sys; f, s = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(f().tolist(), f().tolist(), s.get_value().tolist())"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", source, path], capture_output=True, text=True)
    assert done.stdout == "[1.0, 1.0] [2.0, 2.0] [3.0, 3.0]\n", done.stderr
