"""The page's sections on broadcasting and linear algebra. Each docstring is a statement; its test proves it."""

import numpy as np
import pytest

import tx
import tx.tensor as T

RNG = np.random.RandomState(12)
x, y = T.dvectors("x", "y")
m, n = T.dmatrices("m", "n")
a, b = T.dtensor3("a"), T.dtensor4("b")
p, q = T.dtensor4("p"), T.dtensor4("q")

V, W = RNG.randn(3), RNG.randn(3)
M, N = RNG.randn(2, 3), RNG.randn(3, 4)
#: the page's operands of tensordot
A, B = RNG.random_sample((2, 3, 4)), RNG.random_sample((5, 6, 4, 3))


def computed(expression, *pairs):
    """The value of an expression, which has the type that it promises."""
    value = expression.eval({pairs[k]: pairs[k + 1] for k in range(0, len(pairs), 2)})
    assert value.dtype == expression.dtype and value.ndim == expression.ndim
    assert all(length == 1 for length, one in zip(value.shape, expression.broadcastable, strict=True) if one)
    return value


def is_close(expression, expected, *pairs):
    """The expression has this value, up to rounding."""
    value = computed(expression, *pairs)
    assert value.shape == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)


# -- broadcasting -----------------------------------------------------------------------------------------------------


def test_broadcasting_replicates_the_smaller_tensor():
    """Broadcasting: tensors of different numbers of dimensions are added or multiplied by replicating the smaller."""
    is_close(a + m, A + A[0], a, A, m, A[0])
    is_close(a * x, A * [1, 2, 3, 4], a, A, x, [1, 2, 3, 4])


def test_a_scalar_may_be_added_to_a_matrix():
    """Broadcasting is the mechanism by which a scalar may be added to a matrix, ..."""
    s = T.dscalar("s")
    is_close(m + s, M + 2, m, M, s, 2.0)


def test_a_vector_may_be_added_to_a_matrix():
    """... a vector to a matrix ..."""
    is_close(m + x, M + V, m, M, x, V)


def test_a_scalar_may_be_added_to_a_vector():
    """... or a scalar to a vector."""
    is_close(x + 1, V + 1, x, V)


SHEET, ROW = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[10.0, 20]])


def test_broadcasting_a_row_matrix():
    """The example: broadcasting a row matrix of shape (1, 2) to a matrix of shape (3, 2)."""
    row = T.drow("row")
    is_close(m + row, [[11, 22], [13, 24], [15, 26]], m, SHEET, row, ROW)


def test_the_pattern_says_along_which_dimensions_we_allow_broadcasting():
    """T and F stand for True and False and indicate along which dimensions we allow broadcasting."""
    row = T.drow("row")
    assert row.broadcastable == (True, False) and m.broadcastable == (False, False)
    assert (m + row).broadcastable == (False, False) and (row + row).broadcastable == (True, False)


def test_broadcasting_must_be_allowed():
    """Unlike numpy, Theano needs to know which dimensions will be broadcast (a length of 1 that is not known fails)."""
    with pytest.raises(ValueError):
        computed(m + n, m, SHEET, n, ROW)


def test_a_vector_is_expanded_on_the_left():
    """If the second argument were a vector, its shape would be (2,) and its broadcastable pattern (F,)."""
    assert x.broadcastable == (False,)
    is_close(m + x, SHEET + ROW, m, SHEET, x, ROW[0])


def test_the_expansion_adds_one_to_the_shape_and_true_to_the_pattern():
    """It would be expanded to the left to match the matrix (1 added to the shape, T to the pattern): (1, 2), (T, F)."""
    expanded = (m + x).owner.inputs[1]
    assert expanded.broadcastable == (True, False)
    assert computed(expanded, x, ROW[0]).shape == (1, 2)


def test_the_expanded_vector_behaves_as_the_row():
    """It would then behave just like the example above."""
    row = T.drow("row")
    both = tx.function([m, x, row], [m + x, m + row])(SHEET, ROW[0], ROW)
    np.testing.assert_array_equal(both[0], both[1])


# -- dot --------------------------------------------------------------------------------------------------------------


def test_dot_takes_symbolic_tensors():
    """dot: X, Y (symbolic tensor) - left term, right term (the order matters)."""
    is_close(T.dot(m, n), M @ N, m, M, n, N)
    is_close(T.dot(m, x), M @ V, m, M, x, V)
    is_close(T.dot(x, n), V @ N, x, V, n, N)


def test_dot_returns_a_matrix_or_vector():
    """dot: return type: symbolic matrix or vector."""
    assert T.dot(m, n).ndim == 2 and T.dot(m, x).ndim == T.dot(x, n).ndim == 1
    assert T.dot(T.fmatrix(), T.fmatrix()).dtype == "float32"


def test_dot_is_the_inner_product():
    """dot: Returns: the inner product of X and Y."""
    is_close(T.dot(x, y), V @ W, x, V, y, W)
    assert T.dot(x, y).ndim == 0


def test_dot_refuses_lengths_that_do_not_fit():
    """dot: the inner product of X and Y (the lengths must agree)."""
    with pytest.raises(ValueError):
        computed(T.dot(x, y), x, [1, 2], y, [1, 2, 3])


# -- outer ------------------------------------------------------------------------------------------------------------


def test_outer_takes_symbolic_vectors():
    """outer: X, Y (symbolic vector) - left term, right term."""
    is_close(T.outer(x, y), np.outer([1, 2], W), x, [1, 2], y, W)


def test_outer_returns_a_matrix():
    """outer: return type: symbolic matrix."""
    assert T.outer(x, y).type == T.dmatrix


def test_outer_is_the_outer_product():
    """outer: Returns: vector-vector outer product."""
    is_close(T.outer(x, y), V[:, None] * W, x, V, y, W)


# -- tensordot --------------------------------------------------------------------------------------------------------


def test_tensordot_is_a_generalized_dot_product():
    """tensordot: given two tensors a and b, computes a generalized dot product over the provided axes."""
    is_close(T.tensordot(m, n, [[1], [0]]), M @ N, m, M, n, N)
    is_close(T.tensordot(a, b, [[2], [2]]), np.einsum("ijk,lmkn->ijlmn", A, B), a, A, b, B)


def test_tensordot_reduces_to_matrix_products():
    """Theano's implementation reduces all expressions to matrix or vector dot products."""
    product = T.tensordot(a, b, [[1, 2], [3, 2]])
    operations = [type(node.op).__name__ for node in tx.graph.toposort([product])]
    assert operations.count("Dot") == 1


def test_tensordot_takes_symbolic_tensors():
    """tensordot: a, b (symbolic tensor) - the first and the second tensor variable."""
    left, right = T.dtensor3(), T.dmatrix()
    is_close(T.tensordot(left, right, 1), np.tensordot(A, N.T, 1), left, A, right, N.T)


def test_tensordot_axes_as_an_integer():
    """tensordot: axes - if an integer, the number of axes to sum over."""
    is_close(T.tensordot(m, n, 1), M @ N, m, M, n, N)
    is_close(T.tensordot(m, n, axes=2), (M * M).sum(), m, M, n, M)


def test_tensordot_axes_as_an_array():
    """tensordot: axes - if an array, two elements containing the axes to sum over in each tensor."""
    expected = np.tensordot(A, B, [[1, 2], [3, 2]])
    for axes in ([[1, 2], [3, 2]], ((1, 2), (3, 2)), np.array([[1, 2], [3, 2]])):
        is_close(T.tensordot(a, b, axes), expected, a, A, b, B)


def test_tensordot_axes_must_have_two_elements():
    """tensordot: axes - if an array, it must have two array elements."""
    with pytest.raises(ValueError, match="len 2"):
        T.tensordot(a, b, [[1, 2]])


def test_tensordot_default_raises_where_it_cannot_work():
    """The default value of 2 is not guaranteed to work for all values of a and b: an error will be raised then."""
    with pytest.raises(ValueError):
        T.tensordot(m, x)
    with pytest.raises(ValueError):
        computed(T.tensordot(a, b), a, A, b, B)


def test_tensordot_has_numpys_default():
    """The reason for keeping the default is to maintain the same signature as numpy's tensordot function."""
    is_close(T.tensordot(a, n), np.tensordot(A, A[0]), a, A, n, A[0])


def test_numpys_tensordot_raises_as_well():
    """... (and np.tensordot raises analogous errors for non-compatible inputs)."""
    with pytest.raises(ValueError):
        np.tensordot(A, B)


def test_tensordot_integer_means_last_and_first_dimensions():
    """An integer i means the last i dimensions of the first tensor and the first i dimensions of the second."""
    cube = B[:3, :4]
    is_close(T.tensordot(a, b, 2), np.einsum("ijk,jklm->ilm", A, cube), a, A, b, cube)


def test_tensordot_integer_is_converted_to_ranges():
    """axes = [range(a.ndim - i, a.ndim), range(i)]."""
    cube = B[:3, :4]
    for i in (0, 1, 2):
        right = {0: B[0, 0, 0, 0], 1: B[:4, 0, 0, 0], 2: cube[:, :, 0, 0]}[i]
        operand = T.TensorType("float64", (False,) * right.ndim)()
        axes = [list(range(a.ndim - i, a.ndim)), list(range(i))]
        both = tx.function([a, operand], [T.tensordot(a, operand, i), T.tensordot(a, operand, axes)])(A, right)
        np.testing.assert_array_equal(both[0], both[1])
        np.testing.assert_allclose(both[0], np.tensordot(A, right, i))


def test_tensordot_axes_are_paired_in_order():
    """tensordot: [[1, 2], [2, 0]] means sum over the 2nd and 3rd axes of a and the 3rd and 1st axes of b."""
    right = RNG.randn(4, 5, 3)
    u = T.dtensor3("u")
    is_close(T.tensordot(a, u, [[1, 2], [2, 0]]), np.einsum("ijk,klj->il", A, right), a, A, u, right)


def test_tensordot_axes_must_be_compatible():
    """The 2nd axis of a and the 3rd axis of b must have the same shape; the same is true for the other pair."""
    u = T.dtensor3("u")
    with pytest.raises(ValueError):
        computed(T.tensordot(a, u, [[1, 2], [2, 0]]), a, A, u, RNG.randn(3, 5, 3))


def test_tensordot_shape_is_what_is_not_summed():
    """Returns: a tensor with the shapes of a and of b (less any dimensions that were summed over), concatenated."""
    product = T.tensordot(a, b, [[1], [3]])
    assert computed(product, a, A, b, B).shape == (2, 4, 5, 6, 4)
    assert product.shape.eval({a: A, b: B}).tolist() == [2, 4, 5, 6, 4]


def test_tensordot_returns_a_symbolic_tensor():
    """tensordot: return type: symbolic tensor."""
    assert T.tensordot(a, b, [[1, 2], [3, 2]]).type == T.dtensor3
    assert T.tensordot(T.fmatrix(), T.fmatrix(), 1).type == T.fmatrix


def test_tensordot_is_identical_to_numpys():
    """Theano's implementation is identical to NumPy's."""
    for axes in (0, [[0], [1]], [[2, 0], [2, 1]]):
        right = B[:, :2] if axes else B
        is_close(T.tensordot(a, b, axes), np.tensordot(A, right, axes), a, A, b, right)


def test_tensordot_example_axes_are_compatible():
    """The axes to sum over are [[1, 2], [3, 2]] - note that a.shape[1] == b.shape[3] and a.shape[2] == b.shape[2]."""
    assert A.shape == (2, 3, 4) and B.shape == (5, 6, 4, 3)
    assert A.shape[1] == B.shape[3] and A.shape[2] == B.shape[2]
    computed(T.tensordot(a, b, [[1, 2], [3, 2]]), a, A, b, B)


def test_tensordot_example_shape():
    """The resulting tensor will have shape (2, 5, 6) - the dimensions that are not being summed."""
    assert computed(T.tensordot(a, b, [[1, 2], [3, 2]]), a, A, b, B).shape == (2, 5, 6)


def test_tensordot_example_loop():
    """The loop replicating tensordot: over non-summed indices, and inside over summed ones; assert allclose."""
    c = computed(T.tensordot(a, b, [[1, 2], [3, 2]]), a, A, b, B)
    a0, a1, a2 = A.shape
    b0, b1, _, _ = B.shape
    cloop = np.zeros((a0, b0, b1))
    for i in range(a0):
        for j in range(b0):
            for k in range(b1):
                for l in range(a1):
                    for o in range(a2):
                        cloop[i, j, k] += A[i, l, o] * B[j, k, o, l]
    assert np.allclose(c, cloop)


def test_tensordot_by_transposing_and_reshaping():
    """... transposing so that the summed axes of a are last and of b first, reshaped, multiplied, reshaped back."""
    left = T.reshape(a.dimshuffle(0, 1, 2), (2, 12))
    right = T.reshape(b.dimshuffle(3, 2, 0, 1), (12, 30))
    by_hand = T.reshape(T.dot(left, right), (2, 5, 6))
    values = tx.function([a, b], [by_hand, T.tensordot(a, b, [[1, 2], [3, 2]])])(A, B)
    np.testing.assert_allclose(values[0], values[1], rtol=1e-14)


def test_tensordot_without_axes():
    """In an extreme case, no axes may be specified: the shape is the concatenation of the shapes of a and b."""
    for axes in (0, [[], []]):
        is_close(T.tensordot(a, b, axes), np.multiply.outer(A, B), a, A, b, B)


def test_tensordot_example_without_axes():
    """c = tensordot(a, b, 0); print(c.shape) is (2, 3, 4, 5, 6, 4, 3)."""
    assert np.tensordot(A, B, 0).shape == computed(T.tensordot(a, b, 0), a, A, b, B).shape == (2, 3, 4, 5, 6, 4, 3)


# -- batched products -------------------------------------------------------------------------------------------------

FIRST, SECOND = RNG.randn(2, 3, 4), RNG.randn(2, 4, 5)


def test_batched_dot_sizes():
    """batched_dot: x - a Tensor with sizes e.g. for 3D (dim1, dim3, dim2); y - for 3D (dim1, dim2, dim4)."""
    first, second = T.tensor3(), T.tensor3()
    is_close(T.batched_dot(first, second), FIRST @ SECOND, first, FIRST, second, SECOND)
    with pytest.raises(ValueError):
        computed(T.batched_dot(first, second), first, FIRST, second, FIRST)


def test_batched_dot_iterates_over_the_first_dimension():
    """This function computes the dot product between the two tensors, by iterating over the first dimension."""
    first, second = T.tensor3(), T.tensor3()
    expected = [np.dot(left, right) for left, right in zip(FIRST, SECOND, strict=True)]
    is_close(T.batched_dot(first, second), expected, first, FIRST, second, SECOND)


def test_batched_dot_result_size():
    """batched_dot: returns a tensor of size e.g. if it is 3D: (dim1, dim3, dim4)."""
    first, second = T.tensor3(), T.tensor3()
    assert computed(T.batched_dot(first, second), first, FIRST, second, SECOND).shape == (2, 3, 5)


def test_batched_dot_example():
    """first = T.tensor3('first'); second = T.tensor3('second'); result = batched_dot(first, second)."""
    first, second = T.tensor3("first"), T.tensor3("second")
    result = T.batched_dot(first, second)
    assert result.type == T.dtensor3
    is_close(result, FIRST @ SECOND, first, FIRST, second, SECOND)


def test_batched_dot_is_a_subset_of_einsum():
    """This is a subset of numpy.einsum."""
    first, second = T.tensor3(), T.tensor3()
    is_close(T.batched_dot(first, second), np.einsum("bij,bjk->bik", FIRST, SECOND), first, FIRST, second, SECOND)


def test_batched_dot_of_other_ranks():
    """batched_dot: X, Y (symbolic tensor) - left term, right term (e.g. 3D: other ranks are taken as well)."""
    is_close(T.batched_dot(m, n), (M * M).sum(axis=1), m, M, n, M)
    is_close(T.batched_dot(x, m), M * np.array([[2], [3]]), x, [2, 3], m, M)
    with pytest.raises(TypeError, match="batch"):
        T.batched_dot(T.dscalar(), m)


def test_batched_dot_returns_products():
    """batched_dot: Returns: tensor of products (differentiable)."""
    first, second = T.tensor3(), T.tensor3()
    by_first = T.grad(T.batched_dot(first, second).sum(), first)
    expected = np.broadcast_to(SECOND.sum(axis=2)[:, None, :], FIRST.shape)
    is_close(by_first, expected, first, FIRST, second, SECOND)


P, Q = RNG.randn(2, 3, 4, 5), RNG.randn(2, 5, 4, 3)


def test_batched_tensordot_sizes():
    """batched_tensordot: x - for 3D (dim1, dim3, dim2); y - for 3D (dim1, dim2, dim4)."""
    first, second = T.tensor3(), T.tensor3()
    is_close(T.batched_tensordot(first, second, 1), FIRST @ SECOND, first, FIRST, second, SECOND)


def test_batched_tensordot_axes_as_an_integer():
    """batched_tensordot: axes - if an integer, the number of axes to sum over."""
    right = P.transpose(0, 2, 3, 1)
    expected = [np.tensordot(left, right_, 2) for left, right_ in zip(P, right, strict=True)]
    is_close(T.batched_tensordot(p, q, 2), expected, p, P, q, right)
    is_close(T.batched_tensordot(p, q), expected, p, P, q, right)


def test_batched_tensordot_axes_as_an_array():
    """batched_tensordot: axes - if an array, two elements containing the axes to sum over in each tensor."""
    expected = [np.tensordot(left, right_, [[1], [1]]) for left, right_ in zip(P, Q, strict=True)]
    is_close(T.batched_tensordot(p, q, [[2], [2]]), expected, p, P, q, Q)
    with pytest.raises(ValueError, match="len 2"):
        T.batched_tensordot(p, q, [[2]])


def test_batched_tensordot_integer_excludes_the_batch_dimension():
    """An integer i: the last i dimensions of the first and the first i of the second, excluding the batch dimension."""
    right = Q.transpose(0, 1, 3, 2)
    is_close(T.batched_tensordot(p, q, 1), np.einsum("bijk,bklm->bijlm", P, right), p, P, q, right)


def test_batched_tensordot_integer_is_converted_to_ranges():
    """axes = [range(a.ndim - i, a.ndim), range(1, i + 1)]."""
    right = P.transpose(0, 2, 3, 1)
    for i, operand in ((1, Q), (2, right)):
        axes = [list(range(p.ndim - i, p.ndim)), list(range(1, i + 1))]
        both = tx.function([p, q], [T.batched_tensordot(p, q, i), T.batched_tensordot(p, q, axes)])(P, operand)
        np.testing.assert_array_equal(both[0], both[1])


def test_batched_tensordot_axes_are_paired_in_order():
    """batched_tensordot: [[1, 2], [2, 4]] means sum over the 2nd and 3rd axes of a and the 3rd and 5th axes of b."""
    u = T.tensor5("u")
    right = RNG.randn(2, 2, 3, 3, 4)
    expected = np.einsum("bijk,bminj->bkmn", P, right)
    is_close(T.batched_tensordot(p, u, [[1, 2], [2, 4]]), expected, p, P, u, right)


def test_batched_tensordot_axes_must_be_compatible():
    """batched_tensordot: the 2nd axis of a and the 3rd of b must have the same shape; so must the other pair."""
    u = T.tensor5("u")
    with pytest.raises(ValueError):
        computed(T.batched_tensordot(p, u, [[1, 2], [2, 4]]), p, P, u, RNG.randn(2, 2, 3, 3, 3))


def test_batched_tensordot_shape():
    """Returns: the shapes of a and b concatenated, less summed dimensions, and for b less the first one."""
    product = T.batched_tensordot(p, q, [[3], [1]])
    assert computed(product, p, P, q, Q).shape == (2, 3, 4, 4, 3)
    assert product.shape.eval({p: P, q: Q}).tolist() == [2, 3, 4, 4, 3]


def test_batched_tensordot_returns_tensordots():
    """batched_tensordot: return type: tensor of tensordots."""
    product = T.batched_tensordot(p, q, [[3, 1], [1, 3]])
    assert product.type == T.dtensor3
    expected = [np.tensordot(left, right_, [[2, 0], [0, 2]]) for left, right_ in zip(P, Q, strict=True)]
    is_close(product, expected, p, P, q, Q)


def test_batched_tensordot_is_a_hybrid():
    """A hybrid of batch_dot and tensordot: it iterates over the first dimension to perform a sequence of tensordots."""
    result = computed(T.batched_tensordot(p, q, [[2, 3], [2, 1]]), p, P, q, Q)
    u = T.dtensor3("u")
    for k in range(2):
        is_close(T.tensordot(a, u, [[1, 2], [1, 0]]), result[k], a, P[k], u, Q[k])


def test_batched_tensordot_supplements():
    """See tensordot() and batched_dot() for supplementary documentation (with one axis each, it is batched_dot)."""
    first, second = T.tensor3(), T.tensor3()
    both = tx.function([first, second], [T.batched_tensordot(first, second, 1), T.batched_dot(first, second)])
    np.testing.assert_allclose(*both(FIRST, SECOND), rtol=1e-14)


# -- mgrid, ogrid -----------------------------------------------------------------------------------------------------


def test_mgrid_returns_a_dense_mesh_grid():
    """mgrid: an instance which returns a dense (or fleshed out) mesh-grid when indexed ..."""
    for grid, expected in zip(T.mgrid[1:4, 0:2], np.mgrid[1:4, 0:2], strict=True):
        np.testing.assert_array_equal(computed(grid), expected)


def test_mgrid_arguments_have_the_same_shape():
    """mgrid: ... so that each returned argument has the same shape."""
    assert [computed(grid).shape for grid in T.mgrid[0:5, 0:3, 2:4]] == [(5, 3, 2)] * 3


def test_mgrid_has_as_many_outputs_as_indexing_dimensions():
    """mgrid: the dimensions and number of the output arrays are equal to the number of indexing dimensions."""
    grids = T.mgrid[0:2, 0:3, 0:4]
    assert len(grids) == 3 and [grid.ndim for grid in grids] == [3] * 3


def test_mgrid_stop_is_not_inclusive():
    """mgrid: if the step length is not a complex number, then the stop is not inclusive."""
    rows, columns = T.mgrid[0:6:2, 0:1:0.25]
    assert computed(rows)[:, 0].tolist() == [0, 2, 4] and computed(columns)[0].tolist() == [0, 0.25, 0.5, 0.75]


def test_mgrid_example_rows():
    """a = T.mgrid[0:5, 0:3]; a[0].eval()."""
    grid = T.mgrid[0:5, 0:3]
    assert computed(grid[0]).tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [4, 4, 4]]


def test_mgrid_example_columns():
    """a[1].eval()."""
    grid = T.mgrid[0:5, 0:3]
    assert computed(grid[1]).tolist() == [[0, 1, 2]] * 5


def test_ogrid_returns_an_open_mesh_grid():
    """ogrid: an instance which returns an open (i.e. not fleshed out) mesh-grid when indexed ..."""
    for grid, expected in zip(T.ogrid[1:4, 0:2], np.ogrid[1:4, 0:2], strict=True):
        np.testing.assert_array_equal(computed(grid), expected)


def test_ogrid_has_one_dimension_greater_than_one():
    """ogrid: ... so that only one dimension of each returned array is greater than 1."""
    grids = T.ogrid[0:5, 0:3, 2:4]
    assert [computed(grid).shape for grid in grids] == [(5, 1, 1), (1, 3, 1), (1, 1, 2)]
    assert grids[1].broadcastable == (True, False, True)


def test_ogrid_has_as_many_outputs_as_indexing_dimensions():
    """ogrid: the dimension and number of the output arrays are equal to the number of indexing dimensions."""
    grids = T.ogrid[0:2, 0:3, 0:4]
    assert len(grids) == 3 and [grid.ndim for grid in grids] == [3] * 3


def test_ogrid_stop_is_not_inclusive():
    """ogrid: if the step length is not a complex number, then the stop is not inclusive."""
    rows, columns = T.ogrid[0:6:2, 0:1:0.25]
    assert computed(rows).ravel().tolist() == [0, 2, 4] and computed(columns).tolist() == [[0, 0.25, 0.5, 0.75]]


def test_ogrid_example_rows():
    """b = T.ogrid[0:5, 0:3]; b[0].eval()."""
    grid = T.ogrid[0:5, 0:3]
    assert computed(grid[0]).tolist() == [[0], [1], [2], [3], [4]]


def test_ogrid_example_columns():
    """b[1].eval() is array([[0, 1, 2]])."""
    grid = T.ogrid[0:5, 0:3]
    assert computed(grid[1]).tolist() == [[0, 1, 2]]
