"""Flags."""

import os
import subprocess
import sys

import pytest

from tx.configuration import AddConfigVar, BoolParam, Config, EnumStr, change_flags, config, parse_flags


def test_reading_and_setting():
    assert config.floatX == "float64" and config.compatibility == "documented"
    with config.change_flags(floatX="float32", blas__ldflags="-lx"):
        assert config.floatX == "float32" and config.blas.ldflags == "-lx"
    assert config.floatX == "float64" and config.blas.ldflags == ""


def test_decorator_and_nesting():
    @change_flags({"scan.allow_gc": True})
    def inside():
        with config.change_flags(checks="off"):
            return config.scan.allow_gc, config.checks

    assert inside() == (True, "off") and (config.scan.allow_gc, config.checks) == (False, "on")


@pytest.mark.parametrize("name, value", [("floatX", "float8"), ("device", "abacus"), ("max_specializations", "x")])
def test_bad_values(name, value):
    before = config.get(name)
    with pytest.raises(ValueError, match=name):
        config.set(name, value)
    assert config.get(name) == before


@pytest.mark.parametrize("name", ["cpu", "cpu1", "cuda", "cuda0", "gpu", "gpu1", "tpu", "opencl0:0"])
def test_names_of_devices(name):
    assert config._params["device"].convert(name) == name


#: what Theano 1.0.5 refuses
CONTEXTS = {
    "dev0": "Malformed context map: dev0",
    "a->cuda0->b": "Malformed context map",
    "cpu->cuda0": "Cannot use cpu as context name",
    "cuda7->cuda0": "Cannot use cuda7 as context name",
    "dev0->abacus": "abacus",
}


@pytest.mark.parametrize("value", CONTEXTS)
def test_bad_contexts(value):
    with pytest.raises(ValueError, match=CONTEXTS[value]):
        config._params["contexts"].convert(value)


def test_contexts_and_fixed_flags():
    made = Config()
    made.add("device", "cpu")
    made.fix("device")
    made.device = "cpu"
    with pytest.raises(Exception, match="Can't change the value of this config parameter after initialization!"):
        made.device = "cuda"
    with pytest.raises(ValueError, match="bfloat16 is no type of numpy"):
        config.floatX = "bfloat16"


def test_unknown_flags():
    with pytest.raises(AttributeError, match="nonsense"):
        config.nonsense
    with pytest.raises(AttributeError, match="nonsense"):
        config.nonsense = 1
    with pytest.raises(AttributeError):
        config.change_flags(nonsense=1)


def test_flags_of_programs():
    AddConfigVar("mine.speed", "how fast", EnumStr("slow", "fast"))
    AddConfigVar("mine.loud", "how loud", BoolParam(False))
    assert config.mine.speed == "slow"
    config.mine.loud = "True"
    assert config.mine.loud is True and "mine.loud" in config.changed()
    with pytest.raises(AttributeError, match="already taken"):
        AddConfigVar("mine.loud", "again", BoolParam(False))
    assert "mine.speed = slow" in str(config)


def test_parse_flags():
    assert parse_flags("a=1, b.c = x ,d") == {"a": "1", "b.c": "x", "d": "True"}
    assert parse_flags("gcc.cxxflags='-O3 -march=native',x=2") == {"gcc.cxxflags": "-O3 -march=native", "x": "2"}
    assert parse_flags("") == {}


def test_sources_in_order(tmp_path):
    (tmp_path / "theanorc").write_text("[global]\nfloatX = float32\nopenmp = True\n[blas]\nldflags = -lrc\n")
    (tmp_path / "txrc").write_text("[global]\nchecks = off\n")
    environment = {
        **os.environ,
        "THEANORC": str(tmp_path / "theanorc"),
        "TXRC": str(tmp_path / "txrc"),
        "THEANO_FLAGS": "openmp=False,unheard.of=3,cast_policy=numpy",
        "TX_FLAGS": "cast_policy=custom,device=cuda0",
    }
    code = (
        "from tx.configuration import config as c; print(c.floatX, c.blas.ldflags, c.checks, c.openmp, c.cast_policy)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["float32", "-lrc", "off", "False", "custom"], done.stderr
