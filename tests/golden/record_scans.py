"""Record the loops of ``scans.py`` with real Theano into ``scans.json``, beside this file.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=optimizer=fast_compile,cxx= python tests/golden/record_scans.py
"""

import json
import os
import sys

import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from record_expressions import plain  # noqa: E402
from scans import ROWS, evaluate  # noqa: E402


def main():
    """Record all rows."""
    golden = {}
    for name, source in ROWS.items():
        found = evaluate(source, theano, T)
        for kind in ("values", "shared"):
            if kind in found:
                found[kind] = [plain(v) for v in found[kind]]
        golden[name] = found
        print(name, found.get("error", "") or len(found["values"]))
        sys.stdout.flush()
    with open(os.path.join(HERE, "scans.json"), "w") as f:
        json.dump(golden, f, indent=0, sort_keys=True)
        f.write("\n")
    print("%d rows, %d of them errors" % (len(golden), sum("error" in g for g in golden.values())))


if __name__ == "__main__":
    main()
