"""Record the dtypes of ``promotion.py`` with real Theano into ``promotion.json``, beside this file.

Run it with an interpreter that has Theano 1.0.5: python tests/golden/record_promotion.py
"""

import json
import os
import sys

import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from promotion import table  # noqa: E402

POLICIES = ["float64", "float32"]

if __name__ == "__main__":
    golden = {}
    for floatx in POLICIES:
        with theano.configparser.change_flags(floatX=floatx):
            golden[floatx] = table(T)
    with open(os.path.join(HERE, "promotion.json"), "w") as f:
        json.dump(golden, f, indent=0, sort_keys=True)
        f.write("\n")
    print("%d rows" % sum(map(len, golden.values())))
