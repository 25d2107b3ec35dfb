"""The example programs, unmodified: the numbers that real Theano gives, and how often they are compiled."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tx
from tx.lowering.export import export_function

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "examples.json").read_text())
PROGRAMS = ["logistic_regression", "mlp", "convnet"]
RECURRENT = ["rnn", "lstm", "gru"]
BOUNDS = {"logistic_regression": 0.06, "mlp": 0.035, "convnet": 0.025, "rnn": 0.06, "lstm": 0.08, "gru": 0.06}
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}


@pytest.fixture(scope="module")
def load():
    tx.install()
    sys.path.insert(0, str(ROOT / "examples"))
    yield importlib.import_module
    sys.path.remove(str(ROOT / "examples"))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_history_equals_theanos(load, name, dtype, tmp_path):
    golden = GOLDEN[name][dtype]
    epochs = len(golden["costs"])
    with tx.config.change_flags(floatX=dtype):
        history = load(name).train(n_epochs=epochs, patience=epochs, output_dir=str(tmp_path))
    # Rounding errors grow from step to step, in a deep network faster.
    last, atol = (10, TOLERANCE[dtype]) if (name, dtype) == ("convnet", "float32") else (epochs, 0)
    np.testing.assert_allclose(history["costs"][:last], golden["costs"][:last], rtol=TOLERANCE[dtype], atol=atol)
    if dtype == "float64":
        assert history["validation_errors"] == golden["validation_errors"]
        assert history["test_error"] == golden["test_error"]
    assert len(history["train_model"].specializations) == 2


@pytest.mark.parametrize("epochs", [1, 4])
@pytest.mark.parametrize("name", PROGRAMS)
def test_two_executables_however_many_epochs(load, name, epochs, tmp_path):
    history = load(name).train(n_epochs=epochs, output_dir=str(tmp_path))
    assert len(history["train_model"].specializations) == 2


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RECURRENT)
def test_history_of_loops_equals_theanos(load, name, dtype, tmp_path):
    golden = GOLDEN[name][dtype]
    epochs = len(golden["costs"])
    with tx.config.change_flags(floatX=dtype):
        history = load(name).train(n_epochs=epochs, patience=epochs, output_dir=str(tmp_path))
    np.testing.assert_allclose(history["costs"], golden["costs"], rtol=TOLERANCE[dtype] * 10)
    if dtype == "float64":
        assert history["validation_errors"] == golden["validation_errors"]
        assert history["test_error"] == golden["test_error"]
    assert len(history["train_model"].specializations) == 1


@pytest.mark.parametrize("name", PROGRAMS + RECURRENT)
def test_trains_well_enough(load, name, tmp_path):
    assert load(name).train(output_dir=str(tmp_path))["test_error"] < BOUNDS[name]


@pytest.mark.parametrize("name", PROGRAMS + ["lstm"])
def test_training_function_lowers_for_accelerators(load, name, tmp_path):
    train_model = load(name).train(n_epochs=1, output_dir=str(tmp_path))["train_model"]
    before = [s.get_value() for s in train_model.get_shared()]
    (exported,) = export_function(train_model, [0], platforms=("cuda", "tpu"))
    assert exported.platforms == ("cuda", "tpu")
    assert "dot_general" in exported.mlir_module()
    for shared, value in zip(train_model.get_shared(), before, strict=True):
        np.testing.assert_array_equal(shared.get_value(), value)


def test_script_runs_unmodified(tmp_path):
    command = [sys.executable, "-m", "tx", str(ROOT / "examples" / "logistic_regression.py")]
    options = ["--epochs", "3", "--output-dir", str(tmp_path), "--history", str(tmp_path / "history.json")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1].startswith("test error ")
    assert (tmp_path / "logistic_regression.pkl").exists()
    assert (tmp_path / "logistic_regression_filters.png").stat().st_size > 1000
    assert len(json.loads((tmp_path / "history.json").read_text())["costs"]) == 3
