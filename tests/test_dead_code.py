"""Nothing in tx/ is left over: what vulture finds unused is explained below, name by name.

Names that a module lists in ``__all__``, that programs need (tests/legacy/needed_names.txt), and functions that a
decorator registers are in use; so is what tests, examples or benchmarks name.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
SEARCHED = ("tx", "tests", "examples", "benchmarks", ".ci", "docs")
#: decorators that put a function into a table
REGISTERING = [
    "@lowers*", "@computes*", "@pads*", "@expands*", "@rewrites*", "@restores*", "@shared_constructor",
    "@instead_of*", "@atexit.register",
]  # fmt: skip

#: arguments that a signature of Theano's has and tx has no use for, or that a caller gives to all of a kind
ARGUMENTS = (
    "accept_inplace add_assert_shape additional_inputs as_view check_c_code check_preallocated_output check_py_code "
    "cmps context_name copy_deps direction_hint dummy exception function_graph gpu_checks in_c_key is_valid "
    "kshp_logical_top_aligned link_kwargs linkers no_debug_ref num_input_channels overwrite_A overwrite_b param_num "
    "rebuild_strict require_matching_strides share_memory test_memmap tolerate_inplace_aliasing unroll_batch "
    "unroll_kern unroll_patch unused workmem"
)

#: modules with names that nothing in tx uses -> these names; all are Theano's own, kept for programs that use them
THEANO = {
    "tx.compile.function": "finder input_storage n_returned_outputs",
    "tx.compile.monitormode": "detect_nan",
    "tx.configuration": "IntParam FloatParam StrParam",
    "tx.graph.core": "filter_inplace get_parents add_tag_trace _props_dict",
    "tx.graph.fgraph": "collect_callbacks add_input replace_all",
    "tx.graph.listing": "variables_and_orphans list_of_nodes is_in_ancestors io_connection_pattern stack_search "
    "op_as_string",
    "tx.graph.utils": "TestValueError",
    "tx.legacy.enums": "fromalias has_alias get_aliases has_type get_field get_params",
    "tx.legacy.gpu": "cuda_available cuda_enabled pycuda_available pygpu_available imported_scipy_fft test_ctx_name "
    "init_dev dnn_available as_cuda_ndarray_variable as_gpuarray_variable gpu_from_host host_from_gpu "
    "float32_shared_constructor GpuContiguous HostFromGpu dnn_conv3d dnn_batch_normalization_test cuirfft",
    "tx.legacy.odds": "short_version",
    "tx.legacy.op_tests": "test_good test_bad_build test_bad_runtime test_grad test_grad_none",
    "tx.legacy.opt": "OPT_FAST_RUN_STABLE shape_tuple get_shape",
    "tx.legacy.scalars": "inclosedrange inopenrange",
    "tx.legacy.unittest_tools": "MockRandomState assertFunctionContains0 assertFunctionContains1 "
    "assertFunctionContainsN assertFunctionContainsClassN OptimizationTestMixin T_OpContractMixin test_hash test_name "
    "_compile_and_check AttemptManyTimes",
    "tx.random.mrg": "mrg_uniform_base",
    "tx.random.raw_random": "shuffle_row_elements",
    "tx.random.streams": "multinomial_wo_replacement",
    "tx.rewriting.databases": "add_tags remove_tags print_summary",
    "tx.rewriting.navigators": "warn_ignore get_local_optimizers",
    "tx.rewriting.optimizers": "print_summary inplace_optimizer",
    "tx.rewriting.substitutions": "retains_inputs",
    "tx.sparse.type": "dtype_set",
    "tx.tensor.nnet.conv": "out_mode getOutputShape",
    "tx.tensor.type": "value_zeros",
}

#: what is used by a name that vulture does not see -> by whom
USED_FROM_OUTSIDE = {
    ("tx.configuration", "whitespace whitespace_split commenters"): "shlex reads them",
    ("tx.configuration", "optionxform"): "configparser calls it",
    ("tx.legacy.finder", "create_module"): "Python's import system calls it",
    ("tx.legacy.gpu", "__getattr__"): "Python calls it for names that the module has not",
    ("tx.legacy.opt", "__getattr__"): "as above",
    ("tx.legacy.sparse", "__getattr__"): "as above",
    ("tx.legacy.unittest_tools", "__getattr__"): "as above",
    ("tx.scalar", "__getattr__"): "as above",
    ("tx.sparse.basic", "__getattr__"): "as above",
    ("tx.legacy.restoring", "restore_function restore_maker"): "named by the table of pickles in tx.legacy.pickles",
    ("tx.lowering.cache", "_cache _cache_initialized"): "jax's own state, which is put back",
    ("tx.misc.pkl_utils", "reducer_override"): "pickle calls it",
    ("tx.random.raw_random", "__signature__"): "inspect reads it",
}


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def left_over(root: Path, searched: tuple[str, ...]) -> set[tuple[str, str, bool]]:
    """(module, name, whether it is an argument) of what nothing uses in ``root/tx``."""
    search = Vulture(ignore_decorators=REGISTERING)
    search.scavenge([root / folder for folder in searched])
    found = set()
    for item in search.get_unused_code():
        path = Path(item.filename).resolve().relative_to(root.resolve())
        if path.parts[0] == "tx":
            found.add((module_of(path), item.name, item.typ == "variable" and item.confidence == 100))
    return found


@pytest.fixture(scope="module")
def found() -> set[tuple[str, str, bool]]:
    needed = {n.rpartition(".")[2] for n in (ROOT / "tests/legacy/needed_names.txt").read_text().split()}
    return {
        (module, name, argument)
        for module, name, argument in left_over(ROOT, SEARCHED)
        if argument or not (name in needed or name in getattr(importlib.import_module(module), "__all__", ()))
    }


def explained() -> set[tuple[str, str]]:
    rows = [*THEANO.items(), *USED_FROM_OUTSIDE]
    return {(module, name) for module, names in rows for name in names.split()}


def test_all_that_is_unused_is_explained(found):
    assert {(module, name) for module, name, argument in found if not argument} - explained() == set()


def test_all_unused_arguments_are_explained(found):
    assert {
        f"{module}: {name}" for module, name, argument in found if argument and name not in ARGUMENTS.split()
    } == set()


def test_no_explanation_is_out_of_date(found):
    assert explained() - {(module, name) for module, name, _ in found} == set()
    assert set(ARGUMENTS.split()) - {name for _, name, argument in found if argument} == set()


def test_dead_code_is_found(tmp_path):
    file = tmp_path / "tx" / "a.py"
    file.parent.mkdir()
    file.write_text("def dead(x, flag):\n    return x\n\n\n@lowers(3)\ndef rule():\n    return 1\n", encoding="utf-8")
    assert left_over(tmp_path, ("tx",)) == {("tx.a", "dead", False), ("tx.a", "flag", True)}
