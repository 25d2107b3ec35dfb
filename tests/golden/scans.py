"""Loops whose values and gradients were recorded from real Theano.

A row is a name and the source of a function's body, which sees ``theano``, ``T``, ``scan``, ``until``, and the inputs:
vectors ``x`` (5), ``y`` (4), a matrix ``m`` (4, 3), a square ``w`` (3, 3), a vector ``h`` (3), scalars ``a``, ``b``, an
integer vector ``k`` (5) and integer scalars ``n`` (3) and ``z`` (0). It sets ``out``, a Variable or a list, and may set
``wrt``, what the sum of the (squared) outputs is differentiated by, and ``updates``.
"""

from collections import OrderedDict

import numpy as np

ROWS = OrderedDict()
for _block in """
power: out = scan(lambda p, v: p * v, outputs_info=T.ones_like(x), non_sequences=x, n_steps=n)[0]; wrt = [x]
power last: out = scan(lambda p, v: p * v, outputs_info=T.ones_like(x), non_sequences=x, n_steps=4)[0][-1]; wrt = [x]
polynomial: out = scan(lambda c, p, v: c * v ** p, sequences=[x, T.arange(5)], non_sequences=a)[0].sum(); wrt = [x, a]
cumulative sum: out = scan(lambda v, s: s + v, x, T.zeros_like(a))[0]; wrt = [x]
scalar loop: out = scan(lambda i, s: s + T.cast(i, 'float64') * a, T.arange(n), T.zeros_like(b))[0]; wrt = [a]
set a place: out = scan(lambda i, v, o: T.set_subtensor(o[i], v), [k % 5, x], T.zeros_like(x))[0]; wrt = [x]
tanh rows: out = scan(lambda v: T.tanh(T.dot(v, w) + h), m)[0]; wrt = [m, w, h]
row norms: out = scan(lambda i, q: (q[i] ** 2).sum().sqrt(), sequences=T.arange(m.shape[0]), non_sequences=m)[0]; wrt = [m]
trace: out = scan(lambda i, j, s, q: q[i, j] + s, [T.arange(3), T.arange(3)], T.zeros_like(a), w)[0][-1]; wrt = [w]
tanh sequence with taps: out = scan(lambda u, p, v: T.tanh(T.dot(p, w) + T.dot(u, w) + T.dot(v, w)), [dict(input=m, taps=[0])], [dict(initial=h, taps=[-1])], [m[0]])[0]; wrt = [m, w, h]
rnn: out = scan(lambda u, p: T.tanh(T.dot(u, w) + T.dot(p, w) * .5), m, h)[0]; wrt = [m, w, h]
rnn last: out = scan(lambda u, p: T.tanh(T.dot(u, w) + T.dot(p, w) * .5), m, h)[0][-1]; wrt = [m, w, h]
rnn last element: out = scan(lambda u, p: T.tanh(T.dot(u, w) + p), m, h)[0][-1, 1]; wrt = [m, w, h]
rnn last slice: out = scan(lambda u, p: T.tanh(T.dot(u, w) + p), m, h)[0][-1, 1:]; wrt = [m, w, h]
rnn last two: out = scan(lambda u, p: T.tanh(T.dot(u, w) + p), m, h)[0][-2:]; wrt = [m, w, h]
rnn last and sum: r = scan(lambda u, p: T.tanh(T.dot(u, w) + p), m, h)[0]; out = [r[-1], r.sum(0)]; wrt = [m, w, h]
rnn backwards: out = scan(lambda u, p: T.tanh(T.dot(u, w) + p), m, h, go_backwards=True)[0]; wrt = [m, w, h]
two outputs: out = scan(lambda u, p, q: (p * u + a, q + p * u), x, [a, b])[0]; wrt = [x, a, b]
output without state: out = scan(lambda u, p: (p * u, u ** 2), x, [a, None])[0]; wrt = [x, a]
output without state first: out = scan(lambda u, p: (u ** 2 + p, p * u), x, [None, a])[0]; wrt = [x, a]
output without state last: out = scan(lambda u, p: (p * u, u ** 2), x, [a, None])[0][1][-1]; wrt = [x]
several last: r = scan(lambda u, p, q: (p * u + a, q + p * u), x, [a, b])[0]; out = [v[-1] for v in r]; wrt = [x, a, b]
fibonacci: out = scan(lambda p, q: p + q, outputs_info=[dict(initial=x[:2], taps=[-2, -1])], n_steps=6)[0]; wrt = [x]
taps in another order: out = scan(lambda p, q: p - 2 * q, outputs_info=[dict(initial=x[:2], taps=[-1, -2])], n_steps=6)[0]; wrt = [x]
far tap: out = scan(lambda p: 2 * p, outputs_info=[dict(initial=x[:3], taps=[-3])], n_steps=7)[0]; wrt = [x]
tap with gap: out = scan(lambda p, q: p * q, outputs_info=[dict(initial=x, taps=[-4, -1])], n_steps=5)[0]; wrt = [x]
taps last: out = scan(lambda p, q: p * q + a, outputs_info=[dict(initial=x, taps=[-3, -1])], n_steps=5)[0][-1]; wrt = [x, a]
more initial values than taps: out = scan(lambda p, q: p + q, outputs_info=[dict(initial=x, taps=[-3, -1])], n_steps=3)[0]; wrt = [x]
sequence taps: out = scan(lambda p, q: p * q, [dict(input=x, taps=[-1, 0])])[0]; wrt = [x]
sequence taps ahead: out = scan(lambda p, q: p - q ** 2, [dict(input=x, taps=[0, 2])])[0]; wrt = [x]
sequence taps only ahead: out = scan(lambda p, q: p - q ** 2, [dict(input=x, taps=[1, 2])])[0]; wrt = [x]
sequence taps only behind: out = scan(lambda p, q: p - q ** 2, [dict(input=x, taps=[-1, -2])])[0]; wrt = [x]
sequence taps backwards: out = scan(lambda p, q, r: p - q ** 2 + 3 * r, [dict(input=x, taps=[-1, 0, 1])], go_backwards=True)[0]; wrt = [x]
two sequences of different taps: out = scan(lambda p, q, r, s: p * q + r * s, [dict(input=x, taps=[-2, 0]), dict(input=y, taps=[0, 1])])[0]; wrt = [x, y]
two sequences of different taps and states: out = scan(lambda p, q, r, s, t, u: T.tanh(p * q + r * s + t - u), [dict(input=x, taps=[-1, 0]), dict(input=y, taps=[0, 1])], [dict(initial=x[:3], taps=[-3, -1])])[0]; wrt = [x, y]
two sequences of different lengths: out = scan(lambda p, q: p * q, [x, y])[0]; wrt = [x, y]
two sequences of different lengths backwards: out = scan(lambda p, q: p * q, [x, y], go_backwards=True)[0]; wrt = [x, y]
fewer steps than elements: out = scan(lambda p, q: p * q + a, x, b, n_steps=n)[0]; wrt = [x, a, b]
fewer steps backwards: out = scan(lambda p, q: p * q + a, x, b, n_steps=n, go_backwards=True)[0]; wrt = [x, a, b]
more steps than elements: out = scan(lambda p: p ** 2, x, n_steps=n + 4)[0]; wrt = [x]
one step: out = scan(lambda p, q: p * q, x, a, n_steps=1)[0]; wrt = [x, a]
steps from data: out = scan(lambda p: p * a, outputs_info=b, n_steps=T.cast((x ** 2).sum() + 2, 'int64'))[0]; wrt = [a, b]
steps from counted data: out = scan(lambda v, p: p * v, x, b, n_steps=(x > -1).sum())[0]; wrt = [x, b]
steps from a sum of integers: out = scan(lambda p: p * a, outputs_info=b, n_steps=abs(k).sum() % 4 + 1)[0]; wrt = [a, b]
steps from a shape: out = scan(lambda p: p * a, outputs_info=b, n_steps=m.shape[0] + 1)[0]; wrt = [a, b]
empty sequence: out = scan(lambda v: v * 2, x[:0])[0]
sequence too short for its taps: out = scan(lambda v, u: v * u, [dict(input=x[:2], taps=[-3, 0])])[0]
no steps of a map: out = scan(lambda v: v * 2, x, n_steps=z)[0]
until: out = scan(lambda p: (p * 2, until(p * 2 > 9)), outputs_info=T.ones_like(a), n_steps=20)[0]
until with gradient: out = scan(lambda p: (p * (1.5 + a ** 2), until(p > 4)), outputs_info=T.exp(b), n_steps=20)[0]; wrt = [a, b]
until last: out = scan(lambda p: (p * (1.5 + a ** 2), until(p > 4)), outputs_info=T.exp(b), n_steps=20)[0][-1]; wrt = [a, b]
until with sequence: out = scan(lambda v, p: (p + v ** 2 * a, until(v > x.mean())), x, b)[0]; wrt = [x, a, b]
until never: out = scan(lambda v, p: (p + v, until(T.lt(v, -99))), x, b)[0]; wrt = [x, b]
until at once: out = scan(lambda v, p: (p + v, until(T.lt(v, 99))), x, b)[0]; wrt = [x, b]
until with two outputs: out = scan(lambda v, p: ([p + v, v ** 3], until(p > 0)), x, [b, None])[0]; wrt = [x, b]
until of a map: out = scan(lambda v: (v ** 2, until(v > 0)), x)[0]; wrt = [x]
until and map last: out = scan(lambda v: (v ** 2, until(v > 0)), x)[0][-1]; wrt = [x]
until with taps: out = scan(lambda p, q: (p + q, until(p + q > 9)), outputs_info=[dict(initial=abs(x[:2]) + 1, taps=[-2, -1])], n_steps=30)[0]; wrt = [x]
until truncated: out = scan(lambda p: (p * (1.5 + a ** 2), until(p > 4)), outputs_info=T.exp(b), n_steps=20, truncate_gradient=2)[0]; wrt = [a, b]
until truncated last: out = scan(lambda p: (p * (1.5 + a ** 2), until(p > 4)), outputs_info=T.exp(b), n_steps=20, truncate_gradient=1)[0][-1]; wrt = [a, b]
until truncated beyond: out = scan(lambda p: (p * (1.5 + a ** 2), until(p > 4)), outputs_info=T.exp(b), n_steps=20, truncate_gradient=15)[0]; wrt = [a, b]
until truncated taps: out = scan(lambda p, q: (T.tanh(p + q * a) + 1, until(p + q > 2.8)), outputs_info=[dict(initial=abs(x[:2]) + 1, taps=[-2, -1])], n_steps=30, truncate_gradient=3)[0]; wrt = [x, a]
until truncated vectors: out = scan(lambda p: (T.tanh(T.dot(p, w)) * 2, until(T.abs_(p).max() > 1)), outputs_info=h, n_steps=9, truncate_gradient=1)[0]; wrt = [w, h]
until counts: out = scan(lambda i, p: (p + i, until(p + i > 5)), T.arange(100), T.cast(z, 'int64'))[0].shape[0]
until of vectors: out = scan(lambda p: (T.tanh(T.dot(p, w)) * 2, until(T.abs_(p).max() > 1)), outputs_info=h, n_steps=9)[0]; wrt = [w, h]
sum by reduce: out = theano.reduce(lambda v, s: s + v * v, x, T.zeros_like(a))[0]; wrt = [x]
reduce of two: out = theano.reduce(lambda v, s, p: (s + v, p * v), x, [a, b])[0]; wrt = [x, a, b]
reduce backwards: out = theano.reduce(lambda v, s: s * .5 + v * v, x, a, go_backwards=True)[0]; wrt = [x, a]
foldl: out = theano.foldl(lambda v, s: v - s * .5, x, a)[0]; wrt = [x, a]
foldr: out = theano.foldr(lambda v, s: v - s * .5, x, a)[0]; wrt = [x, a]
map: out = theano.map(lambda v, u: v * u - a, [x, x ** 2])[0]; wrt = [x, a]
map of rows: out = theano.map(lambda v, u: T.dot(v, u), m, w)[0]; wrt = [m, w]
map backwards: out = theano.map(lambda v: v ** 2, x, go_backwards=True)[0]; wrt = [x]
nested: out = scan(lambda r: scan(lambda v, s: s * .5 + v, r, T.zeros_like(a))[0], m)[0]; wrt = [m]
nested last: out = scan(lambda r: scan(lambda v, s: s * .5 + v, r, T.zeros_like(a))[0][-1], m)[0]; wrt = [m]
nested with outer state: out = scan(lambda r, s: s + scan(lambda v, q: q * v + s.sum(), r, a)[0], m, h)[0]; wrt = [m, a, h]
nested power: out = scan(lambda v, p: scan(lambda q: q * v, outputs_info=p, n_steps=2)[0][-1], x, a)[0]; wrt = [x, a]
nested with until: out = scan(lambda v: scan(lambda p: (p * 2 + v, until(p > 5)), outputs_info=T.ones_like(a), n_steps=10)[0][-1], x)[0]; wrt = [x]
nested three deep: out = scan(lambda r, t: scan(lambda v, s: s + scan(lambda p: p * v, outputs_info=T.ones_like(v), n_steps=2)[0].sum(), r, t)[0][-1], m, a)[0]; wrt = [m, a]
outer product by map: out = scan(lambda p: scan(lambda q: p * q, y)[0], x)[0]; wrt = [x, y]
truncated: out = scan(lambda v, p: T.tanh(p * a + v), x, b, truncate_gradient=2)[0]; wrt = [x, a, b]
truncated last: out = scan(lambda v, p: T.tanh(p * a + v), x, b, truncate_gradient=3)[0][-1]; wrt = [x, a, b]
truncated at length: out = scan(lambda v, p: T.tanh(p * a + v), x, b, truncate_gradient=5)[0]; wrt = [x, a, b]
truncated beyond: out = scan(lambda v, p: T.tanh(p * a + v), x, b, truncate_gradient=9)[0]; wrt = [x, a, b]
truncated map: out = scan(lambda v: T.tanh(v * a), x, truncate_gradient=2)[0]; wrt = [x, a]
truncated backwards: out = scan(lambda v, p: T.tanh(p * a + v), x, b, truncate_gradient=2, go_backwards=True)[0]; wrt = [x, a, b]
truncated taps: out = scan(lambda v, p, q: T.tanh(p * a + v + q * .3), x, dict(initial=y[:2], taps=[-2, -1]), truncate_gradient=4)[0]; wrt = [x, a, y]
truncated rnn: out = scan(lambda u, p: T.tanh(T.dot(u, w) + p), m, h, truncate_gradient=1)[0]; wrt = [m, w, h]
gradient inside: out = scan(lambda v: T.grad(T.tanh(v * a) ** 2, v), x)[0]; wrt = [x, a]
jacobian by scan: q = T.tanh(T.dot(w, h)); out = scan(lambda i: T.grad(q[i], h), T.arange(3))[0]; wrt = [w, h]
hessian by scan: g = T.grad((T.tanh(T.dot(w, h)) ** 3).sum(), h); out = scan(lambda i: T.grad(g[i], h), T.arange(3))[0]
second order: r = scan(lambda v, p: T.tanh(p * a + v), x, b)[0]; out = T.grad((r ** 2).sum(), a); wrt = [x, a, b]
second order of the last: r = scan(lambda v, p: T.tanh(p * a + v), x, b)[0][-1]; out = T.grad(r, x); wrt = [x, a, b]
counter: s = theano.shared(np.float64(0)); out, updates = scan(lambda v: (v + s, {s: s + 1}), x); wrt = [x]
only updates: s = theano.shared(np.zeros(3)); _, updates = scan(lambda v: {s: s * .5 + v}, m); out = []
updates and state: s = theano.shared(np.float64(1)); out, updates = scan(lambda v, p: ([p + v * s], {s: s * 2}), x, a); wrt = [x, a]
updates as pairs: s = theano.shared(np.float64(1)); out, updates = scan(lambda v: [(s, s + v)], x); out = []
updates before outputs: s = theano.shared(np.float64(1)); out, updates = scan(lambda v: ({s: s + v}, [v * s]), x)
updates and until: s = theano.shared(np.float64(0)); out, updates = scan(lambda v: (v * 2, {s: s + 1}, until(v > 0)), x)
default updates: s = theano.shared(np.float64(0)); s.default_update = s + 1; out, updates = scan(lambda v: v + s, x)
shared weights: s = theano.shared(np.eye(3) * .5); out = scan(lambda u, p: T.tanh(T.dot(u, s) + p), m, h)[0]; wrt = [m, h, s]
strict: out = scan(lambda v, p, c: p * c + v, x, b, [a], strict=True)[0]; wrt = [x, a, b]
implicit inputs: c = a * 2 + 1; out = scan(lambda v: v * c + T.exp(c) + h.sum(), x)[0]; wrt = [x, a, h]
a value that does not change: out = scan(lambda v: [v, T.exp(a)], x)[0]; wrt = [x, a]
a new name for a state: out = scan(lambda v, p: v, x, a)[0]; wrt = [x]
state of integers: out = scan(lambda v, p: p + v, k, T.cast(n, 'int64'))[0]
state of integers and floats: out = scan(lambda v, i, p: (i + 1, p * v + T.cast(i, 'float64')), x, [T.cast(z, 'int64'), a])[0]; wrt = [x, a]
index by state: out = scan(lambda i, p, v: (i + 1, p + v[i] ** 2), outputs_info=[T.cast(z, 'int64'), a], non_sequences=x, n_steps=4)[0][1]; wrt = [x, a]
slice by index: out = scan(lambda i, v: v[i:i + 2].sum(), T.arange(4), None, x)[0]; wrt = [x]
slice up to index: out = scan(lambda i, v: v[:i].sum(), T.arange(5), None, x)[0]; wrt = [x]
slice up to state: out = scan(lambda i, v: (i + 1, (v[:i] ** 2).sum()), outputs_info=[T.cast(z, 'int64'), None], non_sequences=x, n_steps=5)[0][1]; wrt = [x]
arange of an element: out = scan(lambda i: T.arange(i).sum(), k % 3 + 1)[0]
reversed slice: out = scan(lambda i, v: v[i::-1].sum(), T.arange(5), None, x)[0]; wrt = [x]
reshape inside: out = scan(lambda r, c: T.dot(r.reshape((1, 3)), c).flatten(), m, None, w)[0]; wrt = [m, w]
matrix state: out = scan(lambda q, c: T.dot(q, c), outputs_info=w, non_sequences=w * .5, n_steps=3)[0]; wrt = [w]
switch inside: out = scan(lambda v, p: T.switch(v > 0, p * v, p + v), x, a)[0]; wrt = [x, a]
stable inside: out = scan(lambda v: T.log(T.nnet.sigmoid(v * 900)), x)[0]; wrt = [x]
softmax inside: out = scan(lambda r: T.log(T.nnet.softmax(r.dimshuffle('x', 0)))[0], m)[0]; wrt = [m]
scan of a scan: r = scan(lambda v, p: p + v, x, a)[0]; out = scan(lambda v, p: p * .5 + v, r, b)[0]; wrt = [x, a, b]
checkpoints: out = theano.scan_checkpoints(lambda v, p: T.tanh(p * a + v), [x[:4]], [b], [], save_every_N=2, padding=False)[0]; wrt = [x, a, b]
return a list: out = scan(lambda v: v * 2, x, return_list=True)[0]; wrt = [x]
part of the trajectory: out = scan(lambda v, p: p * a + v, x, b)[0][1:3]; wrt = [x, a, b]
first of the trajectory: out = scan(lambda v, p: p * a + v, x, b)[0][0]; wrt = [x, a, b]
lstm: out = scan(lambda u, p, c: (T.nnet.sigmoid(T.dot(u, w) + p) * T.tanh(T.nnet.sigmoid(T.dot(p, w)) * c + T.tanh(u)), T.nnet.sigmoid(T.dot(p, w)) * c + T.tanh(u)), m, [h, h * 2])[0][0]; wrt = [m, w, h]
minibatch rnn: out = scan(lambda u, p: T.tanh(u.dimshuffle(0, 'x') * h + T.dot(p, w)), m, T.zeros((3, 3)) + h)[0]; wrt = [m, w, h]
""".strip().splitlines():
    _name, _source = _block.split(": ", 1)
    ROWS[_name] = _source


def values():
    """The inputs, by name."""
    rng = np.random.RandomState(7)
    drawn = OrderedDict(
        (name, rng.uniform(-1, 1, size))
        for name, size in [("x", 5), ("y", 4), ("m", (4, 3)), ("w", (3, 3)), ("h", 3), ("a", ()), ("b", ())]
    )
    drawn.update(k=rng.randint(-9, 9, 5), n=np.int64(3), z=np.int64(0))
    return drawn


def evaluate(source, theano, T, given=None):
    """All that a row computes: outputs, updated values, and gradients, as arrays; or the error's type."""
    given = values() if given is None else given
    kinds = {
        "x": "dvector",
        "y": "dvector",
        "m": "dmatrix",
        "w": "dmatrix",
        "h": "dvector",
        "a": "dscalar",
        "b": "dscalar",
        "k": "lvector",
        "n": "lscalar",
        "z": "lscalar",
    }
    inputs = OrderedDict((name, getattr(T, kind)(name)) for name, kind in kinds.items())
    scope = dict(inputs, theano=theano, T=T, np=np, scan=theano.scan, until=theano.scan_module.until, updates={})
    try:
        exec(source, scope)
        out = scope["out"] if isinstance(scope["out"], list) else [scope["out"]]
        cost = sum([(o**2).sum() for o in out]) if out else 0
        grads = T.grad(cost, scope["wrt"]) if "wrt" in scope else []
        f = theano.function(list(inputs.values()), out + grads, updates=scope["updates"], on_unused_input="ignore")
        found = [np.asarray(v) for v in f(*given.values())]
        return {"values": found, "gradients": len(grads), "shared": [s.get_value() for s in scope["updates"]]}
    except Exception as error:
        return {"error": type(error).__name__}
