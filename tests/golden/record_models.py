"""Record what real Theano makes of the models among the examples.

Run it with an interpreter that has Theano 1.0.5; it writes ``models.json`` beside itself. Names of programs as
arguments record these alone again.

    THEANO_FLAGS=blas.ldflags=-lopenblas,floatX=float64 python tests/golden/record_models.py
"""

import importlib
import json
import os
import platform
import sys

import numpy
import theano

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "examples"))
MODELS = (
    "matrix_factorization skip_gram hmc vae tied_autoencoder hessian_free neural_turing crf policy_gradient "
    "gaussian_process"
).split()


def main(names):
    """Write ``models.json``."""
    path = os.path.join(HERE, "models.json")
    golden = {}
    if names:
        with open(path) as f:
            golden = json.load(f)
    for name in names or MODELS:
        golden[name] = importlib.import_module(name).run()
        print(name)
    versions = {"theano": theano.__version__, "numpy": numpy.__version__, "python": platform.python_version()}
    golden["recorded_with"] = versions
    with open(path, "w") as f:
        json.dump(golden, f, indent=1, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
