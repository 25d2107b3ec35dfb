"""The example programs, unmodified: the numbers that real Theano gives, and how often they are compiled."""

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
PROGRAMS = ["logistic_regression", "mlp", "convnet", "dropout"]
RECURRENT = ["rnn", "lstm", "gru"]
#: Boltzmann machines by persistent and by plain contrastive divergence
MACHINES = {"rbm": {"rounds": 2}, "rbm_cd": {"rounds": 2, "persistent": 0, "k": 2}}
BOUNDS = {
    "logistic_regression": 0.06, "mlp": 0.035, "convnet": 0.025, "dropout": 0.035,
    "rnn": 0.06, "lstm": 0.08, "gru": 0.06, "rbm": 0.125,
}  # fmt: skip
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_history_equals_theanos(load, name, dtype, tmp_path):
    golden = GOLDEN[name][dtype]
    epochs = len(golden["costs"])
    with tx.config.change_flags(floatX=dtype):
        history = load(name).train(n_epochs=epochs, patience=epochs, output_dir=str(tmp_path))
    # Rounding errors grow from step to step, in a deep network faster than its costs shrink.
    rtol, atol = (0, TOLERANCE[dtype]) if (name, dtype) == ("convnet", "float32") else (TOLERANCE[dtype], 0)
    np.testing.assert_allclose(history["costs"], golden["costs"], rtol=rtol, atol=atol)
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


@pytest.mark.parametrize("name", MACHINES)
def test_history_of_boltzmann_machine_equals_theanos(load, name, tmp_path):
    """Each unit is drawn as Theano draws it, so that the chains are the same after thousands of steps."""
    golden = GOLDEN[name]["float64"]
    with tx.config.change_flags(floatX="float64"):
        history = load("rbm").train(n_epochs=len(golden["costs"]), output_dir=str(tmp_path), **MACHINES[name])
    for key in ("costs", "validation_errors", "test_error", "fantasies"):
        np.testing.assert_allclose(history[key], golden[key], rtol=1e-9, err_msg=key)
    assert len(history["train_model"].specializations) == 1


@pytest.mark.parametrize("name", PROGRAMS + RECURRENT + ["rbm"])
def test_trains_well_enough(load, name, tmp_path):
    assert load(name).train(output_dir=str(tmp_path))["test_error"] < BOUNDS[name]


@pytest.mark.parametrize("name", PROGRAMS + ["lstm", "rbm"])
def test_training_function_lowers_for_accelerators(load, name, tmp_path):
    train_model = load(name).train(n_epochs=1, output_dir=str(tmp_path))["train_model"]
    before = [s.get_value() for s in train_model.get_shared()]
    (exported,) = export_function(train_model, [0], platforms=("cuda", "tpu"))
    assert exported.platforms == ("cuda", "tpu")
    assert "dot_general" in exported.mlir_module()
    for shared, value in zip(train_model.get_shared(), before, strict=True):
        np.testing.assert_array_equal(shared.get_value(), value)


@pytest.mark.parametrize(
    ("name", "more", "files"),
    [
        ("logistic_regression", [], ["logistic_regression.pkl", "logistic_regression_filters.png"]),
        ("rbm", ["--k", "1", "--persistent", "0"], ["rbm_filters.png", "rbm_fantasies.png"]),
    ],
)
def test_script_runs_unmodified(name, more, files, tmp_path):
    command = [sys.executable, "-m", "tx", str(ROOT / "examples" / f"{name}.py"), *more]
    options = ["--epochs", "3", "--output-dir", str(tmp_path), "--history", str(tmp_path / "history.json")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1].startswith("test error ")
    for file in files:
        assert (tmp_path / file).stat().st_size > 1000
    assert len(json.loads((tmp_path / "history.json").read_text())["costs"]) == 3
