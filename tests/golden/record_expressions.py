"""Record the expressions of ``expressions.py`` with real Theano into ``expressions.json``, beside this file.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_expressions.py expressions
    THEANO_FLAGS=cxx= python tests/golden/record_expressions.py extra_expressions
    THEANO_FLAGS=cxx= python tests/golden/record_expressions.py derivatives
    THEANO_FLAGS=cxx=,optimizer=None python tests/golden/record_expressions.py conv_expressions

and so for ``pool_expressions`` and ``nnet_expressions``: without its rewrites Theano runs the Python code of these Ops.
Those of ``corr_expressions`` have none: that is recorded with ``THEANO_FLAGS=optimizer=None,blas.ldflags=-lopenblas``.
"""

import importlib
import json
import os
import sys

import theano
import theano.tensor as T
import theano.tensor.fft
import theano.tensor.nlinalg
import theano.tensor.nnet.blocksparse
import theano.tensor.nnet.bn
import theano.tensor.nnet.conv3d2d
import theano.tensor.nnet.neighbours
import theano.tensor.signal.conv
import theano.tensor.signal.pool
import theano.tensor.slinalg

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def plain(array):
    """An array as JSON: shape, dtype, and its elements as text that reads back exactly."""
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": [repr(v) for v in array.ravel().tolist()]}


def main(name="expressions"):
    """Record all rows of a module."""
    golden = {}
    module = importlib.import_module(name)
    evaluate = getattr(module, "evaluate", None) or importlib.import_module("expressions").evaluate
    for row in module.ROWS:
        found = evaluate(row, theano, T)
        if "results" in found:
            # Theano's Python code for cumsum forgets the dtype that it promised; its C code does not.
            if "dtype" in found:
                found["results"][0] = found["results"][0].astype(found["dtype"])
            found["results"] = [plain(r) for r in found["results"]]
        golden[repr(row)] = found
    with open(os.path.join(HERE, name + ".json"), "w") as f:
        json.dump(golden, f, indent=0, sort_keys=True)
        f.write("\n")
    print("%d rows, %d of them errors" % (len(golden), sum("error" in g for g in golden.values())))


if __name__ == "__main__":
    main(*sys.argv[1:])
