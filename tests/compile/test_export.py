"""Functions as files: they run without their graph, in another process, and keep their state."""

import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.tensor.signal import pool


@pytest.fixture
def trained():
    x, w = T.dmatrix("x"), tx.shared(np.array([1.0, 2.0]), "w")
    y = T.tanh(T.dot(x, w))
    return tx.function([x], [y, y.sum()], updates=[(w, w - 0.1 * T.grad(y.sum(), w))], name="train"), w


def exported(f, *examples, **options):
    file = io.BytesIO()
    tx.export(f, file, examples, **options)
    return tx.load(file)


def test_runs_in_another_process(trained, tmp_path):
    f, w = trained
    path = tmp_path / "train.tx"
    tx.export(f, path, shapes=[(2, 2)])
    assert w.get_value().tolist() == [1, 2]
    source = (
        "import sys, tx; f = tx.load(sys.argv[1]); x = [[1.0, 0.0], [0.5, -1.0]]; a = f(x); b = f(x=x)\n"
        "print([a[0].tolist(), float(a[1]), b[0].tolist(), f.get_value('w').tolist()])"
    )
    done = subprocess.run([sys.executable, "-c", source, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    x = [[1.0, 0.0], [0.5, -1.0]]
    first, second = f(x), f(x)
    found = json.loads(done.stdout)
    expected = [first[0], first[1], second[0], w.get_value()]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_is_for_all_platforms(trained):
    f, _ = trained
    assert exported(f, np.ones((2, 2))).header["platforms"] == ["cpu", "cuda", "tpu"]


def test_one_output_a_dict_and_none():
    x = T.fvector("x")
    assert exported(tx.function([x], x * 2), np.ones(2, "float32"))([1, 2]).tolist() == [2, 4]
    assert sorted(exported(tx.function([x], {"a": x, "b": x + 1}), np.ones(1, "float32"))([1])) == ["a", "b"]
    n = tx.shared(1.0, "n")
    counted = exported(tx.function([], [], updates=[(n, n + 1)]))
    assert counted() == [] and counted.get_value("n") == 2 and n.get_value() == 1


def test_checks_raise_and_nothing_changes():
    v, n = tx.shared(np.arange(3.0), "v"), tx.shared(0, "n")
    i = T.lvector("i")
    f = exported(tx.function([i], v[i], updates=[(n, n + 1)]), np.array([0, 1]))
    assert f([2, 0]).tolist() == [2, 0]
    with pytest.raises(IndexError):
        f([0, 7])
    assert f.get_value("n") == 1


def predictors():
    """Programs that take any number of rows: name -> inputs, outputs, shapes."""
    x, y, w = T.dmatrix("x"), T.lvector("y"), tx.shared(np.linspace(-1, 1, 8).reshape(4, 2))
    images, filters = T.tensor4("images"), tx.shared(np.linspace(-1, 1, 18).reshape(2, 1, 3, 3))
    sequence, u = T.dtensor3("sequence"), tx.shared(np.linspace(-1, 1, 16).reshape(4, 4))
    p = T.nnet.softmax(T.dot(x, w))
    states, _ = tx.scan(
        lambda a, h: T.tanh(a + T.dot(h, u)), sequences=[sequence], outputs_info=[T.zeros((sequence.shape[1], 4))]
    )
    maps = pool.pool_2d(T.nnet.conv2d(images, filters, border_mode="half"), (2, 2), ignore_border=True)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    rows = ("batch", 4)
    return {
        "classes": ([x], [T.argmax(p, axis=1), p.max()], [rows]),
        "cost and gradient": ([x, y], [cost, T.grad(cost, x)], [rows, ("batch",)]),
        "convolution": ([images], [maps.flatten(2)], [("batch", 1, 8, 8)]),
        "loop": ([sequence], [states[-1], states.shape], [("time", "batch", 4)]),
        "standardised": ([x], [(x - x.mean(0)) / T.sqrt(x.var(0) + 1e-4)], [rows]),
        "joined": ([x], [T.concatenate([x, T.ones((x.shape[0], 1))], axis=1), x.reshape((x.shape[0] * 2, 2))], [rows]),
        "slices": ([x], [x[1:] - x[:-1], x[-1], x[: x.shape[0] // 2]], [rows]),
    }


@pytest.mark.parametrize("name", predictors())
def test_lengths_by_name(name, rng):
    inputs, outputs, shapes = predictors()[name]
    f = tx.function(inputs, outputs)
    g = exported(f, shapes=shapes)
    assert g.header["platforms"] == ["cpu", "cuda", "tpu"]
    for batch, time in ((1, 2), (6, 4)):
        lengths = {"batch": batch, "time": time}
        sizes = [[lengths.get(n, n) for n in shape] for shape in shapes]
        values = [rng.randint(0, 2, s).astype(v.dtype) for v, s in zip(inputs, sizes, strict=True)]
        for a, b in zip(g(*values), f(*values), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


def test_lengths_by_name_with_updates():
    x, w = T.dmatrix("x"), tx.shared(np.ones(3), "w")
    f = tx.function([x], T.dot(x, w).sum(), updates=[(w, w - x.mean(0))])
    g = exported(f, shapes={"x": ("batch", 3)})
    for rows in (2, 5):
        x_value = np.arange(rows * 3.0).reshape(rows, 3)
        assert g(x_value) == f(x_value)
        np.testing.assert_allclose(g.get_value("w"), w.get_value())


def test_a_name_is_one_length():
    a, b, s = T.dvector("a"), T.dvector("b"), T.dscalar("s")
    g = exported(tx.function([a, b, s], a * b * s), shapes={a: ("n",), b: ("n",)})
    assert g([1, 2], [3, 4], 2).tolist() == [6, 16]
    with pytest.raises(TypeError, match="of shape"):
        g([1, 2], [3, 4, 5], 1)
    with pytest.raises(TypeError, match="of shape"):
        g([], [], 1)
    with pytest.raises(TypeError, match="of shape"):
        g([[1, 2]], [3, 4], 1)


@pytest.mark.parametrize("make", [lambda x: x[::-1], lambda x: x[5:], lambda x: x.reshape((2, 2))])
def test_programs_that_need_numbers(make):
    x = T.dvector("x")
    f = tx.function([x], make(x))
    with pytest.raises(ValueError, match=r"not the same for all lengths n: give numbers"):
        tx.export(f, io.BytesIO(), [np.ones(4)], shapes=[("n",)])
    assert exported(f, shapes=[(4,)])([1, 2, 3, 4]).size == f([1, 2, 3, 4]).size


@pytest.mark.parametrize("shapes", [[("a b",)], [(None,)], {"y": (2,)}, [(1,), (1,)]])
def test_shapes_that_are_none(shapes):
    x = T.dvector("x")
    with pytest.raises(TypeError, match="export wants a"):
        tx.export(tx.function([x], x), io.BytesIO(), shapes=shapes)


def test_sizes_that_data_decide():
    x = T.dvector("x")
    f = tx.function([x], x.nonzero()[0])
    with pytest.raises(ValueError, match="cannot be exported"):
        tx.export(f, io.BytesIO(), [np.array([1.0, 0.0])])


def test_what_cannot_be_exported():
    n = T.lscalar("n")
    with pytest.raises(ValueError, match=r"depend on the values of \['n'\]"):
        tx.export(tx.function([n], T.arange(n)), io.BytesIO(), [3])
    with pytest.raises(TypeError, match="has 1 inputs"):
        tx.export(tx.function([n], n), io.BytesIO())


def test_wrong_arguments(trained):
    f = exported(trained[0], np.ones((2, 2)))
    with pytest.raises(TypeError, match="exported for x of shape"):
        f(np.ones((3, 2)))
    with pytest.raises(TypeError, match="is float64, not complex128"):
        f(np.ones((2, 2), complex))
    with pytest.raises(TypeError, match="Missing required input: x"):
        f()
    with pytest.raises(TypeError, match="takes the inputs"):
        f(np.ones((2, 2)), z=1)
    with pytest.raises(KeyError, match="no shared variable 'z'"):
        f.get_value("z")


@pytest.mark.parametrize("header, message", [
    ({"format": "other"}, "not written by tx.export"),
    ({"format": "tx-export", "version": 99, "tx": "9"}, "too new"),
    ({"format": "tx-export", "version": 1}, "not written by tx.export"),
])  # fmt: skip
def test_other_files(header, message):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("header.json", json.dumps(header))
    with pytest.raises(ValueError, match=message):
        tx.load(file)
    with pytest.raises(ValueError, match="not written"):
        tx.load(io.BytesIO(b"no zip"))
