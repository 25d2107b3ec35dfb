"""Theano's import paths, in processes of their own: what they change is the whole process."""

import importlib
import subprocess
import sys

import pytest


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def check(code):
    done = run("import tx; tx.install()\n" + code)
    assert done.returncode == 0, done.stderr


def test_theano_is_tx():
    check(
        """
import theano, theano.tensor as T, theano.tensor
import tx.tensor
assert theano is tx and T is tx.tensor and theano.tensor is tx.tensor
from theano import config, function, shared
from theano.tensor.nnet import softmax
import theano.tensor.nnet as nnet
assert nnet is tx.tensor.nnet
"""
    )


@pytest.mark.parametrize("root", ["theano", "tx"])
def test_historical_paths(root):
    done = run(
        f"""import tx
{"tx.install()" if root == "theano" else ""}
from {root}.gof import Apply, Op, Variable
from {root}.gof.graph import inputs, Constant
from {root}.compile.sharedvalue import SharedVariable
from {root}.compile.pfunc import Param
from {root}.tensor.basic import as_tensor_variable, TensorType
from {root}.tensor.var import TensorVariable
from {root}.tensor.nnet.nnet import softmax
from {root}.configparser import AddConfigVar, BoolParam
from {root}.compat import OrderedDict, izip
from {root}.tensor.shared_randomstreams import RandomStreams
from {root}.tensor.raw_random import uniform, random_state_type
import {root}.gof.utils as utils
import {root}.tensor.elemwise, {root}.tensor.subtensor
assert utils.scratchpad and {root}.tensor.elemwise.Elemwise and Apply is tx.Apply
assert {root}.tensor.elemwise is tx.tensor.elemwise and {root}.gof.graph is tx.gof.graph
from {root}.compile.mode import Mode, optdb
from {root}.sandbox.rng_mrg import MRG_RandomStreams
import {root} as theano
import {root}.tensor.nnet.conv as conv
assert theano.tensor.nnet.conv is conv and MRG_RandomStreams is theano.sandbox.rng_mrg.MRG_RandomStreams
"""
    )
    assert done.returncode == 0, done.stderr


def test_what_tx_does_not_have_is_said():
    done = run("import tx; tx.install()\nimport theano.sandbox.nothing")
    assert done.returncode == 1 and "tx has no sandbox" in done.stderr
    done = run("import tx; tx.install()\nfrom theano.gof import Nothing")
    assert "ImportError" in done.stderr


def test_nothing_happens_without_install():
    assert "ModuleNotFoundError" in run("import tx\nimport theano.tensor").stderr


def test_star_imports():
    check(
        """
from theano.gof import *
from theano.tensor import *
from theano.scalar import *
assert upgrade_to_float and repr(float64) == "Scalar(float64)" and UnaryScalarOp and Mul
assert Apply is tx.Apply and dmatrix.ndim == 2 and grad is tx.grad and shared_randomstreams.RandomStreams and raw_random
"""
    )


def test_twice_is_as_once():
    check("import sys; n = len(sys.meta_path); tx.install(); assert len(sys.meta_path) == n")


def test_functions_are_not_replaced_by_modules_of_their_name():
    check(
        """
import theano.tensor.sort, theano.tensor.var, theano.shared
import theano, theano.tensor as T
from theano.tensor.var import TensorVariable
assert T.sort(T.dvector()).ndim == 1 and T.var(T.dvector()).ndim == 0
assert theano.shared(1.0).ndim == 0 and TensorVariable is T.TensorVariable
"""
    )


@pytest.mark.parametrize("path", ["scalar", "scalar.basic", "scalar.basic_scipy", "tensor.basic", "gof"])
def test_what_there_is_not_is_an_attribute_error(path):
    module = importlib.import_module(f"tx.{path}")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        module.nothing
