"""Record the expressions of ``expressions.py`` with real Theano into ``expressions.json``, beside this file.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_expressions.py
"""

import json
import os
import sys

import numpy as np
import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from expressions import ROWS, evaluate  # noqa: E402


def plain(array):
    """An array as JSON: shape, dtype, and its elements as text that reads back exactly."""
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": [repr(v) for v in array.ravel().tolist()]}


def main():
    """Record all rows."""
    golden = {}
    for row in ROWS:
        found = evaluate(row, theano, T)
        if "results" in found:
            found["results"] = [plain(np.asarray(r)) for r in found["results"]]
        golden[repr(row)] = found
    with open(os.path.join(HERE, "expressions.json"), "w") as f:
        json.dump(golden, f, indent=0, sort_keys=True)
        f.write("\n")
    print("%d rows, %d of them errors" % (len(golden), sum("error" in g for g in golden.values())))


if __name__ == "__main__":
    main()
