"""Ten models as people wrote them in 2015: on tx they give the numbers that they give on real Theano."""

import json
from pathlib import Path

import numpy as np
import pytest

import tx

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "models.json").read_text())

#: relative tolerances where rounding errors grow on the way
TOLERANCES = {"hmc": 1e-6, "neural_turing": 1e-6, "hessian_free": 1e-6, "policy_gradient": 1e-7}


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"recorded_with"}))
def test_model(load, name):
    with tx.config.change_flags(floatX="float64"):
        found = load(name).run()
    assert sorted(found) == sorted(GOLDEN[name])
    for key, expected in GOLDEN[name].items():
        np.testing.assert_allclose(
            np.asarray(found[key], "float64"), expected, rtol=TOLERANCES.get(name, 1e-9), atol=1e-12, err_msg=key
        )
