"""Expressions of sparse variables: what `record_sparse.py` asks Theano about, and tests/sparse/ asks tx.

An expression is Python text; in it ``S`` is theano.sparse, ``T`` theano.tensor, ``sp`` scipy.sparse, and the names of
`VALUES` are variables. Each is built, and run with these values.
"""

import numpy as np
import scipy.sparse as sp

A = np.array([[1.0, 0, 2], [0, 0, 3.5], [0, -1, 0], [4, 0, 0]])
B = np.array([[1.0, 0, -2], [0, 0, 0], [5, -1, 0], [0, 0, 7]])
SQUARE = np.array([[1.0, 0, 2], [0, 5, 0], [0, 3, 4]])
DENSE = np.arange(12.0).reshape(4, 3) / 4 - 1

VALUES = {
    "x": sp.csr_matrix(A),
    "y": sp.csr_matrix(B),
    "c": sp.csc_matrix(A),
    "q": sp.csr_matrix(SQUARE),
    "b": sp.bsr_matrix(A),
    "ix": sp.csr_matrix(A.astype("int64")),
    "xf": sp.csr_matrix(A.astype("float32")),
    "z": sp.csr_matrix(np.zeros((4, 3))),
    "d": DENSE,
    "e": DENSE[:3, :2].copy(),
    "v": np.array([1.0, 2.0, 3.0]),
    "w": np.array([0.5, -1.0, 2.0, 0.25]),
    "s": np.array(2.0),
    "i": np.array(2, "int32"),
    "li": np.array(1, "int64"),
    "iv": np.array([2, 0, 2]),
}


def variable(name, S, T):
    """A new variable for a value of the table."""
    value = VALUES[name]
    if sp.issparse(value):
        return S.matrix(value.format, name, str(value.dtype))
    return T.TensorType(str(value.dtype), (False,) * value.ndim)(name)


OPERATORS = """
x+x|x+c|c+x|x+b|b+b|x+d|d+x|x+v|v+x|x+s|x+1|1+x|2*x|x*2|x*s|s*x|x*v|x*d|d*x|x*x|x*y|x*c|x-x|x-y|x-d|d-x|x-s|-x|x/2
x+xf|xf*d|x*xf|ix*x|ix+d|ix*2|ix*2.5|xf*2|x+z|z*x|x+y|c-x|c*x|c+d|c*d|b+d
x<x|x<y|x<c|x<d|x<1|x<s|x>y|x<=y|x>=y|x<=d|x>=d|x>d|S.eq(x,y)|S.eq(x,d)|S.eq(x,1)|S.eq(d,d)|S.neq(x,y)|S.neq(d,x)
S.lt(d,x)|S.ge(d,x)|S.le(d,x)|S.gt(d,x)|S.lt(x,y)|S.gt(x,y)|S.le(x,y)|S.ge(x,y)
x.T|c.T|b.T|x.shape|c.shape|b.shape|x.shape[0]|x.size|x.toarray()|c.toarray()|b.toarray()|z.toarray()|x.zeros_like()
x.astype('float32')|S.transpose(x)|S.transpose(d)
S.add(d,d)|S.mul(d,d)|S.sub(d,x)|S.mul(x,2)|S.neg(x)|S.neg(d)|S.mul_s_s(x,y)|S.add_s_s(x,c)|S.add_s_d(x,v)|S.mul_s_d(x,d)
x*d[:2]|x+d[:2]|x+q|x*q|x<q
"""

INDEXING = """
x[0]|x[0,1]|x[0,2]|x[i,i]|x[i,0]|x[li,li]|x[i]|x[0:2]|x[0:2,1]|x[0:2,1:2]|x[1:,::2]|x[[0,1]]|x[[0,1],[1,2]]|x[iv]|x[iv,iv]
x[None]|x[0,0,0]|x[::-1]|x[i:]|x[:i,1:i]|x[-1:]|x[9:]|x[-1,0]|x[9,0]|x[[0,9]]|x[[0,2],[0,9]]|b[0:2]|b[0,1]|c[0:2]|c[1,2]
c[[0,2]]|x[np.array([0,1])]|S.get_item_list(x,iv)|S.get_item_2lists(x,iv,iv)|S.get_item_2d(x,(slice(0,2),))
S.get_item_scalar(x,(0,2))|x[:]|x[:,:]|x[1:3][::-1]|x[x.shape[0]-2:]
"""

PRODUCTS = """
S.dot(x,e)|S.dot(x,d)|S.dot(d.T,x)|S.dot(x,v)|S.dot(w,x)|S.dot(c,e)|S.dot(d.T,c)|S.dot(x,x.T)|S.dot(x,q)|S.dot(d,d)|S.dot(ix,e)
S.dot(xf,e)|S.dot(x,xf.T)|S.dot(z,e)|S.dot(x,e[:,0])|S.dot(b,e)|S.dot(x,VA)|S.dot(x,s)
S.structured_dot(x,e)|S.structured_dot(x,d)|S.structured_dot(d.T,x)|S.structured_dot(x,q)|S.structured_dot(x,c.T)
S.structured_dot(x,v)|S.structured_dot(ix,e)|S.structured_dot(d,d)|S.structured_dot(xf,e)|S.structured_dot(c,e)
S.true_dot(x,q)|S.true_dot(x,e)|S.true_dot(d.T,x)|S.true_dot(x,v)|S.true_dot(x,x.T)|S.true_dot(b,e)|S.true_dot(x,d)
S.true_dot(d,d)|theano.dot(x,e)|theano.dot(d.T,x)|theano.dot(x,q)|theano.dot(d,e.T)|T.dot(x,e)|T.dot(d.T,x)
S.usmm(s,q,e,e)|S.usmm(s,d,e,e)|S.usmm(s,q,q,q.toarray())|S.usmm(s,e.T,q,e.T)|S.usmm(s,q,e,q)|S.usmm(s,q,e,d)
S.sampling_dot(d,d[:3],x)|S.sampling_dot(d,v.dimshuffle(0,'x')*d[:3],x)|S.sampling_dot(d,d,x)|S.sampling_dot(d,d,d)
S.sampling_dot(d,d[:3],c)
"""

CONVERSIONS = """
S.cast(x,'int8')|S.cast(x,'foo')|S.cast(d,'int8')|S.bcast(x)|S.wcast(x)|S.icast(x)|S.lcast(x)|S.fcast(x)|S.dcast(xf)|S.ccast(x)
S.zcast(x)|S.as_sparse_variable(VA)|S.as_sparse_variable(d)|S.as_sparse_variable(3)|S.as_sparse_or_tensor_variable(VA)
S.as_sparse_or_tensor_variable(3)|S.as_sparse_or_tensor_variable(x)|S.constant(VA)|S.constant(VA.tocoo())|S.constant(VA.toarray())
S.as_sparse(x)|S.csm_data(x)|S.csm_indices(x)|S.csm_indptr(c)|S.csm_shape(c)|S.csm_properties(d)|S.csm_data(b)
S.CSR(v,iv,iv,iv)|S.CSM('bsr')|S.CSM('foo')|S.CSR(v,v,iv,iv)|S.CSR(v,iv,iv,v)|S.CSR(d,iv,iv,iv)|S.CSR(*S.csm_properties(x))
S.CSC(S.csm_data(x),S.csm_indices(x),S.csm_indptr(x),S.csm_shape(x)[::-1])|S.CSR(2*S.csm_data(x),*S.csm_properties(x)[1:])
S.CSR(v,T.constant(np.array([0,1,2])),T.constant(np.array([0,1,2,3])),T.constant(np.array([3,3])))
S.dense_from_sparse(x)|S.dense_from_sparse(d)|S.csr_from_dense(d)|S.csc_from_dense(d)|S.csr_from_dense(v)|S.csc_from_dense(s)
S.csr_from_dense(T.dtensor3())|S.SparseFromDense('bsr')(d)|S.SparseFromDense('foo')(d)|S.csr_from_dense(2*d-1)
S.hstack([x,c])|S.hstack([x,y],format='csr')|S.hstack([x,xf],dtype='float32')|S.hstack([x,xf])|S.hstack([x,q])|S.hstack([x,d])
S.vstack([x,q])|S.vstack([x,y],format='csr')|S.vstack((x,d))|S.vstack(x)|S.hstack([x,x],format='foo')|S.hstack([])
S.ensure_sorted_indices(x)|S.clean(x)|S.remove0(x)|S.remove0(S.structured_maximum(x,0))|S.clean(S.structured_minimum(x,1)-x)
S.sp_ones_like(x)|S.sp_ones_like(d)|S.sp_zeros_like(x)|S.construct_sparse_from_list(d,d[:3],iv)|S.construct_sparse_from_list(d,d,v)
S.SparseType('foo','float64')|S.SparseType('csr','foo')|S.SparseType('csr','bool')|S.SparseType('csr','float16')|S.matrix('foo')
T.exp(x)|T.sum(x)|T.as_tensor_variable(x)|T.as_tensor_variable(VA)|abs(x)
theano.shared(VA)|theano.shared(VA.tocoo())|theano.shared(VA)*2|S.constant(VA)*x|S.dot(S.constant(VA),e)|S.constant(VA).T
"""

FUNCTIONS = """
S.structured_sigmoid(x)|S.structured_exp(x)|S.structured_exp(d)|S.structured_log(S.sqr(x))|S.structured_log(ix)
S.structured_pow(x,2)|S.structured_pow(x,s)|S.structured_minimum(x,s)|S.structured_maximum(x,0)|S.structured_add(x,2)
S.structured_add(x,v)|S.structured_add_s_v(x,v)|S.structured_add_s_v(c,v)|S.structured_add_s_v(x,d)|S.structured_add_s_v(b,v)
S.structured_add_s_v(x,w)|S.mul_s_v(x,v)|S.mul_s_v(c,v)|S.mul_s_v(x,d)
S.add_s_s_data(x,x)|S.add_s_s_data(x,y)|S.add_s_s_data(x,q)|S.add_s_s_data(x,c)
S.sqr(ix)|S.sqr(x)|S.sqrt(S.sqr(x))|S.sqrt(d)|S.sin(ix)|S.sin(x)|S.sin(xf)|S.sinh(x)|S.arcsin(x/1 if False else x*0.2)|S.arcsinh(x)
S.tan(x)|S.tanh(x)|S.arctan(x)|S.arctanh(x*0.2)|S.rint(x)|S.sgn(x)|S.ceil(x)|S.floor(x)|S.log1p(S.sqr(x))|S.expm1(x)
S.deg2rad(x)|S.rad2deg(x)|S.trunc(x)|S.conj(x)|S.structured_exp(c)
S.sp_sum(x)|S.sp_sum(x,axis=0)|S.sp_sum(x,axis=1)|S.sp_sum(x,axis=2)|S.sp_sum(c,axis=0)|S.sp_sum(c,axis=1)|S.sp_sum(z,axis=1)
S.sp_sum(ix)|S.sp_sum(S.bcast(x),axis=1)|S.sp_sum(xf)|S.sp_sum(xf,axis=0)|S.sp_sum(d)|S.sp_sum(b)|S.sp_sum(b,axis=1)
S.row_scale(x,w)|S.row_scale(c,w)|S.row_scale(x,v)|S.row_scale(b,w)|S.col_scale(x,v)|S.col_scale(c,v)|S.col_scale(x,w)
S.diag(q)|S.diag(x)|S.diag(d)|S.square_diagonal(v)|S.square_diagonal(d)|S.square_diagonal(T.exp(v))
"""

#: {} is an expression of which the sum is differentiated
_GRAD = "theano.grad(S.sp_sum({}),{})"
_STRUCTURED = "theano.grad(S.sp_sum({},sparse_grad=True),{})"
_DENSE = "theano.grad(({}).sum(),{})"

GRADIENTS = [
    *(_GRAD.format(e, "x") for e in (
        "x", "x*x", "x*y", "y*x", "x+y", "x-y", "y-x", "-x", "x*d", "x*s", "x.T", "S.structured_exp(x)",
        "S.structured_exp(x)*x", "S.structured_sigmoid(x)*y", "S.structured_pow(x,2)", "S.structured_maximum(x,s)",
        "S.structured_minimum(x,0)", "S.structured_add(x,s)", "S.sqr(x)", "S.rint(x)", "S.sgn(x)*x", "S.tanh(x)",
        "S.true_dot(x,y.T)", "S.true_dot(x,x.T)", "S.structured_dot(x,y.T)", "S.structured_dot(x,x.T)",
        "S.mul_s_v(x,v)", "S.structured_add_s_v(x,v)", "S.row_scale(x,w)", "S.col_scale(x,v)", "S.hstack([x,y])",
        "S.vstack([y,x])", "S.vstack([y,x],format='csr')", "x[[0,2]]", "S.get_item_list(x,iv)", "S.add_s_s_data(x,x)",
        "S.clean(x)", "S.remove0(x)", "S.ensure_sorted_indices(x)", "S.cast(x,'float32')", "S.sp_ones_like(x)*x",
        "S.CSR(*S.csm_properties(x))", "S.sp_zeros_like(x)+x", "x[0:2]",
    )),
    *(_STRUCTURED.format(e, "x") for e in ("x", "x*x", "x+y", "x.T", "S.mul_s_v(x,v)", "S.structured_exp(x)", "x+x")),
    *(_DENSE.format(e, "x") for e in (
        "S.dot(x,e)", "S.dot(x,e)*w.dimshuffle(0,'x')", "S.structured_dot(x,e)", "S.structured_dot(d.T,x)", "x+d",
        "x.toarray()*d", "T.exp(x.toarray())", "S.sp_sum(x,axis=0)*v", "S.sp_sum(x,axis=1,sparse_grad=True)*w",
        "S.dot(x,v)", "S.true_dot(x,e).toarray()", "S.dense_from_sparse(x*x)", "S.DenseFromSparse(structured=False)(x)",
        "S.csm_data(x)**2", "x.toarray()[0]", "S.dot(x,y.T)", "S.structured_dot(x,x.T).toarray()",
        "S.structured_dot(S.structured_exp(x),e)**2", "S.get_item_2lists(x,iv,iv)", "x[0,2]", "x[0:2].toarray()",
        "S.usmm(s,x,e,S.dot(y,e))", "S.structured_dot(x,e)+S.structured_dot(x,e*2)", "S.sampling_dot(d,d[:3],x).toarray()",
        "S.structured_dot(x,e).dot(e.T)*x.shape[0]",
    )),
    *(_DENSE.format(e, w) for e, w in (
        ("S.dot(x,e)**2", "e"), ("S.dot(d.T,x)**2", "d"), ("S.structured_dot(x,e)**2", "e"), ("S.dot(x,v)**2", "v"),
        ("S.structured_dot(d.T,x)**2", "d"), ("x+d**2", "d"), ("S.dot(w,x)**2", "w"), ("S.diag(q)*v", "q"),
        ("S.dot(c,e)**2", "e"), ("S.structured_dot(c,e)**2", "c"), ("S.csm_data(S.row_scale(x,w))**2", "w"),
        ("S.true_dot(x,e).toarray()**2", "e"), ("S.sp_sum(S.row_scale(x,w),axis=0)*v", "w"),
    )),
    *(_GRAD.format(e, w) for e, w in (
        ("x*d", "d"), ("x*s", "s"), ("S.mul_s_v(x,v)", "v"), ("S.structured_add_s_v(x,v)", "v"), ("S.col_scale(x,v)", "v"),
        ("S.csr_from_dense(d)", "d"), ("S.csr_from_dense(v)", "v"), ("S.square_diagonal(v)", "v"),
        ("S.structured_maximum(x,s)", "s"), ("S.sampling_dot(d,d[:3],x)", "d"), ("S.sampling_dot(d,d[:3],x)", "x"),
        ("S.true_dot(x,e)", "e"), ("S.true_dot(d.T,x)", "d"), ("S.CSR(S.csm_data(x)*v[0],*S.csm_properties(x)[1:])", "v"),
        ("S.hstack([x,c])", "c"), ("S.sqr(ix)", "ix"), ("S.cast(ix,'float32')", "ix"), ("x<x", "x"), ("y", "x"),
        ("S.structured_pow(x,s)", "s"),
    )),
]  # fmt: skip

TABLES = {
    "operators": OPERATORS,
    "indexing": INDEXING,
    "products": PRODUCTS,
    "conversions": CONVERSIONS,
    "functions": FUNCTIONS,
}
EXPRESSIONS = {
    **{name: text.strip().replace("\n", "|").split("|") for name, text in TABLES.items()},
    "gradients": GRADIENTS,
}


def built(text, theano, S, T):
    """The variables, and what an expression of them is: a Variable, another thing, or the exception that it raises."""
    names = {name: variable(name, S, T) for name in VALUES}
    try:
        found = eval(text, {"S": S, "T": T, "theano": theano, "np": np, "sp": sp, "VA": VALUES["x"], **names})
    except Exception as error:
        return names, error
    return names, found[0] if isinstance(found, list) else found


def evaluate(text, theano, S, T, run=True):
    """What becomes of an expression: its type, its value, and the exceptions on the way."""
    names, expression = built(text, theano, S, T)
    if isinstance(expression, Exception):
        return {"error": kind(expression)}
    if not hasattr(expression, "type"):
        return {"type": str(expression)}
    found = {"type": str(expression.type)}
    try:
        if run:
            function = theano.function(list(names.values()), expression, on_unused_input="ignore")
            found["value"] = plain(function(*VALUES.values()))
    except Exception as error:
        found["run_error"] = kind(error)
    return found


def kind(error):
    """The first of Python's own exceptions that this one is."""
    return next(k.__name__ for k in type(error).__mro__ if k.__module__ == "builtins")


def plain(value):
    """A value as JSON has it: a matrix as its format, dtype, number of stored elements, and all elements."""
    if sp.issparse(value):
        return {
            "format": value.format,
            "dtype": str(value.dtype),
            "nnz": int(value.nnz),
            "all": numbers(value.toarray()),
        }
    return {"dtype": str(value.dtype), "all": numbers(np.asarray(value))}


def numbers(array):
    """Nested lists, complex numbers as their parts."""
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag], -1)
    return np.round(array.astype("float64"), 12).tolist()
