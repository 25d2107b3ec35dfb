"""Types, Variables, Apply nodes and Ops; cloning, replacing and pickling small graphs."""

import copy
import pickle

import pytest

import tx
import tx.tensor as T
from tx.graph import Apply, FunctionGraph, MethodNotDefined, MissingInputError, Op, clone, is_same_graph, rebuild
from tx.graph.utils import BadOptimization


def test_names_and_owners():
    x = T.dvector("x")
    y = T.exp(x)
    assert str(x) == "x" and x.owner is None
    assert y.owner.inputs == [x] and y.owner.outputs == [y] and y.index == 0
    assert y.owner.line[0] == __file__
    with pytest.raises(TypeError, match="name should be a string"):
        T.dvector(3)


def test_texts_of_results_are_theanos():
    x = T.dscalar("x")
    assert str(x + 1) == repr(x + 1) == "Elemwise{add,no_inplace}.0"

    class Second(Op):
        default_output = 1
        __props__ = ()

        def make_node(self, a):
            return Apply(self, [a], [a.type(), a.type()])

    assert [str(o) for o in Second().make_node(x).outputs] == ["Second.0", "Second.out"]


def test_apply_refuses_foreign_outputs():
    x = T.dvector("x")
    y = T.exp(x)
    with pytest.raises(ValueError, match="must belong to it"):
        Apply(y.owner.op, [x], [y])
    with pytest.raises(TypeError, match="Variable instances"):
        Apply(y.owner.op, [3], [])


def test_variables_take_attributes_and_tags():
    x = T.dvector("x")
    x.tag.test_value = 3
    x.note = "kept"
    y = pickle.loads(pickle.dumps(x))
    assert y.tag.test_value == 3 and y.note == "kept" and y.name == "x"


def test_rebuild_shares_what_does_not_change():
    x, y, z = T.dvectors("x", "y", "z")
    kept, changed = T.exp(x), T.exp(y)
    (out,) = rebuild([kept + changed], {y: z})
    assert out.owner.inputs[0] is kept
    assert is_same_graph(out, kept + T.exp(z))
    assert not is_same_graph(out, kept + changed)


def test_clone_can_keep_inputs():
    x = T.dvector("x")
    out = T.exp(x) + 1
    (same,), (copied,) = clone([x], [out], copy_inputs=False)
    assert same is x and copied is not out and is_same_graph(out, copied)


def test_pickled_variables_keep_sharing():
    x = T.dmatrix("x")
    a = T.exp(x)
    b = a.sum()
    x2, a2, b2 = pickle.loads(pickle.dumps([x, a, b]))
    assert a2.owner.inputs[0] is x2
    assert b2.owner.inputs[0] is a2
    again = pickle.loads(pickle.dumps([x, a, b]))
    assert again[1] is not a2


def test_copy_and_deepcopy():
    x = T.dvector("x")
    y = T.exp(x)
    shallow, deep = copy.copy(y), copy.deepcopy(y)
    assert shallow.owner is y.owner
    assert deep.owner is not y.owner and deep.owner.inputs[0] is not x


def test_user_op_with_itypes():
    class Twice(Op):
        itypes = [T.dvector]
        otypes = [T.dvector]

    x = T.dvector("x")
    assert Twice()(x).type == T.dvector
    with pytest.raises(ValueError, match="expected 1 inputs"):
        Twice()(x, x)
    with pytest.raises(TypeError, match="expected inputs of types"):
        Twice()(T.fvector())


def test_props_make_ops_equal():
    class Plus(Op):
        __props__ = ("n",)

        def __init__(self, n):
            self.n = n

    assert Plus(1) == Plus(1) and hash(Plus(1)) == hash(Plus(1)) and Plus(1) != Plus(2)
    assert str(Plus(1)) == "Plus{n=1}"
    with pytest.raises(MethodNotDefined):
        Plus(1)(T.dscalar())


def test_function_graph_replaces():
    x, y = T.dvectors("x", "y")
    out = T.exp(x) + T.log(x)
    graph = FunctionGraph([x, y], [out], clone=False)
    graph.replace(out.owner.inputs[0], T.sqrt(y))
    graph.check_integrity()
    assert tx.pp(graph.outputs[0]) == "(sqrt(y) + log(x))"
    assert len(graph.apply_nodes) == 3
    copied, equivalents = graph.clone_get_equiv()
    assert equivalents[graph.outputs[0]] is copied.outputs[0]
    with pytest.raises(BadOptimization):
        graph.replace(graph.outputs[0], T.dmatrix())


def test_function_graph_wants_all_inputs():
    x, y = T.dvectors("x", "y")
    with pytest.raises(MissingInputError, match="y"):
        FunctionGraph([x], [x + y])


def test_function_graph_pickles_inner_boundaries():
    x = T.dvector("x")
    middle = T.exp(x)
    graph = pickle.loads(pickle.dumps(FunctionGraph([middle], [T.exp(middle)], clone=False)))
    assert graph.inputs[0].owner is None and len(graph.apply_nodes) == 1


def test_printing():
    x, y = T.dvectors("x", "y")
    assert tx.pp((x + y) * x) == "((x + y) * x)"
    assert tx.pp(-x - (y - x)) == "((-x) - (y - x))"
    assert tx.pp(T.exp(x) ** 2) == "(exp(x) ** TensorConstant{2})"
    assert tx.pp(abs(x) + T.constant([1.0] * 3)) == "(|x| + TensorConstant{(3,) of 1.0})"
    assert tx.pp(T.gt(x, y)) == "gt(x, y)" and tx.pp(T.zeros_like(x)) == "fill(x, TensorConstant{0.0})"
    assert tx.pp(x.dimshuffle("x", 0)) == "x" and tx.pp(T.dmatrix("m").T) == "m.T"
    text = tx.printing.debugprint(T.exp(x) + y, file="str")
    assert [line.split(" [id")[0] for line in text.splitlines()] == [
        "Elemwise{add,no_inplace}", " |Elemwise{exp,no_inplace}", " | |x", " |y"]  # fmt: skip
    with pytest.raises(TypeError, match="cannot print"):
        tx.printing.debugprint(3)
