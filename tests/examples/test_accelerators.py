"""Every example's training function is lowered and exported for GPUs of both makers and for TPUs; nothing is compiled.

An example is run up to the first call of its training function.
"""

import re
from pathlib import Path

import pytest

import tx
from tx.compile import Function
from tx.lowering.export import export_function

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = ("cuda", "rocm", "tpu")

#: example -> how it is started
STARTS = {
    **{name: lambda m, out: m.train(n_epochs=1, output_dir=out) for name in (
        "logistic_regression", "mlp", "convnet", "dropout", "rnn", "lstm", "gru", "rbm")},
    **{name: lambda m, out: m.run() for name in (
        "crf", "gaussian_process", "hessian_free", "hmc", "matrix_factorization", "neural_turing",
        "policy_gradient", "skip_gram", "tied_autoencoder", "typed", "vae")},
}  # fmt: skip
#: what is in the gallery; the typed program is there to be read by type checkers
SHOWN = [name for name in STARTS if name != "typed"]
#: a training function without updates: the search for a direction, which the example follows itself
WITHOUT_UPDATES = {"hessian_free"}
#: modules that no one trains
HELPERS = {"digits", "runs", "gallery", "pictures"}


class Reached(Exception):
    """The training function was called."""


def training_function(module, name, folder):
    """The training function of an example and the arguments of its first call."""
    call = Function.__call__

    def intercepted(self, *arguments, **kwargs):
        if self.maker.updates or name in WITHOUT_UPDATES:
            raise Reached(self, arguments)
        return call(self, *arguments, **kwargs)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Reached) as reached:
        patch.setattr(Function, "__call__", intercepted)
        STARTS[name](module, str(folder))
    return reached.value.args


def test_every_example_is_here():
    assert {p.stem for p in (ROOT / "examples").glob("*.py")} == set(STARTS) | HELPERS


@pytest.mark.parametrize("name", STARTS)
def test_lowers_for_every_accelerator(load, name, tmp_path):
    with tx.config.change_flags(floatX="float32"):
        function, arguments = training_function(load(name), name, tmp_path)
        given = [
            i.variable.type.filter(a, allow_downcast=True) for i, a in zip(function.inputs, arguments, strict=True)
        ]
        exported = export_function(function, given, PLATFORMS)
    assert not function.specializations, "nothing was compiled"
    for stage in exported:
        assert stage.platforms == PLATFORMS
        targets = set(re.findall(r"custom_call @(\w+)", stage.mlir_module()))
        assert not [target for target in targets if "callback" in target], targets


def test_only_print_calls_the_host():
    """What else an executable does, it does alone: no other rule makes a callback."""
    sources = {p.name: p.read_text() for p in (ROOT / "tx" / "lowering").rglob("*.py")}
    calls = re.compile(r"\b(?:pure_callback|io_callback|debug\.callback)\(")
    assert {name for name, text in sources.items() if calls.search(text)} == {"trace.py"}
    assert {name for name, text in sources.items() if "trace.report(" in text} == {"printing.py"}
