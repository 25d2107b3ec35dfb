"""Rewrites by name: what there is, and which of it a mode asks for (Theano: ``gof.optdb``).

``optdb`` is the sequence of everything that is done to a graph before it is lowered. tx's own pass is one entry of it;
a user's rewrites stand before or after, by their position.
"""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from tx.rewriting.navigators import EquilibriumOptimizer, TopoOptimizer
from tx.rewriting.optimizers import LocalOptGroup, LocalOptimizer, Optimizer, SeqOptimizer


class Query:
    """Which entries of a database are wanted: those with one of the tags `include`, all of `require`, none of
    `exclude`. `subquery` maps names of entries that are databases to their own Query; entries of a sequence from
    `position_cutoff` on are left out; `extra_optimizations` are (Optimizer, position) pairs added to a sequence.
    """

    def __init__(
        self,
        include: Iterable[str],
        require: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        subquery: dict[str, Any] | None = None,
        position_cutoff: float = math.inf,
        extra_optimizations: Iterable[tuple[Any, float]] | None = None,
    ):
        self.include = dict.fromkeys(_tags(include))
        self.require = dict.fromkeys(_tags(require))
        self.exclude = dict.fromkeys(_tags(exclude))
        self.subquery = subquery or {}
        self.position_cutoff = position_cutoff
        self.extra_optimizations = list(extra_optimizations or ())

    def _with(self, **changes: Any) -> Query:
        made = copy.copy(self)
        made.__dict__.update(changes)
        return made

    def including(self, *tags: str) -> Query:
        """This, and what has one of these tags."""
        return self._with(include={**self.include, **dict.fromkeys(tags)})

    def excluding(self, *tags: str) -> Query:
        """This, without what has one of these tags."""
        return self._with(exclude={**self.exclude, **dict.fromkeys(tags)})

    def requiring(self, *tags: str) -> Query:
        """Of this, what has all of these tags."""
        return self._with(require={**self.require, **dict.fromkeys(tags)})

    def register(self, *optimizations: tuple[Any, float]) -> Query:
        """This, and (Optimizer, position) pairs."""
        return self._with(extra_optimizations=[*self.extra_optimizations, *optimizations])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((tuple(self.include), tuple(self.require), tuple(self.exclude), self.position_cutoff))

    def __str__(self) -> str:
        return (
            f"Query{{inc={list(self.include)},ex={list(self.exclude)},require={list(self.require)},"
            f"subquery={self.subquery},position_cutoff={self.position_cutoff},extra_opts={self.extra_optimizations}}}"
        )

    __repr__ = __str__


def _tags(tags: Any) -> list[str]:
    return [tags] if isinstance(tags, str) else list(tags or ())


class DB:
    """Optimizers, LocalOptimizers and further databases, by name and tags."""

    def __init__(self) -> None:
        self.name: str | None = None
        self._entries: dict[str, Any] = {}
        self._tags: dict[str, set[str]] = {}

    def register(self, name: str, obj: Any, *tags: str, use_db_name_as_tag: bool = True) -> None:
        """Enter `obj`. Its name is a tag, too, and so are the names of its class and (as a rule) of this database.

        Raises TypeError for what is no rewrite, ValueError for a name that is taken or is a tag.
        """
        if not isinstance(obj, DB | Optimizer | LocalOptimizer):
            raise TypeError("Object cannot be registered in OptDB", obj)
        if name in self._entries or any(name in t for t in self._tags.values()):
            raise ValueError(
                "The name of the object cannot be an existing tag or the name of another existing object.", obj, name
            )
        if any(tag in self._entries for tag in tags):
            raise ValueError("A tag cannot be the name of another existing object.", obj, tags)
        if isinstance(obj, DB) or getattr(obj, "name", None) is None:
            obj.name = name
        self._entries[name] = obj
        self._tags[name] = {name, type(obj).__name__, *tags}
        if use_db_name_as_tag and self.name is not None:
            self._tags[name].add(self.name)

    def add_tags(self, name: str, *tags: str) -> None:
        """Give an entry more tags."""
        self._tags[name].update(tags)

    def remove_tags(self, name: str, *tags: str) -> None:
        """Take tags from an entry."""
        self._tags[name].difference_update(tags)

    def _chosen(self, query: Query) -> dict[str, Any]:
        """The entries that a Query wants, in the order of registration; databases as what they give themselves."""
        found: dict[str, Any] = {}
        for name, obj in self._entries.items():
            tags = self._tags[name]
            if not tags & query.include.keys() or tags & query.exclude.keys() or not tags >= query.require.keys():
                continue
            found[name] = obj.query(query.subquery.get(name, query)) if isinstance(obj, DB) else obj
        return found

    def query(self, *tags: Any, **subqueries: Any) -> Any:
        """What a Query wants. Tags instead of a Query begin with ``+`` (include), ``-`` (exclude) or ``&`` (require).

        Raises ValueError for a tag that begins otherwise.
        """
        return list(self._chosen(as_query(tags, subqueries)).values())

    def __getitem__(self, name: str) -> Any:
        if name in self._entries:
            return self._entries[name]
        tagged = [self._entries[n] for n, tags in self._tags.items() if name in tags]
        if not tagged:
            raise KeyError(f"Nothing registered for '{name}'")
        if len(tagged) > 1:
            raise ValueError(f"More than one match for {name} (please use query)")
        return tagged[0]

    def __contains__(self, name: str) -> bool:
        return name in self._entries or any(name in tags for tags in self._tags.values())

    def print_summary(self, stream: TextIO | None = None) -> None:
        """Print the names and tags."""
        out = stream or sys.stdout
        print(f"{type(self).__name__} {self.name or ''} (id {id(self)})", file=out)
        for name in self._entries:
            print(f"  {name}: {sorted(self._tags[name])}", file=out)


def as_query(tags: tuple[Any, ...], subqueries: dict[str, Any]) -> Query:
    """The Query that the arguments of `DB.query` are, or stand for."""
    if len(tags) == 1 and isinstance(tags[0], Query):
        return tags[0]
    if any(tag[:1] not in ("+", "-", "&") for tag in tags):
        raise ValueError("All tags must start with one of the following characters: '+', '&' or '-'", tags)
    chosen = {sign: [tag[1:] for tag in tags if tag[0] == sign] for sign in "+-&"}
    nested = {n: q if isinstance(q, Query) else as_query(tuple(_tags(q)), {}) for n, q in subqueries.items()}
    return Query(chosen["+"], chosen["&"], chosen["-"], nested)


class EquilibriumDB(DB):
    """A database that gives an EquilibriumOptimizer."""

    def __init__(self, ignore_newtrees: bool = True, tracks_on_change_inputs: bool = False):
        super().__init__()
        self.ignore_newtrees, self.tracks_on_change_inputs = ignore_newtrees, tracks_on_change_inputs
        self._roles: dict[str, str] = {}

    def register(self, name: str, obj: Any, *tags: str, **kwargs: Any) -> None:
        """`final_opt` and `cleanup`: run at the end of each round."""
        role = "final" if kwargs.pop("final_opt", False) else "cleanup" if kwargs.pop("cleanup", False) else ""
        super().register(name, obj, *tags, **kwargs)
        self._roles[name] = role

    def query(self, *tags: Any, **subqueries: Any) -> EquilibriumOptimizer:
        """The EquilibriumOptimizer of what a Query wants."""
        found = self._chosen(as_query(tags, subqueries))
        roles = {r: [o for n, o in found.items() if self._roles.get(n, "") == r] for r in ("", "final", "cleanup")}
        return EquilibriumOptimizer(
            roles[""],
            failure_callback=EquilibriumOptimizer.warn,
            ignore_newtrees=self.ignore_newtrees,
            tracks_on_change_inputs=self.tracks_on_change_inputs,
            final_optimizers=roles["final"],
            cleanup_optimizers=roles["cleanup"],
        )


class SequenceDB(DB):
    """A database in order: every entry has a position, or stands at the ``"first"`` or ``"last"``."""

    def __init__(self, failure_callback: Any = SeqOptimizer.warn):
        super().__init__()
        self.__position__: dict[str, float] = {}
        self.failure_callback = failure_callback

    def register(self, name: str, obj: Any, position: Any, *tags: str, **kwargs: Any) -> None:  # type: ignore[override]
        """Enter `obj` at `position`. Raises AssertionError when that is no number, "first" or "last"."""
        positions = self.__position__.values()
        if position == "first":
            position = min(positions, default=0) - 1
        elif position == "last":
            position = max(positions, default=0) + 1
        assert isinstance(position, int | float), f"a position is a number, not {position!r}"
        super().register(name, obj, *tags, **kwargs)
        self.__position__[name] = position

    def query(self, *tags: Any, position_cutoff: float | None = None, **subqueries: Any) -> SeqOptimizer:
        """The SeqOptimizer of what a Query wants, in order, before the position `position_cutoff`."""
        query = as_query(tags, subqueries)
        cutoff = query.position_cutoff if position_cutoff is None else position_cutoff
        placed = [(self.__position__[n], o) for n, o in self._chosen(query).items() if self.__position__[n] < cutoff]
        placed += [(position, o) for o, position in query.extra_optimizations if position < cutoff]
        placed.sort(key=lambda pair: pair[0])
        return SeqOptimizer([o for _, o in placed], failure_callback=self.failure_callback, name=self.name)


class LocalGroupDB(DB):
    """A database of LocalOptimizers that gives one LocalOptGroup, in the order of their positions."""

    def __init__(self, apply_all_opts: bool = False, profile: bool = False, local_opt: Any = LocalOptGroup):
        super().__init__()
        self.apply_all_opts, self.profile, self.local_opt = apply_all_opts, profile, local_opt
        self.__position__: dict[str, float] = {}

    def register(self, name: str, obj: Any, *tags: str, position: Any = "last", **kwargs: Any) -> None:
        """Enter `obj`, by default behind all others."""
        super().register(name, obj, *tags, **kwargs)
        self.__position__[name] = max(self.__position__.values(), default=0) + 1 if position == "last" else position

    def query(self, *tags: Any, **subqueries: Any) -> Any:
        """The LocalOptGroup of what a Query wants."""
        found = self._chosen(as_query(tags, subqueries))
        ordered = [found[n] for n in sorted(found, key=self.__position__.__getitem__)]
        return self.local_opt(*ordered, apply_all_opts=self.apply_all_opts, profile=self.profile)


class TopoDB(DB):
    """What another database gives, a LocalOptimizer, taken through the graph once."""

    def __init__(self, db: DB, order: str = "in_to_out", ignore_newtrees: bool = False, failure_callback: Any = None):
        super().__init__()
        self.db, self.order, self.ignore_newtrees, self.failure_callback = db, order, ignore_newtrees, failure_callback

    def query(self, *tags: Any, **subqueries: Any) -> Any:
        """A TopoOptimizer."""
        return TopoOptimizer(
            self.db.query(*tags, **subqueries), self.order, self.ignore_newtrees, self.failure_callback
        )


class ProxyDB(DB):
    """Another database, under a further name."""

    def __init__(self, db: DB):
        if not isinstance(db, DB):
            raise TypeError("proxydb: expected a DB", db)
        super().__init__()
        self.db = db

    def query(self, *tags: Any, **subqueries: Any) -> Any:
        """What the other database gives."""
        return self.db.query(*tags, **subqueries)
