"""The page's section on gradients. Each docstring is a statement of the page; its test proves it."""

import warnings
from collections import OrderedDict

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.gradient import DisconnectedInputError, NullTypeGradError, grad, grad_not_implemented, grad_undefined

x, y = T.dvectors("x", "y")
s = T.dscalar("s")
X = np.array([3.0, 4.0])


def computed(expression, *pairs):
    """The value of an expression."""
    return expression.eval({pairs[k]: pairs[k + 1] for k in range(0, len(pairs), 2)}).tolist()


class Opaque(tx.Op):
    """The double of a vector, whose gradient was not written."""

    __props__ = ()
    null = staticmethod(grad_not_implemented)

    def make_node(self, x):
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = 2 * inputs[0]

    def grad(self, inputs, gradients):
        return [self.null(self, 0, inputs[0], "why not")]


class Undefined(Opaque):
    """The double of a vector, which claims to have no gradient."""

    null = staticmethod(grad_undefined)


# -- what it returns --------------------------------------------------------------------------------------------------


def test_driver_for_gradients():
    """grad: symbolic gradients for one or more variables with respect to some cost."""
    by_x, by_y = grad((x**2 * y).sum(), [x, y])
    f = tx.function([x, y], [by_x, by_y])
    np.testing.assert_array_equal(f([3, 4], [1, 2]), [[6, 16], [9, 16]])


def test_grad_is_in_several_namespaces():
    """theano.gradient.grad (theano.tensor.grad and theano.grad are the same)."""
    assert T.grad is grad and tx.grad is grad and tx.gradient.grad is grad


def test_an_op_brings_its_gradient():
    """For information on how to implement the gradient of a certain Op, see grad() (of the Op)."""

    class Double(Opaque):
        def grad(self, inputs, gradients):
            return [gradients[0] * 2]

    assert computed(grad((Double()(x) * x).sum(), x), x, X) == [12, 16]


# -- cost -------------------------------------------------------------------------------------------------------------


def test_cost_is_what_we_differentiate():
    """cost: value with respect to which we are differentiating."""
    assert computed(grad(T.exp(s), s), s, 0.0) == 1 and computed(grad(s**3, s), s, 2.0) == 12


def test_cost_is_a_scalar():
    """cost: scalar (0-dimensional) tensor variable ..."""
    with pytest.raises(TypeError, match=r"cost must be a scalar\."):
        grad(x, x)


def test_cost_may_be_none_with_known_grads():
    """cost: ... or None. May be None if known_grads is provided."""
    square = x**2
    assert computed(grad(None, x, known_grads={square: T.ones_like(square)}), x, X) == [6, 8]


def test_cost_may_not_be_none_without_known_grads():
    """cost: may be None if known_grads is provided (and only then)."""
    with pytest.raises(AssertionError, match="can't both be None"):
        grad(None, x)


# -- wrt --------------------------------------------------------------------------------------------------------------


def test_wrt_is_a_variable():
    """wrt: variable ... - term(s) for which we want gradients."""
    gradient = grad((x**2).sum(), x)
    assert isinstance(gradient, T.TensorVariable) and gradient.type == x.type


def test_wrt_is_a_list_of_variables():
    """wrt: ... or list of variables - term(s) for which we want gradients (a list comes back)."""
    gradients = grad((x * y).sum(), [x, y])
    assert isinstance(gradients, list) and len(gradients) == 2
    assert isinstance(grad((x * y).sum(), (x, y)), tuple)


def test_wrt_may_be_intermediate():
    """wrt: term(s) for which we want gradients (they need not be inputs)."""
    square = x**2
    assert computed(grad((square * 3).sum(), square), x, X) == [3, 3]


def test_wrt_must_be_a_variable():
    """wrt: variable or list of variables (anything else is refused)."""
    with pytest.raises(TypeError, match="Expected Variable"):
        grad(x.sum(), 3)


# -- consider_constant ------------------------------------------------------------------------------------------------


def test_consider_constant():
    """consider_constant: list of variables - expressions not to backpropagate through."""
    square = x**2
    assert computed(grad((square * x).sum(), x, consider_constant=[square]), x, X) == [9, 16]
    assert computed(grad((square * x).sum(), x), x, X) == [27, 48]


def test_consider_constant_several():
    """consider_constant: list of variables (several of them)."""
    square, cube = x**2, x**3
    cost = (square + cube + x).sum()
    assert computed(grad(cost, x, consider_constant=[square, cube]), x, X) == [1, 1]


def test_consider_constant_disconnects():
    """consider_constant: expressions not to backpropagate through (what is behind them is disconnected)."""
    square = x**2
    with pytest.raises(DisconnectedInputError):
        grad(square.sum(), x, consider_constant=[square])


# -- disconnected_inputs ----------------------------------------------------------------------------------------------


def test_disconnected_is_not_part_of_the_graph():
    """disconnected_inputs: if some variables in wrt are not part of the computational graph computing cost ..."""
    with pytest.raises(DisconnectedInputError, match="y"):
        grad(x.sum(), y)


def test_disconnected_by_links_that_are_not_differentiable():
    """... (or if all links are non-differentiable)."""
    for cost in (x.shape[0] * 1.0, T.zeros_like(x).sum(), y[T.cast(x, "int64")].sum()):
        with pytest.raises(DisconnectedInputError):
            grad(cost, x)


def test_disconnected_ignore():
    """'ignore': considers that the gradient on these parameters is zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zero = grad(x.sum(), y, disconnected_inputs="ignore")
    assert zero.type == y.type and computed(zero, y, X) == [0, 0]


def test_disconnected_warn():
    """'warn': consider the gradient zero, and print a warning."""
    with pytest.warns(UserWarning, match="not part of the computational graph"):
        zero = grad(x.sum(), y, disconnected_inputs="warn")
    assert computed(zero, y, X) == [0, 0]


def test_disconnected_raise():
    """'raise': raise DisconnectedInputError."""
    with pytest.raises(DisconnectedInputError):
        grad(x.sum(), y, disconnected_inputs="raise")
    assert issubclass(DisconnectedInputError, ValueError)


def test_disconnected_default_is_raise():
    """disconnected_inputs='raise' (also when other variables are connected)."""
    with pytest.raises(DisconnectedInputError):
        grad(x.sum(), [x, y])


def test_disconnected_other_words_are_refused():
    """The possible values are: 'ignore', 'warn', 'raise'."""
    with pytest.raises(ValueError, match="disconnected_inputs"):
        grad(x.sum(), y, disconnected_inputs="maybe")


# -- add_names --------------------------------------------------------------------------------------------------------


def test_add_names():
    """add_names: if True, variables generated by grad will be named (d<cost.name>/d<wrt.name>) ..."""
    cost = (x**2).sum()
    cost.name = "cost"
    assert [g.name for g in grad(cost, [x])] == ["(dcost/dx)"]


@pytest.mark.parametrize("named", ["cost", "wrt"])
def test_add_names_needs_both(named):
    """... provided that both cost and wrt have names."""
    v = T.dvector("v" if named == "wrt" else None)
    cost = (v**2).sum()
    cost.name = "cost" if named == "cost" else None
    assert grad(cost, v).name is None


def test_add_names_false():
    """add_names (bool): if True ... (and if False, they are not named)."""
    cost = (x**2).sum()
    cost.name = "cost"
    assert grad(cost, x, add_names=False).name is None


# -- known_grads ------------------------------------------------------------------------------------------------------


def test_known_grads():
    """known_grads: a dictionary mapping variables to their gradients."""
    square = x**2
    gradient = grad(None, x, known_grads={square: T.constant([1.0, 10.0])})
    assert computed(gradient, x, X) == [6, 80]


def test_known_grads_without_the_original_cost():
    """This is useful in the case where you know the gradient on some variables but do not know the original cost."""
    hidden = T.tanh(x)
    cost = (hidden * 3).sum()
    whole = grad(cost, x)
    in_two_parts = grad(None, x, known_grads={hidden: grad(cost, hidden)})
    both = tx.function([x], [whole, in_two_parts])(X)
    np.testing.assert_allclose(both[0], both[1], rtol=1e-15)


def test_known_grads_of_several_variables():
    """known_grads: a dictionary mapping variables to their gradients (their contributions are added)."""
    square, double = x**2, x * 2
    known = OrderedDict([(square, T.ones_like(square)), (double, T.ones_like(double))])
    assert computed(grad(None, x, known_grads=known), x, X) == [8, 10]


def test_known_grads_beside_a_cost():
    """known_grads: (with a cost, both contribute)."""
    square = x**2
    assert computed(grad(x.sum(), x, known_grads={square: T.ones_like(square)}), x, X) == [7, 9]


def test_known_grads_are_known():
    """known_grads: mapping variables to their gradients (which replace what the cost would say of them)."""
    square = x**2
    assert computed(grad((square * 9).sum(), x, known_grads={square: T.ones_like(square)}), x, X) == [6, 8]


# -- return_disconnected ----------------------------------------------------------------------------------------------


def test_return_disconnected_zero():
    """return_disconnected 'zero': if wrt[i] is disconnected, return value i will be wrt[i].zeros_like()."""
    gradients = grad(x.sum(), [x, y], disconnected_inputs="ignore", return_disconnected="zero")
    assert gradients[1].type == y.type and computed(gradients[1], y, X) == [0, 0]


def test_return_disconnected_none():
    """return_disconnected 'None': if wrt[i] is disconnected, return value i will be None."""
    gradients = grad(x.sum(), [x, y], disconnected_inputs="ignore", return_disconnected="None")
    assert gradients[1] is None and gradients[0] is not None


def test_return_disconnected_disconnected():
    """return_disconnected 'Disconnected': returns variables of type DisconnectedType."""
    gradients = grad(x.sum(), [x, y], disconnected_inputs="ignore", return_disconnected="Disconnected")
    assert isinstance(gradients[1].type, tx.gradient.DisconnectedType)
    assert not isinstance(gradients[0].type, tx.gradient.DisconnectedType)


def test_return_disconnected_default_is_zero():
    """return_disconnected='zero'."""
    assert computed(grad(x.sum(), y, disconnected_inputs="ignore"), y, X) == [0, 0]


# -- null_gradients ---------------------------------------------------------------------------------------------------


def test_null_gradients_raise():
    """null_gradients 'raise': raise a NullTypeGradError exception."""
    for op in (Opaque(), Undefined()):
        with pytest.raises(NullTypeGradError, match="why not"):
            grad(op(x).sum(), x, null_gradients="raise")
    assert issubclass(NullTypeGradError, TypeError)


def test_null_gradients_return():
    """null_gradients 'return': return the null gradients."""
    for op in (Opaque(), Undefined()):
        gradient = grad(op(x).sum(), x, null_gradients="return")
        assert type(gradient.type).__name__ == "NullType" and "why not" in gradient.type.why_null


def test_null_gradients_of_some_variables():
    """null_gradients: defines the behaviour if some of the variables in wrt have a null gradient."""
    of_x, of_y = grad((Opaque()(x) * y).sum(), [x, y], null_gradients="return")
    assert type(of_x.type).__name__ == "NullType"
    assert computed(of_y, x, X, y, X) == [6, 8]


def test_null_gradients_default_is_raise():
    """null_gradients='raise'."""
    with pytest.raises(NullTypeGradError):
        grad(Opaque()(x).sum(), x)


# -- returns ----------------------------------------------------------------------------------------------------------


def test_returns_a_symbolic_expression():
    """Returns: symbolic expression of gradient of cost with respect to each of the wrt terms."""
    m = T.fmatrix("m")
    gradient = grad((m**3).sum(), m)
    assert gradient.owner is not None and gradient.type == m.type
    # It can be differentiated again.
    assert computed(grad(grad(s**4, s), s), s, 2.0) == 48


def test_zero_for_what_is_not_differentiable():
    """If an element of wrt is not differentiable with respect to the output, then a zero variable is returned."""
    for cost in (T.floor(x).sum(), (x > 1).sum() * 1.0, T.argmax(x) * 1.0, T.round(x).sum()):
        assert computed(grad(cost, x), x, X) == [0, 0]


def test_zero_through_integers_and_conditions():
    """If an element of wrt is not differentiable ... (whole numbers and conditions are flat between their steps)."""
    flat = T.cast(x, "int32")
    assert computed(grad((flat * x).sum(), x), x, [3.5, 4.5]) == [3, 4]
    assert computed(grad(T.cast(flat, "float64").sum(), x), x, X) == [0, 0]
    assert computed(grad(T.switch(x, 1.0, 2.0).sum(), x), x, X) == [0, 0]


def test_zero_variable_of_integers_is_a_float():
    """If an element of wrt is not differentiable ... a zero variable is returned (a floatX, as gradients are)."""
    i = T.lvector("i")
    zero = grad((i // 2).sum() * 1.0, i)
    assert zero.dtype == "float64" and computed(zero, i, [5, 7]) == [0, 0]


def test_return_type_follows_wrt():
    """grad: return type: variable or list/tuple of variables (matching wrt)."""
    kinds = [type(grad((x * y).sum(), wrt)).__name__ for wrt in (x, [x, y], (x, y))]
    assert kinds == ["TensorVariable", "list", "tuple"]
