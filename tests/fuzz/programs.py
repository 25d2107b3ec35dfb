"""Random programs over ``theano.tensor``, made from a seed, and their evaluation; for Theano (Python 3.8) and for tx alike.

A program is a list of statements such as ``v3 = T.maximum(v1, x0)``. The generator keeps the shape and the kind of
each variable (``f``loat, ``i``nteger, ``b``ool, ``c``omplex), so that nearly all statements are valid; those that are
not must fail in both libraries, with the same exception. Arguments are kept in the domain of a function (``log`` sees
``abs(x) + 0.5``), so that results are well-conditioned.
"""

import random

import numpy as np

FLOATS = ("float32", "float64")
DTYPES = FLOATS * 5 + ("int8", "int16", "int32", "int64") * 2 + ("uint8", "uint16", "uint32", "bool", "complex128")
CASTS = ("int8", "int16", "int32", "int64", "float32", "float64")
CONSTANTS = ("2", "0.5", "-1", "3.7", "np.float32(1.5)", "np.int8(3)", "np.int64(-2)", "300", "0", "1", "np.uint8(200)")

#: one float argument, shape kept
FLOAT = """exp(T.clip($,-3,3)) arctan2($,0.7) log(abs($)+0.5) sqrt(abs($)+0.5) sin($) cos($) tan(T.clip($,-1,1)) arcsin(T.clip($,-.9,.9))
arccos(T.clip($,-.9,.9)) arctan($) sinh(T.clip($,-3,3)) cosh(T.clip($,-3,3)) tanh($) arcsinh($) arccosh(abs($)+1.5)
arctanh(T.clip($,-.9,.9)) exp2(T.clip($,-3,3)) expm1(T.clip($,-3,3)) log2(abs($)+0.5) log10(abs($)+0.5) log1p(abs($)) inv(abs($)+0.5)
erf($) erfc($) gammaln(abs($)+0.5) nnet.sigmoid($) nnet.softplus($) nnet.relu($) nnet.hard_sigmoid($)
nnet.relu($,0.1) nnet.elu($) deg2rad($) rad2deg($) sqrt(T.sqr($)+1) log(T.exp(T.clip($,-3,3))+1) log(1+T.exp($)) log(1-T.nnet.sigmoid($))
true_div($,3) gamma(abs(T.clip($,-3,3))+1) psi(abs($)+1) cosh(T.clip($,-1,1))**2 erfinv(T.clip($,-.9,.9)) pow(abs($)+.5,1.5)""".split()
#: one argument, shape and kind kept; those after the bar jump
KEEPING = "(-$) abs($) T.sqr($) T.neg($) T.zeros_like($) T.ones_like($) ($**2) ($*C) ($+C) (C-$) T.maximum($,C) T.minimum(C,$) T.clip($,-1,1) T.fill($,C)"
JUMPING = "T.sgn($) T.ceil($) T.floor($) T.trunc($) T.round($) ($//2) ($%3) ($//-3) ($%-2) T.iround($) T.round($,mode='half_away_from_zero')"
BINARY = "($+@) ($-@) ($*@) T.maximum($,@) T.minimum($,@) ($/(abs(@)+1)) T.true_div($,T.sqr(@)+1) T.switch($>0,$,@) T.where(@,$,C) T.second($,@) (T.tanh($)*@)"
INTEGRAL = "($&C) ($|1) ($^3) (~$) ($&@) T.bitwise_and($,@) T.bitwise_or($,@) T.bitwise_xor($,@) ($//(abs(@)+1)) ($%(abs(@)+1)) ($**2)"
COMPARISONS = "T.lt($,@) T.ge($,@) T.eq($,@) T.neq($,@) ($>@) ($<=C) T.and_($>0,@>0) T.or_($>0,@<0) T.xor($>0,@>0) T.invert($>@) T.isnan($) T.isinf($) T.isclose($*1.0,@*1.0)"
REDUCTIONS = "sum prod mean max min var std any all argmax argmin ptp".split()


class Generator:
    """Makes the statements of one program."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.variables = []  # (name, shape, kind)
        self.specs = []
        self.statements = []

    def choose(self, source):
        """One of a sequence, or one word of a text; ``C`` in it becomes a constant."""
        words = source.split() if isinstance(source, str) else source
        return self.random.choice(words)

    def template(self, words, x, y=None):
        """The text of a template for one or two variables."""
        text = self.choose(words).replace("$", x[0])
        text = text.replace("@", y[0]) if y else text
        return "".join(self.choose(CONSTANTS) if c == "C" else c for c in text)

    def variable(self, kinds="ficb", ranks=range(9), where=None):
        """A variable of these kinds and ranks, the later ones more often; None if there is none."""
        fitting = [v for v in self.variables if v[2] in kinds and len(v[1]) in ranks and (not where or where(v))]
        return self.random.choice(fitting[-5:] if self.random.random() < 0.8 else fitting) if fitting else None

    def partner(self, x, kinds="ficb"):
        """A variable that broadcasts with x."""

        def fits(v):
            return len(v[1]) <= len(x[1]) and all(m == n for m, n in zip(v[1][::-1], x[1][::-1]))

        return self.variable(kinds, where=fits)

    def input(self):
        """Add an input."""
        rank = self.choose((0, 1, 1, 2, 2, 2, 3))
        shape = tuple(self.choose((1, 2, 2, 3, 3, 3, 4) if self.random.random() > 0.02 else (0,)) for _ in range(rank))
        dtype = self.choose(DTYPES)
        pattern = [n == 1 and self.random.random() < 0.8 for n in shape]
        name = "x%d" % len(self.specs)
        self.specs.append((name, dtype, list(shape), pattern))
        kind = {"f": "f", "i": "i", "u": "i", "b": "b", "c": "c"}[np.dtype(dtype).kind]
        self.variables.append((name, shape, kind))

    def add(self, source, shape, kind, jump=False):
        """Add a statement."""
        if np.prod(shape) > 200 or len(shape) > 4:
            return
        name = "v%d" % len(self.statements)
        self.statements.append((name, source, jump))
        self.variables.append((name, tuple(shape), kind))

    def elementwise(self):
        """One argument, or two."""
        x = self.variable("fib")
        kind = self.random.random()
        if kind < 0.35:
            self.add("T." + self.template(FLOAT, x), x[1], "f")
        elif kind < 0.5:
            x = self.variable("fibc")
            self.add(self.template(KEEPING, x), x[1], x[2])
        elif kind < 0.58:
            self.add(self.template(JUMPING, x), x[1], x[2], True)
        elif kind < 0.66:
            y, z = self.partner(x, "fib"), self.partner(x, "fib")
            shape = np.broadcast(np.empty(x[1]), np.empty(y[1]), np.empty(z[1])).shape
            if self.random.random() < 0.7:
                self.add("T.switch(%s>0,%s,%s)" % (x[0], y[0], z[0]), shape, self.wider(y, z), True)
            else:
                self.add(
                    "T.clip(%s,%s,T.maximum(%s,%s))" % (x[0], y[0], y[0], z[0]),
                    shape,
                    self.wider(x, self.fake(self.wider(y, z))),
                )
        elif kind < 0.72:
            self.add("T.cast(T.clip(%s,-99,99),%r)" % (x[0], self.choose(CASTS)), x[1], x[2], True)
        else:
            x = self.variable("fic" if self.random.random() < 0.9 else "fbic")
            y = x and self.partner(x)
            if x and y:
                self.add(
                    self.template(BINARY, x, y), np.broadcast(np.empty(x[1]), np.empty(y[1])).shape, self.wider(x, y)
                )

    def fake(self, kind):
        """A variable of which only the kind counts."""
        return (None, None, kind)

    def wider(self, x, y):
        """The kind of a combination."""
        return max(x[2], y[2], key="bifc".index)

    def integral(self):
        """Bits, and the division of integers."""
        x = self.variable("ib")
        y = x and self.partner(x, "ib")
        if y:
            self.add(self.template(INTEGRAL, x, y), np.broadcast(np.empty(x[1]), np.empty(y[1])).shape, "i")

    def compare(self):
        """A comparison."""
        x = self.variable("fib")
        y = self.partner(x, "fib")
        self.add(self.template(COMPARISONS, x, y), np.broadcast(np.empty(x[1]), np.empty(y[1])).shape, "b", True)

    def axes(self, shape):
        """An axis, some axes, or None, and the shape that is left."""
        rank = len(shape)
        r = self.random.random()
        if r < 0.15:
            axes = None
        elif r < 0.8:
            axes = self.random.randrange(-rank, rank)
        else:
            axes = tuple(sorted(self.random.sample(range(rank), self.random.randint(1, rank))))
        return axes

    def reduce(self):
        """A reduction, with and without keepdims."""
        x = self.variable("fib", range(1, 5))
        if not x:
            return
        name, axis = self.choose(REDUCTIONS), self.axes(x[1])
        if name in ("argmax", "argmin", "ptp") and isinstance(axis, tuple):
            axis = axis[0]
        keep = name != "ptp" and self.random.random() < 0.3
        options = ",keepdims=True" if keep else ""
        if name in ("sum", "prod", "mean") and self.random.random() < 0.2:
            options += ",dtype=%r" % self.choose(("float64", "float32", "int64"))
        if axis is None:
            kept = (1,) * len(x[1]) if keep else ()
        else:
            gone = {a % len(x[1]) for a in (axis if isinstance(axis, tuple) else (axis,))}
            kept = tuple(1 if i in gone else n for i, n in enumerate(x[1]) if keep or i not in gone)
        kind = {"any": "b", "all": "b", "argmax": "i", "argmin": "i"}.get(
            name, "f" if name in ("mean", "var", "std") else x[2]
        )
        if name == "std":
            self.add("T.sqrt(T.var(%s,axis=%r%s)+1)" % (x[0], axis, options), kept, kind)
        else:
            self.add("T.%s(%s,axis=%r%s)" % (name, x[0], axis, options), kept, kind, name.startswith("a"))

    def shaping(self):
        """Another shape of the same elements, or a repetition of them. The shape is numpy's of a like text."""
        x = self.variable(ranks=range(1, 5))
        if not x:
            return
        rank, shape = len(x[1]), x[1]
        axis = self.random.randrange(rank)
        order = self.random.sample(range(rank), rank)
        padded = list(order)
        padded.insert(self.random.randint(0, rank), "x")
        e = np.empty(shape)
        n = self.random.randint(1, rank)
        other = self.variable(x[2], [rank], where=lambda v: v[1] == shape) or x
        rows = [
            ("%s.dimshuffle(*%r)" % (x[0], padded), tuple(1 if p == "x" else shape[p] for p in padded)),
            ("%s.transpose(*%r)" % (x[0], order), tuple(shape[p] for p in order)),
            ("%s.T" % x[0], shape[::-1]),
            ("%s.flatten()" % x[0], (e.size,)),
            ("T.flatten(%s,%d)" % (x[0], n), shape[: n - 1] + (int(np.prod(shape[n - 1 :])),)),
            ("%s.reshape((-1,))" % x[0], (e.size,)),
            ("%s.reshape(%s.shape[::-1],ndim=%d)" % (x[0], x[0], rank), shape[::-1]),
            ("%s.reshape(%r)" % (x[0], (1,) + shape), (1,) + shape),
            ("T.shape_padleft(%s)" % x[0], (1,) + shape),
            ("T.shape_padright(%s)" % x[0], shape + (1,)),
            ("T.shape_padaxis(%s,%d)" % (x[0], axis), shape[:axis] + (1,) + shape[axis:]),
            ("T.roll(%s,%d,axis=%d)" % (x[0], self.random.randint(-4, 4), axis), shape),
            ("T.tile(%s,%r)" % (x[0], (2,) * rank), tuple(2 * s for s in shape)),
            ("T.repeat(%s,2,axis=%d)" % (x[0], axis), shape[:axis] + (2 * shape[axis],) + shape[axis + 1 :]),
            (
                "T.concatenate([%s,%s],axis=%d)" % (x[0], other[0], axis),
                shape[:axis] + (2 * shape[axis],) + shape[axis + 1 :],
            ),
            ("T.stack([%s,%s],axis=%d)" % (x[0], other[0], axis), shape[:axis] + (2,) + shape[axis:]),
            ("T.swapaxes(%s,0,%d)" % (x[0], axis), np.swapaxes(e, 0, axis).shape),
            ("T.alloc(%s,2,%s)" % (x[0], ",".join(map(str, shape))), (2,) + shape),
            ("%s.squeeze()" % x[0], None),
            ("T.unbroadcast(%s,%d)" % (x[0], axis), shape),
            ("T.join(%d,%s,%s)" % (axis, other[0], x[0]), shape[:axis] + (2 * shape[axis],) + shape[axis + 1 :]),
            (
                "T.split(%s,[%d,%d],2,%d)[1]" % (x[0], shape[axis] // 2, shape[axis] - shape[axis] // 2, axis),
                shape[:axis] + (shape[axis] - shape[axis] // 2,) + shape[axis + 1 :],
            ),
        ]
        source, new = self.choose(rows)
        if new is not None:
            self.add(source, new, x[2])

    def index(self, shape, advanced):
        """The text of an index."""
        parts, used = [], False
        for n in shape[: self.random.randint(1, len(shape))]:
            r = self.random.random()
            if n == 0 or r < 0.4:
                bound = lambda: self.choose(("", "", str(self.random.randint(-n - 1, n + 1))))
                parts.append("%s:%s%s" % (bound(), bound(), self.choose(("", "", ":-1", ":2", ":-2"))))
            elif r < 0.65 or not advanced or used:
                parts.append(str(self.random.randrange(-n, n)))
            elif r < 0.95:
                used = True
                parts.append(repr([self.random.randrange(-n, n) for _ in range(self.random.randint(1, 3))]))
            else:
                return ",".join([*parts, "..."])
        return ",".join(parts)

    def indexing(self):
        """Reading by an index, and setting or increasing what it reads."""
        x = self.variable(ranks=range(1, 4))
        if not x:
            return
        text = self.index(x[1], self.random.random() < 0.4)
        shape = eval("e[%s]" % text, {"e": np.empty(x[1])}).shape
        r = self.random.random()
        if r < 0.6:
            self.add("%s[%s]" % (x[0], text), shape, x[2])
        else:
            verb = self.choose(("set", "inc"))
            y = self.variable(x[2], where=lambda v: v[1] == shape or v[1] == ())
            if "[" in text and verb == "set":  # of duplicates the last one wins, with equal values it does not matter
                y = None
            self.add(
                "T.%s_subtensor(%s[%s],T.cast(%s,%s.dtype))" % (verb, x[0], text, y[0] if y else "1", x[0]), x[1], x[2]
            )

    def product(self):
        """Products of vectors and matrices."""
        x = self.variable("fic", (1, 2, 3))
        y = x and self.variable("fic", (1, 2, 3), where=lambda v: v[1][-1] == x[1][-1])
        if not y:
            return
        turned = "%s.T" % y[0] if len(y[1]) > 1 else y[0]
        kind, r = self.wider(x, y), self.random.random()
        if r < 0.5 and len(x[1]) < 3 and len(y[1]) < 3:
            self.add("T.dot(%s,%s)" % (x[0], turned), x[1][:-1] + y[1][:-1], kind)
        elif r < 0.7:
            axes = [[len(x[1]) - 1], [len(y[1]) - 1]]
            self.add("T.tensordot(%s,%s,%r)" % (x[0], y[0], axes), x[1][:-1] + y[1][:-1], kind)
        elif r < 0.85 and len(x[1]) == len(y[1]) == 1:
            self.add("T.outer(%s,%s)" % (x[0], y[0]), x[1] + y[1], kind)
        elif len(x[1]) == 3:
            self.add("T.batched_dot(%s,%s.dimshuffle(0,2,1))" % (x[0], x[0]), x[1][:2] + x[1][1:2], x[2])
        elif len(x[1]) == 2:
            self.add("T.batched_dot(%s,%s)" % (x[0], x[0]), x[1][:1], x[2])

    def ordering(self):
        """Sorting, accumulating, differences."""
        x = self.variable("fi", (1, 2, 3))
        if not x:
            return
        axis = self.random.randrange(len(x[1]))
        r = self.choose("sort argsort cumsum cumprod diff max_and_argmax softmax".split())
        shape = x[1]
        if r == "softmax":
            if len(shape) == 2:
                self.add("T.nnet.%s(%s)" % (self.choose(("softmax", "logsoftmax")), x[0]), shape, "f")
        elif r == "diff":
            self.add(
                "T.extra_ops.diff(%s,axis=%d)" % (x[0], axis),
                shape[:axis] + (max(shape[axis] - 1, 0),) + shape[axis + 1 :],
                x[2],
            )
        elif r == "argsort":
            self.add("T.argsort(%s,axis=%d,kind='mergesort')" % (x[0], axis), shape, "i", True)
        elif r == "max_and_argmax":
            which = self.random.randrange(2)
            self.add(
                "T.max_and_argmax(%s,axis=%d)[%d]" % (x[0], axis, which),
                shape[:axis] + shape[axis + 1 :],
                "i" if which else x[2],
                True,
            )
        else:
            self.add("T.%s(%s,axis=%d)" % (r, x[0], axis), shape, x[2])

    def matrix(self):
        """Functions of matrices."""
        x = self.variable("fi", [2])
        if not x:
            return
        m, n = x[1]
        positive = "(T.dot(T.tanh({0}),T.tanh({0}).T)+T.eye({1}))".format(x[0], m)
        rows = [
            ("T.nlinalg.matrix_inverse(%s)" % positive, (m, m), "f"),
            ("T.nlinalg.det(%s)" % positive, (), "f"),
            ("T.slinalg.cholesky(%s)" % positive, (m, m), "f"),
            ("T.slinalg.solve(%s,%s)" % (positive, x[0]), (m, n), "f"),
            ("T.nlinalg.trace(%s)" % x[0], (), x[2]),
            ("T.tril(%s,%d)" % (x[0], self.random.randint(-1, 1)), x[1], x[2]),
            ("T.triu(%s)" % x[0], x[1], x[2]),
            ("T.diag(%s)" % x[0], (min(m, n),), x[2]),
            ("T.extra_ops.fill_diagonal(%s,1)" % x[0], x[1], x[2]),
            ("(%s+T.arange(%d))" % (x[0], n), x[1], x[2]),
            ("(%s*T.tri(%d,%d))" % (x[0], m, n), x[1], "f"),
        ]
        if min(m, n):
            self.add(*self.choose(rows))


MAKERS = (
    "elementwise " * 9
    + "integral compare "
    + "reduce " * 3
    + "shaping " * 4
    + "indexing " * 4
    + "product " * 2
    + "ordering " * 2
    + "matrix"
)


def program(seed):
    """The program of a seed: its inputs' (name, dtype, shape, pattern), and statements (name, source, whether it jumps)."""
    g = Generator(seed)
    for _ in range(g.random.randint(1, 3)):
        g.input()
    if not g.variable("fib"):
        g.input()
        g.specs[-1] = ("x%d" % (len(g.specs) - 1), "float64") + g.specs[-1][2:]
        g.variables[-1] = g.variables[-1][:2] + ("f",)
    size = g.random.randint(3, 12)
    while len(g.statements) < size:
        getattr(g, g.choose(MAKERS))()
    return {"seed": seed, "inputs": g.specs, "statements": g.statements}


def values_of(made):
    """The inputs of a program."""
    rng = np.random.RandomState(made["seed"])
    values = []
    for _, dtype, shape, _ in made["inputs"]:
        kind = np.dtype(dtype).kind
        if kind == "f":
            value = rng.uniform(-2, 2, size=shape)
        elif kind == "c":
            value = rng.uniform(-2, 2, size=shape) + 1j * rng.uniform(-2, 2, size=shape)
        else:
            value = rng.randint(0 if kind in "bu" else -5, 2 if kind == "b" else 6, size=shape)
        values.append(np.asarray(value).astype(dtype))
    return values


def attempt(function):
    """A result and None, or None and the name of the exception."""
    try:
        return function(), None
    except Exception as error:
        return None, type(error).__name__


def build(made, T):
    """The inputs; what each statement gives, or the name of its exception; and the gradients of the last float."""
    inputs = [T.TensorType(dtype, pattern)(name) for name, dtype, _, pattern in made["inputs"]]
    names = dict(zip([spec[0] for spec in made["inputs"]], inputs), T=T, np=np)
    outputs, errors = {}, {}
    for name, source, _ in made["statements"]:
        value, error = attempt(lambda: T.as_tensor_variable(eval(source, names)))
        if error:
            errors[name] = error
        else:
            names[name] = outputs[name] = value
    wrt = [v for v in inputs if v.dtype in FLOATS]
    costs = [v for v in outputs.values() if v.dtype in FLOATS][-2:]
    if wrt and costs:
        cost = sum((T.cast(v, "float64") * (k + 1)).sum() for k, v in enumerate(costs))
        gradients, error = attempt(lambda: T.grad(cost, wrt, disconnected_inputs="ignore"))
        if error:
            errors["gradient"] = error
        else:
            outputs.update(("d" + v.name, g) for v, g in zip(wrt, gradients))
    return inputs, outputs, errors


def evaluate(made, theano, T, **options):
    """What a program gives: errors by name, and for each output dtype, pattern and value."""
    with np.errstate(all="ignore"):
        inputs, outputs, errors = build(made, T)
        names = sorted(outputs)
        function, error = attempt(
            lambda: theano.function(inputs, [outputs[n] for n in names], on_unused_input="ignore", **options)
        )
        results, error = attempt(lambda: function(*values_of(made))) if function else (None, error)
    if error:
        errors["call"] = error
    types = {n: (str(outputs[n].dtype), [bool(b) for b in outputs[n].broadcastable]) for n in names}
    return {"errors": errors, "types": types, "results": {n: np.asarray(r) for n, r in zip(names, results or [])}}
