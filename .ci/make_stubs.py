"""Writes what type checkers and editors know of `tx.tensor`, whose names are made from tables when it is imported.

    python .ci/make_stubs.py            # after a change of a name or a signature
    python .ci/make_stubs.py --check    # says which stub is not what would be written

Types of arguments that are no plain numbers, words or flags are Any: nearly everything converts to a tensor. Where a
function hands back what it was given, that may be a constant or a shared variable; what one can do with these is what
one can do with a TensorVariable, which is what the stubs say. `tests/test_types.py` compares with what is returned.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import tx  # noqa: E402
from tx.tensor.variable import _BINARY, _COMPARISONS, _METHODS  # noqa: E402

TENSOR = "TensorVariable"

_SEVERAL = f"tuple[{TENSOR}, ...]"
_LIST = f"list[{TENSOR}]"
#: what a function gives that says Any of itself, unless it gives a tensor
GIVES = {
    "constant": "TensorConstant",
    "confusion_matrix": _LIST,
    "crossentropy_softmax_1hot": _SEVERAL,
    "crossentropy_softmax_1hot_with_bias": _SEVERAL,
    "crossentropy_softmax_argmax_1hot_with_bias": _LIST,
    "crossentropy_softmax_max_and_argmax_1hot": _SEVERAL,
    "crossentropy_softmax_max_and_argmax_1hot_with_bias": _SEVERAL,
    "nonzero": _SEVERAL,
    "topk_and_argtopk": _LIST,
    "unravel_index": _LIST,
    **dict.fromkeys(("as_index_variable", "as_int_none_variable", "default", "extract_constant"), "Any"),
    **dict.fromkeys(("get_scalar_constant_value", "grad_not_implemented", "grad_undefined", "load"), "Any"),
    **dict.fromkeys(("numpy_scalar", "scalar_from_tensor", "softmax_simplifier", "tensor_from_scalar"), "Any"),
}
#: functions that keep the signature of their source, with its overloads
AS_THEY_ARE = {"shared": "tx.shared", **dict.fromkeys(("Lop", "Rop", "grad", "hessian", "jacobian"), "tx.gradient")}

WRITTEN = "# Written by .ci/make_stubs.py."
PREAMBLE = """\
from typing import Any, Protocol, overload

from tx.tensor.elemwise import Elemwise
from tx.tensor.type import TensorType
from tx.tensor.variable import TensorConstant as TensorConstant
from tx.tensor.variable import TensorVariable as TensorVariable
"""
#: the shapes of what is called: elementwise functions by their arguments, and constructors of several Variables
PROTOCOLS = """
class Unary(Elemwise):
    def __call__(self, x: Any, /, *, name: str = ...) -> TensorVariable: ...

class Binary(Elemwise):
    def __call__(self, x: Any, y: Any, /, *, name: str = ...) -> TensorVariable: ...

class Ternary(Elemwise):
    def __call__(self, x: Any, y: Any, z: Any, /, *, name: str = ...) -> TensorVariable: ...

class Several(Protocol):
    @overload
    def __call__(self, first: str, second: str, /, *names: str, **options: Any) -> list[TensorVariable]: ...
    @overload
    def __call__(self, *names: Any, **options: Any) -> Any: ...
"""
ARITIES = {1: "Unary", 2: "Binary", 3: "Ternary"}
PLAIN = {"int", "float", "bool", "str", "None", "Any"}


def kind_of(annotation: Any) -> str:
    """An annotation, if it is made of plain types alone; Any otherwise."""
    text = annotation if isinstance(annotation, str) else "Any"
    return text if set(text.replace(" ", "").split("|")) <= PLAIN else "Any"


def given_by(name: str, function: Any) -> str:
    """What a function gives."""
    said = inspect.signature(function).return_annotation
    if name in GIVES:
        return GIVES[name]
    if said == "Any":
        return TENSOR if not name[0].isupper() else "Any"  # a class of Theano's, which is a function here, makes an Op
    if said in ("list[Any]", "tuple[Any, Any]"):
        return said.replace("Any", TENSOR)
    return kind_of(said)


def _parameter(p: inspect.Parameter) -> str:
    stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    return f"{stars}{p.name}: {kind_of(p.annotation)}" + ("" if p.default is p.empty else " = ...")


def function_stub(name: str, function: Any, indent: str = "", bound: bool = False) -> str:
    """The line of a function; of a method made of one, if `bound`."""
    first, *others = inspect.signature(function).parameters.values() or [None]
    words = ["self"] if bound else [] if first is None else [_parameter(first)]
    words += [_parameter(p) for p in others]
    only = [i for i, p in enumerate(others, 1) if p.kind is p.KEYWORD_ONLY]
    if only and not any(p.kind is p.VAR_POSITIONAL for p in (first, *others)):
        words.insert(only[0], "*")
    return f"{indent}def {name}({', '.join(words)}) -> {given_by(name, function)}: ..."


def line_of(name: str, value: Any, module: ModuleType) -> str:
    """What the stub of a module says of one of its names."""
    if name in AS_THEY_ARE:
        return f"from {AS_THEY_ARE[name]} import {name} as {name}"
    if isinstance(value, ModuleType):
        parent, _, own = value.__name__.rpartition(".")
        return f"from {parent} import {own} as {name}"
    if isinstance(value, type):
        return f"from {value.__module__} import {value.__qualname__} as {name}"
    if isinstance(value, tx.tensor.Elemwise):
        return f"{name}: {ARITIES.get(value.scalar_op.nin, 'Elemwise')}"
    if inspect.isfunction(value):
        return f"{name}: Several" if value.__code__.co_name == "make_several" else function_stub(name, value)
    if isinstance(value, tuple):
        return f"{name}: tuple[str, ...]"
    if isinstance(value, dict):
        return f"{name}: dict[Any, Any]"
    kind = type(value)
    return f"{name}: {kind.__name__ if kind.__module__ in ('builtins', 'tx.tensor.type') else 'Any'}"


def stub_of(module: ModuleType) -> str:
    """The stub of a module of the vocabulary."""
    names = {n for n in module.__all__ if not n.startswith("_")} - {"TensorVariable", "TensorConstant", "TensorType"}
    names |= {n for n, v in vars(module).items() if isinstance(v, ModuleType) and n[0] != "_"}
    names |= {"TensorSharedVariable", "shared"} if module is tx.tensor else set()
    lines = [line_of(n, getattr(module, n), module) for n in sorted(names)]
    imports = sorted(x for x in lines if x.startswith("from "))
    rest = [x for x in lines if not x.startswith("from ")]
    imports += ["from tx.tensor.type import TensorType as TensorType"] if module is tx.tensor else []
    return "\n".join([WRITTEN, PREAMBLE, *imports, PROTOCOLS, *rest, ""])


def declared() -> str:
    """The base of tensor Variables, as type checkers see it: the operators and methods that tables give them."""
    lines = ["class Declared:"]
    for name in _BINARY:
        result = f"tuple[{TENSOR}, {TENSOR}]" if name == "divmod" else TENSOR
        lines += [f"    def __{side}{name}__(self, other: Any) -> {result}: ..." for side in ("", "r")]
    lines += [f"    def __{name}__(self, other: Any) -> {TENSOR}: ..." for name in _COMPARISONS]
    for name, function in _METHODS.items():
        if isinstance(function, tx.tensor.Elemwise):
            others = "".join(f", {word}: Any" for word in "yz"[: function.scalar_op.nin - 1])
            lines.append(f"    def {name}(self{others}) -> {TENSOR}: ...")
        else:
            lines.append(function_stub(name, function, "    ", bound=True))
    head = [WRITTEN, "from typing import Any", "", "from tx.tensor.variable import TensorVariable", ""]
    return "\n".join([*head, *lines, ""])


def stubs() -> dict[Path, str]:
    """All stubs, by path."""
    folder = ROOT / "tx" / "tensor"
    return {
        folder / "__init__.pyi": stub_of(tx.tensor),
        folder / "basic.pyi": f"{WRITTEN}\nfrom tx.tensor import *\n",
        folder / "declared.pyi": declared(),
        folder / "nnet" / "__init__.pyi": stub_of(tx.tensor.nnet),
        folder / "shared_randomstreams.pyi": f"{WRITTEN}\nfrom tx.random.shared_randomstreams import *\n",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    old = [path for path, text in stubs().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in old:
        print(("not up to date: " if check else "written: ") + str(path.relative_to(ROOT)))
        if not check:
            path.write_text(stubs()[path], encoding="utf-8")
    return int(check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
