"""Record what real Theano makes of the example programs, epoch by epoch.

Run it with an interpreter that has Theano 1.0.5 and scikit-learn; it writes ``examples.json`` beside itself:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_examples.py

Names of programs as arguments record these alone again.
"""

import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "examples")
#: a program, how many epochs, and further options
RUNS = {
    "logistic_regression": ("logistic_regression", 15, {}),
    "mlp": ("mlp", 15, {}),
    "convnet": ("convnet", 15, {}),
    "rnn": ("rnn", 4, {}),
    "lstm": ("lstm", 4, {}),
    "gru": ("gru", 4, {}),
    "dropout": ("dropout", 8, {}),
    "rbm": ("rbm", 5, {"rounds": 2}),
    "rbm_cd": ("rbm", 5, {"persistent": 0, "k": 2, "rounds": 2}),
}


def record(names):
    """The histories of these runs under the flags of this process."""
    sys.path.insert(0, EXAMPLES)
    histories = {}
    for name in names:
        program, epochs, options = RUNS[name]
        history = importlib.import_module(program).train(
            n_epochs=epochs, patience=epochs, output_dir=tempfile.mkdtemp(), **options
        )
        del history["train_model"]
        histories[name] = history
    return histories


def main(names):
    """One process for each floatX."""
    golden = {}
    if names:
        with open(os.path.join(HERE, "examples.json")) as f:
            golden = json.load(f)
    names = names or sorted(RUNS)
    golden.update({name: {} for name in names})
    for dtype in ["float64", "float32"]:
        flags = os.environ.get("THEANO_FLAGS", "")
        environment = dict(os.environ, THEANO_FLAGS=",".join(filter(None, [flags, "floatX=" + dtype])))
        output = subprocess.check_output([sys.executable, __file__, "--one"] + names, env=environment)
        for name, history in json.loads(output.decode().splitlines()[-1]).items():
            golden[name][dtype] = history
    import numpy
    import theano

    versions = {"theano": theano.__version__, "numpy": numpy.__version__, "python": platform.python_version()}
    golden["recorded_with"] = versions
    with open(os.path.join(HERE, "examples.json"), "w") as f:
        json.dump(golden, f, indent=1, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(record(sys.argv[2:])))
    else:
        main(sys.argv[1:])
