"""What XLA is told once, for the whole process: what the options of a compilation cannot say.

XLA on the CPU (jaxlib 0.10) has an emitter that makes kernels of tiles of 16 elements, which it copies to the stack and
back: where no number is stretched in a kernel, as in `x + y`, it is taken, and the kernel runs two to three times as
long as one of the emitter that makes loops, and takes longer to compile. XLA reads its flags when it first needs them;
from then on they hold.
"""

from __future__ import annotations

import os
from functools import cache

from jaxlib import version, xla_client

_FLAGS, _KEY, _OPTION = "XLA_FLAGS", "xla_backend_extra_options", "xla_cpu_disable_tiled_emitter"
#: whether jaxlib is the one that was measured
MEASURED = version.__version_info__[:2] == (0, 10)


@cache
def tell() -> bool:
    """Tell it, once, where the user's flags have not. Gives whether it holds: not if something else was sooner. The
    environment is as before."""
    before = os.environ.get(_FLAGS)
    if MEASURED and _KEY not in (before or ""):
        os.environ[_FLAGS] = f"{before or ''} --{_KEY}={_OPTION}".strip()
        try:
            xla_client.CompileOptions()  # has the flags read
        finally:
            del os.environ[_FLAGS]
            if before is not None:
                os.environ[_FLAGS] = before
    return _OPTION.encode() in xla_client.CompileOptions().SerializeAsString()


__all__ = ["MEASURED", "tell"]
