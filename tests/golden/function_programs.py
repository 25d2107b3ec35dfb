"""Small programs about functions: inputs, containers, copies, modes, Ops of `compile`, lists.

Each is run by real Theano and by tx. ``show(value)`` notes a value, ``fails(thunk)`` the name of the exception that
``thunk()`` raises, or its value when it raises none.
"""

import numpy as np


def noted(value):
    """`value` as JSON: arrays with their dtype."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = np.asarray(value)
        if value.dtype.kind == "c":
            return [str(value.dtype), str(value.tolist())]
        return [str(value.dtype), np.where(value != value, None, value).tolist()]
    if isinstance(value, (list, tuple)):
        return [noted(v) for v in value]
    if isinstance(value, dict):
        return {str(k): noted(v) for k, v in value.items()}
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    return str(value)


def run(source, theano, T):
    """What the program notes, in order."""
    notes = []

    def fails(thunk):
        try:
            value = thunk()
        except Exception as error:
            notes.append(type(error).__name__)
            return error
        notes.append(["no failure", noted(value)])
        return None

    def show(*values):
        notes.extend(noted(v) for v in values)

    names = {"theano": theano, "T": T, "np": np, "show": show, "fails": fails, "function": theano.function}
    names.update(In=theano.In, Out=theano.Out, shared=theano.shared, Param=theano.Param, compile=theano.compile)
    names.update(x=T.dscalar("x"), y=T.dscalar("y"), w=T.dscalar("w"), v=T.dvector("v"), m=T.dmatrix("m"))
    names.update(i=T.lscalar("i"), fx=T.fscalar("fx"), u=T.dvector("u"))
    flags = {
        name: getattr(theano.config, name) for name in ("compute_test_value", "exception_verbosity", "mode", "profile")
    }
    try:
        exec(compile(source, "<program>", "exec"), names)
    finally:
        for name, value in flags.items():
            setattr(theano.config, name, value)
    return notes


INPUTS = {
    "default": "f = function([x, In(y, value=1)], x + y)\nshow(f(33), f(33, 2))",
    "defaults by name": """
f = function([x, In(y, value=1), In(w, value=2, name='w_by_name')], (x + y) * w)
show(f(33), f(33, 2), f(33, 0, 1), f(33, w_by_name=1), f(33, w_by_name=1, y=0))
""",
    "defaults in any order": "f = function([In(x, value=3), y], x - y)\nfails(lambda: f(1))\nshow(f(1, 2), f(y=5), f(x=1, y=2))",
    "missing": "f = function([x, In(y, value=1), w], x + y + w)\nfails(lambda: f(1))\nfails(lambda: f())\nshow(f(1, w=5))",
    "too many": "f = function([x], x)\nfails(lambda: f(1, 2))",
    "unknown keyword": "f = function([x], x)\nfails(lambda: f(z=1))\nfails(lambda: f(1, z=1))",
    "given twice": "f = function([x], x)\nfails(lambda: f(1, x=2))",
    "given twice, name of In": "f = function([In(x, name='q'), y], x + y)\nfails(lambda: f(1, 2, q=2))\nfails(lambda: f(1, 2, x=2))",
    "keywords only": "f = function([x, y], x - y)\nshow(f(x=3, y=4), f(y=1, x=2))",
    "unnamed input": "u = T.dscalar()\nf = function([u], u)\nshow(f(2))\nfails(lambda: f(u=1))",
    "same name twice": "a, b = T.dscalar('a'), T.dscalar('a')\nf = function([a, b], a - b)\nshow(f(1, 2))\nfails(lambda: f(1, a=2))",
    "the default is filtered": "fails(lambda: function([In(x, value=np.zeros(2))], x))\nfails(lambda: function([In(i, value=1.5)], i))",
    "Param": "f = function([x, Param(y, default=1)], x + y)\nshow(f(1), f(1, 5), f(1, y=7))",
    "Param name": "f = function([x, Param(y, 1, 'other')], x + y)\nshow(f(1, other=5))\nfails(lambda: f(1, y=2))",
    "Param strict": "f = function([Param(v, strict=True)], v)\nfails(lambda: f([1.0]))\nshow(f(np.ones(1)))",
    "tuple": "fails(lambda: function([x, (y, 2)], x + y)(1))\nfails(lambda: function([(y, 2)], y)())",
    "name in a list": "fails(lambda: function([x, ['y', 2]], x))",
    "not a list": "fails(lambda: function(x, x))\nfails(lambda: function([3], x))\nfails(lambda: function(['x'], x))",
    "strict": "f = function([In(v, strict=True)], v * 2)\nfails(lambda: f([1.0]))\nfails(lambda: f(np.ones(2, 'float32')))\nshow(f(np.ones(2)))",
    "allow_downcast True": "f = function([In(i, allow_downcast=True)], i)\nshow(f(1.7), f(np.float64(2.9)))",
    "allow_downcast False": "f = function([In(fx, allow_downcast=False)], fx)\nfails(lambda: f(0.1))\nfails(lambda: f(0.5))",
    "allow_downcast None": "f = function([In(fx)], fx)\nfails(lambda: f(0.1))\nfails(lambda: f(np.array(0.1)))",
    "allow_input_downcast": "f = function([fx, i], fx + i, allow_input_downcast=True)\nshow(f(0.5, 2.5))",
    "downcast of one": "f = function([In(fx, allow_downcast=False), i], fx + i, allow_input_downcast=True)\nfails(lambda: f(0.1, 2.5))\nshow(f(np.float32(.5), 2.5))",
    "update of a default": """
f = function([x, In(w, value=10.0, update=w + x)], w)
show(f(1), f(2), f(3))
""",
    "update of a default, given": """
f = function([x, In(w, value=10.0, update=w + x)], w)
show(f(1), f(2, 100), f(3), f(1, w=5), f(1))
""",
    "update needs a value": "fails(lambda: In(w, update=T.dscalar('n')))",
    "implicit": "f = function([x, In(w, value=3.0, implicit=True)], x + w)\nshow(f(1))\nfails(lambda: f(1, 2))\nfails(lambda: f(1, w=2))",
    "implicit needs a value": "fails(lambda: In(w, implicit=True))",
    "mutable": """
a = np.arange(3.0)
f = function([In(v, mutable=True)], v + 1)
show(f(a))
""",
    "mutable, not borrowed": "fails(lambda: In(v, mutable=True, borrow=False))\ns = In(v, mutable=True)\nshow(s.mutable, s.borrow, In(v, borrow=True).mutable)",
    "attributes of In": """
s = In(y, value=1, name='n')
show(s.name, s.value, s.update, s.mutable, s.strict, s.borrow, s.implicit, s.shared, s.allow_downcast)
show(In(y).name, In(y).implicit, In(y).borrow, In(T.dscalar()).name, In(y, autoname=False).name, In(y, borrow=True).borrow)
""",
    "str of In": "show(str(In(x)), str(In(x, value=3)), repr(In(x, name='a', value=3)), str(In(w, value=1, update=T.dscalar('n'))))",
    "str of SymbolicInput": "S = compile.SymbolicInput\nshow(str(S(x)), str(S(w, update=T.dscalar('n'))), S(x).name, S(x).implicit, S(x).mutable, S(x).strict)",
    "SymbolicInput": "S = compile.SymbolicInput\nfails(lambda: function([S(x), y], x + y))\nshow(isinstance(In(x), S))",
    "SymbolicInput of no variable": "fails(lambda: compile.SymbolicInput('a'))\nfails(lambda: In(3))",
    "SymbolicOutput": "o = compile.SymbolicOutput(x, borrow=True)\nshow(str(o), str(Out(x)), o.borrow)\nshow(Out is compile.SymbolicOutput)",
    "Out": "f = function([x], [Out(x * 2), Out(x, borrow=True)])\nshow(f(2))\nfails(lambda: function([x], Out(3)))",
    "Out of no variable": "fails(lambda: function([x], ['a']))\nfails(lambda: function([x], object()))",
    "In of a shared default": """
s = shared(np.array(5.0), name='s')
fails(lambda: function([x, In(w, value=s, update=w + x)], w * 10)(1.0))
""",
    "shared argument": "s = shared(1.0)\nfails(lambda: function([s], s))\nfails(lambda: function([In(s)], s))",
    "constant argument": "fails(lambda: function([T.constant(2.0)], x))",
    "twice the same": "fails(lambda: function([x, x], x))\nfails(lambda: function([x, In(x, value=2)], x))",
    "computed argument": "z = x + y\nf = function([z], z * 2)\nshow(f(3))",
    "argument computed from another": "z = x + y\nf = function([z, y], z * y)\nshow(f(3, 4))",
    "unused": "fails(lambda: function([x, y], x))\nshow(function([x, y], x, on_unused_input='ignore')(1, 2))",
    "unused with a default": "fails(lambda: function([x, In(y, value=2)], x))",
    "on_unused_input": "fails(lambda: function([x, y], x, on_unused_input='quiet'))",
    "dict of outputs": """
f = function([x], {'b': x + 1, 'a': x})
r = f(2)
show(sorted(r), r['a'], r['b'], f(2, output_subset=['a']))
""",
    "dict with other keys": "fails(lambda: function([x], {1: x}))",
    "output_subset": "f = function([x], [x, x + 1, x * 2])\nshow(f(3, output_subset=[0, 2]), f(3))",
    "no output": "s = shared(1.0)\nf = function([x], updates=[(s, s + x)])\nshow(f(1), s.get_value())",
    "empty list of outputs": "s = shared(1.0)\nf = function([x], [], updates=[(s, s + x)])\nshow(f(1), s.get_value())",
    "update to another type": "s = shared(np.float32(1))\nfails(lambda: function([x], x, updates=[(s, s + x)]))",
    "update twice": "s = shared(1.0)\nfails(lambda: function([], s, updates=[(s, s + 1), (s, s + 2)]))",
    "update of no shared variable": "fails(lambda: function([x], x, updates=[(x, x + 1)]))",
}

CONTAINERS = {
    "value": "f = function([x, In(w, value=10.0, update=w + x)], w)\nf(1)\nshow(f.value['w'], f.value[w], f['w'], f[w])",
    "assigning to f": "f = function([x, In(w, value=10.0, update=w + x)], w)\nf['w'] = 100\nshow(f(1), f['w'])",
    "assigning to value": "f = function([x, In(w, value=10.0)], w + x)\nf.value['w'] = 7\nshow(f(1))\nf.value[w] = 8\nshow(f(1))",
    "assigning by position": "f = function([x, In(w, value=10.0)], w + x)\nf.value[1] = 7\nshow(f(1), f.value[1])",
    "container": """
f = function([x, In(w, value=10.0, update=w + x)], w)
show(f.container['w'].value, f.container[w].data, f.container[1].value)
f.container['w'].value = 3
show(f(1), f['w'])
f.container['w'].data = 4
show(f(1), f['w'])
""",
    "sharing by container": """
inc = function([x, In(w, value=10.0, update=w + x)], [])
dec = function([x, In(w, value=inc.container['w'], update=w - x)], [])
inc(5)
show(dec['w'])
dec(2)
show(inc['w'], dec['w'])
inc['w'] = 1
show(dec['w'])
""",
    "unknown name": "f = function([x], x)\nfails(lambda: f['q'])\nfails(lambda: f.value['q'])\nfails(lambda: f.container['q'])",
    "unknown name, assigned": "f = function([x], x)\nfails(lambda: f.__setitem__('q', 1))",
    "a required input": "f = function([x], x)\nfails(lambda: f['x'])\nfails(lambda: f.__setitem__('x', 1))\nfails(lambda: f(1))\nfails(lambda: f())",
    "ambiguous": "a, b = T.dscalar('a'), T.dscalar('a')\nf = function([a, In(b, value=2.0)], a - b)\nfails(lambda: f['a'])\nshow(f[b])",
    "bad value": "f = function([x, In(w, value=10.0)], x + w)\nfails(lambda: f.__setitem__('w', np.zeros(3)))\nshow(f(1))",
    "value is copied": "a = np.zeros(2)\nf = function([In(v, value=a)], v + 1)\na[:] = 5\nshow(f())",
    "finder": "f = function([x, In(w, value=10.0)], x + w)\nshow(f.finder['w'].data, f.finder[w].data, f.finder[0].data)",
    "contains": "f = function([x, In(w, value=10.0)], x + w)\nshow('w' in f, 'q' in f, w in f)",
    "get_shared": "s, t = shared(1.0), shared(2.0)\nf = function([x], s * x, updates=[(t, t + 1)])\nshow(len(f.get_shared()), s in f.get_shared(), t in f.get_shared())",
    "shared in a container": "s = shared(1.0, name='s')\nf = function([x], s * x)\nshow(f['s'], f[s])\nf['s'] = 3.0\nshow(f(2), s.get_value())",
    "free": "s = shared(2.0)\nf = function([x, In(y, value=3.0)], x * s + y)\nf.free()\nshow(f(2))",
    "trust_input": "f = function([v], v * 2)\nshow(f.trust_input)\nf.trust_input = True\nshow(f(np.ones(2)))",
    "maker": """
f = function([x, In(y, value=3.0)], [x * y, x + 1])
show(len(f.maker.inputs), len(f.maker.outputs), str(f.maker.inputs[0].variable), len(f.maker.fgraph.outputs))
show(len(f.maker.fgraph.inputs), f.maker.mode is not None, f.maker.function_builder is not None)
show([str(s) for s in f.maker.inputs])
""",
    "maker of a function with states": """
s = shared(1.0, name='s')
f = function([x], x * s, updates=[(s, s + x)])
show(len(f.maker.inputs), len(f.maker.outputs), len(f.maker.fgraph.inputs), len(f.maker.fgraph.outputs))
show(f.maker.inputs[1].variable is s, f.maker.inputs[1].update is not None, f.maker.inputs[1].implicit)
show(f.maker.inputs[1].shared, f.maker.inputs[1].mutable)
""",
    "attributes": """
f = function([x, In(y, value=3.0)], [x * y, x + 1], name='fn')
show(f.name, len(f.input_storage), f.unpack_single, f.outputs_size if hasattr(f, 'outputs_size') else 2)
show(len(f.indices), f.n_returned_outputs, len(f.defaults), [d[1] for d in f.defaults], f.return_none)
show(f.maker.unpack_single, f.maker.name)
""",
    "input_storage": "f = function([x, In(y, value=3.0)], x * y)\nshow(f.input_storage[1].data, f.input_storage[0].data, f.input_storage[1].name)",
}

COPIES = {
    "profile": "f = function([x], x)\nshow(f.profile is None, f.copy(profile=True).profile is None)",
    "copy": "f = function([x, In(y, value=3.0)], x * y)\ng = f.copy()\nshow(g(2), g(2, 5), g is f)",
    "a copy's default": "f = function([x, In(y, value=3.0)], x * y)\nf['y'] = 7\ng = f.copy()\nshow(g(2))\ng['y'] = 1\nshow(f(2), g(2))",
    "a copy's state": """
f = function([x, In(w, value=10.0, update=w + x)], w)
f(1)
g = f.copy()
g(100)
show(f['w'], g['w'])
""",
    "shares states": "s = shared(1.0)\nf = function([x], s * x, updates=[(s, s + 1)])\ng = f.copy()\nshow(f(2), g(2), f(2))",
    "share_memory": "s = shared(1.0)\nf = function([x], s * x, updates=[(s, s + 1)])\ng = f.copy(share_memory=True)\nshow(f(2), g(2), f(2))",
    "swap": """
s, t = shared(1.0, name='s'), shared(10.0, name='t')
f = function([x], s * x, updates=[(s, s + 1)])
g = f.copy(swap={s: t})
show(f(2), g(2), s.get_value(), t.get_value(), g(2), t.get_value())
""",
    "swap in a dict": "s, t = shared(1.0, name='s'), shared(10.0, name='t')\nf = function([x], {'a': s * x})\nshow(f.copy(swap={s: t})(2))",
    "swap what is not there": "s, t = shared(1.0), shared(2.0)\nf = function([x], x + 1)\nfails(lambda: f.copy(swap={s: t}))",
    "swap with another type": "s, t = shared(1.0), shared(np.zeros(2))\nf = function([x], x * s)\nfails(lambda: f.copy(swap={s: t}))",
    "swap with no shared variable": "s = shared(1.0)\nf = function([x], x * s)\nfails(lambda: f.copy(swap={s: y}))\nfails(lambda: f.copy(swap={x: s}))",
    "delete_updates": """
s = shared(1.0)
f = function([x], s * x, updates=[(s, s + 1)])
g = f.copy(delete_updates=True)
show(g(2), g(2), s.get_value(), f(2), s.get_value())
""",
    "delete_updates without outputs": "s = shared(1.0)\nf = function([x], updates=[(s, s + x)])\nshow(f.copy(delete_updates=True)(2), s.get_value())",
    "name": "f = function([x], x, name='a')\nshow(f.copy(name='b').name, f.copy().name)",
    "deepcopy": """
import copy
s = shared(1.0)
f = function([x, In(w, value=10.0, update=w + x)], w * s)
g = copy.deepcopy(f)
f(1)
show(f['w'], g['w'], g(5), g['w'])
""",
    "pickle": """
import pickle
f = function([x, In(w, value=10.0, update=w + x)], w)
f(1)
g = pickle.loads(pickle.dumps(f))
show(g['w'], g(1), f['w'])
""",
}

MODES = {
    "by name": "show([function([x], x * 2, mode=k)(3) for k in ('FAST_RUN', 'FAST_COMPILE', 'Mode', None, 'NanGuardMode')])",
    "DebugMode": "show(function([x], x * 2, mode='DebugMode')(3), function([x], x * 2, mode='DEBUG_MODE')(3))",
    "instances": "show(isinstance(compile.nanguardmode.NanGuardMode(), compile.Mode), isinstance(compile.monitormode.MonitorMode(pre_func=lambda **k: None), compile.Mode), isinstance(compile.debugmode.DebugMode(), compile.Mode))",
    "names": "show(sorted(k for k in compile.predefined_modes if k in ('FAST_RUN', 'FAST_COMPILE', 'DebugMode', 'NanGuardMode', 'None', 'Mode', 'JAX')))",
    "get_mode": "show(compile.get_mode('FAST_RUN') is compile.FAST_RUN, isinstance(compile.get_mode(None), compile.Mode), compile.get_mode(compile.FAST_RUN) is compile.FAST_RUN)",
    "unknown": "fails(lambda: compile.get_mode('QUICK'))\nfails(lambda: function([x], x, mode='QUICK'))",
    "get_default_mode": "show(isinstance(compile.get_default_mode(), compile.Mode))",
    "linkers": "show([function([x], x * 2, mode=theano.Mode(linker=k))(3) for k in ('py', 'vm', 'vm_nogc', 'cvm', 'cvm_nogc', 'c|py', 'c')])",
    "optimizers": "show([function([x], x * 2, mode=theano.Mode(optimizer=k))(3) for k in (None, 'None', 'merge', 'fast_run', 'fast_compile', 'o1', 'o2', 'o3', 'o4', 'unsafe')])",
    "unknown linker": "fails(lambda: theano.Mode(linker='fast'))\nfails(lambda: theano.Mode(optimizer='best'))",
    "including": """
mode = compile.get_mode('FAST_RUN').including('local_remove_all_assert')
show(function([x], theano.tensor.opt.Assert('no')(x, x > 0), mode=mode)(-1))
fails(lambda: function([x], theano.tensor.opt.Assert('no')(x, x > 0))(-1))
""",
    "excluding": "mode = compile.get_default_mode().excluding('fusion').including('local_useless_switch').requiring('merge')\nshow(isinstance(mode, compile.Mode), function([x], T.log(1 + x), mode=mode)(1))",
    "register": """
mode = theano.Mode(linker='py', optimizer='fast_run')
compile.register_mode('my mode', mode)
show(compile.get_mode('my mode') is mode, function([x], x, mode='my mode')(1))
fails(lambda: compile.register_mode('my mode', mode))
del compile.predefined_modes['my mode']
""",
    "config.mode": """
old = theano.config.mode
theano.config.mode = 'FAST_COMPILE'
show(function([x], x + 1)(1))
theano.config.mode = old
""",
    "clone": "mode = compile.FAST_RUN.clone()\nshow(isinstance(mode, compile.Mode), function([x], x + 1, mode=mode)(1))",
    "attributes": "mode = theano.Mode(linker='py', optimizer='fast_run')\nshow(hasattr(mode, 'linker'), hasattr(mode, 'optimizer'), mode.provided_linker)",
    "pickle": "import pickle\nshow(isinstance(pickle.loads(pickle.dumps(compile.FAST_RUN)), compile.Mode))",
}

OPS = {
    "view_op": "show(function([v], compile.view_op(v))([1., 2.]), type(compile.view_op).__name__, compile.view_op(v).type == v.type)",
    "view_op's gradient": "show(function([v], T.grad((compile.view_op(v) ** 2).sum(), v))([1., 2.]))",
    "view_op equals": "show(compile.view_op == compile.ViewOp(), str(compile.view_op), compile.ViewOp().view_map)",
    "deep_copy_op": "a = np.ones(2)\nb = function([v], compile.deep_copy_op(v))(a)\nb[:] = 3\nshow(a, b, str(compile.deep_copy_op), compile.deep_copy_op == compile.DeepCopyOp())",
    "shape": "show(function([m], compile.shape(m))(np.ones((2, 3))), function([m], [compile.Shape()(m), compile.Shape_i(1)(m)])(np.ones((2, 3))))",
    "shape of a list": "show(function([], compile.shape([[1, 2, 3]]))())",
    "shape_i": "show(function([m], [compile.ops.shape_i(m, 1), compile.ops.Shape_i(0)(m)])(np.ones((2, 3))))",
    "str": "show(str(compile.Shape()), str(compile.Rebroadcast((0, True))), str(compile.Rebroadcast((2, True), (0, False))), str(compile.SpecifyShape()))",
    "specify_shape": "f = function([m], compile.specify_shape(m, (2, 3)))\nshow(f(np.ones((2, 3))))\nfails(lambda: f(np.ones((3, 2))))",
    "Rebroadcast": "r = compile.Rebroadcast((0, True))(m)\nf = function([m], r)\nshow(r.broadcastable, f(np.ones((1, 2))))\nfails(lambda: f(np.ones((2, 2))))",
    "as_op": """
@compile.ops.as_op(itypes=[T.dmatrix, T.dmatrix], otypes=[T.dmatrix])
def numpy_dot(a, b):
    return np.dot(a, b)
show(function([m], numpy_dot(m, m))(np.eye(2) * 3), str(numpy_dot))
fails(lambda: numpy_dot(v, m))
""",
    "FromFunctionOp": "op = compile.FromFunctionOp(lambda a: a + 1, [T.dvector], [T.dvector], None)\nshow(function([v], op(v))([1., 2.]))\nfails(lambda: op(v, v))",
    "register": "show([callable(getattr(compile, n)) for n in ('register_view_op_c_code', 'register_deep_copy_op_c_code', 'register_rebroadcast_c_code', 'register_specify_shape_c_code')])",
    "rebuild_collect_shared": """
s = shared(1.0, name='s')
inputs, outputs, (clones, given, updates, found) = compile.rebuild_collect_shared([x * s + 1], inputs=[x])
show(len(inputs), len(outputs), len(updates), found == [s], str(outputs[0]) == str(x * s + 1), inputs[0] is x)
""",
    "rebuild_collect_shared with updates": """
s = shared(1.0, name='s')
inputs, outputs, (clones, given, updates, found) = compile.rebuild_collect_shared(
    x * s, inputs=[x], updates=[(s, s + x)], copy_inputs_over=False)
show(isinstance(outputs, theano.Variable), list(updates) == [s], inputs[0] is x, found == [s], clones[x] is inputs[0])
""",
    "rebuild_collect_shared with replace": """
s = shared(1.0, name='s')
inputs, outputs, other = compile.rebuild_collect_shared(x * y, inputs=[x], replace={y: s})
show(function(inputs, outputs)(3.0), other[3] == [s])
""",
    "function_dump": """
import os, pickle, tempfile
path = os.path.join(tempfile.mkdtemp(), 'f.pkl')
show(compile.function_dump(path, [x, y], x + y, name='dumped'))
d = pickle.load(open(path, 'rb'))
show(sorted(d), d['name'], function(d['inputs'], d['outputs'])(1, 2))
""",
}

SHARED = {
    "numbers": "show([(str(shared(k).type), shared(k).get_value()) for k in (1, 1.5, 2 + 1j)])",
    "numpy numbers": "show([(str(shared(k).type), shared(k).get_value()) for k in (np.float32(1), np.int8(3), np.bool_(True), np.array(2.0))])",
    "bool": "show(str(shared(True).type))",
    "big int": "fails(lambda: str(shared(2 ** 40).type))\nfails(lambda: shared(2 ** 80))",
    "list": "a = shared([1, 2])\nshow(type(a).__name__, str(a.type), a.get_value())",
    "generic": """
class Thing(object):
    def __str__(self): return 'thing'
a = shared(Thing(), name='a')
show(type(a).__name__, str(a.type), str(a.get_value()))
a.set_value({'k': 1})
show(a.get_value())
""",
    "generic None": "fails(lambda: str(shared(None).type))",
    "generic string": "fails(lambda: (type(shared('text')).__name__, shared('text').get_value()))",
    "generic as an input": "g = theano.generic('g')\nshow(str(g.type), theano.gof.generic == g.type)\nf = function([g, x], x, on_unused_input='ignore')\nshow(f({'a': 1}, 2))",
    "tuple": "a = shared((1, 2))\nshow(type(a).__name__, str(a.type))",
    "broadcastable": "a = shared(np.ones((1, 2)), broadcastable=(True, False))\nshow(a.broadcastable, shared(np.ones((1, 2))).broadcastable)",
    "a bad keyword": "fails(lambda: shared(1.0, foo=2))\nfails(lambda: shared(np.ones(2), foo=2))",
    "a Variable": "fails(lambda: shared(x))",
    "scalar": "a = compile.sharedvalue.shared(np.float64(3))\nshow(type(a).__name__, a.type.ndim)",
    "borrow": """
a = np.zeros(2)
s, t = shared(a), shared(a, borrow=True)
a[:] = 1
show(s.get_value(), t.get_value())
b = t.get_value(borrow=True)
show(b is a, t.get_value() is a)
""",
    "set_value": "s = shared(np.zeros(2))\nfails(lambda: s.set_value(3.0))\nfails(lambda: s.set_value(np.zeros((2, 2))))\ns.set_value([1, 2])\nshow(s.get_value())",
    "strict": "s = shared(np.zeros(2), strict=True)\nfails(lambda: s.set_value([1.0, 2.0]))\nshow(s.container.strict)",
    "allow_downcast": "s = shared(np.float32([1]), allow_downcast=True)\ns.set_value(np.array([0.1]))\nshow(s.get_value())\nt = shared(np.float32([1]))\nfails(lambda: t.set_value(np.array([0.1])))",
    "value": "s = shared(2.0)\nfails(lambda: s.value)",
    "clone": "s = shared(2.0, name='s')\nc = s.clone()\nc.set_value(5.0)\nshow(s.get_value(), c.name, c is s, type(c) is type(s))",
    "zero": "s = shared(np.ones(2))\ns.zero()\nshow(s.get_value())",
    "shared_constructor": """
class Mine(object):
    pass
@compile.sharedvalue.shared_constructor
def mine(value, name=None, strict=False, allow_downcast=None, **kwargs):
    if not isinstance(value, Mine):
        raise TypeError('not mine')
    return shared(np.array(7.0), name='mine')
show(shared(Mine()).name)
compile.sharedvalue.shared_constructor(mine, remove=True)
show(type(shared(Mine())).__name__)
""",
    "names": "show([hasattr(compile.sharedvalue, n) for n in ('SharedVariable', 'shared', 'shared_constructor', 'generic_constructor', 'load_shared_variable')], compile.SharedVariable is compile.sharedvalue.SharedVariable)",
    "get_value of a function's result": "s = shared(np.zeros(2))\nfunction([], updates=[(s, s + 1)])()\na = s.get_value()\na[:] = 9\nshow(s.get_value())",
    "SharedVariable": "s = compile.SharedVariable(name='s', type=T.dvector, value=[1, 2], strict=False)\nshow(s.get_value(), s.name)",
    "container": "s = shared(1.0)\nshow(s.container.value, s.container.data, s.container.storage)",
}

LISTS = {
    "make_list": "from theano.typed_list import make_list\nl = make_list((v, v * 2))\nshow(str(l.type), function([v], l)([1., 2.]))",
    "type": """
from theano.typed_list import TypedListType
t = TypedListType(T.dvector)
show(str(t), t == TypedListType(T.dvector), t == TypedListType(T.dmatrix), t.get_depth(), TypedListType(T.dvector, 1).get_depth())
show(str(TypedListType(t)), t.ttype == T.dvector)
fails(lambda: TypedListType(int))
fails(lambda: TypedListType(T.dvector, -1))
fails(lambda: t.filter([np.zeros((2, 2))]))
fails(lambda: t.filter(3))
fails(lambda: t.filter([[1, 2], [3]]))
fails(lambda: t.filter([[1, 2]], strict=True))
""",
    "append": """
from theano.typed_list import TypedListType, append
l = TypedListType(T.dvector)('l')
show(function([l, v], append(l, v))([[1, 2]], [3]), function([l, v], l.append(v))([], [3]))
fails(lambda: append(l, m))
""",
    "append keeps its argument": """
from theano.typed_list import TypedListType, append
l = TypedListType(T.dvector)('l')
given = [np.ones(1)]
show(function([l, v], append(l, v))(given, [3]), len(given))
""",
    "extend": "from theano.typed_list import TypedListType, extend\nl, k = TypedListType(T.dvector)('l'), TypedListType(T.dvector)('k')\nshow(function([l, k], extend(l, k))([[1, 2]], [[3], [4]]), function([l, k], l.extend(k))([], []))",
    "insert": """
from theano.typed_list import TypedListType, insert
l = TypedListType(T.dvector)('l')
show(function([l, i, v], insert(l, i, v))([[1, 2], [3]], 1, [9]), insert(l, 0, v).owner.op == insert)
fails(lambda: insert(l, x, v))
""",
    "remove": """
from theano.typed_list import TypedListType, remove
l = TypedListType(T.dvector)('l')
f = function([l, v], remove(l, v))
show(f([[1, 2], [3], [1, 2]], [1, 2]))
fails(lambda: f([[1, 2]], [7]))
""",
    "reverse": "from theano.typed_list import TypedListType, reverse\nl = TypedListType(T.dvector)('l')\nshow(function([l], reverse(l))([[1, 2], [3]]), function([l], l.reverse())([[1, 2], [3]]))",
    "index": """
from theano.typed_list import TypedListType, index_
l = TypedListType(T.dvector)('l')
f = function([l, v], index_(l, v))
show(f([[1, 2], [3]], [3]), function([l, v], l.ind(v))([[1, 2], [3]], [1, 2]))
fails(lambda: f([[1, 2]], [7]))
""",
    "count": "from theano.typed_list import TypedListType, count\nl = TypedListType(T.dvector)('l')\nshow(function([l, v], count(l, v))([[1, 2], [3], [3]], [3]), function([l, v], l.count(v))([[1, 2]], [3]))",
    "length": "from theano.typed_list import TypedListType, length\nl = TypedListType(T.dvector)('l')\nshow(function([l], length(l))([[1, 2], [3], [3]]), function([l], l.__len__())([[1]]), length(l).type)",
    "getitem": """
from theano.typed_list import TypedListType, getitem
l = TypedListType(T.dvector)('l')
f = function([l, i], getitem(l, i))
show(f([[1, 2], [3]], 1), function([l], l[0])([[1, 2]]))
fails(lambda: f([[1, 2], [3]], -1))
fails(lambda: f([[1]], 3))
fails(lambda: l[m])
""",
    "slices": """
from theano.typed_list import TypedListType
l = TypedListType(T.dvector)('l')
f = function([l], l[1:])
show(f([[1], [2], [3]]), function([l], l[::2])([[1], [2], [3]]))
show(str(l[1:].type))
""",
    "nested": """
from theano.typed_list import TypedListType, append, getitem
l = TypedListType(T.dvector, 1)('l')
k = TypedListType(T.dvector)('k')
f = function([l, k], append(l, k))
show(f([[[1, 2]]], [[3], [4]]), function([l], l[0])([[[1, 2], [3]]]))
""",
    "in an expression": """
from theano.typed_list import TypedListType, length
l = TypedListType(T.dvector)('l')
show(function([l, x], l[0].sum() * x + length(l))([[1, 2], [3]], 10.0))
""",
    "made of computed values": "from theano.typed_list import make_list\nshow(function([v, x], make_list([v + x, v * x])[1])([1., 2.], 3.0))",
    "make_list of different types": "from theano.typed_list import make_list\nfails(lambda: make_list([v, m]))\nfails(lambda: make_list([]))\nfails(lambda: make_list(v))",
    "constant": """
from theano.typed_list import TypedListType
from theano.typed_list.basic import TypedListConstant, TypedListVariable
t = TypedListType(T.dvector)
c = t.make_constant([np.ones(2)]) if hasattr(t, 'make_constant') else None
show(type(t()).__name__, isinstance(t(), TypedListVariable))
""",
    "equality of values": "from theano.typed_list import TypedListType\nt = TypedListType(T.dvector)\na, b = [np.ones(2)], [np.zeros(2)]\nshow(t.values_eq(a, a), t.values_eq(a, b), t.values_eq(a, a + a))",
    "str of Ops": """
from theano.typed_list import TypedListType, append, getitem, length, make_list, extend, insert, remove, reverse, index_, count
show([str(o) for o in (append, getitem, length, make_list, extend, insert, remove, reverse, index_, count)])
""",
    "Ops in place": "from theano.typed_list.basic import Append, Extend, Insert, Remove, Reverse\nshow([Append(True) == Append(True), Append(True) == Append(), Append(True).destroy_map])",
}

DEBUGGING = {
    "test values off": "x.tag.test_value = 2.0\nshow(hasattr((x * 2).tag, 'test_value'))",
    "test values": """
theano.config.compute_test_value = 'raise'
m.tag.test_value = np.ones((2, 3))
show((m * 2).tag.test_value, m.sum().tag.test_value, T.nnet.sigmoid(m).sum(axis=0).tag.test_value)
show((shared(np.ones(2)) * 3).tag.test_value, (T.constant(2) * 3).tag.test_value)
""",
    "test values missing": """
theano.config.compute_test_value = 'raise'
fails(lambda: x * 2)
theano.config.compute_test_value = 'ignore'
show(hasattr((x * 2).tag, 'test_value'))
import warnings
theano.config.compute_test_value = 'warn'
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    x * 2
show([w.category.__name__ for w in caught], 'Cannot compute test value' in str(caught[0].message), '(x)' in str(caught[0].message))
""",
    "test values that do not fit": """
theano.config.compute_test_value = 'raise'
m.tag.test_value = np.ones((2, 3))
n = T.dmatrix('n')
n.tag.test_value = np.ones((2, 4))
fails(lambda: m + n)
fails(lambda: T.dot(m, n))
show(T.dot(m.T, n).tag.test_value.shape)
""",
    "test values of another type": """
theano.config.compute_test_value = 'raise'
m.tag.test_value = np.ones(3)
fails(lambda: m * 2)
m.tag.test_value = 'text'
fails(lambda: m * 2)
m.tag.test_value = np.ones((1, 1), 'int32')
show((m * 2).tag.test_value)
""",
    "test values in a method": """
theano.config.compute_test_value = 'raise'
W1, W2 = shared(np.ones((10, 10))), shared(np.ones((20, 10)))
X = T.dmatrix('X')
X.tag.test_value = np.ones((5, 10))
h = T.dot(X, W1)
fails(lambda: T.dot(h, W2.T).tag.test_value.shape)
fails(lambda: T.dot(h, W2))
""",
    "test values in scan": """
theano.config.compute_test_value = 'raise'
m.tag.test_value = np.ones((4, 3))
seen = []
def step(row, total):
    seen.append((row.tag.test_value, total.tag.test_value))
    return total + row.sum()
out, _ = theano.scan(step, sequences=m, outputs_info=np.float64(0))
show(seen, out.tag.test_value, out[-1].tag.test_value)
""",
    "test values of gradients": """
theano.config.compute_test_value = 'raise'
v.tag.test_value = np.array([1.0, 2.0])
show(T.grad((v ** 2).sum(), v).tag.test_value)
""",
    "test values while compiling": """
theano.config.compute_test_value = 'raise'
x.tag.test_value = 3.0
y = x * 2
del x.tag.test_value
show(y.tag.test_value, function([x], y)(4.0))
""",
    "get_test_value": "x.tag.test_value = 2\nshow(theano.gof.op.get_test_value(x), theano.gof.op.get_test_value(T.constant(3.0)))\nfails(lambda: theano.gof.op.get_test_value(y))",
    "trace": "show((x * 2).tag.trace[0][-1][0], (x * 2).tag.trace[0][-1][1], x.tag.trace[0][-1][2])",
    "MonitorMode": """
calls = []
def before(i, node, fn):
    calls.append([i, len(node.inputs), [c[0] for c in fn.inputs][-1], fn.outputs[0][0]])
def after(i, node, fn):
    calls.append([i, fn.outputs[0][0]])
mode = compile.MonitorMode(pre_func=before, post_func=after, optimizer=None)
show(function([x], T.exp(x) * x, mode=mode)(0.0), calls)
""",
    "MonitorMode changes a value": """
def after(i, node, fn):
    fn.outputs[0][0][...] = 7
mode = compile.MonitorMode(post_func=after, optimizer=None)
show(function([v], T.exp(v), mode=mode)([1.0, 2.0]))
""",
    "detect_nan": """
import sys, io
mode = compile.MonitorMode(post_func=theano.compile.monitormode.detect_nan, optimizer=None)
f = function([x], T.log(x), mode=mode)
old, sys.stdout = sys.stdout, io.StringIO()
try:
    f(1.0)
    none = sys.stdout.getvalue()
    f(-1.0)
    text = sys.stdout.getvalue()
finally:
    sys.stdout = old
show(none, text.split(chr(10))[0], text.rstrip().split(chr(10))[-2:])
""",
    "NanGuardMode": """
N = compile.nanguardmode.NanGuardMode
f = function([x], T.log(x) * x, mode=N(nan_is_error=True, inf_is_error=True, big_is_error=True))
show(f(1.0))
for bad in (-1.0, 0.0, np.nan, np.inf, 1e11, -1e11):
    error = fails(lambda: f(bad))
    show(str(error).split(chr(10))[0] if bad else '', 'in an input of the graph' in str(error))
""",
    "NanGuardMode of one kind": """
N = compile.nanguardmode.NanGuardMode
f = function([x], T.exp(x), mode=N(nan_is_error=True, inf_is_error=False, big_is_error=False))
show(np.isinf(f(1e4)))
fails(lambda: f(np.nan))
g = function([x], T.exp(x), mode=N(nan_is_error=False, inf_is_error=True, big_is_error=False))
show(np.isnan(g(np.nan)), g(30.0) > 1e10)
fails(lambda: g(1e4))
""",
    "NanGuardMode and integers": "f = function([i], i * 2, mode='NanGuardMode')\nshow(f(10 ** 9))\nfails(lambda: f(10 ** 12))",
    "NanGuardMode with nothing to check": "fails(lambda: compile.nanguardmode.NanGuardMode(False, False, False))",
    "NanGuardMode in scan": """
out, _ = theano.scan(lambda a: T.log(a), v)
f = function([v], T.switch(out > 0, out, 0), mode='NanGuardMode')
show(f([1.0, 2.0]))
fails(lambda: f([1.0, -2.0]))
""",
    "NanGuardMode and states": """
s = shared(1.0)
f = function([x], s, updates=[(s, s / x)], mode='NanGuardMode')
show(f(2.0), s.get_value())
fails(lambda: f(0.0))
""",
    "DebugMode": "f = function([v], [T.exp(v).sum(), T.grad((v ** 3).sum(), v)], mode='DebugMode')\nshow(f([0.0, 0.0]))",
    "DebugMode and NaN": "f = function([x], T.log(x), mode=compile.DebugMode(check_c_code=False))\nfails(lambda: f(-1.0))\ng = function([x], T.log(x), mode=compile.DebugMode(check_c_code=False, check_isfinite=False))\nshow(np.isnan(g(-1.0)))",
    "DebugMode and states": "s = shared(1.0)\nf = function([x], s * x, updates=[(s, s + x)], mode='DebugMode')\nshow(f(2.0), s.get_value(), f(2.0))",
    "DebugMode: perform of another dtype": """
class Wrong(theano.Op):
    __props__ = ()
    def make_node(self, a):
        return theano.Apply(self, [a], [a.type()])
    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0].astype('float32')
fails(lambda: function([v], Wrong()(v), mode='DebugMode')([1.0]))
""",
    "DebugMode: perform changes its input": """
class Writes(theano.Op):
    __props__ = ()
    def make_node(self, a):
        return theano.Apply(self, [a], [a.type()])
    def perform(self, node, inputs, outputs):
        inputs[0] += 1
        outputs[0][0] = inputs[0] * 2
fails(lambda: function([v], Writes()(v), mode='DebugMode')([1.0]))
""",
    "DebugMode: perform returns its input": """
class Views(theano.Op):
    __props__ = ()
    def make_node(self, a):
        return theano.Apply(self, [a], [a.type()])
    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0]
fails(lambda: function([v], Views()(v), mode='DebugMode')([1.0]))
class Says(Views):
    view_map = {0: [0]}
show(function([v], Says()(v), mode='DebugMode')([1.0]))
""",
    "Assert": """
A = theano.tensor.opt.Assert('mine')
f = function([x], A(x, x > 0, T.lt(x, 5)))
show(f(1.0))
error = fails(lambda: f(-1.0))
show(str(error).split(chr(10))[0], str(A))
fails(lambda: A(x, 0))
show(function([x], theano.tensor.opt.assert_op(x, T.gt(x, 0)))(3.0))
""",
    "PdbBreakpoint": """
from theano.tests.breakpoint import PdbBreakpoint
a, b = PdbBreakpoint('here')(T.gt(x, 0), x, v)
f = function([x, v], [a * 2, b.sum(), T.grad((a * b).sum(), x)])
show(f(-1.0, [1.0, 2.0]), str(a.owner.op))
fails(lambda: PdbBreakpoint('here')(v, x))
""",
    "exception_verbosity": """
f = function([v, u], v + u)
error = fails(lambda: f([1.0, 2.0], [1.0]))
show('Apply node that caused the error' in str(error), 'exception_verbosity=high' in str(error), 'Debugprint' in str(error))
theano.config.exception_verbosity = 'high'
error = fails(lambda: f([1.0, 2.0], [1.0]))
show('Debugprint of the apply node' in str(error), 'Storage map footprint' in str(error), 'exception_verbosity=high' in str(error))
""",
}

PROFILES = {
    "True": """
f = function([x], x * 2, profile=True, name='mine')
f(1.0); f(2.0)
p = f.profile
show(type(p).__name__, p.fct_callcount, p.message, p.fct_call_time > 0, p.vm_call_time > 0, p.compile_time > 0)
show(p.optimizer_time > 0, p.linker_time > 0, p.nb_nodes > 0)
""",
    "none": "show(function([x], x).profile, function([x], x, profile=False).profile)",
    "message": "show(function([x], x, profile='a text').profile.message)",
    "shared by two": """
p = compile.profiling.ProfileStats(atexit_print=False, message='both')
f, g = function([x], x * 2, profile=p), function([x], x + 1, profile=p)
f(1.0); g(1.0); g(2.0)
show(f.profile is p, p.fct_callcount, p.message)
""",
    "config": """
theano.config.profile = True
f = function([x], x * 2)
theano.config.profile = False
show(f.profile is not None, function([x], x).profile is None)
""",
    "nodes": """
f = function([v, u], T.dot(v, u), profile=True)
f([1.0], [2.0]); f([1.0], [2.0]); f([1.0], [2.0])
p = f.profile
show(len(p.apply_time) > 0, sum(p.apply_time.values()) > 0, max(p.apply_callcount.values()))
show(max(p.op_callcount().values()), max(p.op_nodes().values()), len(p.class_callcount()) > 0, len(p.class_nodes()) > 0)
show(all(isinstance(k, type) for k in p.class_time()))
total = p.compute_total_times()
show(set(total) == set(p.apply_time), all(total[n] > 0 for n in total))
""",
    "summary": """
import io
f = function([v], T.exp(v).sum(), profile=True, name='mine')
f([1.0])
out = io.StringIO()
f.profile.summary(file=out, n_ops_to_print=5, n_apply_to_print=5)
text = out.getvalue()
show([word in text for word in ('Function profiling', 'Message: mine', 'Time in 1 calls to Function.__call__', 'Total compile time')])
show([word in text for word in ('Class', 'Ops', 'Apply', '<% time> <sum %> <apply time> <time per call>', 'Number of Apply nodes')])
""",
    "copies": "f = function([x], x, profile='f')\ng = f.copy(profile=True)\nshow(g.profile is f.profile, type(g.profile).__name__)",
}

GROUPS = {
    "inputs": INPUTS,
    "containers": CONTAINERS,
    "copies": COPIES,
    "modes": MODES,
    "ops": OPS,
    "shared": SHARED,
    "lists": LISTS,
    "debugging": DEBUGGING,
    "profiles": PROFILES,
}
PROGRAMS = {"%s: %s" % (group, name): source for group, rows in GROUPS.items() for name, source in rows.items()}
