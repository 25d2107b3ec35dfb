"""What tests/lowering/test_devices.py runs on eight pretended devices, with contexts dev0 to dev3 on cpu1 to cpu4."""

import io
import pickle
import sys
import traceback

import jax
import numpy as np

import tx
import tx.tensor as T


def device(shared):
    """The number of the device that holds a shared variable."""
    (found,) = shared.get_value(borrow=True, return_internal_type=True).devices()
    return found.id


def the_example_of_theanos_page():
    """Two products, each on the device of its factors."""
    rng = np.random.RandomState(0)
    values = [rng.randn(8, 8) for _ in range(4)]
    a, b = (tx.shared(v, target="dev0") for v in values[:2])
    c, d = (tx.shared(v, target="dev1") for v in values[2:])
    f = tx.function([], [T.dot(a, b), T.dot(c, d)])
    for _ in range(2):
        for found, expected in zip(f(), (values[0] @ values[1], values[2] @ values[3]), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert [device(v) for v in (a, b, c, d)] == [1, 1, 2, 2]
    assert {stage.device.id for stage in f.program.stages} == {1, 2}
    w = tx.shared(values[0], "w")
    g = tx.function([], T.dot(T.dot(w, w), c))
    np.testing.assert_allclose(g(), values[0] @ values[0] @ values[2], rtol=1e-12)
    ((first, _, _), (second, _, _)) = g.program.steps
    assert [(s.device.id, len(s.layout.nodes)) for s in (first, second)] == [(0, 1), (2, 1)]


def transferred_outputs_stay():
    a, x = tx.shared(np.arange(3.0), target="dev0"), T.dvector("x")
    outputs = [(a + x).transfer("dev1"), (a + x).transfer("cpu"), a * x]
    there, here, read = tx.function([x], outputs)(np.ones(3))
    assert isinstance(there, jax.Array) and {d.id for d in there.devices()} == {2}
    assert type(here) is type(read) is np.ndarray
    assert here.tolist() == np.asarray(there).tolist() == [1, 2, 3] and read.tolist() == [0, 1, 2]


def gradients_go_back():
    """A model in two halves on two devices, with its gradients: the numbers of one device, and every state at home."""
    rng = np.random.RandomState(1)
    x, y = rng.randn(16, 4), rng.randn(16, 2)
    found = []
    for targets in ((None, None), ("dev2", "dev3")):
        rng = np.random.RandomState(2)
        W, V = tx.shared(rng.randn(4, 5), target=targets[0]), tx.shared(rng.randn(5, 2), target=targets[1])
        count = tx.shared(0)
        tx_, ty = T.dmatrix("x"), T.dmatrix("y")
        hidden = T.tanh(T.dot(tx_, W))
        hidden = hidden.transfer(targets[1]) if targets[1] else hidden
        cost = ((T.dot(hidden, V) - ty) ** 2).mean()
        updates = [(w, w - 0.1 * T.grad(cost, w)) for w in (W, V)]
        f = tx.function([tx_, ty], cost, updates=[*updates, (count, count + 1)])
        costs = [float(f(x, y)) for _ in range(5)]
        found.append((costs, W.get_value(), V.get_value()))
        assert [device(v) for v in (W, V, count)] == ([3, 4, 0] if targets[0] else [0, 0, 0])
        assert count.get_value() == 5 and costs[-1] < costs[0]
    for one, several in zip(*found, strict=True):
        np.testing.assert_allclose(one, several, rtol=1e-12)


def a_failed_call_changes_nothing():
    """Wherever it fails: the update of one device is made before the check of another has failed."""
    i = T.lvector("i")
    a, b = tx.shared(np.zeros(3), "a", target="dev0"), tx.shared(np.zeros(3), "b", target="dev1")
    c = tx.shared(np.zeros(3), "c")
    updates = [
        (a, a + 1),
        (b, T.inc_subtensor(b[i], 1.0)),
        (c, c + b.transfer("cpu")),
    ]
    f = tx.function([i], [a.sum(), b[i]], updates=updates)
    f([0, 1])
    for bad in ([3], [-4, 0]):
        try:
            f(bad)
        except IndexError as error:
            assert "out of bounds for axis 0 with size 3" in str(error)
        else:
            raise AssertionError("no error")
    assert a.get_value().tolist() == [1, 1, 1] and b.get_value().tolist() == [1, 1, 0]
    f([2, 2])
    assert b.get_value().tolist() == [1, 1, 2] and c.get_value().tolist() == [1, 1, 0]
    assert [device(v) for v in (a, b, c)] == [1, 2, 0]


def states_change_places():
    """Values that are handed on to states of other devices, and to two of them, are copies."""
    a, b, c = (tx.shared(np.full(2, v), target=t) for v, t in ((1.0, "dev0"), (2.0, "dev1"), (3.0, None)))
    new = b * 2
    f = tx.function([], updates=[(a, new), (b, new), (c, a)])
    f()
    f()
    assert [v.get_value().tolist() for v in (a, b, c)] == [[8, 8], [8, 8], [4, 4]]
    assert [device(v) for v in (a, b, c)] == [1, 2, 0]
    swap = tx.function([], updates=[(a, c), (c, a), (b, b)])
    swap()
    swap()
    swap()
    assert [v.get_value().tolist() for v in (a, b, c)] == [[4, 4], [8, 8], [8, 8]]


def sizes_and_host_ops():
    """Cuts for sizes and for Ops of the host, beside those for devices."""
    a, x = tx.shared(np.array([1.0, -1.0, 2.0]), target="dev0"), T.dvector("x")
    picked = a[(a > 0).nonzero()]
    solved = T.nlinalg.lstsq()(T.diag(picked), picked, 0.1)[0]
    f = tx.function([x], [picked * x.sum(), solved, T.concatenate([picked, x]).transfer("dev1")])
    first, second, third = f(np.ones(2))
    assert first.tolist() == [2, 4] and np.allclose(second, 1) and np.asarray(third).tolist() == [1, 2, 1, 1]


def loops_and_draws():
    table, x = tx.shared(np.arange(4.0), target="dev0"), T.lvector("x")
    total, _ = tx.scan(lambda i, c: c + table[i], sequences=x, outputs_info=T.constant(np.float64(0)))
    draws = tx.random.MRG_RandomStreams(3).uniform((4,)) + table
    f = tx.function([x], [total[-1], draws, T.grad(total[-1], table)])
    first, second, slope = f([1, 3, 3])
    assert first == 7 and second.shape == (4,) and slope.tolist() == [0, 1, 0, 2]


def watched_and_padded():
    """Modes that run node by node, profiles, and lengths that vary."""
    x = T.dvector("x")
    for options in ({"mode": "DebugMode"}, {"mode": "NanGuardMode"}, {"profile": True}, {}):
        a, b = tx.shared(np.ones(2), target="dev0"), tx.shared(np.ones(2), target="dev1")
        f = tx.function([x], (x.sum() * a).transfer("cpu") + b, updates=[(b, b + a)], **options)
        for n in range(1, 7):
            assert f(np.ones(n)).tolist() == [n + n] * 2, options
        assert b.get_value().tolist() == [7, 7]
        assert "mode" in options or (device(a), device(b)) == (1, 2)


def copies_and_pickles():
    """A pickled shared variable keeps its target; a file of an exported function runs anywhere."""
    a, x = tx.shared(np.ones(2), target="dev0"), T.dvector("x")
    again = pickle.loads(pickle.dumps(a))
    f = tx.function([x], (again * x).transfer("dev1"))
    assert np.asarray(f(np.ones(2))).tolist() == [1, 1] and device(again) == 1
    other = tx.shared(np.full(2, 3.0), target="dev2")
    assert np.asarray(f.copy(swap={again: other})(np.ones(2))).tolist() == [3, 3] and device(other) == 3
    file = io.BytesIO()
    tx.export(f, file, [np.ones(2)])
    assert tx.load(file)(np.ones(2)).tolist() == [1, 1]


def unknown_targets():
    x = T.dvector("x")
    asked = {
        (lambda: x.transfer("dev9")): ValueError,
        (lambda: tx.shared(np.ones(2), target="dev9")): TypeError,
        (lambda: T._shared(np.ones(2), target="cuda")): TypeError,
    }
    for build, error in asked.items():
        try:
            build()
        except error:
            continue
        raise AssertionError("no error")
    try:
        tx.function([x], x.transfer("far"))
    except ValueError as error:
        assert "context far: there is no device cuda3. There are: cpu0, cpu1" in str(error), error
    else:
        raise AssertionError("no error")


def functions_run_on_the_flags_device():
    """Run with device=cpu5."""
    s, x = tx.shared(np.zeros(2)), T.dvector("x")
    f = tx.function([x], [tx.Out(x * 2, return_internal_type=True), x + s], updates=[(s, s + x)])
    stays, read = f(np.ones(2))
    assert {d.id for d in stays.devices()} == {5} and device(s) == 5 and read.tolist() == [1, 1]
    there = tx.shared(np.ones(2), target="dev0")
    assert tx.function([], there + s)().tolist() == [2, 2] and device(there) == 1 and device(s) == 5
    try:
        tx.config.device = "cpu1"
    except Exception as error:
        assert "Can't change the value" in str(error)
    else:
        raise AssertionError("no error")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            globals()[name]()
            print("done", name)
        except Exception:
            traceback.print_exc()
