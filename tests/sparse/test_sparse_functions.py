"""Functions of sparse matrices: what they compute where, how often they are compiled, and who owns what."""

import resource

import numpy as np
import pytest
import scipy.sparse as sp

import tx
import tx.sparse as S
import tx.tensor as T
from tx.lowering import sparse as lowering
from tx.lowering.specialize import Stage

A = sp.csr_matrix(np.array([[1.0, 0, 2], [0, 0, 3.5], [0, -1, 0], [4, 0, 0]]))
SQUARE = sp.csr_matrix(np.array([[0.1, 0, 0.2], [0, 0.5, 0], [0, 0.3, 0.4]]))
x, y, d = S.csr_matrix("x"), S.csr_matrix("y"), T.dmatrix("d")


def same(a, b):
    """Whether two matrices have equal elements."""
    return a.shape == b.shape and abs(a - b).max() < 1e-12


def steps(f):
    """What a function does: the Ops that the host runs, and ``Stage`` for an executable."""
    return ["Stage" if isinstance(s, Stage) else str(s.node.op) for s, _, _ in f.program.steps if hasattr(s, "node")
            or isinstance(s, Stage)]  # fmt: skip


# -- where it is computed ---------------------------------------------------------------------------------------------


def test_a_large_matrix_is_never_dense():
    n = 100_000
    rng = np.random.RandomState(0)
    big = sp.csr_matrix((rng.randn(n), (rng.randint(n, size=n), rng.randint(n, size=n))), shape=(n, n))
    dense = rng.randn(n, 3)
    out = S.structured_dot(x, d)
    cost = (out**2).sum() + S.sp_sum(S.sqr(x)) + S.sp_sum(x * x)
    f = tx.function([x, d], [out, *tx.grad(cost, [x, d])])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    value, of_x, of_d = f(big, dense)
    expected = big @ dense
    np.testing.assert_allclose(value, expected, atol=1e-10)
    np.testing.assert_allclose(of_d, 2 * (big.T @ expected), atol=1e-10)
    rows, columns = big.nonzero()
    assert of_x.nnz == big.nnz and np.array_equal(of_x.indices, big.indices)
    coo = big.tocoo()
    expected_x = 2 * (expected[coo.row] * dense[coo.col]).sum(1) + 4 * big.data
    np.testing.assert_allclose(of_x.data, expected_x, atol=1e-10)
    assert len(rows) == len(columns) and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**20  # kB


def test_products_and_stored_elements_are_the_devices_work():
    cost = (S.structured_dot(S.structured_exp(x) * 2, d) ** 2).sum()
    f = tx.function([x, d], [cost, *tx.grad(cost, [x, d])])
    f(A, np.eye(3))
    host = [s for s in steps(f) if s != "Stage"]
    assert all(s.startswith(("CSMPart", "CSM{", "Coordinates")) for s in host), host


def test_a_training_step_of_sparse_weights_is_one_executable():
    w = tx.shared(SQUARE, "w")
    cost = (S.structured_dot(w, d) ** 2).sum()
    train = tx.function([d], updates=[(w, w - 0.1 * tx.grad(cost, w))])
    train(np.eye(3))
    assert steps(train).count("Stage") == 1
    assert same(w.get_value(), SQUARE - 0.2 * SQUARE)


def test_products_with_many_numbers_go_through_their_places_part_by_part(monkeypatch):
    monkeypatch.setattr(lowering, "_MOST_IN_CACHE", 4)
    out = S.structured_dot(2 * x, d / 2)
    f = tx.function([x, d], [out, *tx.grad((out**2).sum(), [x, d])])
    dense = np.arange(6.0).reshape(3, 2)
    value, of_x, of_d = f(A, dense)
    np.testing.assert_allclose(value, A @ dense)
    np.testing.assert_allclose(of_d, 2 * (A.T @ (A @ dense)))
    np.testing.assert_allclose(of_x.toarray(), (A != 0).multiply(2 * (A @ dense) @ dense.T).toarray())


def test_numbers_of_stored_elements_share_executables():
    f = tx.function([x, d], [S.dot(x, d), S.add(x, d[:20])])
    rng = np.random.RandomState(0)
    for _ in range(30):
        matrix = sp.random(20, 30, rng.uniform(0.1, 0.15), "csr", random_state=rng)
        product, total = f(matrix, np.eye(30))
        np.testing.assert_allclose(product, matrix.toarray())
        np.testing.assert_allclose(total, matrix.toarray() + np.eye(30)[:20])
    assert 0 < len(f.specializations) <= 5


def test_what_stays_from_call_to_call_stays_on_the_device():
    documents = tx.shared(sp.random(20, 10, 0.5, "csr", random_state=np.random.RandomState(0)))
    f = tx.function([d], S.add(documents, d[0] + T.zeros((20, 10))))
    first = f(np.eye(10))
    seen = []
    for _ in range(3):
        np.testing.assert_allclose(f(np.eye(10)), first)
        (_, found), *_ = (r for op, r in documents.container.held.found.items() if str(op) == "Coordinates")
        seen.append(found)
    assert all(hasattr(array, "devices") for array in seen[0]) and seen[0] is seen[1] is seen[2]
    documents.set_value(2 * documents.get_value())
    np.testing.assert_allclose(f(np.zeros((10, 10))), documents.get_value().toarray())


_FORMS = {
    "matrix": (lambda x, d: S.dot(x, d), lambda a, b: a @ b),
    "vector": (lambda x, d: S.dot(x, d[:, 0]), lambda a, b: a @ b[:, 0]),
    "transposed": (lambda x, d: S.dot(x.T, d), lambda a, b: a.T @ b),
    "left": (lambda x, d: S.dot(d.T, x), lambda a, b: b.T @ a),
    "left, a vector": (lambda x, d: S.dot(d[:, 0], x), lambda a, b: b[:, 0] @ a),
    "left, transposed": (lambda x, d: S.dot(d.T, x.T), lambda a, b: b.T @ a.T),
    "structured": (lambda x, d: S.structured_dot(x, d), lambda a, b: a @ b),
    "structured, transposed": (lambda x, d: S.structured_dot(x.T, d), lambda a, b: a.T @ b),
    "a column": (lambda x, d: S.dot(x, d[:, 0].dimshuffle(0, "x")), lambda a, b: a @ b[:, :1]),
}


#: blocks cannot be transposed
_CASES = [(n, f) for n in _FORMS for f in ("csr", "csc", "bsr") if f != "bsr" or "transposed" not in n]


@pytest.mark.parametrize("name, format", _CASES)
@pytest.mark.parametrize("given", ["argument", "shared", "constant"])
def test_products_with_a_matrix_that_is_there_are_scipys(name, format, given):
    written, expected = _FORMS[name]
    dense = np.arange(24.0).reshape(8, 3) - 7
    rng = np.random.RandomState(1)
    matrix = sp.random(8, 8, 0.4, format, "float32", rng)
    variable = {
        "argument": S.SparseType(format, "float32")(), "shared": tx.shared(matrix),
        "constant": S.as_sparse_variable(matrix),
    }[given]  # fmt: skip
    out = written(variable, d)
    f = tx.function([variable, d] if given == "argument" else [d], out)
    arguments = [matrix, dense] if given == "argument" else [dense]
    before = [a.copy() for a in arguments]
    value = f(*arguments)
    assert value.dtype == out.dtype == "float64" and value.flags.c_contiguous
    np.testing.assert_allclose(value, expected(matrix.toarray(), dense), rtol=1e-6)
    assert any(s.startswith("StoredDot") for s in steps(f))
    for a, b in zip(arguments, before, strict=True):
        assert np.array_equal(getattr(a, "toarray", a.copy)(), getattr(b, "toarray", b.copy)())
    with pytest.raises(ValueError, match="mismatch"):
        f(*arguments[:-1], np.ones((5, 3)))


def test_products_of_halves_and_of_nothing():
    h, s = T.TensorType("float16", (False, False))(), S.csr_matrix(dtype="float32")
    f = tx.function([s, h], S.dot(s, h))
    value = f(A.astype("float32"), np.ones((3, 2), "float16"))
    assert value.dtype == "float32" and value.tolist() == [[3, 3], [3.5, 3.5], [-1, -1], [4, 4]]
    f = tx.function([x, d], S.dot(x, d))
    assert f(sp.csr_matrix((0, 3)), np.ones((3, 2))).shape == (0, 2)
    assert f(sp.csr_matrix((2, 0)), np.ones((0, 2))).tolist() == [[0, 0], [0, 0]]
    assert f(A, np.ones((3, 0))).shape == (4, 0)
    assert np.isnan(f(A, np.array([[np.nan], [0], [0]]))[:, 0]).tolist() == [True, False, False, True]


@pytest.mark.parametrize("stored", [0.01, 0.5])
@pytest.mark.parametrize(
    "rule",
    [
        lambda w, g, r: w - r * g,
        lambda w, g, r: w - g * np.float64(0.5) * r,
        lambda w, g, r: w + -r * g,
        lambda w, g, r: r * g + w,
        lambda w, g, r: w - g,
    ],
)
def test_weights_of_a_minibatch_are_updated_by_few_elements(stored, rule):
    """Which are added one by one, or, where there are many, as the product."""
    rng = np.random.RandomState(0)
    start, dense, r = rng.randn(100, 5), rng.randn(20, 5), tx.shared(0.25)
    w = tx.shared(start)
    train = tx.function([x, d], updates=[(w, rule(w, T.grad((S.dot(x, w) * d).sum(), w), r))])
    assert any(s.startswith("TransposedDot") for s in steps(train))
    expected = start
    for _ in range(3):
        matrix = sp.random(20, 100, stored, "csr", random_state=rng)
        train(matrix, dense)
        expected = rule(expected, matrix.toarray().T @ dense, 0.25)
        np.testing.assert_allclose(w.get_value(), expected, rtol=1e-12, atol=1e-14)
    with pytest.raises(ValueError, match="mismatch"):
        train(sp.random(20, 90, stored, "csr"), dense)
    with pytest.raises(ValueError, match="mismatch"):
        train(sp.random(21, 100, stored, "csr"), dense)
    np.testing.assert_allclose(w.get_value(), expected, rtol=1e-12, atol=1e-14)


def test_what_is_not_such_an_update_is_computed_as_it_is_written():
    rng = np.random.RandomState(0)
    start, dense = rng.randn(100, 5), rng.randn(20, 5)
    matrix = sp.random(20, 100, 0.01, "csr", random_state=rng)
    w, one, documents = tx.shared(start), tx.shared(start), tx.shared(matrix)
    g = T.grad((S.dot(x, w) * d).sum(), w)
    of_all = T.grad((S.dot(documents, w) * d).sum(), w)
    f = tx.function([x, d], [2 * w - g, w - g - 1, w - w * g, w - of_all, d - S.dot(x, w)], updates=[(one, one - g)])
    expected = matrix.toarray().T @ dense
    found = f(matrix, dense)
    wanted = [2 * start - expected, start - expected - 1, start - start * expected, start - expected]
    for value, want in zip(found, [*wanted, dense - matrix @ start], strict=True):
        np.testing.assert_allclose(value, want, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(one.get_value(), start - expected, rtol=1e-12, atol=1e-14)


def test_in_loops():
    h = T.dmatrix("h")
    history, _ = tx.scan(lambda h, w: T.tanh(S.structured_dot(w, h)), outputs_info=[h], non_sequences=[x], n_steps=4)
    f = tx.function([x, h], [history[-1], *tx.grad(history[-1].sum(), [x, h])])
    value, of_x, of_h = f(SQUARE, np.eye(3))
    assert "LoopCall" not in [type(s).__name__ for s, _, _ in f.program.steps]
    dense = T.dmatrix()
    history, _ = tx.scan(lambda h, w: T.tanh(T.dot(w, h)), outputs_info=[h], non_sequences=[dense], n_steps=4)
    expected = tx.function([dense, h], [history[-1], *tx.grad(history[-1].sum(), [dense, h])])(
        SQUARE.toarray(), np.eye(3)
    )
    np.testing.assert_allclose(value, expected[0])
    np.testing.assert_allclose(of_x.toarray(), np.where(SQUARE.toarray() != 0, expected[1], 0))
    np.testing.assert_allclose(of_h, expected[2])
    shared = tx.shared(SQUARE)
    history, _ = tx.scan(lambda h: T.tanh(S.dot(shared, h)), outputs_info=[h], n_steps=4)
    assert same(tx.function([h], tx.grad(history[-1].sum(), shared))(np.eye(3)), of_x)


def test_in_branches():
    chosen = tx.function(
        [x, d], [tx.ifelse.ifelse(d.sum() > 0, S.dot(x, d), d), tx.ifelse.ifelse(d.sum() > 0, x, 2 * x)]
    )
    value, matrix = chosen(SQUARE, -np.eye(3))
    assert value.tolist() == (-np.eye(3)).tolist() and same(matrix, 2 * SQUARE)
    value, matrix = chosen(SQUARE, np.eye(3))
    assert value.tolist() == SQUARE.toarray().tolist() and same(matrix, SQUARE)


@pytest.mark.parametrize("mode", ["FAST_COMPILE", "DebugMode", "NanGuardMode", tx.Mode(optimizer=None)], ids=str)
def test_modes(mode):
    outputs = [S.dot(x, d), 2 * x, x + 2 * x, x[1:], S.sp_sum(x, axis=1), tx.grad(S.structured_dot(x, d).sum(), x)]
    f = tx.function([x, d], outputs, mode=mode)
    found = f(A, np.eye(3))
    np.testing.assert_allclose(found[0], A.toarray())
    np.testing.assert_allclose(found[4], np.asarray(A.sum(1)).ravel())
    for matrix, expected in zip((found[1], found[2], found[3], found[5]), (2 * A, 3 * A, A[1:], A != 0), strict=True):
        assert same(matrix, expected.astype("float64"))


def test_dense_arguments_of_many_lengths():
    f = tx.function([x, d], [S.dot(x, d.T), 2 * d.sum(0)])
    for n in (3, 4, 5, 6, 7, 8, 9):
        value, total = f(A, np.ones((n, 3)))
        assert value.shape == (4, n) and total.tolist() == [2.0 * n] * 3


def test_test_values():
    with tx.config.change_flags(compute_test_value="raise"):
        v, e = S.csr_matrix(), T.dmatrix()
        v.tag.test_value, e.tag.test_value = A, np.eye(3)
        np.testing.assert_allclose((S.dot(v, e) + 1).tag.test_value, A.toarray() + 1)
        assert same(
            S.structured_exp(2 * v)[1:].tag.test_value,
            sp.csr_matrix(np.where(A.toarray(), np.exp(2 * A.toarray()), 0)[1:]),
        )
        with pytest.raises(ValueError, match="dimension mismatch"):
            S.dot(v, S.dot(v, e))


def test_sparse_gradients_of_rows():
    i, v = T.lvector("i"), T.dvector("v")
    rows = tx.sparse_grad(d[i])
    g = tx.grad((rows**2).sum(), d)
    assert g.type == S.csc_dmatrix
    f = tx.function([d, i], [rows, g, d - 0.5 * g, tx.grad((rows**2).sum() + (d**2).sum(), d)])
    dense = np.arange(6.0).reshape(3, 2)
    chosen, gradient, updated, both = f(dense, [2, 0, -1])
    expected = [[0, 2], [0, 0], [16, 20]]  # the last row counts twice
    assert chosen.tolist() == dense[[2, 0, 2]].tolist() and gradient.nnz == 6
    assert gradient.toarray().tolist() == expected and updated.tolist() == (dense - 0.5 * np.array(expected)).tolist()
    assert both.tolist() == (2 * dense + np.array(expected)).tolist()
    assert not any(s.startswith(("Construct", "TakeRows")) for s in steps(f))
    plain = tx.function([d, i], [rows, g], mode=tx.Mode(optimizer=None))(dense, [2, 0, -1])
    assert plain[0].tolist() == chosen.tolist() and same(plain[1], gradient)
    for other in (d[0], d[i, i], d[:, i]):
        with pytest.raises(AssertionError):
            tx.sparse_grad(other)
    with pytest.raises(TypeError, match="ndim != 2"):
        tx.grad(tx.sparse_grad(v[i]).sum(), v)


# -- values -----------------------------------------------------------------------------------------------------------


def test_arguments_are_taken_as_their_type_takes_them():
    f = tx.function([x], 2 * x)
    for value in (A, A.tocsc(), A.tocsc().tocoo().tocsr(), A.toarray(), sp.csr_array(A)):
        found = f(value)
        assert type(found) is sp.csr_matrix and same(found, 2 * A)
    for value, error in ((A.astype("float32"), NotImplementedError), ("a", TypeError)):
        with pytest.raises(error, match="Bad input argument"):
            f(value)
    assert same(tx.function([tx.In(x, allow_downcast=True)], 2 * x)(A.astype("float32")), 2 * A)
    assert same(tx.function([tx.In(x, value=A)], 2 * x)(), 2 * A)


def test_nothing_is_shared_with_the_caller():
    shared, argument = tx.shared(A), A.copy()
    f = tx.function([x], [x, shared], updates=[(shared, x)])
    first, _ = f(argument)
    argument.data[:] = 0
    first.data[:] = 0
    assert same(shared.get_value(), A)
    _, second = f(A)
    second.data[:] = 0
    assert same(shared.get_value(), A) and same(f(A)[1], A)
    held = shared.get_value()
    held.data[:] = 0
    assert same(shared.get_value(), A)


def test_shared_matrices():
    shared = tx.shared(A, "shared", format="csc")
    assert shared.type == S.csc_dmatrix and shared.format == "csc" and type(shared.get_value()) is sp.csc_matrix
    f = tx.function([], [shared.shape, S.sp_sum(shared), shared.T], updates=[(shared, 2 * shared)])
    assert f()[1] == 9.5 and f()[1] == 19.0 and same(f()[2], 4 * A.T)
    shared.set_value(SQUARE.tocsc())
    assert f()[0].tolist() == [3, 3]
    with pytest.raises(TypeError, match="same type"):
        tx.function([], updates=[(shared, shared.T)])
    with pytest.raises(NotImplementedError):
        shared.set_value(A.astype("float32").tocsc())
    with pytest.raises(NotImplementedError):
        tx.shared(A.tocoo())


def test_a_failed_call_changes_nothing():
    shared, total = tx.shared(SQUARE), tx.shared(0.0)
    f = tx.function([d], S.dot(x, d), updates=[(shared, 2 * shared), (total, total + 1)], givens={x: shared})
    f(np.eye(3))
    with pytest.raises(ValueError, match="dimension mismatch"):
        f(np.eye(4))
    assert same(shared.get_value(), 2 * SQUARE) and total.get_value() == 1


def test_rows_that_an_argument_chooses():
    documents, i = tx.shared(sp.random(50, 8, 0.3, "csr", random_state=np.random.RandomState(0))), T.lscalar()
    f = tx.function([i, d], S.dot(x, d), givens={x: documents[i * 10 : (i + 1) * 10]})
    for k in range(5):
        np.testing.assert_allclose(f(k, np.eye(8)), documents.get_value()[10 * k : 10 * k + 10].toarray())
    assert len(f.specializations) <= 3


@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (0, 0), (4, 3)])
def test_empty_matrices(shape):
    empty = sp.csr_matrix(shape)
    dense = np.ones((shape[1], 2))
    out = S.structured_dot(x, d)
    f = tx.function(
        [x, d], [out, *tx.grad(out.sum() + S.sp_sum(S.sqr(x)), [x, d]), S.structured_exp(x), S.sp_sum(x, axis=0)]
    )
    value, of_x, of_d, exp, sums = f(empty, dense)
    assert value.tolist() == np.zeros((shape[0], 2)).tolist() and of_d.tolist() == np.zeros_like(dense).tolist()
    assert of_x.shape == exp.shape == shape and not of_x.nnz and not exp.nnz and sums.tolist() == [0] * shape[1]


def test_infinities_stay_in_their_rows():
    dense = np.array([[np.inf], [1.0], [np.nan]])
    out = S.dot(x, d)
    f = tx.function([x, d], [out, S.dot(x.T, out)])
    matrix = sp.csr_matrix(np.array([[0, 2.0, 0], [0, 1.0, 0]]))
    np.testing.assert_allclose(f(matrix, dense)[0], [[2.0], [1.0]])
    np.testing.assert_allclose(f(matrix, dense)[1], [[0.0], [5.0], [0.0]])


def test_duplicates_and_disorder_count():
    twice = sp.csr_matrix((np.array([1.0, 2, 3]), np.array([2, 2, 0]), np.array([0, 3])), shape=(1, 3))
    f = tx.function([x, d], [S.dot(x, d), S.sp_sum(x, axis=0), x.toarray(), 2 * x])
    value, sums, dense, double = f(twice, np.eye(3))
    assert value.tolist() == [[3, 0, 3]] and sums.tolist() == [3, 0, 3] and dense.tolist() == [[3, 0, 3]]
    assert double.data.tolist() == [2, 4, 6]


def test_forward_mode_and_second_derivatives():
    out = S.dot(x, d)
    f = tx.function([x, d], [tx.Rop(out, d, d), tx.grad(tx.grad((out**3).sum(), d).sum(), d)])
    tangent, second = f(A, np.eye(3))
    np.testing.assert_allclose(tangent, A.toarray())
    dense = A.toarray()
    np.testing.assert_allclose(second, dense.T @ (6 * dense * (dense @ np.ones((3, 3)))))


# -- every accelerator ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_lowers_for(platform):
    out = S.structured_dot(x, d)
    results = [out, *tx.grad((out**2).sum(), [x, d]), x.toarray(), S.sp_sum(x, axis=0), S.mul_s_v(x, d[0]), x + d]
    square = S.diag(x[:3])
    f = tx.function([x, d], [*results[:-1], square])
    f(A, np.eye(3))
    for part in f.program.parts(platform):
        assert "stablehlo" in part.stablehlo
