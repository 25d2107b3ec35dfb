"""Lets real Theano pickle the models of `pickle_models.py` into `pickles/`, and answer what is asked of them.

Run by a Python that has Theano 1.0.5: ``python tests/golden/record_pickles.py [NAMES]``.
"""

import gzip
import json
import os
import pickle
import sys

import numpy as np
import theano

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import pickle_models  # noqa: E402


def plain(answer):
    """An answer as JSON has it: an array is a dict of dtype, shape and elements."""
    if isinstance(answer, (np.ndarray, np.generic)):
        array = np.asarray(answer)
        elements = array.ravel()
        if array.dtype.kind == "c":
            elements = elements.view(elements.real.dtype)
        return {"dtype": str(array.dtype), "shape": list(array.shape), "elements": elements.tolist()}
    return [plain(a) for a in answer] if isinstance(answer, (list, tuple)) else answer


def without_trace(tag):
    """Where each node was written would be nine tenths of a pickle."""
    return {name: value for name, value in vars(tag).items() if name != "trace"}


def main():
    assert theano.__version__ == "1.0.5"
    theano.gof.utils.scratchpad.__getstate__ = without_trace
    path = os.path.join(HERE, "pickles", "answers.json")
    answers = {}
    if os.path.exists(path):
        with open(path) as f:
            answers = json.load(f)
    for name, make, ask, protocol in pickle_models.ROWS:
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        pickled = pickle.dumps(make(), protocol=protocol)
        answers[name] = plain(ask(pickle.loads(pickled)))
        packed = gzip.compress(pickled, mtime=0)
        with open(os.path.join(HERE, "pickles", name + ".pkl.gz"), "wb") as f:
            f.write(packed)
        print(name, len(pickled), len(packed))
        sys.stdout.flush()
    with open(path, "w") as f:
        json.dump({name: answers[name] for name, _, _, _ in pickle_models.ROWS if name in answers}, f, indent=None)
        f.write("\n")


if __name__ == "__main__":
    main()
