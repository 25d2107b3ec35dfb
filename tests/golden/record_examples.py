"""Record what real Theano makes of the example programs, epoch by epoch.

Run it with an interpreter that has Theano 1.0.5 and scikit-learn; it writes ``examples.json`` beside itself:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_examples.py
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
PROGRAMS = ["logistic_regression", "mlp", "convnet", "rnn", "lstm", "gru"]
EPOCHS = {"logistic_regression": 15, "mlp": 15, "convnet": 15, "rnn": 4, "lstm": 4, "gru": 4}


def record():
    """The histories of all programs under the flags of this process."""
    sys.path.insert(0, EXAMPLES)
    histories = {}
    for name in PROGRAMS:
        history = importlib.import_module(name).train(
            n_epochs=EPOCHS[name], patience=EPOCHS[name], output_dir=tempfile.mkdtemp()
        )
        del history["train_model"]
        histories[name] = history
    return histories


def main():
    """One process for each floatX."""
    golden = {name: {} for name in PROGRAMS}
    for dtype in ["float64", "float32"]:
        flags = os.environ.get("THEANO_FLAGS", "")
        environment = dict(os.environ, THEANO_FLAGS=",".join(filter(None, [flags, "floatX=" + dtype])))
        output = subprocess.check_output([sys.executable, __file__, "--one"], env=environment)
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
    if sys.argv[1:] == ["--one"]:
        print(json.dumps(record()))
    else:
        main()
