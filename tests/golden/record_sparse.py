"""Ask Theano about sparse expressions. Run by a Python that has Theano 1.0.5: it writes sparse_expressions.json."""

import json
import warnings
from pathlib import Path

import theano
import theano.sparse as S
import theano.tensor as T
from sparse_expressions import EXPRESSIONS, evaluate

warnings.simplefilter("ignore")

if __name__ == "__main__":
    found = {name: {e: evaluate(e, theano, S, T) for e in texts} for name, texts in EXPRESSIONS.items()}
    lines = [
        f'"{name}": {{\n' + ",\n".join(f"{json.dumps(e)}: {json.dumps(r)}" for e, r in results.items()) + "\n}"
        for name, results in found.items()
    ]
    Path(__file__).with_name("sparse_expressions.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
