"""What tests of tensor's Ops share."""

import pytest

import tx


@pytest.fixture(autouse=True, scope="module")
def lowered():
    """XLA computes what is tested, however small: that is what the rules are for. (What numpy makes of the same is
    compared in tests/lowering, and with real Theano's values in tests/test_expressions.py.)"""
    with tx.config.change_flags(tiny="xla"):
        yield
