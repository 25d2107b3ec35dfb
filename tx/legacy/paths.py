"""Where Theano's import paths lead: one table, for ``theano.X`` and, where tx has no such module, for ``tx.X``.

A path leads to one module, which then *is* the module of that name, or to several, whose names are merged.
Paths that tx has under the same name need no row; a row gives a real module the names of others besides its own.
"""

_OPTIMIZERS = ("tx.rewriting.optimizers", "tx.rewriting.navigators", "tx.rewriting.substitutions")
_GRAPH = (
    "tx.graph", "tx.graph.core", "tx.graph.walk", "tx.graph.fgraph", "tx.graph.utils", "tx.graph.listing",
    "tx.graph.testvalues", "tx.tensor.type_other",
)  # fmt: skip
_SCALARS = ("tx.tensor.scalars", "tx.legacy.scalars", "tx.scalar.basic")

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
    "configdefaults": ("tx.configuration", "tx.legacy.odds"),
    "configparser": ("tx.configuration", "tx.legacy.odds"),
    "": ("tx.legacy.odds", "tx.legacy.linkers", "tx.compile", "tx.tensor.type_other"),
    "compile": ("tx.configuration", "tx.rewriting.pipeline", "tx.legacy.odds", "tx.legacy.opt"),
    "gof": (
        *_GRAPH,
        "tx.graph.features",
        *_OPTIMIZERS,
        "tx.rewriting.databases",
        "tx.legacy.linkers",
        "tx.legacy.ccode",
        "tx.legacy.enums",
        "tx.legacy.odds",
    ),
    "gof.cc": ("tx.legacy.linkers",),
    "gof.params_type": ("tx.legacy.enums",),
    "gof.sched": ("tx.legacy.odds",),
    "misc.may_share_memory": ("tx.legacy.odds",),
    "misc.safe_asarray": ("tx.legacy.odds",),
    "sandbox.linalg": ("tx.legacy.odds", "tx.legacy.opt"),
    "sandbox.linalg.ops": ("tx.legacy.odds", "tx.legacy.opt"),
    "sandbox.softsign": ("tx.legacy.odds",),
    "scan_module.scan_opt": ("tx.legacy.opt",),
    "version": ("tx.version", "tx.legacy.odds"),
    "d3viz": ("tx.printing.html", "tx.printing.graphviz"),
    "d3viz.formatting": ("tx.printing.graphviz",),
    "gof.fg": ("tx.graph.fgraph", "tx.graph.utils", "tx.legacy.odds"),
    "gof.graph": _GRAPH,
    "gof.link": ("tx.shared", "tx.legacy.linkers"),
    "gof.null_type": ("tx.tensor.type_other",),
    "gof.op": (*_GRAPH, "tx.legacy.ccode", "tx.legacy.odds"),
    "gof.opt": (*_OPTIMIZERS, "tx.graph.features"),
    "gof.optdb": ("tx.rewriting.databases",),
    "gof.toolbox": ("tx.graph.features",),
    "gof.type": (*_GRAPH, "tx.legacy.enums", "tx.legacy.ccode"),
    "gof.utils": ("tx.graph.utils", "tx.legacy.gof_utils"),
    # only in pickles
    **dict.fromkeys(("gof.vm", "misc.frozendict", "misc.ordered_set"), ()),
    "sandbox": ("tx.random", "tx.legacy.odds"),
    "sandbox.multinomial": ("tx.random.multinomial",),
    "sandbox.rng_mrg": ("tx.random.streams", "tx.random.mrg", "tx.legacy.odds"),
    "scalar": _SCALARS,
    "scalar.basic": ("tx.scalar", *_SCALARS, "tx.scalar.dtypes"),
    "scalar.basic_scipy": ("tx.scalar", "tx.legacy.scalars"),
    "scalar.sharedvar": ("tx.legacy.scalars",),
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

#: what has a row below it
PACKAGES = {path.rpartition(".")[0] for path in PATHS}
