"""Functions on eight devices that a CPU pretends to have. `test_sharding.py` runs this file in a process of its own."""

import pickle
import re

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.ifelse import ifelse
from tx.lowering.export import export_function
from tx.printing import Print, stages
from tx.random import JaxRandomStreams, MRG_RandomStreams
from tx.tensor.assertions import Assert

COLLECTIVES = "all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter"
STEPS = 50


@pytest.fixture(scope="module")
def mesh():
    return tx.mesh(batch=8)


def collectives(function):
    """Kind and type of each transfer between devices in the program that runs."""
    return [(kind, what) for what, kind in re.findall(rf"= (\S.*?) ({COLLECTIVES})\(", stages(function).hlo)]


def shards(variable):
    """The shape of each device's part of a shared variable, which a function has used."""
    held = variable.get_value(borrow=True, return_internal_type=True)
    return {s.data.shape for s in held.addressable_shards}


# -- models: (inputs, parameters, cost) --------------------------------------------------------------------------------


def mlp(axis=None, cost="squares"):
    """A hidden layer, whose units are divided along an axis of the mesh, if one is given."""
    rng = np.random.RandomState(0)
    x, y = T.dmatrix("x"), T.dmatrix("y") if cost == "squares" else T.ivector("y")
    W = tx.shared(rng.randn(20, 16) * 0.1, "W", sharding=axis and (None, axis))
    b = tx.shared(np.zeros(16), "b", sharding=axis)
    V = tx.shared(rng.randn(16, 10) * 0.1, "V", sharding=axis and (axis, None))
    out = T.dot(T.tanh(T.dot(x, W) + b), V)
    if cost == "squares":
        value = ((out - y) ** 2).mean()
    else:
        value = -T.mean(T.log(T.nnet.softmax(out))[T.arange(y.shape[0]), y])
    return [x, y], [W, b, V], value


def convnet():
    rng = np.random.RandomState(0)
    x, y = T.tensor4("x", "float64"), T.dmatrix("y")
    F, G = tx.shared(rng.randn(4, 3, 3, 3) * 0.3, "F"), tx.shared(rng.randn(5, 4, 2, 2) * 0.3, "G")
    V = tx.shared(rng.randn(20, 10) * 0.3, "V")
    h = T.signal.pool.pool_2d(T.nnet.relu(T.nnet.conv2d(x, F)), (2, 2), ignore_border=True)
    h = T.nnet.relu(T.nnet.conv2d(h, G, border_mode="valid"))
    return [x, y], [F, G, V], ((T.dot(h.flatten(2), V) - y) ** 2).mean()


def trained(model, steps=STEPS, shape=(16, 20), mesh=None, shard=None):
    """The function, its parameters and the costs of training a model, with momentum."""
    inputs, parameters, cost = model
    rng = np.random.RandomState(1)
    updates = []
    for p, g in zip(parameters, T.grad(cost, parameters), strict=True):
        v = tx.shared(np.zeros_like(p.get_value()), f"{p.name} momentum")
        v.container.sharding = p.container.sharding
        updates += [(v, 0.9 * v - 0.05 * g), (p, p + 0.9 * v - 0.05 * g)]
    specs = None if shard is None else dict.fromkeys(inputs, shard)
    f = tx.function(inputs, cost, updates=updates, mesh=mesh, shard=specs)
    costs = []
    for _ in range(steps):
        x = rng.randn(*shape)
        y = rng.randn(shape[0], 10) if inputs[1].ndim == 2 else rng.randint(0, 10, shape[0]).astype("int32")
        costs.append(float(f(x, y)))
    return f, parameters, np.array(costs)


def assert_same(ours, theirs):
    for a, b in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(a.get_value(), b.get_value(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours[2], theirs[2], rtol=0, atol=1e-6)
    assert len(set(theirs[2])) == len(theirs[2])


# -- training ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", ["squares", "indexing"])
def test_data_parallel_mlp(mesh, cost):
    ours = trained(mlp(cost=cost), mesh=mesh, shard="batch")
    assert_same(ours, trained(mlp(cost=cost)))
    # The cost and all gradients are summed over the devices at once: XLA combines the sums.
    assert collectives(ours[0]) == [("all-reduce", "(f64[], f64[20,16]{1,0}, f64[16]{0}, f64[16,10]{1,0})")]


def test_labels_that_the_device_checks(mesh):
    """Which is the first that is wrong, if any, and what it is: numbers. The labels of arguments the host checks."""
    (x, y), parameters, cost = mlp(cost="indexing")
    labels = tx.shared(np.zeros(16, "int32"), "labels")
    f = tx.function([x], T.grad(cost, parameters), givens={y: labels}, mesh=mesh, shard={x: "batch", y: "batch"})
    f(np.ones((16, 20)))
    *checks, last = collectives(f)
    assert last == ("all-reduce", "(f64[20,16]{1,0}, f64[16]{0}, f64[16,10]{1,0})")
    assert len(checks) == 2
    assert all(kind == "all-reduce" and "[]" in what and not re.search(r"\[\d", what) for kind, what in checks)


def test_data_parallel_convnet(mesh):
    shape = (16, 3, 8, 8)
    ours = trained(convnet(), shape=shape, mesh=mesh, shard="batch")
    assert_same(ours, trained(convnet(), shape=shape))
    ((kind, what),) = collectives(ours[0])
    assert kind == "all-reduce" and what.count("f64[") == 4


def test_parameters_on_all_devices():
    """The hidden layer is divided: each device has an eighth of it, and the outputs are summed, once."""
    ours = trained(mlp("model"), mesh=tx.mesh(model=8))
    assert_same(ours, trained(mlp()))
    assert shards(ours[1][0]) == {(20, 2)} and shards(ours[1][2]) == {(2, 10)}
    held = ours[1][0].get_value(borrow=True, return_internal_type=True)
    assert [s.data.nbytes * 8 for s in held.addressable_shards] == [20 * 16 * 8] * 8
    assert collectives(ours[0]) == [("all-reduce", "f64[16,10]{1,0}")]


def test_both():
    ours = trained(mlp("model"), mesh=tx.mesh(batch=4, model=2), shard="batch")
    assert_same(ours, trained(mlp()))
    assert shards(ours[1][0]) == {(20, 8)}
    assert {kind for kind, _ in collectives(ours[0])} == {"all-reduce"}


def test_dropout_draws_the_numbers_of_one_device(mesh):
    def model():
        inputs, parameters, _ = mlp()
        x, y = inputs
        W, b, V = parameters
        mask = MRG_RandomStreams(7).binomial((x.shape[0], 16), p=0.5, dtype="float64")
        return inputs, parameters, ((T.dot(T.tanh(T.dot(x, W) + b) * mask, V) - y) ** 2).mean()

    assert_same(trained(model(), 5, mesh=mesh, shard="batch"), trained(model(), 5))


@pytest.mark.parametrize("streams", [MRG_RandomStreams, JaxRandomStreams])
def test_streams(mesh, streams):
    def draws(mesh, mark):
        R = streams(3)
        found = [R.uniform((16, 6)), R.normal((32,))]
        f = tx.function([], [mark(v) for v in found], mesh=mesh)
        return [*f(), *f(), *(s.get_value() for s in f.get_shared())]

    for ours, theirs in zip(draws(mesh, lambda v: T.shard(v, "batch")), draws(None, lambda v: v), strict=True):
        np.testing.assert_array_equal(ours, theirs)


# -- what functions do besides -----------------------------------------------------------------------------------------

x, y, n = T.dmatrix("x"), T.dvector("y"), T.lscalar("n")
ROWS = np.arange(32.0).reshape(16, 2) - 10


@tx.as_op([T.dmatrix], [T.dmatrix])
def doubled_by_numpy(a):
    return a * 2


def looped(v):
    return tx.scan(lambda row, total: total + row**2, v, T.zeros_like(v[0]))[0][-1]


@pytest.mark.parametrize(
    "expression",
    [
        lambda: T.sort(x, 0),
        lambda: x[(x > 0).nonzero()],
        lambda: T.repeat(x[:, 0], T.cast(T.arange(16) % 3, "int64")),
        lambda: T.concatenate([x, x[::-1]]),
        lambda: x[3:n],
        lambda: x[T.arange(16), T.cast(x[:, 0], "int64") % 2],
        lambda: T.set_subtensor(x[T.arange(16), T.cast(x[:, 0], "int64") % 2], y),
        lambda: T.inc_subtensor(x[T.cast(y, "int64") % 16], 1.0),
        lambda: doubled_by_numpy(x + 1) * y[:, None],
        lambda: looped(x),
        lambda: T.grad(looped(x).sum(), x),
        lambda: tx.map(lambda row: T.shard(T.outer(row, y), None, "batch"), x)[0],
        lambda: ifelse(T.gt(x.sum(), 0), x * 2, x),
        lambda: T.nnet.softmax(T.dot(x, x.T)),
        lambda: x.reshape((4, 8)).sum(1),
        lambda: T.grad((T.shard(x**2, "batch", None) * y[:, None]).sum(), x),
    ],
)
def test_values_are_those_of_one_device(mesh, expression):
    outputs = expression()
    given = {"on_unused_input": "ignore"}
    one = tx.function([x, y, n], outputs, **given)(ROWS, np.arange(16.0), 9)
    f = tx.function([x, y, n], outputs, mesh=mesh, shard={x: "batch", y: ("batch",)}, **given)
    np.testing.assert_allclose(f(ROWS, np.arange(16.0), 9), one, rtol=1e-12, atol=1e-300)


def test_minibatches_of_a_shared_dataset(mesh):
    data = tx.shared(np.arange(160.0).reshape(80, 2), "data")
    i = T.lscalar("i")
    f = tx.function([i], (x**2).sum(), givens={x: data[i * 16 : (i + 1) * 16]}, mesh=mesh, shard={x: "batch"})
    assert [float(f(k)) for k in range(5)] == [
        float((data.get_value()[16 * k : 16 * k + 16] ** 2).sum()) for k in range(5)
    ]
    assert collectives(f) == [("all-reduce", "f64[]")] and len(f.specializations) == 1
    assert shards(data) == {(80, 2)}


def test_a_failing_call_changes_nothing(mesh):
    W, count = tx.shared(np.ones((16, 2)), "W", sharding="batch"), tx.shared(0, "count")
    checked = Assert("negative")(x, T.ge(x, 0).all())
    f = tx.function(
        [x], (W * checked).sum(), updates=[(W, W + checked), (count, count + 1)], mesh=mesh, shard={x: "batch"}
    )
    f(np.ones((16, 2)))
    with pytest.raises(AssertionError, match="negative"):
        f(ROWS)
    assert (W.get_value() == 2).all() and count.get_value() == 1 and shards(W) == {(2, 2)}
    with pytest.raises(ValueError, match="x cannot be divided: its axis 0 has length 15"):
        f(np.ones((15, 2)))
    f(np.ones((16, 2)))
    assert (W.get_value() == 3).all() and count.get_value() == 2


@pytest.mark.parametrize("sharding", [None, "batch", (None, "batch")])
def test_a_table_that_is_written_into(mesh, sharding):
    """The write into a state is made under a condition: all indices are right."""
    table, start = (
        tx.shared(np.arange(128.0).reshape(16, 8), "table", sharding=sharding),
        np.arange(128.0).reshape(16, 8),
    )
    ids = T.lvector("ids")
    rows = table[ids]
    cost = (rows**2).sum()
    updates = [(table, T.inc_subtensor(rows, -0.1 * T.grad(cost, rows)))]
    f = tx.function([ids], cost, updates=updates, mesh=mesh, shard={ids: "batch"})
    chosen = np.array([3, 1, 1, 15, 0, -1, 2, 3])
    np.testing.assert_allclose(f(chosen), (start[chosen] ** 2).sum())
    expected = start.copy()
    np.add.at(expected, chosen, -0.2 * start[chosen])
    np.testing.assert_allclose(table.get_value(), expected)
    with pytest.raises(IndexError, match="index 16 is out of bounds"):
        f(np.array([0, 1, 2, 16, 4, 5, 17, 7]))
    np.testing.assert_allclose(table.get_value(), expected)
    assert shards(table) == {{None: (16, 8), "batch": (2, 8)}.get(sharding, (16, 1))}


def test_updates_are_made_in_place(mesh):
    W = tx.shared(np.zeros((64, 64)), "W", sharding=(None, "batch"))
    f = tx.function([], updates=[(W, W + 1)], mesh=mesh)

    def pointers():
        held = W.get_value(borrow=True, return_internal_type=True)
        return [s.data.unsafe_buffer_pointer() for s in held.addressable_shards]

    f()
    before = pointers()
    f()
    assert pointers() == before and (W.get_value() == 2).all()


def test_values_are_whole_and_stay_divided(mesh):
    W = tx.shared(np.arange(16.0), "W", sharding="batch", mesh=mesh)
    f = tx.function([], W.sum())  # its mesh is that of W
    assert f() == 120 and shards(W) == {(2,)}
    W.set_value(W.get_value() * 2)
    assert f() == 240 and shards(W) == {(2,)}
    for again in (pickle.loads(pickle.dumps(W)), pickle.loads(pickle.dumps(f)).get_shared()[0]):
        np.testing.assert_array_equal(again.get_value(), W.get_value())
        assert again.container.sharding.spec == ("batch",)
    g = pickle.loads(pickle.dumps(tx.function([y], (W * y).sum(), mesh=mesh, shard={"y": "batch"})))
    assert g(np.ones(16)) == 240 and shards(g.get_shared()[0]) == {(2,)}
    # functions without a mesh take it as it lies, and so do those on another one
    h = tx.function([], updates=[(W, W + 1)], mesh=tx.mesh(batch=4))
    h()
    assert shards(W) == {(4,)} and f() == 256 and shards(W) == {(2,)}


def test_one_mesh_for_all(mesh):
    with mesh:
        W = tx.shared(np.ones((4, 8)), sharding=(None, "batch"))
        f = tx.function([x], T.dot(x, W).sum(0))
    assert (f(np.ones((3, 4))) == 12).all() and shards(W) == {(4, 1)}
    other = tx.shared(np.ones(8), sharding="model", mesh=tx.mesh(model=8))
    with pytest.raises(ValueError, match="another mesh"):
        tx.function([], W.sum() + other.sum())


def test_automatic(mesh):
    """Whatever has a leading size that can be divided, is; the rest is not."""
    with tx.config.change_flags(length_buckets="off"):
        _is_automatic(tx.function([x, y, n], [(x.T * y).sum(1) + n], mesh=tx.mesh(batch=8, automatic=True)))


def _is_automatic(f):
    np.testing.assert_allclose(f(ROWS, np.ones(16), 1)[0], ROWS.sum(0) + 1)
    assert [kind for kind, _ in collectives(f)] == ["all-reduce"]
    with pytest.warns(UserWarning, match=r"shape \(15, 2\) is not divided.*along 'batch' of the mesh \(batch=8\)"):
        np.testing.assert_allclose(f(ROWS[:15], np.ones(15), 1)[0], ROWS[:15].sum(0) + 1)
    np.testing.assert_allclose(f(ROWS[:13], np.ones(13), 1)[0], ROWS[:13].sum(0) + 1)


def test_printing(mesh, capfd):
    f = tx.function([x], Print("seen")(x).sum(), mesh=mesh, shard={x: "batch"})
    assert f(ROWS) == ROWS.sum()
    out = capfd.readouterr().out
    assert out.count("seen") == 1 and "[-10.  -9.]" in out


@pytest.mark.parametrize("mode", ["DebugMode", "NanGuardMode", "FAST_COMPILE"])
def test_modes(mesh, mode):
    W = tx.shared(np.ones((2, 8)), sharding=(None, "batch"))
    f = tx.function([x], T.dot(x, W).sum(), updates=[(W, W + 1)], mesh=mesh, shard={x: "batch"}, mode=mode)
    assert [float(f(ROWS)), float(f(ROWS))] == [ROWS.sum() * 8, ROWS.sum() * 16]


def test_lengths_that_vary(mesh):
    """Padded forms of functions are on the mesh, too."""
    f = tx.function([x, y], (x * T.exp(y)).sum(), mesh=mesh, shard={x: "batch"})
    for k in (3, 4, 5, 6, 7, 9):
        rows, row = np.ones((16, k)), np.linspace(0, 1, k)
        np.testing.assert_allclose(f(rows, row), (rows * np.exp(row)).sum())


def test_profile_and_copy(mesh):
    f = tx.function([x], x.sum(), mesh=mesh, shard={x: "batch"}, profile=True)
    g = f.copy()
    assert f(ROWS) == g(ROWS) == ROWS.sum()


# -- meshes ------------------------------------------------------------------------------------------------------------


def test_devices():
    W = tx.shared(np.zeros(4), sharding="a", mesh=tx.mesh(a=2, devices=[6, 3]))
    tx.function([], updates=[(W, W + 1)])()
    held = W.get_value(borrow=True, return_internal_type=True)
    first = {s.device.id: s.index[0].start for s in held.addressable_shards}
    assert first[6] in (0, None) and first[3] == 2
    assert tx.mesh(a=2, b=-1).shape == {"a": 2, "b": 4}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tx.mesh(), TypeError, "at least one axis"),
        (lambda: tx.mesh(batch=0), TypeError, "positive"),
        (lambda: tx.mesh(batch=16), ValueError, "16 devices, there are 8.*XLA_FLAGS.*abstract"),
        (lambda: tx.mesh(a=3, b=-1), ValueError, "leaves open"),
        (lambda: tx.mesh(a=1, devices=[8]), ValueError, "no devices"),
        (lambda: tx.function([x], x, shard={x: "batch"}), ValueError, "needs a mesh"),
        (lambda: tx.function([x], x, mesh=8), TypeError, "tx.mesh"),
        (lambda: tx.function([x], x, mesh=tx.mesh(batch=8), shard={x: "model"}), ValueError, "no axis 'model'"),
        (lambda: tx.function([x], x, mesh=tx.mesh(batch=8), shard={y: "batch"}), ValueError, "neither"),
        (lambda: tx.function([x], x, mesh=tx.mesh(batch=8), shard={"z": "batch"}), ValueError, "called 'z'"),
        (lambda: tx.function([x], x, mesh=tx.mesh(batch=8), shard={x: (None, None, "batch")}), ValueError, "3 entries"),
        (lambda: tx.shared(np.ones((2, 2)), sharding=("a", "a")), ValueError, "twice"),
        (lambda: tx.shared(np.ones(6), sharding="a", mesh=tx.mesh(a=8)), ValueError, "length 6"),
        (lambda: tx.function([x], T.shard(x, "a"), mesh=tx.mesh(b=8))(ROWS), ValueError, "no axis 'a'"),
        (lambda: tx.function([x], T.shard(x, "b"), mesh=tx.mesh(b=8))(ROWS[:9]), ValueError, "length 9"),
    ],
)
def test_what_is_wrong(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("abstract", [{"platform": "tpu"}, {"abstract": True}])
def test_sixty_four_chips(abstract):
    inputs, parameters, cost = mlp("model", "indexing")
    updates = [(p, p - 0.1 * g) for p, g in zip(parameters, T.grad(cost, parameters), strict=True)]
    mesh = tx.mesh(batch=32, model=2, **abstract)
    f = tx.function(inputs, cost, updates=updates, mesh=mesh, shard=dict.fromkeys(inputs, "batch"))
    arguments = np.ones((128, 20)), np.zeros(128, "int32")
    text = stages(f, *arguments, platform="tpu").stablehlo
    assert "mhlo.num_partitions = 64" in text and '<["batch"=32, "model"=2]>' in text
    assert re.search(r'tensor<128x20xf64> {sdy.sharding = #sdy.sharding<@mesh, \[{"batch"}, {}\]>', text)
    assert re.search(r'tensor<20x16xf64> {[^}]*sdy.sharding = #sdy.sharding<@mesh, \[{}, {"model"}\]>', text)
    assert stages(f, *arguments).hlo is None
    (exported,) = export_function(f, arguments, ["tpu"])
    assert exported.nr_devices == 64
    with pytest.raises(RuntimeError, match="abstract"):
        f(*arguments)
    with pytest.raises(ValueError, match="mesh"):
        tx.export(f, "nowhere", arguments)
