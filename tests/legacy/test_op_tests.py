"""The makers of tests find what is wrong, and nothing else."""

import io
import unittest

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.legacy import op_tests, record

X = np.array([0.5, 1.5])


class Wrong(tx.Op):
    """The double, with a wrong gradient and a wrong R-operator."""

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = 2 * inputs[0]

    def grad(self, inputs, gradients):
        return [3 * gradients[0]]

    def R_op(self, inputs, eval_points):
        return [4 * eval_points[0]]


def failures(case):
    """The names of the tests of a TestCase that fail."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return {test.id().rpartition(".")[2] for test, _ in result.failures + result.errors}


def test_a_good_op():
    case = op_tests.makeBroadcastTester(
        T.add, np.add, good={"same": (X, X), "column": (np.ones((2, 1)), np.ones((2, 3)))}, grad={"same": (X, X)},
        bad_runtime={"lengths": (X, np.ones(3))}, checks={"finite": lambda inputs, outputs: np.isfinite(outputs).all()},
    )  # fmt: skip
    assert case.__name__.endswith("Tester") and failures(case) == set()


@pytest.mark.parametrize(
    ("tables", "failing"),
    [
        ({"good": {"x": (X,)}, "expected": lambda x: 3 * x}, {"test_good"}),
        ({"grad": {"x": (X,)}}, {"test_grad"}),
        ({"bad_build": {"x": (X,)}}, {"test_bad_build"}),
        ({"bad_runtime": {"x": (X,)}}, {"test_bad_runtime"}),
        ({"good": {"x": (X,)}, "checks": {"none": lambda *_: False}}, {"test_good"}),
    ],
)
def test_a_bad_op(tables, failing):
    arguments = {"expected": lambda x: 2 * x, **tables}
    assert failures(op_tests.makeTester("WrongTester", Wrong(), **arguments)) == failing


def test_a_tester_that_is_skipped():
    case = op_tests.makeTester("SkippedTester", Wrong(), None, grad={"x": (X,)}, skip="for a reason")
    assert failures(case) == set()
    with pytest.raises(AssertionError):
        op_tests.makeTester("Name", T.add, np.add)


@pytest.fixture
def checker():
    made = op_tests.RopLop_checker("setUp")
    made.setUp()
    return made


def test_rop_and_lop(checker):
    checker.check_rop_lop(T.exp(checker.x) * 2, checker.in_shape)
    checker.check_mat_rop_lop((checker.mx**2).sum(axis=0), (checker.mat_in_shape[1],))
    with pytest.raises(AssertionError, match="mismatch"):
        checker.check_rop_lop(Wrong()(checker.x), checker.in_shape)
    with pytest.raises(AssertionError):
        checker.check_nondiff_rop(checker.x * 2)


def test_a_record_is_replayed():
    x = T.dvector("x")
    written = io.StringIO()
    tx.function([x], T.exp(x), mode=record.RecordMode(file_object=written))([1.0])
    again = io.StringIO(written.getvalue())
    replay = tx.function([x], T.exp(x), mode=record.RecordMode(record.Record(file_object=again, replay=True)))
    replay([1.0])
    assert again.read() == ""
    again.seek(0)
    with pytest.raises(record.MismatchError):
        replay([2.0])
