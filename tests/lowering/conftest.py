"""What tests of the lowering share."""

import jax
import pytest

import tx


@pytest.fixture
def told(monkeypatch):
    """The options that XLA is told at each compilation from now on."""
    found = []
    jit = jax.jit
    monkeypatch.setattr(jax, "jit", lambda *args, **kwargs: found.append(kwargs) or jit(*args, **kwargs))
    return lambda: [options["compiler_options"] for options in found if "compiler_options" in options]


@pytest.fixture
def both_ways():
    """A function that gives, for each of several outputs, what numpy computes and what XLA does."""

    def compute(inputs, outputs, *arguments, numpy_can=True):
        found = []
        for tiny in ("numpy", "xla"):
            with tx.config.change_flags(tiny=tiny):
                f = tx.function(inputs, outputs)
                found.append(f(*arguments))
                made = [made.by_numpy for stage in f.program.stages for made in stage.specializations]
                assert made and (tiny == "xla" or all(made) == numpy_can)
        return zip(*found, strict=True)

    return compute
