"""Some recorded programs of the fuzzer, so that it stays alive, and what it says of results that are wrong."""

import copy
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import tx
import tx.tensor as T

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import differences  # noqa: E402
import programs  # noqa: E402

sys.path.remove(str(HERE))
GOLDEN = json.loads((HERE / "golden.json").read_text())


def read(plain):
    names = {"nan": np.nan, "inf": np.inf, "nanj": complex(0, np.nan)}
    return np.array([eval(v, names) for v in plain["data"]], plain["dtype"]).reshape(plain["shape"])


def recorded(row):
    found = copy.deepcopy(row["found"])
    found["types"] = {name: tuple(kind) for name, kind in found["types"].items()}
    found["results"] = {name: read(value) for name, value in found["results"].items()}
    return row["made"], found


@pytest.mark.parametrize("row", GOLDEN, ids=[str(row["made"]["seed"]) for row in GOLDEN])
def test_program(row):
    made, golden = recorded(row)
    with warnings.catch_warnings(), tx.config.change_flags(compatibility="1.0", mode="FAST_COMPILE"):
        warnings.simplefilter("ignore")
        found = programs.evaluate(made, tx, T)
    verdict, name, detail = differences.find_difference(made, golden, found)
    assert verdict != "different", (name, detail)


def test_the_seed_makes_the_program():
    made = programs.program(GOLDEN[3]["made"]["seed"])
    assert json.loads(json.dumps(made)) == GOLDEN[3]["made"]


def test_a_wrong_value_is_found():
    made, golden = next(recorded(row) for row in GOLDEN if not row["found"]["errors"])
    found = copy.deepcopy(golden)
    name = made["statements"][0][0]
    found["results"][name] = found["results"][name] + np.ones((), golden["results"][name].dtype)
    assert differences.find_difference(made, golden, found)[:2] == ("different", name)


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize("dtype", ["uint8", "float64", "complex128"])
def test_tensordot_over_last_axes(mode, dtype):
    a = np.arange(24).reshape(4, 2, 3).astype(dtype)
    x = T.TensorType(dtype, (False,) * 3)("x")
    result = tx.function([x], T.tensordot(x, x, [[2], [2]]), mode=mode)(a)
    assert np.array_equal(result, np.tensordot(a, a, [[2], [2]]))
