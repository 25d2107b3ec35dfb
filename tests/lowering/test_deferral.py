"""Calls that do not wait for their checks: what failed is raised when somebody looks, and nothing has changed."""

import copy
import os
import subprocess
import sys

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import deferral


@pytest.fixture(autouse=True)
def deferring():
    with tx.config.change_flags(defer_checks="on"):
        yield


@pytest.fixture
def slow(monkeypatch):
    """Verdicts that are not there before one waits for them, so that calls pile up as on a slow device."""
    monkeypatch.setattr(deferral, "is_ready", lambda verdict: False)


#: what is added to an index, so that the device has to compute it: it is not checked on the host then
OFFSET = tx.shared(0, "offset")


def counting():
    """A state, and a function that adds to it what lies at a place of a table; no place behind its end."""
    state, table = tx.shared(np.zeros(2), "state"), tx.shared(np.arange(1.0, 4.0), "table")
    i = T.lvector("i")
    return state, tx.function([i], updates=[(state, state + table[i + OFFSET])])


def test_raised_when_the_value_is_read(slow):
    state, add = counting()
    add([0, 1])
    add([2, 3])  # fails
    add([1, 1])  # does nothing
    with pytest.raises(IndexError, match="index 3 is out of bounds for axis 0 with size 3"):
        state.get_value()
    assert state.get_value().tolist() == [1, 2]
    add([0, 0])
    assert state.get_value().tolist() == [2, 3]


TOUCHES = {
    "get": lambda state, add, other: state.get_value(),
    "borrow": lambda state, add, other: state.get_value(borrow=True, return_internal_type=True),
    "set": lambda state, add, other: state.set_value(np.zeros(2)),
    "zero": lambda state, add, other: state.zero(),
    "sync": lambda state, add, other: add.sync_shared(),
    "another function": lambda state, add, other: other(),
    "deepcopy": lambda state, add, other: copy.deepcopy(state),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_whoever_touches_the_state_is_told_once(slow, touch):
    state, add = counting()
    other = tx.function([], state.sum())
    add([0, 1])
    add([0, 7])
    with pytest.raises(IndexError, match="index 7"):
        TOUCHES[touch](state, add, other)
    assert state.get_value().tolist() == [1, 2] and other() == 3


def test_a_call_raises_what_is_known_by_then():
    state, add = counting()
    add([0, 7])
    jax.block_until_ready(state.container.held)
    with pytest.raises(IndexError, match="index 7"):
        add([0, 0])
    assert state.get_value().tolist() == [0, 0]


def test_functions_that_follow_do_nothing_either(slow):
    """Also one without checks of its own, and one that reads the state and updates another."""
    state, add = counting()
    other = tx.shared(np.zeros(2), "other")
    double = tx.function([], updates=[(state, state * 2)])
    pass_on = tx.function([], updates=[(other, other + state)])
    add([0, 0])
    pass_on()
    add([0, 9])
    double()
    pass_on()
    with pytest.raises(IndexError, match="index 9"):
        other.get_value()
    assert other.get_value().tolist() == [1, 1] and state.get_value().tolist() == [1, 1]


def test_two_chains_meet(slow):
    (a, add_a), (b, add_b) = counting(), counting()
    total = tx.shared(np.zeros(2))
    meet = tx.function([], updates=[(total, total + a + b)])
    add_a([0, 0])
    add_b([0, 8])
    meet()
    with pytest.raises(IndexError, match="index 8"):
        total.get_value()
    assert a.get_value().tolist() == [1, 1]
    assert b.get_value().tolist() == total.get_value().tolist() == [0, 0]


def test_scatter_and_mixed_modes(slow):
    """A function that writes into its state; one that waits comes between."""
    table = tx.shared(np.zeros((4, 2)), "table")
    i = T.lvector("i")
    write = tx.function([i], updates=[(table, T.inc_subtensor(table[i + OFFSET], 1.0))])
    with tx.config.change_flags(defer_checks="off"):
        waiting = tx.function([], table.sum(), updates=[(table, table + 1)])
    write([0, 0])
    assert waiting() == 4
    write([1, 4])
    with pytest.raises(IndexError, match="index 4"):
        waiting()
    assert table.get_value().sum() == 12


def test_an_output_that_is_read_waits():
    state, i = tx.shared(np.arange(3.0)), T.lvector("i")
    f = tx.function([i], state[i + OFFSET], updates=[(state, state + 1)])
    assert f([0, 2]).tolist() == [0, 2]
    with pytest.raises(IndexError, match="index 3"):
        f([3])
    assert state.get_value().tolist() == [1, 2, 3]


def test_outputs_that_stay(slow):
    state, x = tx.shared(np.zeros(2), "state"), T.dvector("x")
    new = state + x
    outputs = [tx.Out(v, borrow=True, return_internal_type=True) for v in (state, new, new.sum())]
    f = tx.function([x], outputs, updates=[(state, new)])
    first = f(np.ones(2))
    for _ in range(3):
        f(np.ones(2))
    assert all(isinstance(v, jax.Array) for v in first)
    assert [np.asarray(v).tolist() for v in first] == [[0, 0], [1, 1], 2]
    assert state.get_value().tolist() == [4, 4]


def test_a_loop_does_not_wait(slow, monkeypatch):
    state, add = counting()
    kept = tx.Out(state * 2, borrow=True, return_internal_type=True)
    i = T.lvector("i")
    both = tx.function([i], kept, updates=[(state, state + i)])
    add([0, 1]), both([1, 1])
    with monkeypatch.context() as patch:
        patch.setattr(deferral.Pending, "_look", lambda self: pytest.fail("waited"))
        for _ in range(10):
            add([1, 1])
            both([1, 1])
    assert state.get_value().tolist() == [32, 33]


def test_a_failure_without_shared_variables_is_told_at_the_next_call(slow):
    x, i = T.dvector("x"), T.lvector("i")
    f = tx.function([x, i], tx.Out(x[i + T.argmax(x)], return_internal_type=True))
    f(np.ones(2), [5])
    f.sync_shared()
    with pytest.raises(IndexError, match="index 5"):
        for _ in range(40):
            f(np.ones(2), [1])


def test_states_that_grow_and_stages(slow):
    state, x = tx.shared(np.zeros(1), "state"), T.dvector("x")
    counter, i = tx.shared(0, "counter"), T.lvector("i")
    count = tx.function(
        [i], updates=[(counter, counter + x[i + OFFSET].sum().astype("int64") * 0 + 1)], givens={x: state}
    )
    grow = tx.function([x], updates=[(state, T.concatenate([state, x[(x > 0).nonzero()]]))])
    grow([1.0, -1.0])
    count([1])
    grow([2.0, 3.0])
    assert state.get_value().tolist() == [0, 1, 2, 3] and counter.get_value() == 1
    count([9])
    with pytest.raises(IndexError, match="index 9"):
        grow([4.0])
    assert state.get_value().size == 4


def test_a_training_loop_moves_its_arguments_and_nothing_else():
    rng = np.random.RandomState(0)
    W = tx.shared(rng.randn(4, 3), "W")
    data, labels = tx.shared(rng.randn(32, 4)), tx.shared(rng.randint(0, 3, 32))
    k, x, y = T.lscalar("k"), T.dmatrix("x"), T.lvector("y")
    cost = T.nnet.categorical_crossentropy(T.nnet.softmax(T.dot(x, W)), y).mean()
    batch = {x: data[k * 8 : (k + 1) * 8], y: labels[k * 8 : (k + 1) * 8]}
    kept = tx.Out(cost, borrow=True, return_internal_type=True)
    train = tx.function([k], kept, updates=[(W, W - 0.5 * T.grad(cost, W))], givens=batch)
    train(0)
    with jax.transfer_guard("disallow"):  # allows what is put or fetched on purpose, and that is the arguments
        costs = [train(k) for _ in range(5) for k in range(4)]
    with jax.transfer_guard("disallow_explicit"), pytest.raises(Exception, match="Disallowed host-to-device"):
        train(0)
    assert costs[-1] < costs[0] and len(train.specializations) == 1


def test_without_arguments_nothing_crosses_at_all():
    state, i = tx.shared(np.zeros(3), "state"), tx.shared(0, "i")
    step = tx.function([], updates=[(state, T.inc_subtensor(state[i % 3], 1.0)), (i, i + 1)])
    step()
    step.sync_shared()
    with jax.transfer_guard("disallow_explicit"):
        for _ in range(5):
            step()
    assert state.get_value().tolist() == [2, 2, 2]


def test_the_report_knows_nothing_of_it():
    _, add = counting()
    add([0, 1])
    (part,) = tx.printing.stages(add).parts
    assert "Subtensor" in part.checks[0] and len(part.shapes) == 4
    assert part.costs["flops"] > 0


def test_what_nobody_asks_for_is_told_at_the_end():
    code = (
        "import tx, numpy as np, tx.tensor as T\n"
        "s, o, i = tx.shared(np.zeros(3)), tx.shared(0), T.lvector()\n"
        "tx.function([i], updates=[(s, s + s[i + o].sum())])([7])"
    )
    environment = {**os.environ, "TX_FLAGS": "defer_checks=on"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "index 7 is out of bounds" in done.stderr


def test_auto_waits_on_a_cpu():
    with tx.config.change_flags(defer_checks="auto"):
        _, add = counting()
        with pytest.raises(IndexError):
            add([0, 3])
