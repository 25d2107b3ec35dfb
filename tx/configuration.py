"""Flags: one table, and `config`, an object whose attributes they are.

Sources, the later winning: defaults, ``~/.theanorc`` (or ``$THEANORC``), ``~/.txrc`` (or ``$TXRC``), ``THEANO_FLAGS``,
``TX_FLAGS``, assignment. Flags of Theano that mean nothing to XLA are accepted and kept, so that programs run.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import ContextDecorator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "none", "")


def _bool(value: Any) -> bool:
    if isinstance(value, str):
        lowered = value.strip().lower()
        if lowered in _TRUE or lowered in _FALSE:
            return lowered in _TRUE
        raise ValueError(f"Invalid value {value!r} for a flag that is true or false")
    return bool(value)


@dataclass
class ConfigParam:
    """A flag: its default, what converts and checks a value, and what it is for."""

    default: Any
    convert: Callable[[Any], Any] = lambda value: value
    doc: str = ""
    allow_override: bool = True


def BoolParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> ConfigParam:
    """A flag that is true or false."""
    return ConfigParam(default, _bool, allow_override=allow_override)


def IntParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> ConfigParam:
    """A flag that is an int."""
    return ConfigParam(default, int, allow_override=allow_override)


def FloatParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> ConfigParam:
    """A flag that is a float."""
    return ConfigParam(default, float, allow_override=allow_override)


def StrParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> ConfigParam:
    """A flag that is a string."""
    return ConfigParam(default, str, allow_override=allow_override)


def EnumStr(default: Any, *options: str, **kwargs: Any) -> ConfigParam:
    """A flag that is one of a few words."""
    words = (default, *options)

    def convert(value: Any) -> str:
        if str(value) not in words:
            raise ValueError(f"Invalid value ('{value}') for configuration variable: legal options are {words}")
        return str(value)

    return ConfigParam(default, convert, **kwargs)


#: what a device is called: a kind, with or without a number (Theano's OpenCL devices are accepted, and never there)
_DEVICE = re.compile(r"(cpu|gpu|cuda|rocm|tpu)\d*|opencl.*")


def _device(value: Any) -> str:
    name = str(value)
    if not _DEVICE.fullmatch(name):
        raise ValueError(
            f"Invalid value ('{name}') for a device: cpu, cuda, gpu (the same), rocm or tpu, with or without a number"
        )
    return name


def _contexts(value: Any) -> str:
    """``'name->device;name->device'``, as Theano reads it."""
    text = str(value)
    for entry in text.split(";") if text else []:
        words = entry.split("->")
        if len(words) != 2:
            raise ValueError(f"Malformed context map: {entry}")
        if words[0] == "cpu" or words[0].startswith(("cuda", "opencl")):
            raise ValueError(f"Cannot use {words[0]} as context name")
        _device(words[1].strip())
    return text


def _floatX(value: Any) -> str:
    if value == "bfloat16":
        raise ValueError(
            "bfloat16 is no type of numpy, and so none of Theano's. Use float32: a TPU then holds float32, and "
            "computes its products from pieces in bfloat16"
        )
    if value not in ("float64", "float32", "float16"):
        raise ValueError(f"Invalid value ('{value}') for configuration variable: float64, float32 or float16")
    return str(value)


def _buckets(value: Any) -> Any:
    """Length buckets: 'auto', 'off', a ratio, or ascending lengths (a list, or several numbers in a string)."""
    if isinstance(value, str):
        if value in ("auto", "off"):
            return value
        numbers = [float(word) for word in value.replace(",", " ").split()]
        value = numbers[0] if len(numbers) == 1 and numbers[0] != int(numbers[0]) else numbers
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 < value < float("inf"):
        return float(value)
    lengths = tuple(int(n) for n in value) if isinstance(value, list | tuple) else ()
    if not lengths or min(lengths) < 1 or list(lengths) != sorted(set(lengths)):
        raise ValueError(f"Invalid value {value!r}: 'auto', 'off', a ratio above 1, or ascending lengths")
    return lengths


_LEVELS = ("off", "ignore", "warn", "raise", "pdb")
_SETERR = ("ignore", "warn", "raise", "call", "print", "log", "None")

#: name -> flag. A plain value stands for a flag of its type.
FLAGS: dict[str, Any] = {
    # tx's own
    "compatibility": EnumStr("documented", "1.0"),
    "checks": EnumStr("on", "off"),
    "max_specializations": 64,
    "length_buckets": ConfigParam("auto", _buckets),
    "compile_cache": True,
    "tiny": EnumStr("numpy", "xla"),
    "tiered": False,
    "defer_checks": EnumStr("auto", "on", "off"),
    "verbose": False,
    # Theano's, and meant
    "floatX": ConfigParam("float64", _floatX),
    "base_compiledir": str(Path.home() / ".tx"),
    "cast_policy": EnumStr("custom", "numpy+floatX", "numpy"),
    "int_division": EnumStr("int", "raise", "floatX"),
    "on_unused_input": EnumStr("raise", "warn", "ignore"),
    "exception_verbosity": EnumStr("low", "high"),
    "compute_test_value": EnumStr(*_LEVELS),
    "compute_test_value_opt": EnumStr(*_LEVELS),
    "mode": "Mode",
    "optimizer": EnumStr("o4", "o3", "o2", "o1", "unsafe", "fast_run", "fast_compile", "merge", "None"),
    "optimizer_excluding": "",
    "optimizer_including": "",
    "optimizer_requiring": "",
    "profile": False,
    "device": ConfigParam("cpu", _device),
    "init_gpu_device": ConfigParam("", lambda value: _device(value) if value else ""),
    "force_device": False,
    "contexts": ConfigParam("", _contexts),
    "print_active_device": True,
    "warn_float64": EnumStr("ignore", "warn", "raise", "pdb"),
    # Theano's, accepted and kept
    "allow_gc": True,
    "assert_no_cpu_op": EnumStr("ignore", "warn", "raise", "pdb"),
    "blas.check_openmp": True,
    "blas.ldflags": "",
    "cache_optimizations": False,
    "check_input": True,
    "check_stack_trace": EnumStr("off", "log", "warn", "raise"),
    "cmodule.age_thresh_use": 2073600,
    "cmodule.compilation_warning": False,
    "cmodule.debug": False,
    "cmodule.preload_cache": False,
    "cmodule.remove_gxx_opt": False,
    "cmodule.warn_no_version": False,
    "compile.timeout": 120,
    "compile.wait": 5,
    "compiledir": "",
    "compiledir_format": "",
    "conv.assert_shape": False,
    "ctc.root": "",
    "cuda.include_path": "",
    "cuda.root": "",
    "cxx": "",
    "cycle_detection": EnumStr("regular", "fast"),
    "deterministic": EnumStr("default", "more"),
    "dnn.base_path": "",
    "dnn.bin_path": "",
    "dnn.conv.algo_bwd": "",
    "dnn.conv.algo_bwd_data": "none",
    "dnn.conv.algo_bwd_filter": "none",
    "dnn.conv.algo_fwd": "small",
    "dnn.conv.precision": "as_input_f32",
    "dnn.conv.workmem": "",
    "dnn.conv.workmem_bwd": "",
    "dnn.enabled": EnumStr("auto", "True", "False", "no_check"),
    "dnn.include_path": "",
    "dnn.library_path": "",
    "experimental.local_alloc_elemwise": True,
    "experimental.local_alloc_elemwise_assert": True,
    "experimental.unpickle_gpu_on_cpu": False,
    "gcc.cxxflags": "",
    "gpu.local_elemwise_fusion": True,
    "gpuarray.cache_path": "",
    "gpuarray.preallocate": 0.0,
    "gpuarray.sched": EnumStr("default", "multi", "single"),
    "gpuarray.single_stream": True,
    "gpuarray.sync": False,
    "gpuelemwise.sync": True,
    "lib.amdlibm": False,
    "lib.cnmem": 0.0,
    "linker": EnumStr("cvm", "c|py", "py", "c", "c|py_nogc", "vm", "vm_nogc", "cvm_nogc"),
    "magma.enabled": False,
    "magma.include_path": "",
    "magma.library_path": "",
    "metaopt.optimizer_excluding": "",
    "metaopt.optimizer_including": "",
    "metaopt.verbose": 0,
    "nocleanup": False,
    "numpy.seterr_all": EnumStr(*_SETERR),
    **{f"numpy.seterr_{kind}": EnumStr("None", *_SETERR) for kind in ("divide", "invalid", "over", "under")},
    "on_opt_error": EnumStr("warn", "raise", "pdb", "ignore"),
    "on_shape_error": EnumStr("warn", "raise"),
    "openmp": False,
    "openmp_elemwise_minsize": 200000,
    "optdb.max_use_ratio": 8.0,
    "optdb.position_cutoff": float("inf"),
    "optimizer_verbose": False,
    "pickle_test_value": True,
    "print_global_stats": False,
    "print_test_value": False,
    "profile_memory": False,
    "profile_optimizer": False,
    "profiling.debugprint": False,
    "profiling.destination": "stderr",
    "profiling.ignore_first_call": False,
    "profiling.min_memory_size": 1024,
    "profiling.min_peak_memory": False,
    "profiling.n_apply": 20,
    "profiling.n_ops": 20,
    "profiling.output_line_width": 512,
    "profiling.time_thunks": True,
    "reoptimize_unpickled_function": False,
    "scan.allow_gc": False,
    "scan.allow_output_prealloc": True,
    "scan.debug": False,
    "tensor.cmp_sloppy": 0,
    "tensor.insert_inplace_optimizer_validate_nb": -1,
    "tensor.local_elemwise_fusion": True,
    "traceback.compile_limit": 0,
    "traceback.limit": 8,
    "unittests.rseed": "666",
    "unpickle_function": True,
    "vm.lazy": "None",
    "warn.ignore_bug_before": "0.9",
    "warn.inc_subtensor1_opt": True,
    **{
        f"warn.{bug}": False
        for bug in (
            "argmax_pushdown_bug", "gpu_set_subtensor1", "gpusum_01_011_0111_bug", "identify_1pexp_bug",
            "inc_set_subtensor1", "reduce_join", "round", "signal_conv2d_interface", "subtensor_merge_bug",
            "sum_div_dimshuffle_bug", "sum_sum_bug", "vm_gc_bug",
        )
    },
    **{
        f"DebugMode.{name}": value
        for name, value in {
            "check_c": True, "check_finite": True, "check_preallocated_output": "",
            "check_preallocated_output_ndim": 4, "check_py": True, "check_strides": 0, "patience": 10,
            "warn_input_not_reused": True,
        }.items()
    },
    "NanGuardMode.action": EnumStr("raise", "warn", "pdb"),
    "NanGuardMode.big_is_error": True,
    "NanGuardMode.inf_is_error": True,
    "NanGuardMode.nan_is_error": True,
}  # fmt: skip

_CONVERTERS: dict[type, Callable[[Any], Any]] = {bool: _bool, int: int, float: float, str: str}


class _Section:
    """Flags with a common prefix, as attributes. Reading one is an ordinary attribute lookup."""

    def __init__(self, prefix: str = ""):
        object.__setattr__(self, "_prefix", prefix)
        object.__setattr__(self, "_params", {})

    def __setattr__(self, name: str, value: Any) -> None:
        param = self._params.get(name)
        if param is None:
            raise AttributeError(f"Theano has no configuration variable {self._prefix}{name}")
        try:
            converted = param.convert(value)
        except ValueError as error:
            raise ValueError(f"{self._prefix}{name}: {error}") from None
        if not param.allow_override and converted != self.__dict__[name]:
            raise Exception("Can't change the value of this config parameter after initialization!")
        self.__dict__[name] = converted

    def __getattr__(self, name: str) -> Any:
        # Reached only for what is not there.
        raise AttributeError(f"no configuration variable {self.__dict__.get('_prefix', '')}{name}")


class Config(_Section):
    """All flags. ``config.floatX`` reads one, ``config.floatX = 'float32'`` sets it.

    Raises AttributeError for a flag that does not exist, ValueError for a value that it cannot have.
    """

    def _place(self, name: str, make: bool = False) -> tuple[_Section, str]:
        *path, last = name.split(".")
        section: _Section = self
        for word in path:
            if word not in section.__dict__ and make:
                section.__dict__[word] = _Section(f"{section._prefix}{word}.")
            section = getattr(section, word)
        return section, last

    def add(self, name: str, param: Any, doc: str = "") -> None:
        """Add a flag. Raises AttributeError when there is one of that name."""
        if not isinstance(param, ConfigParam):
            param = ConfigParam(param, _CONVERTERS[type(param)])
        section, last = self._place(name, make=True)
        if last in section._params:
            raise AttributeError(f"This name is already taken: {name}")
        param.doc = doc or param.doc
        section._params[last] = param
        default = param.default() if callable(param.default) else param.default
        section.__dict__[last] = param.convert(default)
        if name in self._params.get("__pending__", {}):
            setattr(section, last, self._params["__pending__"][name])

    def get(self, name: str) -> Any:
        """The value of a flag by its dotted name."""
        section, last = self._place(name)
        return getattr(section, last)

    def set(self, name: str, value: Any) -> None:
        """Set a flag by its dotted name."""
        section, last = self._place(name)
        setattr(section, last, value)

    def fix(self, *names: str) -> None:
        """From now on these flags keep their values: assigning another one raises Exception, as in Theano."""
        for name in names:
            section, last = self._place(name)
            section._params[last].allow_override = False

    def names(self) -> list[str]:
        """The dotted names of all flags."""

        def below(section: _Section) -> Iterator[str]:
            for name, value in section.__dict__.items():
                if isinstance(value, _Section):
                    yield from below(value)
                elif name in section._params:
                    yield section._prefix + name

        return sorted(below(self))

    def changed(self) -> dict[str, Any]:
        """The flags that differ from their defaults."""
        pairs = {}
        for name in self.names():
            section, last = self._place(name)
            if getattr(section, last) != section._params[last].default:
                pairs[name] = getattr(section, last)
        return pairs

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several flags by name; those that do not exist (yet) are kept until they are added."""
        pending = self._params.setdefault("__pending__", {})
        for name, value in values.items():
            pending[name] = value
            try:
                self.set(name, value)
            except AttributeError:
                continue

    def change_flags(self, args: Mapping[str, Any] | None = None, **kwargs: Any) -> ChangeFlags:
        """A context manager and decorator with other values for some flags (``a__b`` is the flag ``a.b``)."""
        return ChangeFlags({**(args or {}), **{k.replace("__", "."): v for k, v in kwargs.items()}})

    def __str__(self) -> str:
        return "\n".join(f"{name} = {self.get(name)}" for name in self.names())

    __repr__ = __str__


class ChangeFlags(ContextDecorator):
    """Flags that have other values inside a ``with`` block or a decorated function."""

    def __init__(self, values: Mapping[str, Any]):
        self.values = dict(values)
        self.saved: list[dict[str, Any]] = []
        for name in self.values:
            config.get(name)

    def __enter__(self) -> ChangeFlags:
        self.saved.append({name: config.get(name) for name in self.values})
        for name, value in self.values.items():
            config.set(name, value)
        return self

    def __exit__(self, *exception: Any) -> None:
        for name, value in self.saved.pop().items():
            config.set(name, value)


def parse_flags(text: str) -> dict[str, str]:
    """``'a=1,b.c=x'`` as a dict. A flag without a value is true. Raises ValueError for an empty name."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace = ","
    lexer.whitespace_split = True
    lexer.commenters = ""
    pairs = {}
    for word in lexer:
        name, equals, value = word.strip().partition("=")
        if name:
            pairs[name.strip()] = value.strip() if equals else "True"
    return pairs


def _read_files(variable: str, default: str) -> dict[str, str]:
    paths = os.environ.get(variable, default).split(os.pathsep)
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read([os.path.expanduser(p) for p in paths], encoding="utf-8")
    return {
        (name if section == "global" else f"{section}.{name}"): value
        for section in parser.sections()
        for name, value in parser.items(section)
    }


config: Any = Config()
for _name, _param in FLAGS.items():
    config.add(_name, _param)
for _variable, _default in (("THEANORC", "~/.theanorc"), ("TXRC", "~/.txrc")):
    config.update(_read_files(_variable, _default))
for _variable in ("THEANO_FLAGS", "TX_FLAGS"):
    config.update(parse_flags(os.environ.get(_variable, "")))


def contexts() -> dict[str, str]:
    """The devices by the names that the flag `contexts` gives them."""
    pairs = (entry.split("->") for entry in config.contexts.split(";") if entry)
    return {name.strip(): device.strip() for name, device in pairs}


def AddConfigVar(name: str, doc: str, configparam: Any, root: Any = None, in_c_key: bool = True) -> None:
    """Add a flag of a program's own (Theano: ``configparser.AddConfigVar``)."""
    config.add(name, configparam, doc)


def change_flags(args: Mapping[str, Any] | None = None, **kwargs: Any) -> ChangeFlags:
    """As `Config.change_flags`."""
    return config.change_flags(args, **kwargs)  # type: ignore[no-any-return]
