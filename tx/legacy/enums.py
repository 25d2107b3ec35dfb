"""``theano.gof.type``'s enumerations, and ``theano.gof.params_type``: what Ops give to their `perform` by name."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from tx.graph import Type

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


class EnumType(Type, dict):  # type: ignore[type-arg]
    """Named numbers: ``EnumType(A=1, B=2.5)``, and as attributes. A value is one of the numbers; a name becomes it.

    Raises AttributeError for a name that is not in capitals.
    """

    on_host = True

    def __init__(self, **constants: Any):
        self.ctype = constants.pop("ctype", "double")
        self.aliases: dict[str, str] = {}
        for name in constants:
            _check(type(self).__name__, name)
        dict.__init__(self, {name: _number(value) for name, value in constants.items()})

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(f"{type(self).__name__} has no constant {name!r}")

    def fromalias(self, alias: str) -> Any:
        """The number with this name, or other name."""
        return self[self.aliases.get(alias, alias)]

    def has_alias(self, alias: str) -> bool:
        """Whether a number has this other name."""
        return alias in self.aliases

    def get_aliases(self) -> tuple[str, ...]:
        """The other names."""
        return tuple(self.aliases)

    def filter(self, data: Any, strict: bool = False, allow_downcast: Any = None) -> Any:
        """`data`, a number or a name, as the number. Raises TypeError for what is none."""
        value = self.get(data, data) if isinstance(data, str) else data
        if value not in self.values():
            raise TypeError(f"{data!r} is no value of {self}")
        return value

    @staticmethod
    def values_eq(a: Any, b: Any) -> bool:
        """Whether they are equal."""
        return bool(a == b)

    def _signature(self) -> Hashable:
        return type(self), self.ctype, tuple(self.items()), tuple(self.aliases.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumType) and self._signature() == other._signature()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self._signature())

    def __str__(self) -> str:
        other = {name: alias for alias, name in self.aliases.items()}
        parts = (f"{n}({other[n]}):{v}" if n in other else f"{n}:{v}" for n, v in self.items())
        return f"{type(self).__name__}<{self.ctype}>({', '.join(parts)})"

    __repr__ = __str__


class EnumList(EnumType):
    """Numbers from 0: ``EnumList('A', ('B', 'another name of B'))``."""

    def __init__(self, *constants: Any, ctype: str = "int"):
        pairs = [c if isinstance(c, tuple | list) else (c, None) for c in constants]
        for name, _ in pairs:
            _check("EnumList", name)
        super().__init__(ctype=ctype, **{name: i for i, (name, _) in enumerate(pairs)})
        self.aliases = {alias: name for name, alias in pairs if alias is not None}


def _check(kind: str, name: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise AttributeError(
            f'{kind}: invalid enum name: "{name}". Only capital letters, underscores and digits are allowed.'
        )


def _number(value: Any) -> Any:
    if not isinstance(value, int | float):
        raise ValueError(f"a constant is a number, not {value!r}")
    return value


class Params(dict):  # type: ignore[type-arg]
    """Values by name, and as attributes: what a ParamsType holds. Raises TypeError when one is missing."""

    def __init__(self, params_type: ParamsType, **values: Any):
        missing = [name for name in params_type.fields if name not in values]
        if missing:
            raise TypeError(f'Params: ParamsType attribute "{missing[0]}" not in Params args.')
        super().__init__(values)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(f'Params: attribute "{name}" does not exist.')

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return f"Params({', '.join(f'{n}:{type(v).__name__}:{v}' for n, v in sorted(self.items()))})"


class ParamsType(Type):
    """Several values of Types, by name."""

    on_host = True

    def __init__(self, **kinds: Any):
        if not kinds:
            raise ValueError("Cannot create ParamsType from empty data.")
        self.fields, self.types = tuple(sorted(kinds)), tuple(kinds[n] for n in sorted(kinds))
        self.length = len(kinds)

    def __getattr__(self, name: str) -> Any:
        for kind in vars(self).get("types", ()):  # the constants of enumerations are attributes, too
            if isinstance(kind, EnumType) and name in kind:
                return kind[name]
        raise AttributeError(f"ParamsType has no attribute {name!r}")

    def has_type(self, kind: Any) -> bool:
        """Whether one of the values is of that Type."""
        return kind in self.types

    def get_field(self, kind: Any) -> str:
        """The name of the first value of that Type."""
        return self.fields[self.types.index(kind)]

    def get_params(self, *objects: Any, **values: Any) -> Params:
        """The values, from attributes of `objects` and by name."""
        found = {n: getattr(o, n) for o in objects for n in self.fields if hasattr(o, n)}
        found.update(values)
        return self.filter(Params(self, **found), strict=False, allow_downcast=True)

    def filter(self, data: Any, strict: bool = False, allow_downcast: Any = None) -> Params:
        """Each value as its Type wants it. Raises TypeError for what holds other names."""
        if not isinstance(data, Params) or set(data) != set(self.fields):
            raise TypeError(f"{self} expected an object of class Params with its fields, not {data!r:.100}")
        kinds = zip(self.fields, self.types, strict=True)
        return Params(self, **{n: kind.filter(data[n], strict, allow_downcast) for n, kind in kinds})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParamsType) and (self.fields, self.types) == (other.fields, other.types)

    def __hash__(self) -> int:
        return hash((ParamsType, self.fields, self.types))

    def __repr__(self) -> str:
        return f"ParamsType<{', '.join(f'{n}:{t}' for n, t in zip(self.fields, self.types, strict=True))}>"


__all__ = ["EnumList", "EnumType", "Params", "ParamsType"]
