"""The page's section on Elemwise. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest

import tx
import tx.scalar as scalar
import tx.tensor as T
from tx.tensor.elemwise import Elemwise

RANDOM = np.random.RandomState(1)


def rand(*shape):
    """Numbers between 0 and 1, shifted away from 0."""
    return RANDOM.rand(*shape) + 0.5


def test_generalizes_a_scalar_op():
    """Generalizes a scalar op to tensors."""
    a, b = T.dmatrices("a", "b")
    x, y = rand(2, 3), rand(2, 3)
    np.testing.assert_array_equal(Elemwise(scalar.add)(a, b).eval({a: x, b: y}), x + y)


def test_same_number_of_dimensions():
    """All the inputs have the same number of dimensions (shorter ones are padded on the left)."""
    m, v = T.dmatrix("m"), T.dvector("v")
    y = Elemwise(scalar.add)(m, v)
    assert {i.ndim for i in y.owner.inputs} == {2}


def test_sizes_must_be_the_same():
    """For each dimension, each input's size must be the same: otherwise ValueError when it is performed."""
    a, b = T.dmatrices("a", "b")
    f = tx.function([a, b], Elemwise(scalar.mul)(a, b))
    assert f(rand(2, 3), rand(2, 3)).shape == (2, 3)
    for shape in ((3, 3), (2, 2)):
        with pytest.raises(ValueError, match="Input dimension mis-match"):
            f(rand(2, 3), rand(*shape))


def test_one_only_if_broadcastable():
    """It can also be 1, but only if the input's broadcastable flag is True for that dimension."""
    a, b, row = T.dmatrix("a"), T.dmatrix("b"), T.drow("row")
    with pytest.raises(ValueError, match="Input dimension mis-match"):
        tx.function([a, b], Elemwise(scalar.add)(a, b))(rand(2, 3), rand(1, 3))
    assert tx.function([a, row], Elemwise(scalar.add)(a, row))(rand(2, 3), rand(1, 3)).shape == (2, 3)


def test_virtually_replicated():
    """In that case, the tensor is (virtually) replicated along that dimension to match the size of the others."""
    a, col = T.dmatrix("a"), T.dcol("col")
    x, y = rand(2, 3), rand(2, 1)
    np.testing.assert_array_equal(Elemwise(scalar.add)(a, col).eval({a: x, col: y}), x + np.repeat(y, 3, axis=1))


@pytest.mark.parametrize(
    ("op", "dtypes", "expected"),
    [
        (scalar.add, ("int8", "int16"), "int16"),
        (scalar.mul, ("float32", "int32"), "float64"),
        (scalar.true_div, ("int8", "int8"), "float64"),
        (scalar.exp, ("int8",), "float32"),
        (scalar.exp, ("float32",), "float32"),
        (scalar.neg, ("uint8",), "uint8"),
    ],
)
def test_dtypes_mirror_the_scalar_op(op, dtypes, expected):
    """The dtypes of the outputs mirror those of the scalar Op."""
    inputs = [T.vector(dtype=d) for d in dtypes]
    assert Elemwise(op)(*inputs).dtype == op.output_dtype(*dtypes) == expected


def test_in_place_output_has_the_inputs_type():
    """If the calculations for an output are done inplace on an input, the output type must be that of the input."""
    i, d = T.lvector("i"), T.dvector("d")
    with pytest.raises(TypeError):
        Elemwise(scalar.add, {0: 0})(i, d)
    assert Elemwise(scalar.add, {0: 0})(d, i).type == d.type


# -- parameters -------------------------------------------------------------------------------------------------------


def test_scalar_op():
    """scalar_op: an instance of a subclass of scalar.ScalarOp which works uniquely on scalars."""
    assert isinstance(scalar.add, scalar.ScalarOp) and Elemwise(scalar.add).scalar_op == scalar.add


def test_inplace_pattern():
    """inplace_pattern: maps the index of an output to the index of the input whose storage it may use."""
    assert Elemwise(scalar.add, {0: 1}).inplace_pattern == {0: 1}
    assert Elemwise(scalar.add, {0: 1}) != Elemwise(scalar.add) == Elemwise(scalar.add, {})


def test_nfunc_spec():
    """nfunc_spec: None or (nfunc_name, nin, nout), where getattr(numpy, nfunc_name) implements this operation."""
    op = Elemwise(scalar.add, None, ("add", 2, 1))
    assert op.nfunc_spec == ("add", 2, 1) and Elemwise(scalar.add).nfunc_spec is None
    assert op(T.dvector(), T.dvector()).type == T.dvector


# -- examples ---------------------------------------------------------------------------------------------------------


def applied(op, *values):
    """The Op applied to arrays."""
    return op(*values).eval()


def test_example_add():
    """Elemwise(add) represents + on tensors (x + y)."""
    a, b = T.dvectors("a", "b")
    assert Elemwise(scalar.add)(a, b).owner.op == (a + b).owner.op


@pytest.mark.parametrize(("index", "meaning"), [(0, "x += y"), (1, "y += x")])
def test_example_in_place(index, meaning):
    """Elemwise(add, {0: 0}) represents the += operation; {0: 1} represents += on the second argument."""
    a, b = T.dvectors("a", "b")
    op = Elemwise(scalar.add, {0: index})
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert op(a, b).eval({a: x, b: y}).tolist() == [4, 6] and op.inplace_pattern == {0: index}
    # XLA reuses memory itself: what the caller holds stays as it was.
    assert x.tolist() == [1, 2] and y.tolist() == [3, 4]


def test_example_first_dimension():
    """Elemwise(mul)(rand(10, 5), rand(1, 5)): the second input is completed along the first dimension."""
    x, y = rand(10, 5), rand(1, 5)
    np.testing.assert_array_equal(applied(Elemwise(scalar.mul), x, y), x * y)


def test_example_second_dimension():
    """Elemwise(true_div)(rand(10, 5), rand(10, 1)): same but along the second dimension."""
    x, y = rand(10, 5), rand(10, 1)
    np.testing.assert_allclose(applied(Elemwise(scalar.true_div), x, y), x / y, rtol=1e-15)


def test_example_both():
    """Elemwise(int_div)(rand(1, 5), rand(10, 1)): the output has size (10, 5)."""
    x, y = rand(1, 5), rand(10, 1)
    np.testing.assert_array_equal(applied(Elemwise(scalar.int_div), x, y), x // y)


def test_example_log():
    """Elemwise(log)(rand(3, 4, 5))."""
    x = rand(3, 4, 5)
    np.testing.assert_allclose(applied(Elemwise(scalar.log), x), np.log(x), rtol=1e-14)
