"""Record the draws of ``random_streams.py`` with real Theano into ``random_streams.json``, beside this file.

Floats are written in hex. Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_random_streams.py
"""

import json
import os
import sys

import theano
import theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from random_streams import ERRORS, FLOATS, ROWS, SEEDS, build, draw  # noqa: E402


def plain(value):
    """An array as dtype, shape and elements."""
    elements = value.ravel().tolist()
    return [str(value.dtype), list(value.shape), [e.hex() if isinstance(e, float) else e for e in elements]]


def refusal(source):
    """The type of the exception that Theano raises for a draw."""
    try:
        build(source, 3, theano, T, RandomStreams)[2]()
    except Exception as error:
        return type(error).__name__
    raise AssertionError("%s is no error" % source)


def main():
    """Record all rows."""
    draws = {}
    for source in ROWS:
        for floatX in FLOATS:
            theano.config.floatX = floatX
            for seed in SEEDS if floatX == FLOATS[0] else SEEDS[:1]:
                pattern, values = draw(source, seed, theano, T, RandomStreams)
                draws["%s | %s | %d" % (source, floatX, seed)] = [pattern, [plain(v) for v in values]]
        print(source)
        sys.stdout.flush()
    theano.config.floatX = FLOATS[0]
    errors = {source: refusal(source) for source in ERRORS}
    rows = [json.dumps(k) + ": " + json.dumps(draws[k], separators=(",", ":")) for k in sorted(draws)]
    with open(os.path.join(HERE, "random_streams.json"), "w") as f:
        f.write('{"draws": {\n%s\n}, "errors": %s}\n' % (",\n".join(rows), json.dumps(errors, indent=0)))
    print("%d draws, %d errors" % (len(draws), len(errors)))


if __name__ == "__main__":
    main()
