"""XLA is told, before it asks, which emitter to leave alone; the environment stays as it was, and users' flags hold."""

import os
import subprocess
import sys

import pytest

from tx.lowering import flags

pytestmark = pytest.mark.skipif(not flags.MEASURED, reason="another jaxlib is told nothing")

PROGRAM = """
import os
{before}
import numpy as np, tx, tx.tensor as T
from tx.lowering import flags
given = os.environ.get("XLA_FLAGS")
x = T.dvector("x")
with tx.config.change_flags(tiny="xla"):
    f = tx.function([x], x + x)
assert f([1.0, 2.0]).tolist() == [2.0, 4.0]
assert os.environ.get("XLA_FLAGS") == given
print(flags.tell())
"""


@pytest.mark.parametrize(
    "before, held",
    [
        ("", True),
        ("os.environ['XLA_FLAGS'] = '--xla_force_host_platform_device_count=2'", True),
        ("os.environ['XLA_FLAGS'] = '--xla_backend_extra_options=xla_cpu_disable_tiled_emitter'", True),
        ("os.environ['XLA_FLAGS'] = '--xla_backend_extra_options=xla_cpu_disable_loop_unrolling'", False),
        ("import jax; jax.devices()", False),
    ],
)
def test_what_holds(before, held):
    environment = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    program = PROGRAM.format(before=before)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(held)]
