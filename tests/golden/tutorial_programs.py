"""Programs after Theano's tutorial pages on functions, modes, debugging, memory and profiling, in other words.

They are run as those of `function_programs`, which explains ``show`` and ``fails``.
"""

SETUP = """
def data(n=40, features=6, seed=0):
    rng = np.random.RandomState(seed)
    inputs = rng.randn(n, features)
    return inputs, (inputs.dot(rng.randn(features)) > 0).astype('float64')

def close(*values):
    show(*[np.round(np.asarray(value), 6) + 0 for value in values])
"""

FUNCTIONS = {
    "an accumulator": """
total, step = shared(0, name='total'), T.iscalar('step')
advance = function([step], total, updates=[(total, total + step)])
show(advance(1), total.get_value(), advance(300), total.get_value())
total.set_value(-1)
show(advance(3), total.get_value())
retreat = function([step], total, updates=[(total, total - step)])
show(retreat(2), total.get_value())
""",
    "givens instead of a state": """
total, step = shared(10, name='total'), T.iscalar('step')
other = T.scalar('other', dtype=total.dtype)
formula = total * 2 + step
skip = function([step, other], formula, givens=[(total, other)])
show(skip(1, 3), total.get_value())
""",
    "one accumulator, two states": """
first = shared(0, name='first')
step = T.iscalar('step')
count = function([step], [first], updates=[(first, first + step)])
count(10)
show(first.get_value())
second = shared(0, name='second')
again = count.copy(swap={first: second})
again(100)
show(second.get_value(), first.get_value())
still = count.copy(delete_updates=True)
still(10)
show(first.get_value())
""",
    "several results at once": """
a, b = T.dmatrices('a', 'b')
f = function([a, b], [a - b, abs(a - b), (a - b) ** 2])
show(f([[1, 1], [1, 1]], [[0, 1], [2, 3]]))
""",
    "forms of outputs": """
show(function([x], x * 2)(4.0), function([x], [x * 2])(4.0), function([], [])(), function([x], None, on_unused_input='ignore')(4.0))
show(function([], T.constant(2.0))(), function([x], {'two': x * 2, 'three': x * 3})(4.0)['three'])
""",
    "an input with a value and an update": """
inc = function([In(x, value=1), In(y, value=10.0, update=y + x)], [])
dec = function([In(x, value=1), In(y, value=inc.container[y], update=y - x, implicit=False)], [])
show(dec[y] == inc[y])
inc[y] = 2
show(dec[y])
dec(3)
show(inc[y])
dec()
show(inc[y])
dec(x=5, y=1)
show(inc[y], dec[y])
""",
    "a state that a call sets": """
f = function([x, In(y, value=3.0, update=y * 2)], x + y)
show(f(1.0), f(1.0), f(1.0, 0.5), f(1.0), f[y], f.value['y'])
""",
    "a strict input": """
f = function([In(v, strict=True)], v.sum())
fails(lambda: f([1, 2]))
fails(lambda: f(np.array([1, 2])))
show(f(np.array([1.0, 2.0])))
""",
    "downcasts": """
a, b, c = T.dscalar('a'), T.fscalar('b'), T.bscalar('c')
f = function([a, b, c], (a + b) + c)
show(f(1, 1, 1))
fails(lambda: f(1, 1, 300))
fails(lambda: f(1, 0.1, 1))
g = function([In(a, allow_downcast=False), In(b, allow_downcast=True), c], (a + b) + c)
show(np.round(g(3, 0.1, 0), 6))
fails(lambda: g(np.float64(1.0), 0.1, 0.5))
""",
}

MODES = {
    "logistic regression in each mode": """
inputs, labels = data()
finals = []
for mode in ('FAST_RUN', 'FAST_COMPILE', 'DebugMode', 'NanGuardMode'):
    X, z = T.dmatrix('X'), T.dvector('z')
    weights, bias = shared(np.zeros(6), name='weights'), shared(0.0, name='bias')
    p = 1 / (1 + T.exp(-T.dot(X, weights) - bias))
    cost = T.nnet.binary_crossentropy(p, z).mean() + 0.01 * (weights ** 2).sum()
    gw, gb = T.grad(cost, [weights, bias])
    train = function([X, z], cost, updates=[(weights, weights - gw), (bias, bias - gb)], mode=mode)
    costs = [train(inputs, labels) for _ in range(3)]
    finals.append(np.round(np.concatenate([costs, weights.get_value(), [bias.get_value()]]), 6))
close(finals[0])
show([bool(np.allclose(f, finals[0])) for f in finals])
""",
    "a mode of one's own": """
mode = theano.Mode(linker='vm', optimizer='fast_compile')
show(function([x], T.exp(x), mode=mode)(0.0))
tweaked = compile.get_mode('FAST_RUN').excluding('fusion').including('local_remove_all_assert')
show(function([x], T.exp(x) * 2 + 1, mode=tweaked)(0.0))
""",
    "DebugMode lets right graphs pass": """
f = function([v], [v * 10, T.dot(v, v), T.grad(T.tanh(v).sum(), v)], mode='DebugMode')
close(f([5.0, 7.0])[0], f([5.0, 7.0])[1])
""",
    "DebugMode by an instance": """
f = function([x], 10 * x, mode=compile.DebugMode(check_c_code=False))
show(f(0.0), f(7.0))
""",
    "the default mode": """
show(isinstance(compile.get_default_mode(), compile.Mode), function([x], x)(1.0))
""",
}

DEBUGGING = {
    "where sizes do not fit": """
a, b, c = T.dvector('a'), T.dvector('b'), T.dvector('c')
f = function([a, b, c], a * b + b * c)
show(f(np.ones(2), np.ones(2), np.ones(2)))
error = fails(lambda: f(np.ones(2), np.ones(2), np.ones(3)))
show('Apply node that caused the error' in str(error), 'Inputs types' in str(error), 'Inputs shapes' in str(error))
""",
    "where sizes do not fit, written out": """
theano.config.exception_verbosity = 'high'
f = function([m, v], T.dot(m, v), mode=theano.Mode(optimizer=None, linker='py'))
error = fails(lambda: f(np.ones((2, 3)), np.ones(2)))
show('Debugprint of the apply node' in str(error))
""",
    "test values at work": """
theano.config.compute_test_value = 'warn'
W1 = shared(np.random.RandomState(0).rand(10, 10), 'W1')
W2 = shared(np.random.RandomState(1).rand(10, 20), 'W2')
a = T.matrix('a')
a.tag.test_value = np.random.RandomState(2).rand(5, 10)
hidden = T.dot(a, W1)
close(hidden.tag.test_value.sum())
fails(lambda: T.dot(hidden, W2.T))
out = T.dot(hidden.dot(W1), W2)
show(out.tag.test_value.shape, out.shape.tag.test_value, T.concatenate([out, out]).tag.test_value.shape)
""",
    "test values of shapes": """
theano.config.compute_test_value = 'raise'
s = T.lvector('s')
s.tag.test_value = np.array([2, 3])
show(T.zeros((s[0], s[1])).tag.test_value, T.ones((s[0], 2)).tag.test_value)
""",
    "looking at every node": """
log = []
def before(i, node, fn):
    log.append(('in', i, [float(c[0].sum()) for c in fn.inputs]))
def after(i, node, fn):
    log.append(('out', i, [float(c[0].sum()) for c in fn.outputs]))
f = function([v], T.exp(v) * v, mode=compile.MonitorMode(before, after, optimizer=None))
f([0.0, 1.0])
show([k for k, _, _ in log], len(set(i for _, i, _ in log)))
close(log[-1][2])
""",
    "where NaN comes from": """
seen = []
def look(i, node, fn):
    for cell in fn.outputs:
        if isinstance(cell[0], np.ndarray) and np.isnan(cell[0]).any():
            seen.append([type(node.op).__name__, [c[0] for c in fn.inputs]])
f = function([x], [T.log(x) * x], mode=compile.MonitorMode(post_func=look, optimizer=None))
show(np.isnan(f(-1.0)[0]), seen[0])
""",
    "a network that explodes": """
rng = np.random.RandomState(0)
W = shared(rng.rand(4, 4) * 1e6, 'W')
X = T.dmatrix('X')
h = X
for _ in range(4):
    h = T.dot(h, W)
f = function([X], T.tanh(h), mode=compile.nanguardmode.NanGuardMode(nan_is_error=True, inf_is_error=True, big_is_error=True))
error = fails(lambda: f(rng.rand(3, 4)))
show(str(error).split(chr(10))[0])
g = function([X], T.tanh(h), mode=compile.nanguardmode.NanGuardMode(nan_is_error=True, inf_is_error=True, big_is_error=False))
close(g(rng.rand(3, 4)))
""",
    "an assertion about a shape": """
A = theano.tensor.opt.Assert('The vector has the wrong length')
f = function([v], A(v * 2, T.eq(v.shape[0], 2)))
show(f([1.0, 2.0]))
error = fails(lambda: f([1.0]))
show(str(error).split(chr(10))[0])
""",
    "an Op with a wrong gradient": """
class Cube(theano.Op):
    __props__ = ()
    def make_node(self, a):
        a = T.as_tensor_variable(a)
        return theano.Apply(self, [a], [a.type()])
    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0] ** 3
    def grad(self, inputs, gradients):
        return [gradients[0] * inputs[0] ** 2]
fails(lambda: theano.gradient.verify_grad(Cube(), [np.array([1.0, 2.0])], rng=np.random.RandomState(0)))
show(function([v], Cube()(v), mode='DebugMode')([2.0]))
""",
    "a function, dumped to be looked at elsewhere": """
import os, pickle, tempfile
path = os.path.join(tempfile.mkdtemp(), 'dump.pkl')
compile.function_dump(path, [x, y], [x / y], name='ratio')
kept = pickle.load(open(path, 'rb'))
show(function(**{k: kept[k] for k in ('inputs', 'outputs', 'name')})(1.0, 4.0))
""",
}

MEMORY = {
    "borrowing when a shared variable is made": """
a = np.ones(2)
default, copied, borrowed = shared(a), shared(a, borrow=False), shared(a, borrow=True)
a += 1
show(default.get_value(), copied.get_value(), borrowed.get_value())
""",
    "what get_value returns": """
s = shared(np.arange(3.0))
a, b = s.get_value(), s.get_value(borrow=True)
a += 1
show(s.get_value(), b)
""",
    "changing a value in place, and putting it back": """
s = shared(np.arange(3.0))
s.set_value(s.get_value(borrow=False) * 2, borrow=True)
show(s.get_value())
""",
    "borrowed outputs": """
f = function([v], Out(v * 2, borrow=True))
show(f([1.0, 2.0]), f([3.0, 4.0]))
g = function([In(v, borrow=True)], Out(T.exp(v), borrow=True))
show(g(np.zeros(2)))
""",
}

GROUPS = {"functions": FUNCTIONS, "modes": MODES, "debugging": DEBUGGING, "memory": MEMORY}
PROGRAMS = {"%s: %s" % (group, name): SETUP + source for group, rows in GROUPS.items() for name, source in rows.items()}
