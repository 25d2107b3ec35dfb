"""Compare tx with what ``record.py`` wrote: ``python tests/fuzz/compare.py out.pickle``.

Shows each program that differs, shortened to the statements that its first difference needs.
"""

import collections
import pickle
import re
import sys
import warnings
from pathlib import Path

import numpy as np

import tx
import tx.tensor as T

sys.path.insert(0, str(Path(__file__).parent))

from differences import find_difference
from programs import evaluate


def records(path):
    """The pickles of a file."""
    with open(path, "rb") as f:
        while True:
            try:
                yield pickle.load(f)
            except EOFError:
                return


def evaluate_tx(made):
    """What tx gives, as Theano 1.0.5 is meant."""
    with tx.config.change_flags(compatibility="1.0", mode="FAST_COMPILE"):
        return evaluate(made, tx, T)


def needed(made, name):
    """The statements that a name depends on, as text; all of them for gradients and the call."""
    statements = {n: source for n, source, _ in made["statements"]}
    if name not in statements:
        return [f"{n} = {source}" for n, source in statements.items()]
    kept, todo = set(), [name]
    while todo:
        n = todo.pop()
        if n in statements and n not in kept:
            kept.add(n)
            todo += re.findall(r"\b[vx]\d+\b", statements[n])
    return [f"{n} = {source}" for n, source in statements.items() if n in kept]


def main(path, first=0, last=10**9):
    """Compare all programs of a file, or those from first to last."""
    warnings.simplefilter("ignore")
    counts = collections.Counter()
    for made, golden in records(path):
        if not int(first) <= made["seed"] < int(last):
            continue
        found = evaluate_tx(made)
        verdict, name, detail = find_difference(made, golden, found)
        counts[verdict] += 1
        if made["seed"] % 50 == 49:
            print("...", made["seed"], dict(counts), flush=True)
        if name:
            print(f"\n{made['seed']} {verdict} at {name}: {detail}")
            print("   ", [tuple(s) for s in made["inputs"]])
            for line in needed(made, name):
                print("   ", line)
            sys.stdout.flush()
    print(dict(counts))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(*sys.argv[1:])
