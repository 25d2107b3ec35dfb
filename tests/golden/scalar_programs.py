"""Small programs about ``theano.scalar`` and ``theano.tests.unittest_tools``; see ``function_programs.py``."""

_OPS = """
import numpy as np
import theano.scalar as s
from theano.tensor.elemwise import Elemwise
class Bent(s.UnaryScalarOp):
    def impl(self, x):
        return 3 * x if x > 0.5 else x * x
    def grad(self, inputs, gradients):
        (x,), (g,) = inputs, gradients
        return [g * s.switch(s.gt(x, 0.5), 3.0, 2 * x)]
    def c_code(self, node, name, inputs, outputs, sub):
        return "%s = (%s > 0.5) ? 3 * %s : %s * %s;" % ((outputs[0],) + (inputs[0],) * 4)
    def c_code_cache_version(self):
        return (1,)
class Both(s.BinaryScalarOp):
    def impl(self, x, y):
        return x * y + 1
    def grad(self, inputs, gradients):
        return [gradients[0] * inputs[1], gradients[0] * inputs[0]]
class Two(s.ScalarOp):
    nin, nout = 2, 2
    def output_types_preference(self, a, b):
        return [s.float64, s.int8]
    def impl(self, a, b):
        return a + b, a > b
    def grad(self, inputs, gradients):
        return [gradients[0], gradients[0] * inputs[1]]
v, m, iv, f = T.dvector("v"), T.dmatrix("m"), T.lvector("iv"), T.fvector("f")
bent, both, two = Bent(s.upgrade_to_float, name="bent"), Both(s.upcast_out), Two()
def value(inputs, outputs, *values):
    show(theano.function(inputs, outputs)(*values))
"""

_PROGRAMS = {
    "own: value and dtype": """
for x, data in ((v, [0.25, 0.5, 0.75]), (iv, [0, 1, 2]), (f, np.array([0.25, 1], "float32"))):
    show(Elemwise(bent)(x).dtype)
    value([x], Elemwise(bent)(x), data)
""",
    "own: gradient": "value([v], T.grad((Elemwise(bent)(v) ** 2).sum(), v), [0.25, 0.75, 1.5])",
    "own: second gradient": "value([v], T.grad(T.grad(Elemwise(bent)(v).sum(), v).sum(), v), [0.25, 0.75])",
    "own: broadcast": """
y = Elemwise(both)(m, v)
value([m, v], [y, T.grad(y.sum(), m), T.grad(y.sum(), v)], [[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0])
""",
    "own: R-operator": "value([v], T.Rop(Elemwise(bent)(v), v, v * 2), [0.25, 0.75])",
    "own: in a loop": """
out, _ = theano.scan(lambda x, p: Elemwise(bent)(x) + 0.25 * p, sequences=[m], outputs_info=T.zeros_like(v))
value([m, v], [out, T.grad(out.sum(), m)], [[0.125, 0.875], [0.625, 0.25], [0.375, 0.75]], [1.0, 2.0])
""",
    "own: two outputs": """
a, b = Elemwise(two)(v, v + 1)
show([a.dtype, b.dtype])
mode = theano.Mode(linker="py", optimizer=None)
show(theano.function([v], [a, b], mode=mode)([1.0, 2.0]))
""",
    "own: equality": """
show([Bent(s.upgrade_to_float, name="other") == bent, Bent(s.upcast_out) == bent, Both(s.upcast_out) == both])
show([str(bent), str(both), str(Elemwise(bent)), str(Elemwise(both, name="shown"))])
""",
    "own: wrong": """
fails(lambda: Bent("x"))
fails(lambda: Elemwise(both)(v))
class NoGrad(s.UnaryScalarOp):
    def impl(self, x):
        return x
fails(lambda: T.grad(Elemwise(NoGrad(s.same_out))(v).sum(), v))
""",
    "own: one length is wrong": """
g = theano.function([m, v], Elemwise(both)(m, v), mode=theano.Mode(linker="py", optimizer=None))
fails(lambda: g(np.ones((2, 3)), np.ones(2)))
""",
    "composite": """
x, y = s.float64("x"), s.float64("y")
c = Elemwise(s.Composite([x, y], [x * y + 1, s.sqr(x), y - 1]))
value([v, m], c(v, m), [1.0, 2.0], [[3.0, 4.0], [5.0, 6.0]])
show([o.dtype for o in c(f, f)])
show(s.Composite([x, y], [x * y]) == s.Composite([x, y], [x * y]))
""",
    "composite: wrong": """
x, y = s.float64("x"), s.float64("y")
fails(lambda: s.Composite([x], [x * y]))
fails(lambda: s.Composite([v], [v * 2]))
""",
    "types": """
show([str(s.float64), str(s.Scalar("int8")), s.float64 == s.Scalar("float64"), s.float32 == s.float64])
show([str(t) for t in s.all_types])
show([len(k) for k in (s.int_types, s.uint_types, s.float_types, s.complex_types, s.discrete_types)])
show([s.get_scalar_type("int8") is s.get_scalar_type("int8"), s.float64("x").name, s.float64("x").ndim])
fails(lambda: s.Scalar("flot"))
fails(lambda: s.int8.filter(300))
fails(lambda: s.float32.filter(3.3))
""",
    "arithmetic": """
x, i, j = s.float64("x"), s.int64("i"), s.int64("j")
for z in (x + 1, x * i, i / j, i // j, i / 2.0, i % j, -x, abs(i), x ** 2, s.exp(i), s.cast(i, "float32")):
    show(str(z.type))
value([i, j], [i / j, i // j, i % j, i / 2.0], 7, 2)
value([x], x * x + 1, 3.0)
""",
    "preferences": """
def names(kinds):
    return [str(k) for k in kinds]
show(names(s.upgrade_to_float(s.int8)) + names(s.upgrade_to_float(s.int32)) + names(s.upgrade_to_float(s.float32)))
show(names(s.upcast_out(s.int8, s.float32)) + names(s.same_out(s.int8)) + names(s.transfer_type(1)(s.int8, s.int16)))
show(names(s.specific_out(s.float32)(s.int8)) + names(s.upgrade_to_float64(s.int8)) + names(s.real_out(s.complex64)))
show(names(s.upcast_out_min8(s.bool)) + names(s.unary_out_lookup({s.int8: s.float32})(s.int8)))
show([s.transfer_type(0) == s.transfer_type(0), s.specific_out(s.int8) == s.specific_out(s.int8)])
fails(lambda: s.upcast_out_nobool(s.bool))
fails(lambda: s.upgrade_to_float_no_complex(s.complex64))
fails(lambda: s.same_out_float_only(s.int8))
""",
    "constants": """
show([str(s.as_scalar(1).type.dtype), s.constant(2.5, dtype="float64").dtype, s.as_scalar(np.int16(3)).dtype])
fails(lambda: s.as_scalar("q"))
fails(lambda: s.as_scalar(v))
import theano.scalar.sharedvar
show(theano.scalar.sharedvar.shared(1.5).type.dtype)
fails(lambda: theano.scalar.sharedvar.shared(np.ones(2)))
""",
    "classes": """
show([type(T.exp.scalar_op).__name__, isinstance(T.add.scalar_op, s.Add), isinstance(T.add.scalar_op, s.Mul)])
show([s.Add(s.upcast_out) == s.add, s.add.nin, s.exp.nin, s.switch.nin, s.exp.nout])
show(Elemwise(s.Cast(s.float32))(v).dtype)
""",
    "enumerations": """
import theano.gof as gof
e = gof.EnumList("A", ("B", "beta"), "C")
show([e.A, e.fromalias("beta"), e.has_alias("beta"), list(e), e.filter("C"), e == gof.EnumList("A", ("B", "beta"), "C")])
fails(lambda: gof.EnumList("small"))
p = gof.ParamsType(a=T.lscalar, b=T.dvector)
show([list(p.fields), p.length, p.has_type(T.dvector)])
""",
    "linkers": """
import theano.gof as gof
for linker in (theano.PerformLinker(), theano.OpWiseCLinker(), gof.DualLinker()):
    show(theano.function([v], v * 2, mode=theano.Mode(linker, None))([1.0]))
""",
    "odd names": """
import theano.sandbox.linalg.ops as ops
from theano.misc.may_share_memory import may_share_memory
a = np.ones(4)
show([may_share_memory(a, a[1:]), may_share_memory(a, np.ones(4)), may_share_memory(a, 3, False)])
fails(lambda: may_share_memory(a, 3))
value([m], ops.spectral_radius_bound(m, 3), [[2.0, 1.0], [1.0, 3.0]])
fails(lambda: ops.spectral_radius_bound(v, 3))
fails(lambda: ops.spectral_radius_bound(m, -1))
from theano.sandbox.rng_mrg import matVecModM
show(matVecModM(np.array([[1, 2, 0], [0, 1, 0], [0, 0, 1]]), np.array([5, 6, 7]), 11))
show(theano._asarray([1, 2], dtype="float32"))
show(theano.configdefaults.local_bitwidth())
value([v], theano.dot(v, v), [1.0, 2.0])
""",
    "products as trees": """
import theano.tensor.nnet.sigm as g
x, y, z = T.dvectors("x", "y", "z")
e, sigmoid = T.exp, T.nnet.sigmoid
names = {x: "x", y: "y", z: "z", None: 1}
def told(tree):
    negated, what = tree
    return [negated, [told(t) for t in what] if isinstance(what, list) else names.get(what, "something")]
for product in (x * y * z, -(x * -y), x + y, -(-x), x * (y * z)):
    show(told(g.parse_mul_tree(product)))
for tree in (
    [False, [[True, x], [True, y]]], [True, [[False, x]]], [False, x], [True, [[True, x]]], [False, []],
    [False, [[False, [[True, x]]], [False, z]]], [False, [[False, [[False, x], [False, y]]], [False, z]]],
):
    show(told(g.simplify_mul(tree)))
for tree in ([True, [[False, x], [True, y]]], [True, x], [True, [[False, [[True, x], [False, y]]], [False, z]]]):
    value([x, y, z], [g.compute_mul(tree), x + y + z], [1.5], [2.0], [0.5])
for term in (1 + e(x), e(x) + 1, 2 + e(x), -1 - e(x), 1 - e(x), T.add(1, e(x), y), x):
    found = g.is_1pexp(term, False)
    show([g.is_1pexp(term), None if found is None else [found[0], names[found[1]]]])
for product in (sigmoid(x) * e(-x), sigmoid(x) * e(x), sigmoid(-x) * e(x) * y, x * y):
    tree = g.parse_mul_tree(product)
    show([g.perform_sigm_times_exp(tree), told(tree)])
    value([x, y], [g.compute_mul(g.simplify_mul(tree)), x + y], [1.5], [2.0])
""",
    "unittest_tools": """
import theano.tests.unittest_tools as u
show([u.fetch_seed(), u.fetch_seed(3), u.fetch_seed("random"), u.seed_rng(5), float(np.random.rand())])
u.verify_grad(T.exp, [np.ones(2)])
fails(lambda: u.verify_grad(lambda x: T.abs_(x), [np.zeros(2)]))
show(str(u.WrongValue(np.array([1.0, 2.0]), np.array([1.0, 2.5]), 1e-3, None)))
show(u.str_diagnostic(np.array([1.0, 2.0]), np.array([1.0, 2.5, 3.0]), 1e-3, 1e-3))
fails(lambda: u.assert_allclose(np.array([1.0, 2.0]), np.array([1.0, 2.5])))
u.assert_allclose(np.ones(1), np.ones(1) + 1e-7)
fails(lambda: u.AttemptManyTimes(2, 3))
tried = []
@u.AttemptManyTimes(4, 2)
def flaky():
    tried.append(theano.config.unittests.rseed)
    if len(tried) < 3:
        raise ValueError
fails(flaky)
show(tried)
@u.AttemptManyTimes(3)
def never():
    raise KeyError
fails(never)
""",
    "infer_shape": """
import unittest
import theano.tests.unittest_tools as u
class Wrong(theano.Op):
    def make_node(self, x):
        return theano.Apply(self, [x], [x.type()])
    def perform(self, node, inputs, storage):
        storage[0][0] = inputs[0].T.copy()
    def infer_shape(self, node, shapes):
        return [shapes[0]]
class Right(Wrong):
    def infer_shape(self, node, shapes):
        return [shapes[0][::-1]]
class Tester(u.InferShapeTester):
    def runTest(self):
        pass
def check(op, kind):
    tester = Tester()
    tester.setUp()
    tester._compile_and_check([m], [op(m)], [np.ones((2, 3))], kind)
fails(lambda: check(Right(), Right))
fails(lambda: check(Wrong(), Wrong))
fails(lambda: check(Right(), T.Join))
""",
}

PROGRAMS = {"scalars: " + name: _OPS + source for name, source in _PROGRAMS.items()}
