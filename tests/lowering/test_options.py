"""XLA's fusion pass: with several results, and left out for graphs that it makes worse."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering.options import UNFUSED, UNOPTIMISED, options_for

x = T.dvector("x")


def chain(steps):
    """An elementwise graph in which each value is read twice."""
    y = x
    for k in range(steps):
        y = T.tanh(y * 0.9 + x) - T.exp(-y) * (0.001 * (k % 3 + 1))
    return y.sum()


def test_a_large_elementwise_graph_and_its_gradient():
    gradient = T.grad(chain(200), x)
    f = tx.function([x], gradient)
    assert f.program.stages[0].compiler_options == UNFUSED
    at, eps = np.linspace(0.1, 0.9, 3), 1e-6
    cost = tx.function([x], chain(200))
    for k, found in enumerate(f(at)):
        step = eps * np.eye(3)[k]
        np.testing.assert_allclose(found, (cost(at + step) - cost(at - step)) / (2 * eps), rtol=1e-5)


def test_what_a_mode_asks_for_holds():
    nodes = tx.function([x], chain(3)).program.stages[0].layout.nodes
    assert options_for(nodes, None) is None and options_for(nodes, UNOPTIMISED) == UNOPTIMISED
    nodes = tx.function([x], chain(300)).program.stages[0].layout.nodes
    assert options_for(nodes, UNOPTIMISED) == {**UNFUSED, **UNOPTIMISED}


@pytest.mark.parametrize("dtype", ["uint8", "complex64"])
def test_products_that_go_wrong_without_fusion_keep_it(dtype):
    a, b = T.matrix("a", dtype=dtype), T.matrix("b", dtype=dtype)
    looped, _ = tx.scan(lambda row: T.dot(row, b), a)
    for product in (T.dot(a, b), looped):
        f = tx.function([x, a, b], [chain(300), product], on_unused_input="ignore")
        assert f.program.stages[0].compiler_options is None


@pytest.mark.parametrize("flags, expected", [("", True), ("multi_output_fusion=False", False)])
def test_fusions_have_several_results_unless_a_flag_says_no(flags, expected):
    environment = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"} | {"THEANO_FLAGS": flags}
    code = "import tx, os; print('xla_cpu_use_multi_output_fusion' in os.environ.get('XLA_FLAGS', ''))"
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(expected)


def test_flags_of_the_user_are_kept():
    environment = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    code = "import tx, os; print(os.environ['XLA_FLAGS'].split()[0])"
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "--xla_force_host_platform_device_count=2"
