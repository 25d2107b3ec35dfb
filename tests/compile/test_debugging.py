"""Every debug mode finds a planted fault of its kind, and names the node and the user's line."""

import inspect
import logging
import pickle

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.compile.debugmode import BadDestroyMap, BadOptimization, BadThunkOutput, BadViewMap, InvalidValueError
from tx.compile.monitormode import MonitorMode
from tx.compile.nanguardmode import NanGuardMode
from tx.lowering import lowers, registry
from tx.lowering.evaluate import run_node
from tx.rewriting import engine
from tx.tensor.assertions import Assert
from tx.tensor.breakpoint import PdbBreakpoint
from tx.tensor.elemwise import Elemwise

HERE = __file__


def line():
    """The number of the line that calls this."""
    return inspect.currentframe().f_back.f_lineno


def names(error, op, number):
    """Whether a message tells the Op of a node, and the line where it was written."""
    text = str(error.value)
    return op.lower() in text.lower() and f'File "{HERE}", line {number}' in text


class Twice(tx.Op):
    """Doubles a vector; what `perform` does wrong is for subclasses to say."""

    __props__ = ()

    def make_node(self, a):
        return tx.Apply(self, [a], [a.type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0] * 2


class WrongDtype(Twice):
    def perform(self, node, inputs, outputs):
        outputs[0][0] = (inputs[0] * 2).astype("float32")


class WritesInput(Twice):
    def perform(self, node, inputs, outputs):
        inputs[0] *= 2
        outputs[0][0] = inputs[0] + 0


class ReturnsInput(Twice):
    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0][:]


class Lowered(Twice):
    """Its lowering triples."""


@pytest.fixture
def rules(monkeypatch):
    """What is registered in a test is forgotten after it."""
    monkeypatch.setattr(registry, "_rules", dict(registry._rules))
    monkeypatch.setattr(engine, "_rewrites", dict(engine._rewrites))


# -- DebugMode --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "op, error", [(WrongDtype, InvalidValueError), (WritesInput, BadDestroyMap), (ReturnsInput, BadViewMap)]
)
def test_debug_mode_finds_a_bad_perform(op, error):
    x = T.dvector("x")
    y = op()(x)
    number = line() - 1
    f = tx.function([x], y + 1, mode="DebugMode")
    with pytest.raises(error) as found:
        f([1.0, 2.0])
    assert names(found, op.__name__, number)
    assert tx.function([x], Twice()(x), mode="DebugMode")([1.0]) == 2


def test_debug_mode_holds_a_lowering_against_perform(rules):
    lowers(Lowered)(lambda trace, node, x: x * 3)
    x = T.dvector("x")
    y = Lowered()(x)
    number = line() - 1
    with pytest.raises(BadThunkOutput) as found:
        tx.function([x], y, mode="DebugMode")([1.0])
    assert names(found, "Lowered", number)
    assert found.value.val1 == 3 and found.value.val2 == 2 and found.value.offending_op() is Lowered


def test_debug_mode_holds_xla_against_numpy(rules):
    known = registry._rules[Elemwise]

    def broken(trace, node, *values):
        value = known(trace, node, *values)
        return value + 1e-3 if node.op.scalar_op.name == "tanh" else value

    registry._rules[Elemwise] = broken
    x = T.fvector("x")
    y = T.tanh(x)
    number = line() - 1
    with pytest.raises(BadThunkOutput, match=r"largest difference: 0\.00") as found:
        tx.function([x], [T.exp(x), y], mode="DebugMode")(np.ones(3, "float32"))
    assert names(found, "tanh", number)


def test_debug_mode_looks_into_loops(rules):
    known = registry._rules[Elemwise]
    registry._rules[Elemwise] = lambda trace, node, *v: known(trace, node, *v) + (node.op.scalar_op.name == "cosh")
    x = T.dvector("x")
    out, _ = tx.scan(lambda a: T.cosh(a), x)
    number = line() - 1
    with pytest.raises(BadThunkOutput) as found:
        tx.function([x], out, mode="DebugMode")([1.0])
    assert names(found, "cosh", number)


def test_debug_mode_holds_the_whole_function_against_its_nodes(rules):
    known = registry._rules[Elemwise]

    def broken(trace, node, *values):
        # wrong only where XLA sees more than one node
        return known(trace, node, *values) + (node.op.scalar_op.name == "sinh" and len(trace.nodes) > 1)

    registry._rules[Elemwise] = broken
    x = T.dvector("x")
    y = T.sinh(x)
    number = line() - 1
    assert tx.function([x], y, mode="DebugMode")([0.0]) == 0
    with pytest.raises(BadThunkOutput, match="whole function") as found:
        tx.function([x], [T.cosh(x), y], mode="DebugMode")([0.0])
    assert names(found, "sinh", number)


def test_debug_mode_finds_a_bad_rewrite(rules):
    engine._rewrites["erfc"] = [lambda node: T.exp(node.inputs[0])]
    x = T.dvector("x")
    y = T.erfc(x)
    number = line() - 1
    f = tx.function([x], T.sum(y * 2), mode="DebugMode")
    with pytest.raises(BadOptimization) as found:
        f([0.5])
    assert names(found, "erfc", number) and found.value.new_r.owner.op.scalar_op.name == "exp"
    assert "erfc" in found.value.old_graph and "exp" in found.value.new_graph


def test_debug_mode_finds_what_is_not_finite():
    x = T.dvector("x")
    y = T.log(x)
    number = line() - 1
    with pytest.raises(InvalidValueError, match="not finite") as found:
        tx.function([x], y, mode="DebugMode")([-1.0])
    assert names(found, "log", number)
    mode = tx.compile.DebugMode(check_isfinite=False)
    assert np.isnan(tx.function([x], y, mode=mode)([-1.0]))


def test_debug_mode_accepts_what_is_right():
    x, i = T.fmatrix("x"), T.lscalar("i")
    s = tx.shared(np.ones(3, "float32"))
    loop, _ = tx.scan(lambda row, total: total + row.sum(), x, np.float32(0))
    soft = T.nnet.softmax(x)
    wanted = [
        T.grad(-T.log(soft)[T.arange(2), T.arange(2)].mean(), x), loop[-1], x[i:].mean(), T.dot(x, s), x.var(),
        tx.ifelse.ifelse(T.lt(i, 1), x.sum(), x.prod()), T.concatenate([x, x]), T.argmax(x, 1), x.max(0), i // 2,
        T.nonzero(x > 1)[0], Twice()(x[0]), T.log(T.nnet.sigmoid(x * 1000)), T.jacobian(T.tanh(x[0]), x),
    ]  # fmt: skip
    mode = tx.compile.DebugMode(check_isfinite=False)
    given = np.array([[1, -2, 3], [4, 5, -6]], "float32"), 1
    for a, b in zip(tx.function([x, i], wanted, mode=mode)(*given), tx.function([x, i], wanted)(*given), strict=True):
        assert np.allclose(a, b, 1e-5) and a.dtype == b.dtype
    f = tx.function([x], s.sum(), updates=[(s, s + x[0])], mode=mode)
    assert f(given[0]) == 3 and f(given[0]) == 5 and s.get_value().tolist() == [3, -3, 7]


# -- NanGuardMode -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, word, op", [(-1.0, "NaN detected", "log"), (0.0, "Inf detected", "log"), (1e9, "Big value", "pow")]
)
def test_nan_guard_names_node_inputs_and_line(value, word, op):
    x = T.dscalar("x")
    y, z = T.log(x), x**2
    number = line() - 1
    f = tx.function([x], T.switch(z > 0, 1.0, y), mode=NanGuardMode())
    assert f(2.0) == 1
    with pytest.raises(AssertionError, match=word) as found:
        f(value)
    assert names(found, op, number) and repr(np.array(value)) in str(found.value)


def test_nan_guard_names_an_input_and_its_line():
    x = T.dvector("wrong")
    number = line() - 1
    f = tx.function([x], x.sum(), mode="NanGuardMode")
    with pytest.raises(AssertionError, match=r"(?s)input of the graph.*wrong") as found:
        f([1.0, np.nan])
    assert f'"{HERE}", line {number}' in str(found.value)


def test_nan_guard_in_a_loop():
    x = T.dvector("x")
    out, _ = tx.scan(lambda a, s: s + T.sqrt(a), x, np.float64(0))
    number = line() - 1
    f = tx.function([x], T.switch(T.isnan(out[-1]), 0.0, 1.0), mode="NanGuardMode")
    assert f([1.0, 4.0]) == 1
    with pytest.raises(AssertionError, match="NaN detected") as found:
        f([1.0, -4.0])
    assert names(found, "sqrt", number)


def test_nan_guard_in_the_gradient_of_a_loop():
    x = T.dvector("x")
    out, _ = tx.scan(lambda a, s: s + T.sqrt(a), x, np.float64(0))
    gradient = T.grad(out[-1], x)
    number = line() - 1
    f = tx.function([x], gradient, mode="NanGuardMode")
    assert f([1.0, 4.0]).tolist() == [0.5, 0.25]
    with pytest.raises(AssertionError, match="Inf detected") as found:
        f([1.0, 0.0])
    assert names(found, "true_div", number) and "sqrt" in str(found.value)


def loops():
    """Loops of all kinds over `x`: with several taps, an end, updates, a sequence backwards, and no steps."""
    x, w = T.dvector("x"), tx.shared(np.array(0.5), "w")
    taps = [{"initial": x[:2], "taps": [-2, -1]}]
    several, _ = tx.scan(lambda a, before, last: a * before + w * last, x, taps)
    ending, _ = tx.scan(lambda a, s: (s + a**2, tx.scan_module.until(s > 3)), x, np.float64(0))
    turned, _ = tx.scan(lambda a, b, s: s * a + b, {"input": x, "taps": [-1, 1]}, np.float64(1), go_backwards=True)
    updated, _ = tx.scan(lambda a: (a * w, {w: w + a}), x)
    return x, [several.sum(), ending[-1], turned.sum(), updated.sum()]


@pytest.mark.parametrize("which", range(4))
def test_gradients_of_loops_step_by_step(which):
    x, costs = loops()
    gradient = T.grad(costs[which], x)
    value = [0.3, 1.2, 2.0, 0.7]
    seen = []
    expected = tx.function([x], gradient)(value)
    for mode in (MonitorMode(post_func=lambda i, node, fn: seen.append(node.op)), "DebugMode"):
        np.testing.assert_allclose(tx.function([x], gradient, mode=mode)(value), expected)
    assert len(seen) > 20


def test_the_gradient_of_a_loop_without_steps():
    x = T.dvector("x")
    out, _ = tx.scan(lambda a: a**2, x)
    f = tx.function([x], T.grad(out.sum(), x), mode="NanGuardMode")
    assert f([]).shape == (0,)


def test_a_stopped_call_changes_no_state():
    x, s = T.dscalar("x"), tx.shared(1.0)
    f = tx.function([x], updates=[(s, s / x)], mode="NanGuardMode")
    f(2.0)
    with pytest.raises(AssertionError, match="Inf detected"):
        f(0.0)
    assert s.get_value() == 0.5


def test_nan_guard_logs_or_passes_over(caplog):
    x = T.dscalar("x")
    y = T.log(x)
    with tx.config.change_flags(NanGuardMode__action="warn"), caplog.at_level(logging.ERROR):
        assert np.isnan(tx.function([x], y, mode="NanGuardMode")(-1.0))
    assert "NaN detected" in caplog.text
    y.tag.nan_guard_mode_check = False
    assert np.isnan(tx.function([x], y, mode="NanGuardMode")(-1.0))


# -- MonitorMode ------------------------------------------------------------------------------------------------------


def test_monitor_sees_every_node_and_the_steps_of_loops():
    seen = []
    x = T.dvector("x")
    out, _ = tx.scan(lambda a: T.exp(a), x)
    mode = MonitorMode(post_func=lambda fgraph, i, node, fn: seen.append((node.op, fn.outputs[0][0], fgraph)))
    f = tx.function([x], out.sum(), mode=mode)
    f([0.0, 1.0])
    steps = [value for op, value, _ in seen if getattr(op, "scalar_op", None) == T.exp(x).owner.op.scalar_op]
    assert np.allclose(steps, np.exp([0, 1])) and seen[-1][1].ndim == 0
    assert all(isinstance(graph, tx.FunctionGraph) for _, _, graph in seen)


def test_monitor_finds_the_line_of_a_nan():
    found = []

    def look(i, node, fn):
        if np.isnan(fn.outputs[0][0]).any():
            found.append((node.outputs[0].tag.trace[0][-1], [c[0].tolist() for c in fn.inputs]))

    x = T.dscalar("x")
    y = T.log(x)
    number = line() - 1
    tx.function([x], y * 0 + 1, mode=MonitorMode(post_func=look))(-1.0)
    (file, where, _, text), inputs = found[0]
    assert file == HERE and where == number and "T.log(x)" in text and inputs == [-1.0]


def test_monitor_may_stop_the_call():
    def stop(i, node, fn):
        raise KeyError("enough")

    x = T.dscalar("x")
    with pytest.raises(KeyError, match="enough"):
        tx.function([x], x + 1, mode=MonitorMode(pre_func=stop))(1.0)


# -- test values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["warn", "raise", "ignore"])
def test_test_values_find_a_mistake_where_it_is_written(level):
    with tx.config.change_flags(compute_test_value=level):
        x, y = T.dmatrix("x"), T.dmatrix("y")
        x.tag.test_value, y.tag.test_value = np.ones((2, 3)), np.ones((4, 5))
        with pytest.raises(ValueError) as found:
            T.dot(x, y)
    number = found.traceback[0].lineno + 1
    assert names(found, "Dot", number)


def test_a_missing_test_value_is_named():
    with tx.config.change_flags(compute_test_value="raise"):
        x = T.dmatrix("lacking")
        number = line() - 1
        with pytest.raises(ValueError, match=r"input 0 \(lacking\) of Op .*missing") as found:
            x * 2
        assert f'"{HERE}", line {number}' in str(found.value)


def test_test_values_of_everything():
    with tx.config.change_flags(compute_test_value="raise"):
        x = T.dmatrix("x")
        x.tag.test_value = np.arange(6.0).reshape(2, 3)
        rows, _ = tx.scan(lambda row, s: s + row.sum(), x, np.float64(0))
        taps, _ = tx.scan(lambda a, b: a - b, {"input": x.flatten(), "taps": [-1, 1]})
        w = tx.shared(np.ones(3))
        values = [
            rows, taps, T.grad(rows.sum(), x), T.dot(x, w), x[1:, ::-1], T.nonzero(x > 2)[1], T.repeat(x, 2, axis=0),
            tx.ifelse.ifelse(T.gt(x.sum(), 0), x, x * 2), T.jacobian(T.dot(x, w), w), Twice()(x[0]),
            T.arange(x.shape[0]),
        ]  # fmt: skip
        found = [v.tag.test_value for v in values]
    computed = tx.function([x], values)(x.tag.test_value)
    for value, expected in zip(found, computed, strict=True):
        assert np.allclose(value, expected) and value.dtype == expected.dtype


def test_one_program_serves_equal_nodes_and_tells_their_own_lines():
    x, y = T.dvector("x"), T.dvector("y")
    first = x + y
    second = x + y
    number = line() - 1
    assert run_node(first.owner, [np.ones(2), np.ones(2)])[0].tolist() == [2, 2]
    with pytest.raises(ValueError) as found:
        run_node(second.owner, [np.ones(2), np.ones(3)])
    assert names(found, "add", number)


# -- Assert, breakpoints, messages ------------------------------------------------------------------------------------


def test_assert_names_node_and_line():
    x = T.dscalar("x")
    y = Assert("x is not positive")(x, x > 0)
    number = line() - 1
    with pytest.raises(AssertionError, match="x is not positive") as found:
        tx.function([x], y * 2)(-1.0)
    assert names(found, "Assert", number)


def test_breakpoint(monkeypatch, capsys):
    stops = []

    def change():
        frame = inspect.currentframe().f_back
        stops.append([m.tolist() for m in frame.f_locals["monitored"]])
        frame.f_locals["monitored"][1][...] = 5

    monkeypatch.setattr("pdb.set_trace", change)
    x, v = T.dscalar("x"), T.dvector("v")
    a, b = PdbBreakpoint("here")(T.gt(x, 0), x, v)
    f = tx.function([x, v], [a * 2, b.sum(), T.grad((a * b).sum(), x)])
    assert [r.tolist() for r in f(-1.0, [1.0, 2.0])] == [-2, 3, 3] and stops == []
    assert [r.tolist() for r in f(1.0, [1.0, 2.0])] == [2, 10, 10] and stops == [[1.0, [1.0, 2.0]]]
    assert "'here' activated" in capsys.readouterr().out


def test_verbosity_of_exceptions():
    x, y = T.dvector("x"), T.dvector("y")
    f = tx.function([x, y], x + y)
    with pytest.raises(ValueError, match="HINT: Use the Theano flag 'exception_verbosity=high'"):
        f([1.0, 2.0], [1.0, 2.0, 3.0])
    with (
        tx.config.change_flags(exception_verbosity="high"),
        pytest.raises(ValueError, match=r"(?s)Debugprint of the apply node.*Storage map footprint.*TotalSize: 40"),
    ):
        f([1.0, 2.0], [1.0, 2.0, 3.0])


def test_messages_about_lists():
    lists = tx.typed_list.TypedListType(T.dvector)("lists")
    wanted = T.dvector("wanted")
    for mode in (None, "DebugMode"):
        f = tx.function([lists, wanted], tx.typed_list.index_(lists, wanted), mode=mode)
        assert f([[1, 2], [3]], [3]) == 1
        with pytest.raises(ValueError, match=r"(?s)is not in the list.*Index\(lists, wanted\).*Inputs shapes"):
            f([[1, 2], [3]], [4])


@pytest.mark.parametrize("mode", ["DebugMode", "NanGuardMode"])
def test_branches_that_are_not_taken_are_not_watched(mode):
    c, x = T.bscalar("c"), T.dscalar("x")
    f = tx.function([c, x], tx.ifelse.ifelse(c, T.log(x), x * 2), mode=mode)
    assert f(0, -1.0) == -2 and f(1, 1.0) == 0
    with pytest.raises((InvalidValueError, AssertionError), match=r"(?i)nan|not finite"):
        f(1, -1.0)


def test_a_shared_variable_with_a_fault_is_named():
    s = tx.shared(np.array([1.0, np.inf]), name="weights")
    number = line() - 1
    with pytest.raises(AssertionError, match=r"(?s)Inf detected.*weights") as found:
        tx.function([], s[0], mode="NanGuardMode")()
    assert f'"{HERE}", line {number}' in str(found.value)


def test_a_pickled_function_keeps_the_written_graph_only_to_compare_it():
    x = T.dvector("x")
    y = T.log(1 + T.exp(x)).sum()
    sizes = {}
    for mode in ("FAST_RUN", "DebugMode"):
        f = tx.function([x], y, mode=mode)
        kept = pickle.dumps(f)
        sizes[mode] = len(kept)
        assert np.allclose(pickle.loads(kept)([0.0, 0.0]), 2 * np.log(2))
    assert sizes["FAST_RUN"] < sizes["DebugMode"]
