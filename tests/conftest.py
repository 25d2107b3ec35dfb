"""What all tests share: a compile cache of their own, the CPU, and a seeded generator."""

import os
import tempfile

# Before tx is imported: workers share the folder of the process that started them.
os.environ.setdefault("TX_TEST_CACHE", tempfile.mkdtemp(prefix="tx-tests-"))
_flags = [f for f in os.environ.get("TX_FLAGS", "").split(",") if f and not f.startswith("base_compiledir")]
os.environ["TX_FLAGS"] = ",".join([*_flags, f"base_compiledir={os.environ['TX_TEST_CACHE']}"])
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np  # noqa: E402
import pytest  # noqa: E402


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture
def by_xla():
    """XLA computes functions of tiny arrays as well: for tests of what XLA is told, and does."""
    import tx

    with tx.config.change_flags(tiny="xla"):
        yield
