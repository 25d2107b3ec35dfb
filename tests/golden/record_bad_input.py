"""Record which exception real Theano raises for the rows of ``bad_input.py``, and when, into ``bad_input.json``.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=blas.ldflags=-lopenblas,on_opt_error=raise python tests/golden/record_bad_input.py
"""

import json
import os
import sys

import theano
import theano.tensor as T
import theano.tensor.fft
import theano.tensor.nlinalg
import theano.tensor.slinalg

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from bad_input import ROWS, failure  # noqa: E402


def recorded(row):
    """Phase, name of the exception, and its message (for a reader; no test compares it)."""
    phase, error = failure(row, theano, T)
    if phase is None:
        return None
    return [phase, type(error).__name__, str(error).split("\n")[0][:100]]


if __name__ == "__main__":
    golden = {"%s with %s" % row[:2]: recorded(row) for row in ROWS}
    with open(os.path.join(HERE, "bad_input.json"), "w") as f:
        json.dump(golden, f, indent=0, sort_keys=True)
        f.write("\n")
    print("%d rows, %d of them accepted" % (len(golden), sum(g is None for g in golden.values())))
