"""Rewrites as library authors write them: features, navigators, patterns, databases, and a user's own in a function.

What is expected was asked of Theano 1.0.5.
"""

import logging

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.graph import Apply, FunctionGraph, Op
from tx.graph.features import (
    Feature,
    NodeFinder,
    NoOutputFromInplace,
    PreserveNames,
    PrintListener,
    ReplacementDidntRemovedError,
    ReplaceValidate,
)
from tx.graph.utils import BadOptimization, InconsistencyError, MissingInputError
from tx.legacy import opt
from tx.rewriting.databases import DB, EquilibriumDB, LocalGroupDB, ProxyDB, Query, SequenceDB, TopoDB
from tx.rewriting.navigators import (
    EquilibriumOptimizer,
    MergeOptimizer,
    OpKeyOptimizer,
    TopoOptimizer,
    in2out,
    out2in,
)
from tx.rewriting.optimizers import LocalOptGroup, SeqOptimizer, check_stack_trace, local_optimizer, optimizer
from tx.rewriting.pipeline import optdb
from tx.rewriting.substitutions import OpRemove, OpSub, PatternSub

a, b, c = T.dvectors("a", "b", "c")


def graph(*outputs, features=None):
    return FunctionGraph([a, b, c], list(outputs), features=features)


def names(fgraph):
    return [str(n.op).split(",")[0].strip("}").removeprefix("Elemwise{") for n in fgraph.toposort()]


@local_optimizer([T.exp])
def exp_to_sin(node):
    return [T.sin(node.inputs[0])] if node.op == T.exp else False


# -- features ---------------------------------------------------------------------------------------------------------


class Diary(Feature):
    def __init__(self):
        self.lines = []

    def on_import(self, fgraph, node, reason):
        self.lines.append(("import", node.op, reason))

    def on_prune(self, fgraph, node, reason):
        self.lines.append(("prune", node.op, reason))

    def on_change_input(self, fgraph, node, i, r, new_r, reason=None):
        self.lines.append(("change", node if node == "output" else node.op, i, reason))


def test_features_hear_of_changes_in_theanos_order():
    diary = Diary()
    total = a + b
    g = FunctionGraph([a, b], [T.exp(total) * T.log(total)], features=[diary])
    assert [line[0] for line in diary.lines] == ["import"] * 4
    diary.lines.clear()
    g.replace(g.outputs[0].owner.inputs[0], T.sin(g.inputs[0]) * g.inputs[0], "why")
    assert diary.lines == [
        ("import", T.sin, "why"),
        ("import", T.mul, "why"),
        ("prune", T.exp, "why"),
        ("change", T.mul, 0, "why"),
    ]
    g.check_integrity()
    g.remove_feature(diary)
    g.replace(g.outputs[0], g.inputs[1])
    assert len(diary.lines) == 4 and not g.apply_nodes


def test_changes_are_undone():
    g = graph(T.exp(a) * b)
    g.attach_feature(ReplaceValidate())
    mark, before = g.checkpoint(), names(g)
    g.replace_validate(g.outputs[0].owner.inputs[0], T.cos(g.inputs[1]))
    g.replace_validate(g.outputs[0], g.inputs[0])
    assert names(g) == []
    g.revert(mark)
    assert names(g) == before
    g.check_integrity()


def test_a_replacement_that_fails_leaves_the_graph_as_it_was():
    g = graph(T.exp(a) * b)
    g.attach_feature(ReplaceValidate())
    factor, before = g.outputs[0].owner.inputs[0], names(g)
    with pytest.raises(BadOptimization, match="The type of the replacement must be the same"):
        g.replace_validate(factor, T.dmatrix())
    with pytest.raises(MissingInputError):
        g.replace_validate(factor, T.dvector("unknown"))
    with pytest.raises(ReplacementDidntRemovedError):
        g.replace_all_validate_remove([(factor, T.exp(factor) * 2.0)], remove=[factor.owner])
    assert names(g) == before
    g.check_integrity()


def test_validation_asks_every_feature():
    class Stubborn(Feature):
        def validate(self, fgraph):
            if any(n.op == T.sin for n in fgraph.apply_nodes):
                raise InconsistencyError("no sines")

    g = graph(T.exp(a))
    g.attach_feature(ReplaceValidate())
    g.attach_feature(Stubborn())
    with pytest.raises(InconsistencyError):
        g.replace_validate(g.outputs[0], T.sin(g.inputs[0]))
    assert names(g) == ["exp"] and g.consistent()


def test_outputs_computed_in_place_are_refused():
    class Grabs(Op):
        destroy_map = {0: [0]}

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

    with pytest.raises(InconsistencyError):
        NoOutputFromInplace().validate(graph(Grabs()(a)))
    assert NoOutputFromInplace().validate(graph(T.exp(a)))


def test_nodes_are_found_by_their_op():
    g = graph(T.exp(a) + T.exp(b))
    g.attach_feature(NodeFinder())
    assert len(g.get_nodes(T.exp)) == 2 and g.get_nodes(T.log) == []
    g.replace(g.get_nodes(T.exp)[0].outputs[0], g.inputs[2])
    assert len(g.get_nodes(T.exp)) == 1


def test_listeners_print_and_keep_names(capsys):
    g = graph(T.exp(a) + b)
    old = g.outputs[0].owner.inputs[0]
    old.name = "kept"
    g.attach_feature(PrintListener())
    g.attach_feature(PreserveNames())
    g.replace(old, T.sin(g.inputs[0]), "hm")
    assert g.outputs[0].owner.inputs[0].name == "kept"
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said] == ["attaching", "importing:", "pruning:", "changing"]
    assert said[1].endswith("reason: hm")


def test_variables_know_their_graph_and_readers():
    g = graph(T.exp(a) + b)
    node = g.outputs[0].owner
    assert node.fgraph is g and g.inputs[0].fgraph is g
    assert node.inputs[0].clients == [(node, 0)] and g.clients(g.outputs[0]) == [("output", 0)]
    g.disown()
    with pytest.raises(AttributeError, match="part of no FunctionGraph"):
        _ = node.fgraph


# -- navigators -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "navigator",
    [
        TopoOptimizer(exp_to_sin, order="in_to_out"),
        TopoOptimizer(exp_to_sin, order="out_to_in"),
        in2out(exp_to_sin),
        out2in(exp_to_sin, name="renamed"),
        EquilibriumOptimizer([exp_to_sin], max_use_ratio=10),
        OpKeyOptimizer(OpSub(T.exp, T.sin)),
        SeqOptimizer(TopoOptimizer(exp_to_sin), MergeOptimizer()),
        EquilibriumOptimizer([TopoOptimizer(exp_to_sin)], max_use_ratio=10),
        TopoOptimizer(LocalOptGroup(local_optimizer([T.log])(lambda node: False), exp_to_sin)),
    ],
    ids=range(9),
)
def test_navigators_reach_every_node(navigator):
    g = graph(T.exp(T.exp(a)) + b)
    navigator.optimize(g)
    assert names(g) == ["sin", "sin", "add"]
    g.check_integrity()


def test_an_op_is_removed():
    g = graph(T.exp(T.exp(a)) + b)
    OpKeyOptimizer(OpRemove(T.exp)).optimize(g)
    assert str(g).endswith("(a, b)]")


def test_equal_computations_become_one():
    g = graph(a * b + a * b + a * c)
    MergeOptimizer().optimize(g)
    assert len(g.apply_nodes) == 4 and "*1 -> " in str(g)


@pytest.mark.parametrize("keys", [[T.exp], [type(T.exp)], None], ids=["op", "class", "all"])
def test_local_optimizers_track_ops_and_classes(keys):
    seen = []
    lopt = local_optimizer(keys)(lambda node: seen.append(node.op) or False)
    EquilibriumOptimizer([lopt], max_use_ratio=1).optimize(graph(T.exp(a).sum()))
    assert (T.exp in seen) and (len(seen) == 1 or keys is None)


def test_bad_tracks():
    with pytest.raises(ValueError, match="Use None instead of an empty list"):
        local_optimizer([])(lambda node: None)
    with pytest.raises(TypeError):
        local_optimizer(["exp"])(lambda node: None)
    with pytest.raises(ValueError, match="order must be"):
        TopoOptimizer(exp_to_sin, order="sideways")
    with pytest.raises(TypeError, match="op_key"):
        OpKeyOptimizer(exp_to_sin)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda n: [n.inputs[0], n.inputs[0]], ValueError),
        (lambda n: n.inputs[0], TypeError),
        (lambda n: [T.dmatrix()], BadOptimization),
    ],
)
def test_answers_that_are_none(answer, error):
    g = graph(a * b)
    with pytest.raises(error):
        TopoOptimizer(local_optimizer([T.mul])(answer)).optimize(g)
    assert names(g) == ["mul"]


def test_dicts_are_answers():
    g = graph(a * b)
    swap = local_optimizer([T.mul])(lambda n: {n.outputs[0]: n.inputs[0], "remove": [n]} if n.op == T.mul else None)
    TopoOptimizer(swap).optimize(g)
    assert g.outputs == [g.inputs[0]]


def _broken(node):
    raise ValueError("boo")


def test_failures_are_reported(caplog):
    broken = local_optimizer(None)(_broken)
    with pytest.raises(ValueError, match="boo"):
        TopoOptimizer(broken).optimize(graph(a * b))
    with caplog.at_level(logging.ERROR):
        out2in(broken).optimize(graph(a * b))
    assert "Optimization failure due to: _broken" in caplog.text
    with tx.config.change_flags(on_opt_error="raise"), pytest.raises(ValueError, match="boo"):
        out2in(broken).optimize(graph(a * b))


def test_equilibrium_ends(caplog):
    back_and_forth = local_optimizer([T.exp, T.sin])(lambda n: [(T.sin if n.op == T.exp else T.exp)(*n.inputs)])
    with caplog.at_level(logging.ERROR):
        EquilibriumOptimizer([back_and_forth], max_use_ratio=3).optimize(graph(T.exp(a)))
    assert "max'ed out" in caplog.text


# -- patterns ---------------------------------------------------------------------------------------------------------

FACTOR = PatternSub((T.add, (T.mul, "x", "y"), (T.mul, "x", "z")), (T.mul, "x", (T.add, "y", "z")))


@pytest.mark.parametrize(
    ("pattern", "expression", "expected"),
    [
        (FACTOR, a * b + a * c, a * (b + c)),
        (FACTOR, a * b + b * c, a * b + b * c),
        (PatternSub((T.pow, "x", 2), (T.sqr, "x")), a**2 + b**3, T.sqr(a) + b**3),
        (PatternSub((T.log, (T.exp, "x")), "x"), T.log(T.exp(a + b)), a + b),
        (
            PatternSub((T.exp, {"pattern": "x", "constraint": lambda v: v.name == "a"}), (T.cos, "x")),
            T.exp(a) + T.exp(b),
            T.cos(a) + T.exp(b),
        ),
    ],
    ids=range(5),
)
def test_patterns(pattern, expression, expected):
    g = graph(expression)
    out2in(pattern, name="pattern", ignore_newtrees=True).optimize(g)
    assert str(g) == str(graph(expected))


def test_a_pattern_leaves_alone_what_others_read():
    inner = T.exp(a)
    pattern = (T.log, (T.exp, "x")), "x"
    g = graph(T.log(inner), inner)
    OpKeyOptimizer(PatternSub(*pattern)).optimize(g)
    assert "log" in names(g)
    OpKeyOptimizer(PatternSub(*pattern, allow_multiple_clients=True)).optimize(g)
    assert names(g) == ["exp"]


# -- databases --------------------------------------------------------------------------------------------------------


def test_queries_are_answered():
    db = SequenceDB()
    equilibrium = EquilibriumDB()
    db.register("late", MergeOptimizer(), 5, "fast_run", "x")
    db.register("early", equilibrium, 1, "fast_run")
    equilibrium.register("local", exp_to_sin, "fast_run")
    assert [type(o) for o in db.query("+fast_run")] == [EquilibriumOptimizer, MergeOptimizer]
    assert db.query("+fast_run")[0].members == [exp_to_sin]
    assert [type(o) for o in db.query("+fast_run", "-x")] == [EquilibriumOptimizer]
    assert [type(o) for o in db.query(Query(["fast_run"], require=["x"]))] == [MergeOptimizer]
    assert [type(o) for o in db.query(Query(["fast_run"], position_cutoff=3))] == [EquilibriumOptimizer]
    extra = TopoOptimizer(exp_to_sin)
    assert db.query(Query(["fast_run"]).register((extra, 3)))[1] is extra
    assert db["late"] is db.query("+late")[0] and "late" in db and "x" in db and "nothing" not in db


def test_groups_proxies_and_walks_are_databases():
    group = LocalGroupDB()
    group.register("second", exp_to_sin, "t", position=2)
    first = local_optimizer([T.exp])(lambda node: [T.cos(node.inputs[0])])
    group.register("first", first, "t", position=1)
    assert group.query("+t").opts == [first, exp_to_sin]
    walk = TopoDB(group, order="out_to_in").query("+t")
    g = graph(T.exp(a))
    walk.optimize(g)
    assert names(g) == ["cos"]
    assert ProxyDB(group).query("+t").opts == [first, exp_to_sin]


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda db: db.register("taken", MergeOptimizer()), ValueError),
        (lambda db: db.register("tag", MergeOptimizer()), ValueError),
        (lambda db: db.register("new", 3), TypeError),
        (lambda db: db["nothing"], KeyError),
        (lambda db: db.query("tag"), ValueError),
        (lambda db: ProxyDB(3), TypeError),
    ],
)
def test_databases_refuse(attempt, error):
    db = DB()
    db.register("taken", MergeOptimizer(), "tag")
    with pytest.raises(error):
        attempt(db)


def test_queries_print_and_change():
    query = Query(["a"]).including("z").excluding("q").requiring("r")
    assert str(query) == ("Query{inc=['a', 'z'],ex=['q'],require=['r'],subquery={},position_cutoff=inf,extra_opts=[]}")
    assert query == Query(["a", "z"], ["r"], ["q"]) and query != Query(["a"])


# -- in a function ----------------------------------------------------------------------------------------------------


class Doubled(Op):
    """Twice its input; `lowering`-free: it runs through `perform`."""

    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = 2 * inputs[0]


@pytest.fixture
def forget():
    """Takes what a test registers out of the databases again."""
    databases = [optdb, *(optdb[name] for name in ("canonicalize", "specialize", "stabilize"))]
    kept = [(db, dict(db._entries), dict(db._tags)) for db in databases]
    yield
    for db, entries, tags in kept:
        db._entries, db._tags = entries, tags


@pytest.mark.parametrize("register", [opt.register_specialize, opt.register_canonicalize, opt.register_stabilize])
def test_a_registered_rewrite_runs(register, forget):
    @register
    @local_optimizer([T.add])
    def local_sum_of_equals(node):
        if node.op == T.add and len(node.inputs) == 2 and node.inputs[0] is node.inputs[1]:
            return [Doubled()(node.inputs[0])]
        return False

    y = T.exp(a) + T.exp(a)
    f = tx.function([a], y)
    assert any(isinstance(n.op, Doubled) for n in f.maker.fgraph.apply_nodes)
    np.testing.assert_allclose(f([0.0, 1.0]), 2 * np.exp([0.0, 1.0]))
    assert y.owner.op == T.add, "the user's graph stays as it was"
    plain = tx.function([a], y, mode=tx.compile.Mode(optimizer=None))
    assert not any(isinstance(n.op, Doubled) for n in plain.maker.fgraph.apply_nodes)
    with pytest.raises(ValueError, match="existing"):
        register(local_sum_of_equals)


def test_tags_choose(forget):
    @opt.register_specialize("my_tag", name="mine")
    @local_optimizer([T.exp])
    def local_mine(node):
        return [T.cos(node.inputs[0])]

    assert tx.function([a], T.exp(a))([0.0]) == [1.0]
    assert tx.function([a], T.exp(a))([np.pi]) == [-1.0]
    for excluded in ("my_tag", "mine", "specialize"):
        mode = tx.compile.get_mode("FAST_RUN").excluding(excluded)
        assert tx.function([a], T.exp(a), mode=mode)([np.pi]) > 20
    own = tx.compile.Mode(optimizer=Query(["my_tag", "specialize"]))
    assert tx.function([a], T.exp(a), mode=own)([np.pi]) == [-1.0]


def test_optimizers_of_whole_graphs_run(forget):
    @optimizer
    def replace_sines(fgraph):
        for node in fgraph.toposort():
            if node.op == T.sin:
                fgraph.replace_all_validate([(node.outputs[0], T.cos(node.inputs[0]))])

    replace_sines.requirements = (lambda fgraph: fgraph.attach_feature(ReplaceValidate()),)
    tx.compile.optdb.register("no_sines", replace_sines, 60, "fast_run")
    s = tx.shared(np.zeros(2))
    f = tx.function([], T.sin(s) + 1.0, updates=[(s, T.sin(s))])
    assert f().tolist() == [2.0, 2.0] and s.get_value().tolist() == [1.0, 1.0]
    alone = tx.compile.Mode(optimizer=TopoOptimizer(exp_to_sin))
    assert tx.function([a], T.exp(a), mode=alone)([0.0]) == [0.0]


def test_lines_are_handed_on():
    g = graph(T.exp(a) + b)
    TopoOptimizer(exp_to_sin).optimize(g)
    assert check_stack_trace(g, "all") and g.toposort()[0].line[0] == __file__
