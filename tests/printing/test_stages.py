"""`stages`: the texts of a function on its way to the executable."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.printing import stages

x, m, n = T.dvector("x"), T.dmatrix("m"), T.lscalar("n")


def test_every_stage_of_a_product():
    f = tx.function([m], T.log(1 + T.dot(m, m)), name="f")
    with pytest.raises(ValueError, match="not called yet"):
        stages(f)
    f(np.ones((4, 4)))
    found = stages(f)
    assert "log,no_inplace" in found.graph and "log1p,no_inplace" in found.rewritten
    assert "dot_general" in found.jaxpr and "stablehlo.dot_general" in found.stablehlo and "HloModule" in found.hlo
    # 4 * 4 * 4 products and as many sums
    assert found.costs["flops"] >= 128 and found.costs["bytes"] >= 2 * 8 * 16
    text = str(found)
    for title in ("Graph of f", "Rewritten graph", "jaxpr", "StableHLO", "Optimised HLO"):
        assert f"===== {title} =====" in text
    assert "m: float64[4, 4]" in found.summary and "flops" in found.summary
    assert len(f.specializations) == 1


def test_what_numpy_computes():
    f = tx.function([m], T.log(1 + T.dot(m, m)), name="f")
    f(np.ones((4, 4)))
    found = stages(f)
    assert ".dot(" in found.source and "===== By numpy =====" in str(found)
    assert "by numpy" in found.summary and "moves" not in found.summary
    assert stages(f, platform="tpu").source is None
    f(np.ones((200, 200)))
    assert [p.source is None for p in stages(f).parts] == [False, True]
    assert "moves" in stages(f).summary


def test_each_executable_is_a_part():
    f = tx.function([x, n], x[n:] * 2, name="f")
    f(np.ones(5), 2)
    f(np.ones(5), 3)
    found = stages(f)
    assert [[answer for _, answer in p.guards] for p in found.parts] == [[p.guards[0][1]] for p in found.parts]
    assert found.parts[0].guards != found.parts[1].guards
    assert "tensor<3xf64>" in found.parts[0].stablehlo and "tensor<2xf64>" in found.parts[1].stablehlo
    with pytest.raises(ValueError, match="2 executables"):
        _ = found.jaxpr
    assert len(f.specializations) == 2 and f(np.ones(5), 2).tolist() == [2, 2, 2]


def test_arguments_instead_of_a_call_change_nothing():
    state = tx.shared(np.zeros(3), "s")
    f = tx.function([x], updates=[(state, state + x)])
    found = stages(f, np.ones(3))
    assert "stablehlo.add" in found.stablehlo and "HloModule" in found.hlo
    assert state.get_value().tolist() == [0, 0, 0] and not f.specializations
    with pytest.raises(TypeError, match="takes 1 arguments, got 2"):
        stages(f, 1, 2)


def test_another_platform_is_lowered_for():
    f = tx.function([m], T.nnet.softmax(m))
    found = stages(f, np.ones((2, 3)), platform="tpu")
    assert "stablehlo" in found.stablehlo and found.hlo is None
    assert "StableHLO for tpu" in str(found)


def test_parts_around_what_the_host_computes():
    f = tx.function([x], x[(x > 0).nonzero()] * 2)
    f([1.0, -1.0, 2.0])
    assert len(stages(f).parts) == 2


def test_checks_are_named():
    f = tx.function([x], tx.tensor.assertions.Assert("positive")(x, T.gt(x, 0).all()))
    f([1.0])
    (part,) = stages(f).parts
    assert "Assert" in part.checks[0] and "checks Assert" in str(stages(f))


def test_a_function_without_inputs():
    assert "constant" in stages(tx.function([], T.exp(T.constant(1.0)))).stablehlo


# -- a report for an accelerator --------------------------------------------------------------------------------------


def test_report_for_an_accelerator():
    W, k = tx.shared(np.zeros((3, 3), "float32"), "W"), T.fmatrix("k")
    cost = T.dot(k, W).sum()
    f = tx.function([k], [cost, tx.Out(cost * 2, return_internal_type=True)], updates=[(W, W - T.grad(cost, W))])
    found = stages(f, np.ones((2, 3), "float32"), platform="tpu")
    assert found.costs["flops"] >= 2 * 2 * 9 and found.costs["bytes"] > 0
    assert found.transfers == {"to": [("k", 24)], "from": [(str(f.outputs[0]), 4)]}
    assert not found.warnings and not found.host_calls and not found.on_host
    assert "counted before XLA optimises" in found.summary and "moves 24 bytes to the device: k" in found.summary


@pytest.mark.parametrize(
    "platform, why", [("tpu", "a TPU has no float64"), ("cuda", "most GPUs compute float64"), (None, None)]
)
def test_float64_is_warned_of(platform, why):
    found = stages(tx.function([m], T.exp(m)), np.ones((2, 2)), platform=platform)
    assert [why in w for w in found.warnings] == [True] * bool(platform)
    assert not platform or ("1 operations in float64" in found.summary and " m are of 64 bits" in found.summary)


@pytest.mark.parametrize("dtype", ["int64", "int32"])
def test_wide_indices_in_loops_are_warned_of(dtype):
    table, i = T.fvector("table"), T.TensorType(dtype, (False,))("i")
    last, _ = tx.scan(lambda place, c: c + table[place], sequences=i, outputs_info=T.constant(np.float32(0)))
    straight = tx.function([table, i], table[i])
    arguments = np.ones(4, "float32"), np.zeros(3, dtype)
    found = stages(tx.function([table, i], last[-1]), *arguments, platform="tpu")
    assert any("64-bit indices in a loop: Subtensor{int}" in w for w in found.warnings) == (dtype == "int64")
    assert "with one step of each loop" in found.summary
    found = stages(straight, *arguments, platform="gpu")
    assert not found.warnings and "loop" not in found.summary
    with pytest.raises(ValueError, match="no platform 'abacus': there are cpu, cuda, rocm, tpu"):
        stages(straight, *arguments, platform="abacus")


def test_calls_of_the_host_are_listed():
    f = tx.function([m], tx.printing.Print("m")(m) * 2)
    found = stages(f, np.ones((2, 2)), platform="tpu")
    assert (
        found.host_calls == ["Print{message='m', attrs=('__str__',), global_fn=None}(m)"] or len(found.host_calls) == 1
    )
    assert found.costs is None and "calls the host: Print" in found.summary
    assert "StableHLO for tpu =====\nnone: Print" in str(found)
    with pytest.raises(ValueError, match="calls the host"):
        _ = found.stablehlo


def test_what_runs_on_the_host_is_listed():
    a = T.dmatrix("a")
    found = stages(tx.function([a], T.nlinalg.lstsq()(a, a, 0.1)[0] + 1), np.eye(2), platform="tpu")
    assert ["lstsq" in node for node in found.on_host] and "runs on the host: lstsq" in found.summary


def test_padded_forms_are_shown():
    x = T.dvector("x")
    f = tx.function([x], (2 * x).sum())
    for n in range(1, 6):
        f(np.ones(n))
    summary = tx.printing.stages(f).summary
    assert "2 executable(s)" in summary and "x: float64[16], " in summary and "x: float64[5]" not in summary
