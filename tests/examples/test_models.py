"""Ten models as people wrote them in 2015: on tx they give the numbers that they give on real Theano."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import tx

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = json.loads((ROOT / "examples" / "expected.json").read_text())
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


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"recorded_with", "neural_turing", "policy_gradient"}))
def test_prints_what_the_gallery_shows(load, name, capsys):
    """But for the two that compute for long."""
    module = load(name)
    module.report(module.run(**module.DEFAULTS))
    lines = capsys.readouterr().out.splitlines()
    number = re.compile(r"-?\d+(?:\.\d*)?")
    assert [number.sub("#", line).split() for line in lines] == [
        number.sub("#", line).split() for line in EXPECTED[name]["output"]
    ]
    for line, shown in zip(lines, EXPECTED[name]["output"], strict=True):
        found, expected = ([float(n) for n in number.findall(text)] for text in (line, shown))
        np.testing.assert_allclose(found, expected, rtol=0.05, atol=0.02, err_msg=shown)
