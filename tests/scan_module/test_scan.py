"""Loops: what the recorded programs do not show. Sizes, checks, what is computed, Ops on the host, bad input."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.scan_module import until

X = np.array([1.0, 2.0, 3.0, 4.0])
one = np.float64(1)


@pytest.fixture
def x():
    return T.dvector("x")


def hlo(f, *arguments):
    """The program that XLA made of a function that needs no guards."""
    (stage,) = f.program.stages
    from tx.lowering.device import x64

    with x64(), stage.tracing(arguments):
        return stage.new_jit().lower(*arguments).compile().as_text()


def test_no_steps_give_empty_outputs(x):
    n = T.lscalar("n")
    outputs = tx.scan(lambda v, p: (p + v, v), x, [x.sum(), None], n_steps=n)[0]
    f = tx.function([x, n], outputs)
    assert [v.tolist() for v in f(X, 0)] == [[], []]
    assert [v.tolist() for v in f(X, 2)] == [[11, 13], [1, 2]]
    m = T.dmatrix("m")
    assert tx.function([m], tx.scan(lambda r: r * 2, m)[0])(np.ones((0, 3))).shape == (0, 3)


def test_the_last_of_no_steps_is_an_index_error(x):
    f = tx.function([x], tx.scan(lambda v, p: p + v, x, T.constant(one))[0][-1])
    assert f(X) == 11
    with pytest.raises(IndexError, match="index -1 is out of bounds for axis 0 with size 0"):
        f(X[:0])


def test_shared_values_stay_without_steps(x):
    s = tx.shared(2.0)
    _, updates = tx.scan(lambda v: {s: s + v}, x)
    f = tx.function([x], [], updates=updates)
    f(X[:0])
    assert s.get_value() == 2
    f(X)
    assert s.get_value() == 12


def test_negative_steps_go_backwards(x):
    n = T.lscalar("n")
    f = tx.function([x, n], tx.scan(lambda v: v * 10, x, n_steps=n)[0])
    assert f(X, -3).tolist() == [40, 30, 20] and f(X, 3).tolist() == [10, 20, 30]
    assert tx.function([x], tx.scan(lambda v: v, x, n_steps=-2)[0])(X).tolist() == [4, 3]
    assert tx.function([x], tx.scan(lambda v: v, x, n_steps=-2, go_backwards=True)[0])(X).tolist() == [1, 2]


def test_one_executable_serves_all_values(x):
    i = T.lscalar("i")
    f = tx.function([x, i], tx.scan(lambda v: v[i], [x.reshape((2, 2))])[0])
    assert [f(X, k).tolist() for k in (0, 1, -1)] == [[1, 3], [2, 4], [2, 4]]
    assert len(f.specializations) == 1


def test_sizes_inside_are_guarded(x):
    n = T.lscalar("n")
    f = tx.function([x, n], tx.scan(lambda v: (v * T.arange(n)).sum(), x)[0])
    assert [f(X, k).tolist() for k in (1, 3, 1)] == [[0] * 4, (X * 3).tolist(), [0] * 4]
    assert len(f.specializations) == 2


def test_sizes_that_differ_by_step_unroll(x):
    n = T.lscalar("n")
    total = tx.scan(lambda i, v: (v[: i + n] ** 2).sum(), T.arange(3), None, x)[0]
    f = tx.function([x, n], [total, T.grad(total.sum(), x)])
    for k in (1, 2):
        values, gradient = f(X, k)
        assert values.tolist() == [(X[: i + k] ** 2).sum() for i in range(3)]
        assert gradient.tolist() == [2 * v * sum(j < i + k for i in range(3)) for j, v in enumerate(X)]


def test_sizes_from_a_state_that_the_host_can_follow(x):
    def step(i, v):
        return i * 2, v[:i].sum()

    out = tx.scan(step, None, [T.constant(np.int64(1)), None], x, n_steps=3)[0][1]
    assert tx.function([x], out)(X).tolist() == [1, 3, 10]


def test_an_unrolled_loop_may_end_early(x):
    out = tx.scan(lambda i, v: (v[:i].sum(), until(v[:i].sum() > 2)), T.arange(1, 5), None, x)[0]
    f = tx.function([x], [out, T.grad(out.sum(), x)])
    assert [v.tolist() for v in f(X)] == [[1, 3], [2, 1, 0, 0]]


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 9])
def test_a_loop_that_ends_early_is_truncated_as_the_shorter_one(x, kept):
    a = T.dscalar("a")

    def gradients(step, n_steps):
        initial = {"initial": T.stack([x[0], x[1] * 2]), "taps": [-1, -2]}
        y = tx.scan(step, x, initial, truncate_gradient=kept, n_steps=n_steps)[0]
        wrt = [x, a]
        return tx.function(wrt, [*T.grad((y**2).sum(), wrt), *T.grad(y[-1], wrt)])(X, 0.7)

    step = lambda v, p, q: T.tanh(p * a + v * q) + v
    found = gradients(lambda v, p, q: (step(v, p, q), until(v > 2)), 4)
    expected = gradients(step, 3)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_an_unrolled_loop_is_truncated(x):
    a = T.dscalar("a")
    step = lambda i, p: p * a + (x[:i] * a).sum()
    plain = lambda i, p: p * a + (x * T.lt(T.arange(4), i) * a).sum()
    f, g = (
        tx.function([x, a], T.grad(tx.scan(s, T.arange(1, 5), T.constant(one), truncate_gradient=2)[0][-1], a))
        for s in (step, plain)
    )
    np.testing.assert_allclose(f(X, 0.5), g(X, 0.5), rtol=1e-12)


def test_an_output_must_keep_its_shape(x):
    f = tx.function([x], tx.scan(lambda i, v: v[:i], T.arange(3), None, x)[0])
    with pytest.raises(ValueError, match="An output of the scan has changed shape"):
        f(X)


def test_a_state_must_keep_its_shape(x):
    f = tx.function([x], tx.scan(lambda p: T.concatenate([p, p])[:3], None, x, n_steps=2)[0])
    assert f(X[:3]).shape == (2, 3)
    with pytest.raises(ValueError, match="could not broadcast input array"):
        f(X[:2])


@pytest.mark.parametrize("early", [False, True])
def test_checks_inside_raise(x, early):
    k = T.lvector("k")
    s = tx.shared(0.0)
    out = tx.scan(lambda i, v: (v[i], {s: s + 1}, until(i > 90)) if early else (v[i], {s: s + 1}), k, None, x)
    f = tx.function([x, k], out[0].sum(), updates=out[1])
    assert f(X, [0, 3, -1]) == 9 and s.get_value() == 3
    with pytest.raises(IndexError, match="index 4 is out of bounds for axis 0 with size 4"):
        f(X, [0, 4, 9])
    assert s.get_value() == 3


def test_sequences_must_be_long_enough(x):
    f = tx.function([x], tx.scan(lambda v: v, x, n_steps=5)[0])
    with pytest.raises(ValueError, match="Sequence is shorter than the required number of steps"):
        f(X)
    f = tx.function([x], tx.scan(lambda p, q: p + q, None, [{"initial": x, "taps": [-5, -1]}], n_steps=2)[0])
    with pytest.raises(ValueError, match="needs 5 initial values, got 4"):
        f(X)


def test_the_last_step_alone_keeps_no_history():
    x, h = T.dmatrix("x"), T.dvector("h")
    states, mapped = tx.scan(lambda v, p: (T.tanh(v + p), v * p), x, [h, None])[0]
    last = tx.function([x, h], [states[-1], mapped[-1], states[-1, 2], T.grad(states[-1].sum(), h)])
    values = np.ones((777, 3)), np.ones(3)
    whole = tx.function([x, h], [states, mapped])
    expected = whole(*values)
    found = last(*values)
    np.testing.assert_array_equal(found[0], expected[0][-1])
    np.testing.assert_array_equal(found[1], expected[1][-1])
    assert found[2] == expected[0][-1, 2]
    forward = tx.function([x, h], [states[-1], mapped[-1]])
    buffers = [line for line in hlo(forward, *values).splitlines() if "777,3" in line and "dynamic-update" in line]
    assert buffers == []
    assert any("777,3" in line and "dynamic-update" in line for line in hlo(whole, *values).splitlines())


def test_a_loop_is_one_while(x):
    f = tx.function([x], tx.scan(lambda v, p: T.sin(p + v), x, T.constant(one))[0])
    assert hlo(f, X).count(" while(") == 1


def test_a_loop_and_its_gradient_run_forwards_once(x):
    states = tx.scan(lambda v, p: T.sin(p + v), x, T.constant(one))[0]
    f = tx.function([x], [states, T.grad((states**2).sum(), x)])
    assert hlo(f, X).count(" while(") == 2


def test_a_loop_that_a_condition_ends_runs_forwards_once_for_all_numbers_of_steps(x):
    from tx.lowering.device import x64

    most = T.dscalar("most")
    states = tx.scan(lambda v, p: (p * v, until(p * v > most)), x, T.constant(one))[0]
    f = tx.function([x, most], [states, states.mean(), T.grad((states**2).sum(), x), states[-1]])
    for n, limit in ((1, 0.5), (2, 1.5), (3, 3), (4, 99)):
        y = np.cumprod(X)[:n]
        gradient = [(2 * y[i:] ** 2).sum() / X[i] for i in range(n)] + [0] * (4 - n)
        for a, b in zip(f(X, limit), [y, y.mean(), gradient, y[-1]], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    (made,) = f.specializations
    with x64():
        text = made.jitted.lower(X, np.float64(3)).compile().as_text()
    assert text.count(" while(") == 2 and made.shapes == ((4,), ())


def test_a_loop_that_a_condition_ends_too_early_for_what_is_read(x):
    states = tx.scan(lambda v, p: (p + v, until(v > 2)), x, T.constant(one))[0]
    f = tx.function([x], [states[-3:], states[:2]])
    assert [v.tolist() for v in f(X)] == [[2, 4, 7], [2, 4]]
    assert [v.tolist() for v in f(X + 1)] == [[3, 6], [3, 6]]
    assert [v.tolist() for v in f(X + 5)] == [[7], [7]]
    assert [v.tolist() for v in f(X)] == [[2, 4, 7], [2, 4]]
    g = tx.function([x], states[1])
    with pytest.raises(IndexError, match="index 1 is out of bounds for axis 0 with size 1"):
        g(X + 5)


def test_the_jacobian_of_a_history_beside_its_last_step(x):
    states = tx.scan(lambda v, p: p * v, x, T.constant(one))[0]
    last, jacobian = tx.function([x], [states[-1], tx.gradient.jacobian(states, x)])(X)
    products = np.cumprod(X)
    assert last == products[-1]
    np.testing.assert_allclose(jacobian, np.tril(products[:, None] / X))


def test_what_does_not_change_is_outside_the_loop(x):
    out = tx.scan(lambda v: v * T.exp(x.sum()), x)[0]
    scan = out.owner.inputs[0].owner
    assert len(scan.op.body.apply_nodes) == 1 and len(scan.inputs) == 4


def test_an_op_on_the_host_inside(x):
    class Double(tx.Op):
        __props__ = ()

        def make_node(self, v):
            return tx.Apply(self, [v], [v.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = np.asarray(inputs[0] * 2)

    outputs, _ = tx.scan(lambda v, p: (Double()(v) + p, p * v, until(v > 2)), x, [T.constant(one), None])
    f = tx.function([x], [*outputs, outputs[1][-1]])
    assert [v.tolist() for v in f(X)] == [[3, 7, 13], [1, 6, 21], 21]
    sums = tx.scan(lambda v, p: Double()(v) + p, {"input": x, "taps": [1]}, T.constant(one), go_backwards=True)[0]
    assert tx.function([x], sums)(X).tolist() == [9, 15, 19]


class Sine(tx.Op):
    """Known to numpy alone, with its gradient."""

    __props__ = ()

    def make_node(self, v):
        v = T.as_tensor_variable(v)
        return tx.Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.asarray(np.sin(inputs[0]))

    def grad(self, inputs, gradients):
        return [gradients[0] * T.cos(inputs[0])]


def with_shared(sin, x, w):
    s = tx.shared(np.float64(0.5))
    out, updates = tx.scan(lambda v: (sin(s * v), {s: s * w + v}), x)
    return T.concatenate([out, [updates[s]]])


@pytest.mark.parametrize(
    "make",
    [
        lambda sin, x, w: tx.scan(lambda v, p: sin(p * w + v), x, w)[0],
        lambda sin, x, w: tx.scan(
            lambda v, u, p, q: [sin(p * w + v * u) - q, sin(v) * p], {"input": x, "taps": [-1, 0]},
            [{"initial": x[:2], "taps": [-1, -2]}, None], go_backwards=True)[0][0],
        lambda sin, x, w: tx.scan(lambda v, p: (sin(p * w + v), until(v > 0.7)), x, w)[0],
        lambda sin, x, w: tx.scan(lambda v, p: (sin(p * w + v), until(v > 0.7)), x, w, truncate_gradient=2)[0],
        lambda sin, x, w: tx.scan(lambda v: tx.scan(lambda p: sin(p * v), None, w, n_steps=3)[0].sum(), x)[0],
        with_shared,
    ],
    ids=["state", "taps", "until", "truncated", "nested", "shared"],
)  # fmt: skip
def test_the_gradient_through_an_op_on_the_host(x, make):
    w, found = T.dscalar("w"), []
    for sin in (Sine(), T.sin):
        y = make(sin, x, w)
        f = tx.function([x, w], [*T.grad((y**2).sum() + y[-1], [x, w]), T.grad(y[-1], w)])
        found.append(f(np.array([0.3, 0.5, -0.2, 0.8, 0.4]), 0.7))
    for a, b in zip(*found, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_lengths_that_vary_with_an_op_on_the_host(x):
    y = tx.scan(lambda v, p: Sine()(p + v), x, T.constant(one), go_backwards=True)[0]
    f, g = (tx.function([x], [y, T.grad((y**2).sum(), x)]) for _ in range(2))
    with tx.config.change_flags(length_buckets=[8]):
        for n in (3, 4, 5, 6):
            with tx.config.change_flags(length_buckets="off"):
                expected = g(np.linspace(-1, 1, n))
            for a, b in zip(f(np.linspace(-1, 1, n)), expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12)
    (form,) = f._compute.forms.values()
    assert form is not None and form.failures == 0


@pytest.mark.parametrize(
    "make, error, match",
    [
        (lambda x: tx.scan(lambda p: p, None, x), ValueError, "No information about the number of steps"),
        (lambda x: tx.scan(lambda p: p, None, x, n_steps=2.5), ValueError, "n_steps must be an int"),
        (lambda x: tx.scan(lambda v: 3.0, x), ValueError, "may only be made of lists, tuples"),
        (lambda x: tx.scan(lambda v: "v", x), ValueError, "may only be made of lists, tuples"),
        (lambda x: tx.scan(lambda p: (p, p), None, [x], n_steps=2), ValueError, "provide None as outputs_info"),
        (lambda x: tx.scan(lambda p: p, None, [{"taps": [-1]}], n_steps=2), ValueError, "provide a initial state"),
        (lambda x: tx.scan(lambda p: p, None, [{"initial": x, "taps": [1]}], n_steps=2), ValueError, "smaller than 0"),
        (lambda x: tx.scan(lambda v: v, [x.sum()]), IndexError, "too many indices"),
        (lambda x: tx.scan(lambda v: v, [{"in": x}]), KeyError, "input"),
        (lambda x: tx.scan(lambda p: p.sum(), None, [x], n_steps=2), ValueError, "2 dimension"),
        (lambda x: tx.scan(lambda p: T.cast(p, "float32"), None, [x], n_steps=2), ValueError, "upcast or downcast"),
        (lambda x: tx.scan(lambda p: p * x, None, [T.zeros((1,))], n_steps=2), TypeError, "should have the same type"),
        (lambda x: tx.scan(lambda v: v * tx.shared(2.0), x, strict=True), tx.MissingInputError, "missing an input"),
        (lambda x: tx.scan(lambda v: ({tx.shared(2.0): v}, v), x), ValueError, "has been restricted"),
        (lambda x: until(x), TypeError, "scalar"),
        (lambda x: tx.scan_checkpoints(lambda v: v, x), RuntimeError, "initial value"),
    ],
)
def test_bad_input(x, make, error, match):
    with pytest.raises(error, match=match):
        make(x)


def test_forms_of_the_result(x):
    assert tx.scan(lambda v: None, x)[0] is None
    s = tx.shared(1.0)
    values, updates = tx.scan(lambda v: {s: s * v}, x)
    assert values is None and list(updates) == [s] and type(updates) is tx.OrderedUpdates
    assert len(tx.scan(lambda v: [v], x, return_list=True)[0]) == 1
    assert len(tx.scan(lambda v: (v, v), x)[0]) == 2


def test_ordered_updates():
    a, b = tx.shared(1.0), tx.shared(2.0)
    both = tx.OrderedUpdates([(a, b)]) + {b: a}
    assert list(both.items()) == [(a, b), (b, a)]
    with pytest.raises(KeyError):
        both.update({a: a})
    with pytest.raises(TypeError):
        both["a"] = b


def test_names_of_theano():
    import importlib

    tx.install()
    for path, name in [
        ("scan_module", "until"),
        ("scan_module.scan_utils", "until"),
        ("scan_module.scan_utils", "clone"),
        ("scan_module.scan_op", "Scan"),
        ("scan_module.scan_views", "foldr"),
        ("scan_module.scan", "scan"),
        ("ifelse", "ifelse"),
        ("updates", "OrderedUpdates"),
    ]:
        assert hasattr(importlib.import_module(f"theano.{path}"), name)


def test_clone_replaces(x):
    y = T.dvector("y")
    out = tx.scan(lambda v: v * x.sum(), x)[0]
    assert tx.function([y], tx.clone(out, {x: y * 2}))(X).tolist() == (2 * X * 20).tolist()
    assert tx.function([y], out, givens={x: y})(X).tolist() == (X * 10).tolist()


def test_a_function_with_a_loop_pickles(x):
    import pickle

    f = tx.function([x], tx.scan(lambda v, p: p + v, x, T.constant(one))[0])
    assert pickle.loads(pickle.dumps(f))(X).tolist() == f(X).tolist()


def test_gradients_that_nobody_reads_are_not_computed():
    x, w = T.dmatrix("x"), T.dmatrix("w")
    out = tx.scan(lambda v: T.tanh(T.dot(v, w)), x)[0]
    f = tx.function([x, w], T.grad((out**2).sum(), w))
    (pullback,) = [n for n in tx.graph.toposort(f.program.results) if type(n.op).__name__ == "Pullback"]
    assert len(pullback.outputs) == 1
    values = np.linspace(-1, 1, 6).reshape(3, 2), np.eye(2)
    y = np.tanh(values[0])
    np.testing.assert_allclose(f(*values), values[0].T @ (2 * y * (1 - y**2)))
