"""Keep some recorded programs for the test suite: ``python tests/fuzz/golden.py recorded.pickle 30`` writes golden.json."""

import json
import pickle
import sys
from pathlib import Path

HERE = Path(__file__).parent


def plain(array):
    """An array as JSON."""
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": [repr(v) for v in array.ravel().tolist()]}


def main(path, count):
    """Write the first programs of a file."""
    kept = []
    with open(path, "rb") as f:
        for _ in range(int(count)):
            made, found = pickle.load(f)
            results = {name: plain(value) for name, value in found["results"].items()}
            kept.append({"made": made, "found": {**found, "results": results}})
    (HERE / "golden.json").write_text(json.dumps(kept, indent=0) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
