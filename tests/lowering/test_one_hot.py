"""One element in each row of a matrix, as the gradient of a pick by labels writes it, without a scatter."""

import numpy as np
import pytest

import tx
import tx.tensor as T

y, v = T.ivector("y"), T.dvector("v")
Y, V = np.array([2, 0, -1, 1], "int32"), np.array([0.5, -1.5, 3.0, np.inf])
ROWS = T.arange(y.shape[0])


def scatters(f):
    return "scatter" in f.program.parts()[0].jaxpr


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("fill", [0.0, 1.0, -0.5])
@pytest.mark.parametrize("write", [T.inc_subtensor, T.set_subtensor])
def test_what_is_written(write, fill, dtype):
    base = T.alloc(T.constant(fill, dtype=dtype), 4, 3)
    wide = write(base[ROWS, y], v.astype(dtype))
    f = tx.function([y, v], [wide, wide.sum(1), wide.sum(0), wide.sum(), wide.sum(1, keepdims=True), wide.max(1)])
    expected = np.full((4, 3), fill, dtype)
    if write is T.inc_subtensor:
        expected[np.arange(4), Y] += V.astype(dtype)
    else:
        expected[np.arange(4), Y] = V
    found = f(Y, V)
    assert found[0].dtype == dtype and not scatters(f)
    np.testing.assert_array_equal(found[0], expected)
    for a, b in zip(
        found[1:], [expected.sum(1), expected.sum(0), expected.sum(), expected.sum(1)[:, None]], strict=False
    ):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-3)


def test_one_number_for_all_rows():
    wide = T.inc_subtensor(T.zeros((4, 3))[ROWS, y], 2.0)
    f = tx.function([y], [wide, wide.sum(axis=1)])
    found, sums = f(Y)
    assert found.sum() == 8 and sums.tolist() == [2, 2, 2, 2] and not scatters(f)


@pytest.mark.parametrize("wrong", [3, -4])
def test_labels_out_of_range(wrong):
    wide = T.inc_subtensor(T.zeros((4, 3))[ROWS, y], v)
    f = tx.function([y, v], wide)
    for _ in range(6):
        f(Y, V)
    with pytest.raises(IndexError, match=f"index {wrong} is out of bounds for axis 1 with size 3"):
        f(np.array([0, 1, wrong, 1], "int32"), V)


def test_what_is_computed_is_checked_where_it_is_read_first():
    """A gather and a scatter by the same labels: one check."""
    m, labels = T.dmatrix("m"), (y + 1).astype("int64")
    f = tx.function([m, y], tx.grad(T.log(T.nnet.softmax(m))[ROWS, labels].sum(), m))
    M = np.random.RandomState(0).randn(4, 3)
    share = np.exp(M) / np.exp(M).sum(1, keepdims=True)
    np.testing.assert_allclose(f(M, [0, 1, -1, -2]), np.eye(3)[[1, 2, 0, 2]] - share)
    assert len(f.program.parts()[0].checks) == 1 and not scatters(f)
    with pytest.raises(IndexError, match="index 3 is out of bounds"):
        f(M, [0, 1, 2, 1])


@pytest.mark.parametrize(
    "base, rows",
    [
        (T.zeros((5, 3)), ROWS),  # a row is left out
        (T.zeros((4, 3)), ROWS[::-1]),
        (T.zeros((4, 3)), T.zeros_like(y)),  # all in one row
        (T.outer(v, T.ones(3)), ROWS),  # nothing that has to be made
        (T.zeros((4, 3), "int64"), ROWS),
    ],
)
def test_what_is_scattered(base, rows):
    w = T.vector("w", base.dtype)
    wide = T.inc_subtensor(base[rows, y], w)
    W = np.arange(1, 5).astype(base.dtype)
    f = tx.function([y, v, w], [wide, wide.sum(1)], on_unused_input="ignore")
    found, sums = f(Y, V, W)
    expected, at = tx.function([y, v], [base, rows], on_unused_input="ignore")(Y, V)
    np.add.at(expected, (at, Y), W)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(sums, expected.sum(1))
    assert scatters(f)


def test_gradients_of_gradients():
    m = T.dmatrix("m")
    cost = -T.log(T.nnet.softmax(m))[ROWS, y].mean()
    labels, at = np.array([2, 0, 1, 1], "int32"), np.random.RandomState(1).randn(4, 3)
    slope = tx.function([m, y], tx.grad((tx.grad(cost, m) ** 2).sum(), m))
    step, numeric = 1e-6, np.zeros((4, 3))
    total = tx.function([m, y], (tx.grad(cost, m) ** 2).sum())
    for place in np.ndindex(4, 3):
        there = np.zeros((4, 3))
        there[place] = step
        numeric[place] = (total(at + there, labels) - total(at - there, labels)) / (2 * step)
    np.testing.assert_allclose(slope(at, labels), numeric, rtol=1e-5, atol=1e-9)


def test_batches_of_many_lengths():
    """Padded, too: what is in the padding is not written to what counts."""
    m = T.dmatrix("m")
    f = tx.function([m, y], tx.grad(-T.log(T.nnet.softmax(m))[ROWS, y].mean(), m))
    for n in (2, 5, 3, 7, 4, 6, 9, 11):
        M, labels = np.random.RandomState(n).randn(n, 3), (np.arange(n) % 3).astype("int32")
        share = np.exp(M) / np.exp(M).sum(1, keepdims=True)
        np.testing.assert_allclose(f(M, labels), (share - np.eye(3)[labels]) / n)
