"""Functions on meshes of devices. What needs several of them is in `eight_devices.py`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.sharding import checked_spec

ROOT = Path(__file__).resolve().parents[2]
EIGHT = "--xla_force_host_platform_device_count=8"


def run(*command, **environment):
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "XLA_FLAGS": EIGHT, "PYTHONPATH": paths, **environment},
    )  # fmt: skip


def test_on_eight_devices():
    """The number of devices is fixed when jax starts: hence a process for all tests that need eight."""
    done = run("-m", "pytest", "-n0", "-p", "no:cacheprovider", Path(__file__).with_name("eight_devices.py"))
    assert done.returncode == 0, done.stdout


def test_states_that_come_from_a_mesh_and_go_there():
    """jax traces anew for a value on another mesh, even of the same device; the checks of the call are the same."""
    x, y, w = T.dmatrix("x"), T.lvector("y"), tx.shared(np.zeros((3, 2)), "w")
    cost = -T.log(T.nnet.softmax(T.dot(x, w)))[T.arange(y.shape[0]), y].mean()
    updates = [(w, w - T.grad(cost, w))]
    one = tx.function([x, y], cost, updates=updates)
    other = tx.function([x, y], cost, updates=updates, mesh=tx.mesh(batch=1), shard={x: "batch", y: "batch"})
    rows, labels = np.eye(3), np.array([0, 1, 1])
    costs = [float(f(rows, labels)) for f in (one, one, other, other, one, one, other, one)]
    w.set_value(np.zeros((3, 2)))
    assert costs == pytest.approx([float(one(rows, labels)) for _ in costs])
    with pytest.raises(IndexError):
        other(rows, np.array([0, 1, 2]))


def test_the_examples_of_the_page_run_on_eight_devices(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "sharding.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "page.py").write_text("".join(blocks) + "assert len(jax.devices()) == 8".join(["import jax\n", "\n"]))
    done = run("-W", "error", tmp_path / "page.py")
    assert done.returncode == 0, done.stderr


def test_on_a_single_device():
    """A mesh of one device is a mesh, and `shard` without one changes nothing."""
    x = T.dmatrix("x")
    W = tx.shared(np.ones((3, 2)), sharding=(None, "model"))
    plain = tx.function([x], T.shard(T.dot(x, W), "batch").sum())
    assert plain.maker.plan is None and plain(np.ones((4, 3))) == 24
    f = tx.function([x], T.dot(x, W).sum(), mesh=tx.mesh(batch=1, model=1), shard={x: "batch"})
    assert f(np.ones((4, 3))) == 24


@pytest.mark.parametrize(
    ("spec", "ndim", "found"),
    [("a", 2, ("a",)), (None, 2, (None,)), (("a", None), 2, ("a", None)), ([None, ["a", "b"]], 3, (None, ("a", "b"))),
     ((), 0, ()), (None, 0, ())],
)  # fmt: skip
def test_specs(spec, ndim, found):
    assert checked_spec(spec, ndim) == found


@pytest.mark.parametrize(
    ("spec", "error"), [(3, TypeError), ((3,), TypeError), (("a",) * 2, ValueError), (("a", "b", "c"), ValueError)]
)
def test_bad_specs(spec, error):
    with pytest.raises(error):
        checked_spec(spec, 2)


PROGRAM = """\
import sys
import numpy as np, theano, theano.tensor as T

data = theano.shared(np.arange(96.0).reshape(48, 2), "data")
x, i, w = T.dmatrix("x"), T.lscalar("i"), theano.shared(np.zeros(2), "w")
cost = ((T.dot(x, w) - 1) ** 2).mean()
updates = [(w, w - 1e-4 * T.grad(cost, w))]
f = theano.function([i], cost, updates=updates, givens={x: data[i * 20 : (i + 1) * 20]})
g = theano.function([x], cost, updates=updates)
for k in range(3):
    print(round(float(f(k)), 9), round(float(g(data.get_value()[:16])), 9))
print(len(w.get_value(borrow=True, return_internal_type=True).devices()), file=sys.stderr)
"""


def test_a_script_as_it_is(tmp_path):
    """Minibatches of 16 are divided among the devices, those of 20 and the last one of 8 rows left as they are."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    one, eight = run("-m", "tx", script), run("-m", "tx", "--mesh", "batch=8", script)
    assert one.stderr.split()[-1] == "1" and eight.stderr.split()[-1] == "8", eight.stderr
    assert one.stdout == eight.stdout and one.stdout.count("\n") == 3


@pytest.mark.parametrize("mesh", ["8", "batch=16"])
def test_a_mesh_that_is_none(mesh):
    done = run("-m", "tx", "--mesh", mesh, "program.py")
    assert done.returncode == 2 and "--mesh" in done.stderr
