"""What dtype an operation gives, over all dtypes: the table that was recorded from real Theano.

`table` builds every expression with the `T` that it is given. A row is a string of one letter a combination of dtypes
(in the order of `DTYPES`, the last one running fastest): the result's dtype, or ``x`` where building it is refused.
"""

import itertools

DTYPES = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
LETTERS = dict(zip(DTYPES, "?bhilBHILefdFD"))

UNARY = (
    "neg abs_ sgn inv sqr sqrt exp exp2 expm1 log log2 log10 log1p ceil floor trunc round iround sin cos tan arcsin "
    "arccos arctan sinh cosh tanh arcsinh arccosh arctanh deg2rad rad2deg erf erfc erfcx erfinv erfcinv gamma gammaln "
    "psi tri_gamma j0 j1 i0 i1 real imag conj angle invert isnan isinf nnet.sigmoid nnet.softplus nnet.hard_sigmoid "
    "nnet.ultra_fast_sigmoid nnet.relu nnet.softsign nnet.elu zeros_like ones_like shape"
).split()
BINARY = (
    "add sub mul true_div int_div mod pow maximum minimum arctan2 eq neq lt le gt ge and_ or_ xor second complex "
    "complex_from_polar chi2sf gammainc gammaincc gammau gammal jv iv isclose outer dot"
).split()
OPERATORS = [
    "a + b",
    "a - b",
    "a * b",
    "a / b",
    "a // b",
    "a % b",
    "a ** b",
    "a & b",
    "a | b",
    "a ^ b",
    "a < b",
    "a <= b",
    "a > b",
    "a >= b",
]
NUMBERS = ["1", "-1", "300", "70000", "3000000000", "1.0", "0.1", "1e40", "2j"]
NUMBER_FORMS = ["a + %s", "a * %s", "a / %s", "a // %s", "a %% %s", "a ** %s", "%s - a", "%s / a", "%s ** a"]
REDUCTIONS = (
    "a.sum() a.prod() a.mean() a.var() a.std() a.max() a.min() a.argmax() a.argmin() a.any() a.all() T.ptp(a) "
    "a.norm(2) a.sum(dtype='float32') a.sum(acc_dtype='float64') a.sum(acc_dtype='float32') a.prod(dtype='int64') "
    "a.mean(dtype='float32') a.mean(acc_dtype='float64') a.sum(dtype='int8') a.sum(dtype='complex64') "
    "T.cumsum(a) T.cumprod(a) T.extra_ops.diff(a) T.sort(a) T.argsort(a) T.repeat(a,2) T.max_and_argmax(a)[0] "
    "T.max_and_argmax(a)[1] T.prod(a,no_zeros_in_input=True) a.prod(acc_dtype='float64') T.extra_ops.bincount(a) "
    "T.extra_ops.Unique()(a) T.nonzero(a)[0] T.nonzero_values(a) T.diag(a) T.tile(a,2) T.roll(a,1) a.round()"
).split()
OTHERS = (
    "T.clip(a,b,b) T.switch(a,b,b) T.switch(a,a,b) T.join(0,a,b) T.stack([a,b]) T.dot(a,b) T.outer(a,b) "
    "T.arange(a[0],b[0]) T.arange(a[0]) T.set_subtensor(a[:1],b[:1]) T.inc_subtensor(a[:1],b[:1]) T.tensordot(a,b,1) "
    "T.alloc(a[0],2) "
    "T.tensordot(a,b,0) T.batched_dot(a,b) T.ceil_intdiv(a,b) T.choose(a,[b,b]) a[b] a.take(b) T.extra_ops.searchsorted(a,b) "
    "T.concatenate([a,b]) T.extra_ops.compress(a,b) T.extra_ops.fill_diagonal(T.outer(a,a),b[0]) "
    "T.fill(a,b[0]) T.cast(a,b.dtype)"
).split()


def _dtype(source, T, **names):
    try:
        return LETTERS[str(eval(source, dict(names, T=T)).dtype)]
    except Exception:  # refused: the recorder is about dtypes, tests/test_bad_input.py about errors
        return "x"


def table(T):
    """Row by row: source of the expression -> its letters."""
    vectors = {d: T.TensorType(d, (False,)) for d in DTYPES}
    unary = ["T.%s(a)" % name for name in UNARY] + REDUCTIONS
    unary += [form % number for form in NUMBER_FORMS for number in NUMBERS]
    binary = ["T.%s(a, b)" % name for name in BINARY] + OPERATORS + OTHERS
    rows = {s: "".join(_dtype(s, T, a=vectors[d]()) for d in DTYPES) for s in unary}
    for s in binary:
        pairs = itertools.product(DTYPES, repeat=2)
        rows[s] = "".join(_dtype(s, T, a=vectors[x](), b=vectors[y]()) for x, y in pairs)
    return rows
