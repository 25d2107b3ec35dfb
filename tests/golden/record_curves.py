"""Record how real Theano learns: the curves of the programs that read digits, from the first epoch to the last.

Run it with an interpreter that has Theano 1.0.5 and scikit-learn; it writes ``curves.json`` beside itself. Names of
programs as arguments record these alone again.

    THEANO_FLAGS=blas.ldflags=-lopenblas,floatX=float64 python tests/golden/record_curves.py
"""

import json
import os
import platform
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "examples")
PROGRAMS = "logistic_regression mlp dropout convnet rnn lstm gru rbm".split()
KEPT = ("costs", "validation_errors", "test_error")


def shortened(value):
    """Nine digits are more than a picture shows."""
    return [shortened(v) for v in value] if isinstance(value, list) else float("%.9g" % value)


def record(name):
    """What the program writes about itself, started as users start it."""
    folder = tempfile.mkdtemp()
    history = os.path.join(folder, "history.json")
    program = os.path.join(EXAMPLES, name + ".py")
    subprocess.check_call([sys.executable, program, "--output-dir", folder, "--history", history])
    with open(history) as f:
        found = json.load(f)
    return {key: shortened(found[key]) for key in KEPT}


def main(names):
    """Write ``curves.json``."""
    path = os.path.join(HERE, "curves.json")
    curves = {}
    if names:
        with open(path) as f:
            curves = json.load(f)
    for name in names or PROGRAMS:
        curves[name] = record(name)
    import numpy
    import theano

    versions = {"theano": theano.__version__, "numpy": numpy.__version__, "python": platform.python_version()}
    curves["recorded_with"] = versions
    with open(path, "w") as f:
        json.dump(curves, f, indent=1, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
