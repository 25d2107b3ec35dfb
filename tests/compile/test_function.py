"""`tx.function`: inputs, outputs, updates, givens, shared variables, errors."""

import pickle

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.compile.function import UnusedInputError


@pytest.fixture(scope="module")
def x():
    return T.dvector("x")


def test_forms_of_outputs(x):
    assert tx.function([x], x.sum())([1, 2]) == 3
    one, two = tx.function([x], [x.sum(), x * 2])([1, 2])
    assert one == 3 and two.tolist() == [2, 4]
    assert tx.function([x], [x.sum()])([1])[0] == 1
    assert tx.function([x], {"b": x[0], "a": x[1]})([1, 2]) == {"a": 2, "b": 1}
    assert tx.function([], [])() == []
    assert tx.function([x], None, on_unused_input="ignore")([1]) == []
    assert tx.function([], T.constant(3.0))() == 3
    assert tx.function([x], tx.Out(x * 2, borrow=True))([1]).tolist() == [2]


def test_outputs_are_writable_ndarrays(x):
    f = tx.function([x], [x * 2, x, x.sum()])
    given = np.ones(3)
    doubled, same, total = f(given)
    assert all(type(v) is np.ndarray for v in (doubled, same, total)) and total.ndim == 0
    doubled[0] = 9
    same[0] = 9
    assert given[0] == 1 and f(given)[0][0] == 2


def test_arguments_may_be_written_to_at_once():
    s = tx.shared(np.zeros(200_000), borrow=True)
    x = T.dvector()
    f = tx.function([x], updates=[(s, s + x)])
    argument = np.ones(200_000)
    for _ in range(5):
        argument[:] = 1
        f(argument)
        argument[:] = -7
    assert (s.get_value() == 5).all()


def test_filtering(x):
    f = tx.function([x], x)
    assert f([1, 2]).dtype == "float64"
    assert f(np.array([1, 2], "int32")).dtype == "float64"
    with pytest.raises(TypeError, match=r'argument named "x".*index 0.*(?s:.)*Wrong number of dimensions'):
        f(np.zeros((2, 2)))
    with pytest.raises(TypeError, match="Expected an array-like object, but found a Variable"):
        f(x)
    i = T.ivector("i")
    g = tx.function([i], i)
    with pytest.raises(TypeError, match="cannot store a value of dtype float64 without risking loss"):
        g(np.array([1.5]))
    assert tx.function([i], i, allow_input_downcast=True)([1.7]).tolist() == [1]
    with pytest.raises(TypeError, match="expected a ndarray object"):
        tx.function([tx.In(x, strict=True)], x)([1.0])
    row = T.drow("row")
    with pytest.raises(TypeError, match="Non-unit value"):
        tx.function([row], row)(np.zeros((2, 2)))


def test_python_floats_are_floatx():
    with tx.config.change_flags(floatX="float32"):
        v = T.scalar("v")
        assert tx.function([v], v)(0.1).dtype == "float32"
    d = T.fscalar("d")
    with pytest.raises(TypeError, match="cannot store accurately"):
        tx.function([d], d)(0.1)


def test_names_and_defaults(x):
    y = T.dscalar("y")
    f = tx.function([x, tx.In(y, value=2.0)], x * y, name="scale")
    assert f([1]).tolist() == [2] and f([1], 3).tolist() == [3] and f(x=[1], y=4).tolist() == [4]
    for arguments, keywords, message in [
        ((), {}, "Missing required input: x"),
        (([1], 2, 3), {}, "Too many parameter"),
        (([1],), {"z": 1}, "Unknown input or state: z"),
        (([1],), {"x": [1]}, "Multiple values for input: x"),
    ]:
        with pytest.raises(TypeError, match=message):
            f(*arguments, **keywords)


def test_updates_are_simultaneous_and_swap():
    a, b = tx.shared(1.0, name="a"), tx.shared(2.0, name="b")
    swap = tx.function([], [a, b], updates=[(a, b), (b, a)])
    assert [float(v) for v in swap()] == [1, 2]
    assert (a.get_value(), b.get_value()) == (2, 1)
    swap()
    assert (a.get_value(), b.get_value()) == (1, 2)


def test_states_never_share_a_buffer():
    a, b, c = (tx.shared(np.zeros(4) + k) for k in range(3))
    spread = tx.function([], updates=[(a, c), (b, c)])
    step = tx.function([], updates=[(a, a + 1), (c, c * 10)])
    spread()
    step()
    assert (a.get_value()[0], b.get_value()[0], c.get_value()[0]) == (3, 2, 20)


def test_updates_may_change_shapes():
    s = tx.shared(np.zeros(1))
    grow = tx.function([], s.shape[0], updates=[(s, T.concatenate([s, s]))])
    assert [int(grow()) for _ in range(3)] == [1, 2, 4]
    assert s.get_value().shape == (8,)


def test_update_types():
    s = tx.shared(np.zeros(2, "float32"), name="s")
    with pytest.raises(TypeError, match="must have the same type"):
        tx.function([], updates=[(s, s.astype("float64"))])
    with pytest.raises(TypeError, match="must have the same type"):
        tx.function([], updates=[(s, s.sum())])
    with pytest.raises(TypeError, match="must be a SharedVariable"):
        tx.function([], updates=[(T.dscalar(), 1)])
    with pytest.raises(ValueError, match="already has an update"):
        tx.function([], updates=[(s, s), (s, s + 1)])
    with pytest.raises(ValueError, match="updates parameter must be"):
        tx.function([], updates=3)


def test_givens(x):
    y = T.dvector("y")
    out = T.exp(x) + y
    f = tx.function([x], out, givens={y: x * 2})
    np.testing.assert_allclose(f([0.0]), [1.0])
    assert tx.function([], out.sum(), givens=[(x, np.zeros(2)), (y, np.ones(2))])() == 4
    data = tx.shared(np.arange(3.0))
    assert tx.function([], x.sum(), givens={x: data})() == 3
    with pytest.raises(TypeError):
        tx.function([], x, givens={x: T.dmatrix()})


def test_unused_and_missing_inputs(x):
    y = T.dvector("y")
    with pytest.raises(UnusedInputError, match="index 1 is not part"):
        tx.function([x, y], x)
    with pytest.warns(UserWarning, match="index 1 is not part"):
        tx.function([x, y], x, on_unused_input="warn")
    with pytest.raises(tx.MissingInputError, match="y"):
        tx.function([x], x + y)
    with pytest.raises(TypeError, match="shared variable"):
        tx.function([tx.shared(1.0)], x)
    with pytest.raises(UnusedInputError, match="listed twice"):
        tx.function([x, x], x)


def test_default_updates():
    s = tx.shared(0, name="s")
    s.default_update = s + 1
    f, g = tx.function([], s), tx.function([], s, no_default_updates=True)
    assert [int(f()), int(f()), int(g()), int(g())] == [0, 1, 2, 2]


def test_shared_variables():
    given = np.zeros(2)
    s = tx.shared(given, name="s")
    given[0] = 1
    assert s.get_value()[0] == 0
    value = s.get_value()
    value[0] = 5
    assert s.get_value()[0] == 0 and s.type == T.dvector and s.name == "s"
    s.set_value([1, 2])
    s.value = np.array([3.0, 4.0])
    assert s.value.tolist() == [3, 4]
    with pytest.raises(TypeError):
        s.set_value(np.zeros((2, 2)))
    with pytest.raises(TypeError, match="symbolic"):
        tx.shared(T.dscalar())
    with pytest.raises(TypeError, match="No suitable SharedVariable"):
        tx.shared(object(), unknown=1)
    copied = pickle.loads(pickle.dumps(s))
    assert copied.get_value().tolist() == [3, 4] and copied.container is not s.container


def test_borrowed_value_is_not_harmed_by_updates():
    s = tx.shared(np.zeros(1000))
    f = tx.function([], updates=[(s, s + 1)])
    f()
    view = s.get_value(borrow=True)
    f()
    assert view[0] == 1 and s.get_value()[0] == 2


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("length", [3, 400])
@pytest.mark.parametrize("set_later", [False, True])
def test_what_a_shared_variable_is_made_of_stays_the_users(length, order, set_later):
    given = np.asarray(np.arange(length * length, dtype="float64").reshape(length, length), order=order)
    start = given.copy()
    s = tx.shared(np.zeros((1, 1)) if set_later else given)
    if set_later:
        s.set_value(given)
    f = tx.function([], s[0, 0], updates=[(s, s + 1)])
    given[0, 0] = 99
    assert f() == 0 and f() == 1
    given[0, 0] = 0
    np.testing.assert_array_equal(given, start)
    np.testing.assert_array_equal(s.get_value(), start + 2)


@pytest.mark.parametrize("length", [3, 400])
@pytest.mark.parametrize("read", ["get_value", "container", "function"])
def test_a_view_of_before_the_first_call_is_apart(length, read):
    s = tx.shared(np.zeros((length, length)), "s")
    f = tx.function([], s[0, 0], updates=[(s, s + 1)])
    views = {
        "get_value": lambda: s.get_value(borrow=True),
        "container": lambda: s.container.value,
        "function": lambda: f[s],
    }
    view = views[read]()
    view = view if view.flags.writeable else view.copy()
    assert f() == 0 and not view.any()
    view[...] = 7
    assert f() == 1 and (view == 7).all() and (s.get_value() == 2).all()


def test_modes(x):
    for mode in ("FAST_RUN", "FAST_COMPILE", tx.Mode(), None):
        np.testing.assert_allclose(tx.function([x], T.exp(x), mode=mode)([0.0]), [1.0])
    with pytest.raises(Exception, match="No predefined mode"):
        tx.function([x], x, mode="SLOW")


def test_eval_and_copy(x):
    assert (x * 2).eval({x: [1.0]}).tolist() == [2]
    with pytest.raises(tx.MissingInputError):
        (x * 2).eval()
    s, t = tx.shared(1.0), tx.shared(10.0)
    f = tx.function([], s, updates=[(s, s + 1)])
    g = f.copy(swap={s: t})
    assert g() == 10 and t.get_value() == 11 and s.get_value() == 1
    assert f.copy(delete_updates=True)() == 1 and s.get_value() == 1
    again = pickle.loads(pickle.dumps(f))
    assert again() == 1 and again() == 2 and s.get_value() == 1


def test_x64_stays_off(x):
    import jax

    tx.function([x], x * 2)([1.0])
    assert jax.numpy.ones(1).dtype == "float32"


def test_inner_variable_as_input(x):
    middle = T.exp(x)
    assert tx.function([middle], middle * 2)([3.0]).tolist() == [6]


@tx.as_op([tx.generic, T.dvector], [T.dvector])
def scaled(table, v):
    return v * table["factor"]


@tx.as_op([tx.generic], [tx.generic])
def raised(table):
    return {"factor": table["factor"] + 1}


@pytest.mark.parametrize("mode", [None, "DebugMode", "NanGuardMode"])
def test_objects_that_are_no_arrays_are_inputs_states_and_outputs(mode, x):
    g = tx.generic("g")
    f = tx.function([g, x], [scaled(g, x) + 1, g, raised(g)], mode=mode)
    table = {"factor": 3.0}
    product, same, more = f(table, [1, 2])
    assert product.tolist() == [4, 7] and same is table and more == {"factor": 4}
    state, total = tx.shared({"factor": 2.0}), tx.shared(np.zeros(2))
    checked = tx.tensor.assertions.Assert("negative")(total, T.all(x > 0))
    step = tx.function(
        [x], [scaled(state, x), checked], updates=[(state, raised(state)), (total, checked + x)], mode=mode
    )
    assert step([1, 2])[0].tolist() == [2, 4] and step([1, 2])[0].tolist() == [3, 6]
    with pytest.raises(AssertionError, match="negative"):
        step([-1, 2])
    assert state.get_value() == {"factor": 4} and total.get_value().tolist() == [2, 4]
    assert step([1, 1])[1].tolist() == [2, 4] and state.get_value() == {"factor": 5}
