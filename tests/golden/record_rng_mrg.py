"""Record the draws of ``rng_mrg.py`` with real Theano into ``rng_mrg.json``, beside this file. Floats are written in hex.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_rng_mrg.py
"""

import json
import os
import sys

import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from rng_mrg import FLOATS, ROWS, SEEDS, draw  # noqa: E402


def plain(value):
    """An array as dtype, shape and elements."""
    elements = value.ravel().tolist()
    return [str(value.dtype), list(value.shape), [e.hex() if isinstance(e, float) else e for e in elements]]


def main():
    """Record all rows."""
    golden = {}
    for source in ROWS:
        for floatX in FLOATS:
            theano.config.floatX = floatX
            for k, seed in enumerate(SEEDS):
                pattern, values, states = draw(source, seed, theano, T, MRG_RandomStreams)
                golden["%s | %s | %d" % (source, floatX, k)] = [
                    pattern, [plain(v) for v in values], [s.tolist() for s in states]
                ]  # fmt: skip
        print(source)
        sys.stdout.flush()
    with open(os.path.join(HERE, "rng_mrg.json"), "w") as f:
        f.write("{\n")
        f.write(",\n".join(json.dumps(k) + ": " + json.dumps(golden[k], separators=(",", ":")) for k in sorted(golden)))
        f.write("\n}\n")
    print("%d draws" % len(golden))


if __name__ == "__main__":
    main()
