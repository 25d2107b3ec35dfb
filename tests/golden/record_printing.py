"""Record the texts of ``printing.py`` with real Theano into ``printing.json``, beside this file.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=cxx= python tests/golden/record_printing.py
"""

import json
import os
import sys

import theano
import theano.ifelse
import theano.tensor as T
import theano.tensor.nlinalg
import theano.tensor.nnet.bn
import theano.tensor.shared_randomstreams
import theano.tensor.signal.pool
import theano.tensor.slinalg

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from printing import ROWS, evaluate  # noqa: E402


def main():
    """Record all rows."""
    golden = {name: evaluate(source, theano, T) for name, source in ROWS.items()}
    with open(os.path.join(HERE, "printing.json"), "w") as f:
        json.dump(golden, f, indent=0, sort_keys=True)
        f.write("\n")
    print("%d rows" % len(golden))


if __name__ == "__main__":
    main()
