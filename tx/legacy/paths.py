"""Where Theano's import paths lead: one table, for ``theano.X`` and, where tx has no such module, for ``tx.X``.

A path leads to one module, which then *is* the module of that name, or to several, whose names are merged.
Paths that tx has under the same name need no row.
"""

_OPTIMIZERS = ("tx.rewriting.optimizers", "tx.rewriting.navigators", "tx.rewriting.substitutions")
_GRAPH = (
    "tx.graph", "tx.graph.core", "tx.graph.walk", "tx.graph.fgraph", "tx.graph.utils", "tx.graph.listing",
    "tx.graph.testvalues", "tx.tensor.type_other",
)  # fmt: skip

_GPU = (
    *("gpuarray", *(f"gpuarray.{n}" for n in ("basic_ops", "blas", "dnn", "elemwise", "fft", "nnet", "tests", "type"))),
    *("gpuarray.tests.config", "misc.pycuda_init", "sandbox.gpuarray", "sandbox.gpuarray.dnn", "sandbox.cuda"),
    *(f"sandbox.cuda.{n}" for n in ("basic_ops", "blas", "dnn", "fftconv", "nnet", "type", "var")),
)

PATHS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_GPU, ("tx.legacy.gpu",)),
    "compat": ("tx.legacy.compat",),
    "compat.python2x": ("tx.legacy.compat",),
    "compat.six": ("tx.legacy.compat",),
    "compile.builders": ("tx.builders",),
    "compile.function": ("tx.compile.function",),
    "compile.function_module": ("tx.compile.function", "tx.compile"),
    "compile.io": ("tx.compile.io",),
    "compile.mode": ("tx.compile.mode", "tx.rewriting.pipeline"),
    "compile.pfunc": ("tx.compile", "tx.compile.function", "tx.shared"),
    "compile.sharedvalue": ("tx.shared",),
    "configdefaults": ("tx.configuration",),
    "configparser": ("tx.configuration",),
    "gof": (*_GRAPH, "tx.graph.features", *_OPTIMIZERS, "tx.rewriting.databases", "tx.legacy.gof_names"),
    "d3viz": ("tx.printing.html", "tx.printing.graphviz"),
    "d3viz.formatting": ("tx.printing.graphviz",),
    "gof.fg": ("tx.graph.fgraph", "tx.graph.utils"),
    "gof.graph": _GRAPH,
    "gof.link": ("tx.shared",),
    "gof.null_type": ("tx.tensor.type_other",),
    "gof.op": (*_GRAPH, "tx.legacy.gof_names"),
    "gof.opt": (*_OPTIMIZERS, "tx.graph.features"),
    "gof.optdb": ("tx.rewriting.databases",),
    "gof.toolbox": ("tx.graph.features",),
    "gof.type": _GRAPH,
    "gof.utils": ("tx.graph.utils", "tx.legacy.gof_utils"),
    # only in pickles
    **dict.fromkeys(
        (
            "gof.params_type",
            "gof.vm",
            "misc.frozendict",
            "misc.ordered_set",
            "scalar.basic_scipy",
        ),
        ("tx.legacy.pickles",),
    ),
    "sandbox": ("tx.random",),
    "sandbox.multinomial": ("tx.random.multinomial",),
    "sandbox.rng_mrg": ("tx.random.streams", "tx.random.mrg"),
    "scalar.basic": ("tx.scalar", "tx.scalar.basic", "tx.scalar.dtypes"),
    "scan_module.scan": ("tx.scan_module", "tx.scan_module.basic"),
    "scan_module.scan_checkpoints": ("tx.scan_module.views",),
    "scan_module.scan_op": ("tx.scan_module.op",),
    "scan_module.scan_utils": ("tx.scan_module.utils",),
    "scan_module.scan_views": ("tx.scan_module.views",),
    "scan_utils": ("tx.scan_module.utils",),
    "tensor.elemwise": ("tx.tensor.elemwise", "tx.tensor.reduction"),
    "tensor.blas": ("tx.legacy.blas",),
    "tensor.blas_c": ("tx.legacy.blas",),
    "tensor.blas_scipy": ("tx.legacy.blas",),
    "tensor.nnet.corr3d": ("tx.tensor.nnet.corr",),
    "tensor.nnet.nnet": ("tx.tensor.nnet", "tx.tensor.nnet.basic", "tx.legacy.opt"),
    "tensor.nnet.opt": ("tx.legacy.opt",),
    "tensor.nnet.sigm": ("tx.tensor.nnet", "tx.tensor.nnet.basic", "tx.legacy.opt"),
    "tensor.fourier": ("tx.tensor.fft",),
    "tensor.nlinalg": ("tx.tensor.nlinalg", "tx.legacy.linalg"),
    "tensor.opt": ("tx.legacy.opt",),
    "tensor.opt_uncanonicalize": ("tx.legacy.opt",),
    "tensor.raw_random": ("tx.random.raw_random",),
    "tensor.shared_randomstreams": ("tx.random.shared_randomstreams",),
    "tensor.slinalg": ("tx.tensor.slinalg", "tx.legacy.linalg"),
    "tensor.sharedvar": ("tx.shared",),
    "tensor.subtensor": ("tx.tensor.subtensor", "tx.tensor"),
    "tensor.type": ("tx.tensor.type", "tx.tensor.facts", "tx.tensor"),
    "tensor.type_other": ("tx.tensor.type_other",),
    "tests": ("tx.tensor.breakpoint", "tx.gradient.verify"),
    "tests.breakpoint": ("tx.tensor.breakpoint",),
    "tensor.var": ("tx.tensor.variable", "tx.shared", "tx.tensor"),
}
