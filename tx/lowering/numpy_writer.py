"""Writing a Python function that computes with numpy: lines of which each gives a name to an expression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from tx.lowering.numpy_costs import COPY, FILL, SMALL, TAKEN, VIEW, read, stretched, written

#: numpy computes with these as XLA does
DTYPES = {np.dtype(c) for c in "?bBhHiIlLqQfd"}
#: these want to be told where to write by a keyword, which takes as long as it saves
_KEYWORD = {np.maximum, np.minimum}
#: numpy fills more rows than this, of so few elements, several times as soon by repeating them
_ROWS, _SHORT = 100, 32


class UnsuitedError(Exception):
    """There is something in a jaxpr that is left to XLA."""


@dataclass(frozen=True)
class Value:
    """What a name stands for: an array, or a number that stands for any shape (`shape` is ``()`` then).

    Of `shape` axes may be 1 that are longer in the jaxpr: numpy stretches them where that matters.
    """

    text: str
    shape: tuple[int, ...]
    dtype: Any
    #: the value, where that is known now
    constant: Any = None
    #: whether it has memory of its own
    fresh: bool = False
    #: what it was made by, for rules that make something of that: a function of numpy or a name, and values
    made: tuple[Any, ...] = ()
    #: of a vector that has one number wherever a mask says so: the mask, the other elements in a row, and that number
    chosen: tuple[Value, Value, Value] | None = None


@dataclass
class Line:
    """A name for an expression, the names of lines that it reads, and the microseconds that it takes.

    With a `change` of what has the name then, the expression may stand for a copy of what `base` has for a name.
    """

    name: str
    text: str
    read: list[str]
    cost: float
    change: str = ""
    base: str = ""
    #: the name that the memory was made under, which this looks at
    owner: str = ""
    #: the shape and the dtype of what has memory of its own, and whether it may be given some
    kind: tuple[Any, ...] = ()
    takes: bool = False


@dataclass
class Writer:
    """Writes the function: lines of which each gives a name to an expression."""

    scope: dict[str, Any]
    #: microseconds that the lines may take
    most: float
    lines: list[Line] = field(default_factory=list)
    _known: dict[str, Value] = field(default_factory=dict)
    _constants: dict[Any, str] = field(default_factory=dict)

    def constant(self, array: Any) -> Value:
        """A value that is known."""
        array = np.asarray(array)
        if array.dtype not in DTYPES or array.size > SMALL:
            raise UnsuitedError(array.dtype)
        first = array.reshape(-1)[:1]
        if array.ndim and array.size and array.tobytes() == first.tobytes() * array.size:
            array = first.reshape(())  # one number for all
        return Value("", array.shape, array.dtype, constant=array)

    def name(self, value: Value, number: bool = False) -> str:
        """How an expression reads a value; a constant without axes as a `number`, or as an array."""
        if value.constant is None:
            return value.text
        held = value.constant[()] if number else value.constant
        key = value.dtype, value.shape, number, value.constant.tobytes()
        if key not in self._constants:
            self._constants[key] = f"c{len(self._constants)}"
            self.scope[self._constants[key]] = held
        return self._constants[key]

    def call(self, function: Callable[..., Any]) -> str:
        """How an expression reads a function."""
        name: str = function.__name__
        self.scope[name] = function
        return name

    def dtype(self, dtype: Any) -> str:
        """How an expression reads a dtype."""
        name: str = dtype.str[1:]
        self.scope[name] = dtype
        return name

    def put(
        self,
        form: str,
        operands: Sequence[Value],
        shape: tuple[int, ...],
        dtype: Any,
        cost: float,
        fresh: bool = True,
        made: tuple[Any, ...] = (),
        reading: float | None = None,
    ) -> Value:
        """The value of an expression: `form` has ``{}`` where operands are read. One that is `fresh` takes, besides its
        cost, the writing of the value, and `reading`: by default that of all operands."""
        number = shape == () and all(v.shape == () for v in operands)
        text = form.format(*(self.name(v, number) for v in operands))
        if all(v.constant is not None for v in operands):
            with np.errstate(all="ignore"):
                return self.constant(np.asarray(eval(text, self.scope), dtype))
        if fresh and text not in self._known:
            cost += sum(read(v.shape, v.dtype) for v in operands if v.shape) if reading is None else reading
        if text not in self._known:
            self._known[text] = self._line(text, operands, shape, dtype, cost, fresh, made)
        return self._known[text]

    def known(self, function: Any, value: Value) -> Value | None:
        """A function of a value, if a line has it already."""
        return self._known.get(f"{function.__name__}({self.name(value)})")

    def _line(
        self, text: str, operands: Sequence[Value], shape: tuple[int, ...], dtype: Any, cost: float, fresh: bool = True,
        made: tuple[Any, ...] = (),
    ) -> Value:  # fmt: skip
        name = f"v{len(self.lines)}"
        read = [v.text for v in operands if v.constant is None]
        owner = name if fresh or not shape else self.owner(read[0])
        kind = (shape, np.dtype(dtype)) if shape and fresh else ()
        cost += written(*kind) if kind else 0
        takes = bool(kind and made) and isinstance(made[0], np.ufunc) and made[0] not in _KEYWORD
        self.lines.append(Line(name, text, read, cost, owner=owner, kind=kind, takes=takes))
        self.most -= cost
        if self.most < 0:
            raise UnsuitedError("many lines")
        return Value(name, shape, np.dtype(dtype), None, fresh, made)

    def owner(self, name: str) -> str:
        """The name under which the memory was made that this is about."""
        return self.lines[int(name[1:])].owner if name.startswith("v") else name

    def changes(self, value: Value) -> bool:
        """Whether the memory of a value may be written to later: what was given is not."""
        return value.constant is None and self.owner(value.text).startswith("v")

    def cost(self, value: Value) -> float:
        """The microseconds that the line of a value takes."""
        return self.lines[int(value.text[1:])].cost

    def changed(self, x: Value, part: Value, index: str, places: Sequence[Value] = ()) -> Value:
        """`x`, which has all its elements, with another part. In `index` there is ``{}`` where `places` are read."""
        index = index.format(*(self.name(v, True) for v in places))
        if x.constant is not None and part.constant is not None and all(v.constant is not None for v in places):
            array = x.constant.copy()
            exec(f"array[{index}] = part", {"array": array, "part": part.constant})
            return self.constant(array)
        value = self._line(
            f"{self.name(x)}.copy()", [x, part, *places], x.shape, x.dtype, COPY + VIEW + read(x.shape, x.dtype)
        )
        line = self.lines[-1]
        line.change, line.base = f"{line.name}[{index}] = {self.name(part)}", x.text if x.fresh else ""
        return value

    def needed(self, results: Sequence[Value]) -> tuple[list[str], float]:
        """The lines that results are made by, and the microseconds that they take."""
        wanted = {v.text for v in results if v.constant is None}
        last = dict.fromkeys(map(self.owner, wanted), len(self.lines))
        for number, line in reversed(list(enumerate(self.lines))):
            if line.name in wanted:
                wanted.update(line.read)
                for name in line.read:
                    last.setdefault(self.owner(name), number)
        lines: list[str] = []
        free = defaultdict[Any, list[str]](list)
        needed = [(number, line) for number, line in enumerate(self.lines) if line.name in wanted]
        for number, line in needed:
            text = line.text
            for name in dict.fromkeys(map(self.owner, line.read)):
                if last[name] > number:
                    continue
                if name == line.base:  # what nothing reads any more may be changed
                    text = name
                elif name.startswith("v"):  # and written to
                    free[self.lines[int(name[1:])].kind].append(name)
            if line.takes and free[line.kind]:
                text = f"{text[:-1]}, {free[line.kind].pop()})"
            lines += [f"{line.name} = {text}", *([line.change] if line.change else [])]
        return lines, sum(line.cost for _, line in needed)

    def full(self, value: Value, shape: Sequence[int]) -> Value:
        """A value with all its elements: as an array of this shape."""
        shape = tuple(map(int, shape))
        if value.shape == shape:
            return value
        if value.constant is not None:
            return Value("", shape, value.dtype, constant=np.array(np.broadcast_to(value.constant, shape)))
        if value.shape == (*shape[:-1], 1) and prod(shape[:-1]) > _ROWS and shape[-1] <= _SHORT:
            form, cost = f"{{}}.repeat({shape[-1]}).reshape({shape})", TAKEN * prod(shape)
        else:
            form = f"{self.call(filled)}({{}}, {shape}, {self.dtype(value.dtype)})"
            cost = stretched([value.shape], shape)
        return self.put(form, [value], shape, value.dtype, FILL + cost)

    def view(self, value: Value, form: str, shape: Sequence[int], **named: Any) -> Value:
        """Another look at a value that has all its elements."""
        return self.put(form, [value], tuple(shape), value.dtype, VIEW, fresh=False, **named)


def filled(value: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An array of what stretches to it."""
    array = np.empty(shape, dtype)
    array[...] = value
    return array


__all__ = ["DTYPES", "Line", "UnsuitedError", "Value", "Writer"]
