"""A user's Op that has only `perform` runs inside a larger graph."""

import pickle

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.shared import SharedVariable


class Double(tx.Op):
    """Twice its input, by numpy."""

    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2


class DoubleWithShape(Double):
    def infer_shape(self, node, shapes):
        return shapes


class DoubleWithGrad(DoubleWithShape):
    def grad(self, inputs, gradients):
        return [gradients[0] * 2]


class DoubleWithLop(Double):
    def L_op(self, inputs, outputs, gradients):
        return [Double()(gradients[0])]


@pytest.mark.parametrize("op", [Double, DoubleWithShape, DoubleWithGrad, DoubleWithLop])
def test_inside_a_larger_graph(op):
    x = T.dvector("x")
    total = tx.shared(0.0, name="total")
    inner = op()(T.exp(x))
    out = (inner + x).sum()
    f = tx.function([x], [out, inner.shape], updates=[(total, total + out)])
    values = np.array([0.0, 1.0])
    expected = (2 * np.exp(values) + values).sum()
    for call in range(1, 3):
        result, shape = f(values)
        np.testing.assert_allclose(result, expected)
        assert shape.tolist() == [2]
        np.testing.assert_allclose(total.get_value(), call * expected)


@pytest.mark.parametrize("op", [DoubleWithGrad, DoubleWithLop])
def test_gradient(op):
    x = T.dvector("x")
    g = tx.function([x], T.grad((op()(T.exp(x)) ** 2).sum(), x))
    values = np.array([0.0, 1.0])
    np.testing.assert_allclose(g(values), 8 * np.exp(2 * values))


def test_without_gradient():
    x = T.dvector("x")
    with pytest.raises(tx.gradient.NullTypeGradError, match="not implemented"):
        T.grad(Double()(x).sum(), x)


def test_two_in_a_row_and_sizes_from_the_host():
    x = T.lvector("x")
    f = tx.function([x], T.zeros((Double()(Double()(x.sum())),)))
    assert f([1, 1]).shape == (8,)
    assert f([0]).shape == (0,)


def test_what_is_known_without_the_device_needs_no_executable():
    x, n = T.dmatrix("x"), T.lscalar("n")
    f = tx.function([x, n], [Double()(x.shape), Double()(n + 1), Double()(T.dot(x, x.T)[:n].shape)])
    for shape in ((2, 3), (4, 1), (2, 3)):
        for m in (1, 5):
            doubled = f(np.ones(shape), m)
            assert [d.tolist() for d in doubled] == [
                [2 * k for k in shape],
                2 * m + 2,
                [2 * min(m, shape[0]), 2 * shape[0]],
            ]
    assert f.program.stages == []


def numeric_gradient(f, values, step=1e-6):
    """Of a function of one array."""
    found = np.zeros_like(values)
    for index in np.ndindex(*values.shape):
        ends = []
        for sign in (1, -1):
            moved = values.copy()
            moved[index] += sign * step
            ends.append(f(moved))
        found[index] = (ends[0] - ends[1]) / (2 * step)
    return found


def one_tap(e, h, w):
    new = DoubleWithGrad()(T.tanh(e + h.dot(w))) * 0.4 + h
    return [new, (new * e).sum()]


def two_taps(e, before, h, w):
    return one_tap(e, before * h, w)


LOOPS = {
    "plain": (one_tap, {}),
    "backwards": (one_tap, {"go_backwards": True}),
    "fewer steps": (one_tap, {"n_steps": 2}),
    "no steps": (one_tap, {"n_steps": 0}),
    "taps": (two_taps, {}),
    "until": (lambda *a: (one_tap(*a), tx.scan_module.until(a[0].sum() > 1.5)), {}),
    "window": (lambda a, b, h, w: one_tap(a * b, h, w), {}),
}


@pytest.mark.parametrize("name", LOOPS)
def test_gradient_of_a_loop(name):
    """Of a loop that runs on the host, as finite differences have it."""
    step, options = LOOPS[name]
    x, w = T.dmatrix("x"), T.dmatrix("w")
    h = T.dmatrix("h") if step is two_taps else T.dvector("h")
    initial = {"initial": h, "taps": [-2, -1]} if step is two_taps else h
    sequence = {"input": x, "taps": [-1, 1]} if name == "window" else x
    (states, costs), updates = tx.scan(step, sequence, [initial, None], [w], **options)
    cost = T.sin(states).sum() + (costs**2).sum()
    if name != "no steps":
        cost += (states[-1] ** 3).sum()
    assert not updates
    rs = np.random.RandomState(0)
    values = [rs.uniform(size=(4, 2)), rs.uniform(size=(2, 2) if step is two_taps else 2), rs.uniform(size=(2, 2))]
    f = tx.function([x, h, w], cost)
    found = tx.function([x, h, w], T.grad(cost, [x, h, w]))(*values)
    for i, gradient in enumerate(found):
        expected = numeric_gradient(lambda v, i=i: f(*values[:i], v, *values[i + 1 :]), values[i])
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


def test_truncated_gradient_of_a_loop():
    h = T.dscalar("h")
    for kept, expected in ((-1, 16), (4, 16), (3, 0), (1, 0)):
        x = T.dvector("x")
        out, _ = tx.scan(lambda e, h: DoubleWithGrad()(h) + e, x, h, truncate_gradient=kept)
        f = tx.function([x, h], T.grad(out[-1], [x, h]))
        of_x, of_h = f(np.ones(4), 1.0)
        assert of_h == expected
        assert of_x.tolist() == [2.0 ** (3 - i) if kept < 0 or i >= 4 - kept else 0 for i in range(4)]


def test_gradient_of_a_state_that_a_loop_updates():
    total, x = tx.shared(1.5, name="total"), T.dvector("x")
    _, updates = tx.scan(lambda e: (e, {total: DoubleWithGrad()(total) * e}), x)
    final = updates[total]
    of_total, of_x = tx.function([x], T.grad(final, [total, x]))([0.5, 2.0])
    assert (of_total, of_x.tolist()) == (4.0, [12.0, 3.0])


def test_gradients_of_a_loop_that_do_not_exist():
    x, h = T.dvector("x"), T.dscalar("h")
    mapped, _ = tx.scan(lambda e, h: Double()(e) + h, x, non_sequences=h)
    with pytest.raises(tx.gradient.NullTypeGradError, match="not implemented"):
        T.grad(mapped.sum(), x)
    assert tx.function([x, h], T.grad(mapped.sum(), h))([1.0, 2.0], 3.0) == 2
    carried, _ = tx.scan(lambda h, w: Double()(h) + w.sum(), None, h, x, n_steps=2)
    with pytest.raises(tx.gradient.NullTypeGradError, match="not implemented"):
        T.grad(carried.sum(), x)
    with pytest.raises(tx.gradient.NullTypeGradError):
        T.Rop(mapped, x, x)


class Text(tx.Type):
    """Strings, which no device can hold."""

    def filter(self, data, strict=False, allow_downcast=None):
        if not isinstance(data, str):
            raise TypeError("Expected a string", data)
        return data

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(Text)


class Joined(tx.Op):
    __props__ = ()

    def make_node(self, text, x):
        return tx.Apply(self, [text, T.as_tensor_variable(x)], [Text()(), T.lscalar()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] + str(inputs[1].tolist())
        output_storage[1][0] = np.asarray(len(output_storage[0][0]))


def test_types_of_the_host():
    """A value of a user's own Type is an argument, a result and a shared value."""
    text, x = Text()("text"), T.lvector("x")
    joined, length = Joined()(text, x * 2)
    assert tx.function([text, x], [joined, length + 1])("a", [1, 2]) == ["a[2, 4]", 8]
    with pytest.raises(TypeError, match="Expected a string"):
        tx.function([text, x], joined)(3, [1])
    log, total = SharedVariable("log", Text(), ""), tx.shared(np.zeros(1, "int64"))
    longer, size = Joined()(log, x)
    f = tx.function([x], [], updates=[(log, longer), (total, total + size)])
    f([1])
    f([2])
    assert (log.get_value(), total.get_value().tolist()) == ("[1][2]", [9])
    again = pickle.loads(pickle.dumps(log))
    assert (again.get_value(), again.get_value(borrow=True)) == ("[1][2]", "[1][2]")


def test_errors_and_wrong_results():
    class Fails(Double):
        def perform(self, node, inputs, output_storage):
            raise RuntimeError("no")

    class Wrong(Double):
        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = np.zeros((2, 2))

    x, s = T.dvector("x"), tx.shared(1.0)
    f = tx.function([x], Fails()(x), updates=[(s, s + 1)])
    with pytest.raises(RuntimeError, match="no\nApply node that caused the error: Fails"):
        f([1.0])
    assert s.get_value() == 1.0
    with pytest.raises(TypeError, match="Wrong number of dimensions"):
        tx.function([x], Wrong()(x))([1.0])


def test_op_with_neither():
    class Nothing(tx.Op):
        def make_node(self, x):
            return tx.Apply(self, [x], [x.type()])

    x = T.dvector("x")
    with pytest.raises(TypeError, match="neither a lowering nor perform"):
        tx.function([x], Nothing()(x))([1.0])
