"""A quick compilation leaves out XLA's fusion pass, except where XLA then computes something wrong."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering.options import UNFUSED, UNOPTIMISED, options_for


def products(dtype):
    """Two tensors of rank 3, the sum over two pairs of their axes, and the same by numpy."""
    rng = np.random.RandomState(0)
    a, b = ((rng.randn(*shape) * 3).astype(dtype) for shape in ((2, 3, 4), (4, 3, 6)))
    x, y = T.tensor3("x", dtype=dtype), T.tensor3("y", dtype=dtype)
    return (x, y), (a, b), T.tensordot(x, y, [[1, 2], [1, 0]]), np.tensordot(a, b, [[1, 2], [1, 0]])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint8", "int64", "complex64", "complex128"])
def test_products_are_right(dtype):
    inputs, values, expression, expected = products(dtype)
    f = tx.function(inputs, expression, mode="FAST_COMPILE")
    np.testing.assert_allclose(f(*values), expected, rtol=1e-5, atol=1e-5)
    safe = dtype in ("float32", "float64")
    assert f.program.stages[0].compiler_options == (UNFUSED if safe else UNOPTIMISED)


def test_graphs_inside_are_looked_into():
    x, y = T.imatrices("x", "y")
    inner, _ = tx.scan(lambda a: T.dot(a, y), x)
    z = T.dmatrix("z")
    for expression, options in ((inner, UNOPTIMISED), (T.dot(z, z), UNFUSED)):
        nodes = tx.function([x, y, z], expression, on_unused_input="ignore").program.stages[0].layout.nodes
        assert options_for(nodes, UNFUSED) == options
        assert options_for(nodes, None) is None
