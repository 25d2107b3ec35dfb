"""Record with real Theano what the programs of a range of seeds give: ``python tests/fuzz/record.py 0 5000 out.pickle``.

Run it with an interpreter that has Theano 1.0.5. ``THEANO_FLAGS=optimizer=fast_compile,linker=py`` makes it quick.
"""

import os
import pickle
import sys
import warnings

import theano
import theano.tensor as T
import theano.tensor.nlinalg
import theano.tensor.slinalg

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from programs import evaluate, program


def main(first, last, path):
    """Write one pickle per program, one after the other."""
    warnings.simplefilter("ignore")
    with open(path, "wb") as f:
        for seed in range(int(first), int(last)):
            made = program(seed)
            pickle.dump((made, evaluate(made, theano, T)), f, protocol=4)
            f.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
