"""Record what the programs give under real Theano.

Run it with an interpreter that has Theano 1.0.5 and the libraries of ``requirements.txt``; it writes ``golden.json``
beside itself. Names of programs as arguments record these alone again.

    THEANO_FLAGS=blas.ldflags=-lopenblas,floatX=float64 python tests/clients/record.py
"""

import json
import os
import platform
import sys

import numpy
import theano

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def restore_downsample():
    """Lasagne 0.1 is older than Theano 1.0.5, which has renamed ``downsample``: give it the old name."""
    import types

    from theano.tensor import signal
    from theano.tensor.signal import pool

    def max_pool_2d(input, ds, ignore_border=None, st=None, padding=(0, 0), mode="max"):
        return pool.pool_2d(input, ws=ds, ignore_border=ignore_border, stride=st, pad=padding, mode=mode)

    downsample = types.ModuleType("theano.tensor.signal.downsample")
    downsample.max_pool_2d = max_pool_2d
    sys.modules[downsample.__name__] = signal.downsample = downsample


restore_downsample()

from client_programs import PROGRAMS  # noqa: E402


def main(names):
    """Write ``golden.json``."""
    path = os.path.join(HERE, "golden.json")
    golden = {}
    if names:
        with open(path) as f:
            golden = json.load(f)
    for name in names or sorted(PROGRAMS):
        golden[name] = PROGRAMS[name]()
    golden["recorded_with"] = {
        "theano": theano.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }
    with open(path, "w") as f:
        json.dump(golden, f, indent=1, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
