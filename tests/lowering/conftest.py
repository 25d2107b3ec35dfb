"""What tests of the lowering share."""

import jax
import pytest


@pytest.fixture
def told(monkeypatch):
    """The options that XLA is told at each compilation from now on."""
    found = []
    jit = jax.jit
    monkeypatch.setattr(jax, "jit", lambda *args, **kwargs: found.append(kwargs) or jit(*args, **kwargs))
    return lambda: [options["compiler_options"] for options in found if "compiler_options" in options]
