"""Length buckets: one executable for many lengths. See `tx.rewriting.padding` for the graph that makes it possible.

A function whose arguments have had many different lengths along some axis gets a padded form. Arguments are padded to
the next bucket, and the true length is one more argument. Whatever the padded form cannot do, or finds wrong, is done
by the function as it was written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Constant, Variable, toposort
from tx.lowering import Program
from tx.lowering.trace import MANY, CheckFailed, Retrace, TooLarge
from tx.rewriting.padding import Length, Padded, Unpaddable, computes_a_length, cut_to, padded_graph
from tx.tensor.type import TensorType

#: how many different lengths are met before they are thought to vary: of large arrays, and of those with few elements,
#: since padding them is no work, or with buckets that the user has chosen
_LENGTHS, _LENGTHS_SOON, _FEW = 3, 1, MANY
#: after so many padded calls the same shapes are compiled for, too; as often as there may be lengths
_OFTEN = 1000
#: by default buckets are powers of two, from this one, and of four, from this one, where that makes few elements; where
#: inputs are cut to a length, and so many are no work, from more
_SMALLEST, _SMALLEST_OF_FEW, _CHEAP = 8, 16, 1 << 14
#: how often a padded form may have failed before it is given up, and how many of them there may be
_FAILURES, _FORMS = 3, 8
#: how many combinations of shapes are remembered, and how many lengths
_ROUTES, _ENOUGH = 4096, 64

#: what a route is that has not been worked out
_NEW = object()

#: an argument, and one of its axes
Place = tuple[int, int]
#: what makes the program of a padded graph
MakeProgram = Callable[[Padded], Program]


def bucket(n: int, buckets: Any, row: int = _FEW) -> int | None:
    """The length to pad `n` to, where there are `row` elements for each; None where no bucket is large enough."""
    if isinstance(buckets, tuple):
        return next((b for b in buckets if b >= n), None)
    if buckets == "auto":
        wide = _grown(_SMALLEST_OF_FEW, n, 4)
        return wide if wide * row <= _FEW else _grown(_SMALLEST, n, 2)
    return _grown(_SMALLEST, n, buckets)


def _grown(size: int, n: int, ratio: float) -> int:
    while size < n:
        size = max(size + 1, math.ceil(size * ratio))
    return size


class Rerouted(Exception):
    """A call is to be made in another way, which is known now."""


class Form:
    """The padded form of a function, for lengths that vary in some `places`: a list of them for each length.

    `shapes` are those of its inputs in some call, as far as they are known. Raises Unpaddable.
    """

    def __init__(
        self,
        places: Sequence[Sequence[Place]],
        exact: Program,
        noutputs: int,
        make: MakeProgram,
        shapes: Mapping[Variable, tuple[int, ...]],
    ):
        self.places = places
        varying = [[(exact.arguments[i], d) for i, d in group] for group in places]
        self.graph = padded_graph(exact.written, varying)
        #: arguments that are lengths themselves
        self.scalars = {i for group in places for i, _ in group if exact.arguments[i].type.ndim == 0}
        #: by root, how many elements arguments have for each of a length
        self.rows = [max((_row(x, d, shapes) for x, d in group if x.type.ndim), default=_FEW) for group in varying]
        #: by root, where inputs are cut to that length: to how much it is no work, and how long these inputs are
        self.prefixes: dict[int, tuple[int, set[int]]] = {}
        for root in {root for root, _, _ in self.graph.cut}:
            parts = [(x, d) for r, x, d in self.graph.cut if r == root and _shape(x, shapes)]
            cheap = _CHEAP // max((_row(x, d, shapes) for x, d in parts), default=_FEW)
            self.prefixes[root] = cheap, {_shape(x, shapes)[d] for x, d in parts}
        self.results = noutputs + len(self.graph.computed)
        #: whether outputs are longer than they should be
        self.cuts = bool(self.graph.computed) or any(self.graph.axes[:noutputs])
        own = {root for root, ((i, _), *_) in enumerate(places) if i in self.scalars}
        if any(n.scaled and n.root in own for axes in self.graph.axes for n in axes.values()):
            raise Unpaddable("an output of so many times a length that is an argument")
        if any(self.graph.axes[noutputs:]):
            raise Unpaddable("an update of a length that varies")
        self.program = make(self.graph)
        self.noutputs = noutputs
        self.failures = 0

    def route(self, shapes: dict[int, tuple[int, ...]], buckets: Any) -> Route | None:
        """How to call the function with arguments of these shapes; None where that has to be done without padding."""
        lengths: list[tuple[int, int]] = []
        padded = {i: list(shape) for i, shape in shapes.items()}
        roomy: set[int] = set()
        if self.failures >= _FAILURES or (self.graph.demands and config.checks == "off"):
            return None
        for root, (places, least, row) in enumerate(zip(self.places, self.graph.least, self.rows, strict=True)):
            i, d = places[0]
            n = shapes[i][d]
            size = bucket(n, buckets, row)
            if size is None or n < least:
                return None
            cheap, ends = self.prefixes.get(root, (0, set()))
            if buckets == "auto" and cheap > size:
                size = cheap
                roomy |= {n for n in (size, *ends) if n > 1}
            lengths.append((n, size))
            for i, d in places:
                padded[i][d] = size
        changed = {i for group in self.places for i, _ in group} - self.scalars
        added = [
            size if places[0][0] in self.scalars else n for places, (n, size) in zip(self.places, lengths, strict=True)
        ]
        longer = {i: tuple(padded[i]) for i in changed}
        return Route(self, lengths, [np.array(n, "int64") for n in added], longer, roomy)


@dataclass
class Route:
    """How to call a padded form: true lengths and buckets by root, what is `added` to the arguments, the padded shapes
    of these, and lengths that are longer than need be."""

    form: Form
    lengths: list[tuple[int, int]]
    added: list[np.ndarray]
    shapes: dict[int, tuple[int, ...]]
    roomy: set[int]
    #: how many calls it has made
    calls: int = 0
    #: the executable that serves it, and the stage of it, once that is known
    stage: Any = None
    made: Any = None
    #: what that is, where a call by this route is nothing else
    straight: Any = None

    def __call__(self, values: Sequence[Any], count: int) -> Sequence[Any]:
        """The outputs and new states, for values of `count` arguments and of states."""
        self.calls += 1
        if self.straight is not None and not self.stage.crowded:
            try:
                return self.straight([*values[:count], *self.added, *values[count:]])  # type: ignore[no-any-return]
            except Retrace:  # a state has another shape now
                self.straight = None
        given = list(values)
        for i, shape in self.shapes.items():
            given[i] = pad(given[i], shape)
        given[count:count] = self.added
        results = self._run(given, count)
        n, end = self.form.noutputs, self.form.results
        if not self.form.cuts:
            return results
        computed = [int(v) for v in results[n:end]]
        lengths = [*self.lengths, *zip(computed[::2], computed[1::2], strict=True)]
        axes = self.form.graph.axes[:n]
        cut = [self._cut(r, a, lengths) if a else r for r, a in zip(results, axes, strict=False)]
        return [*cut, *results[end:]]

    def _run(self, given: Sequence[Any], count: int) -> Sequence[Any]:
        made = self.made
        if made is not None and tuple([v.shape for v in given]) == made.shapes:
            try:
                return self.stage.again(made, given)  # type: ignore[no-any-return]
            except Retrace:
                pass
        for part in self.form.program.stages:
            part.roomy = self.roomy
        results = self.form.program(given)
        stage = self.stage = self.form.program.single
        # lengths that are arguments, and what is added to these, are the same in all calls by this route
        known = {*self.form.scalars, *range(count, count + len(self.added))}
        if stage is not None:
            self.made = stage.serving(given, known)
            whole = self.made is not None and not self.shapes and not self.form.cuts
            self.straight = stage.straight(self.made) if whole else None
        return results

    def _cut(self, result: Any, axes: dict[int, Length], lengths: Sequence[tuple[int, int]]) -> Any:
        """The true part of an output."""
        array = np.asarray(result)
        key = [slice(None)] * array.ndim
        for d, length in axes.items():
            n, size = (count + length.offset for count in lengths[length.root])
            key[d] = slice(0, array.shape[d] * n // size if length.scaled else n)
        return array[tuple(key)]


def _shape(x: Variable, shapes: Mapping[Variable, tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of an input; () where that is not known."""
    return np.shape(x.data) if isinstance(x, Constant) else shapes.get(x, ())


def _row(x: Variable, d: int, shapes: Mapping[Variable, tuple[int, ...]]) -> int:
    """How many elements an input has for each along axis `d`; many, if that is not known."""
    shape = _shape(x, shapes)
    return math.prod(n for k, n in enumerate(shape) if k != d) or 1 if shape else _FEW


def _may_be_length(kind: Any) -> bool:
    """Whether values of this Type are integers that can be any length."""
    return type(kind) is TensorType and kind.ndim == 0 and kind.dtype in ("int32", "int64", "uint32")


def pad(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """`value`, with its first elements repeated behind its end until it has this shape: what is computed of padding is
    what is computed anyway."""
    array = np.asarray(value)
    for d, (n, size) in enumerate(zip(array.shape, shape, strict=True)):
        if n < size:
            before = (slice(None),) * d
            longer = np.empty((*array.shape[:d], size, *array.shape[d + 1 :]), array.dtype)
            longer[(*before, slice(n))] = array
            longer[(*before, slice(n, None))] = array[(*before, slice(1))]
            array = longer
    return array


class Buckets:
    """The calls of a function: as it was written, or padded once lengths have varied often.

    `exact` is the program as it was written, with so many outputs; `make` makes the program of a padded graph.
    """

    def __init__(self, exact: Program, noutputs: int, make: MakeProgram):
        self.exact, self.noutputs, self.make = exact, noutputs, make
        self.count = len(exact.arguments)
        self.updated = list(exact.updates)
        types: list[Any] = [v.type for v in exact.arguments]
        self.candidates = [i for i, t in enumerate(types) if type(t) is TensorType and not all(t.broadcastable)]
        self.computes = any(map(computes_a_length, toposort(exact.written)))
        #: scalar arguments that may turn out to be lengths; and those that have, with what they had been by then
        self.integers = {i: v for i, v in enumerate(exact.arguments) if _may_be_length(v.type)}
        self.scalars: dict[int, set[int]] = {}
        #: whether it has not been called yet
        self.new = True
        #: whether there may be a padded form at all
        self.needed = bool(self.candidates or self.integers) or self.computes
        self.places = [(i, d) for i in self.candidates for d, one in enumerate(types[i].broadcastable) if not one]
        self.routes: dict[Any, Any] = {}
        self.forms: dict[Any, Form | None] = {}
        #: places whose lengths have been equal in all calls, and these lengths
        self.classes: list[tuple[list[Place], set[int]]] = [(self.places, set())]
        #: how many shapes are compiled for since they have come often
        self.often = 0
        #: shapes of inputs in some call
        self.shapes: dict[Variable, tuple[int, ...]] = {}
        self.setting: Any = None

    @property
    def padded(self) -> list[Program]:
        """The programs of the padded forms."""
        return list(dict.fromkeys(form.program for form in self.forms.values() if form is not None))

    @property
    def specializations(self) -> list[Any]:
        """The executables of all forms."""
        return [s for program in (self.exact, *self.padded) for s in program.specializations]

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        """The outputs, then the new states, for values of arguments and states. Raises CheckFailed."""
        setting = config.length_buckets
        if not self.forms and self.setting == setting:
            found = self.exact.straight(values)
            if found is not None:
                return found
        if self.new and setting != "off":
            self._find_prefixes(values)
        shapes = self._shapes(values)
        route = self.routes.get(shapes, _NEW)
        if route is _NEW or self.setting != setting:
            self._see(values)
            route = self._choose(shapes)
        if route is not None and route.calls == _OFTEN:
            route = self._settled(route, shapes)
        if route is not None:
            return self._padded(route, values)
        self._watch(self.exact)
        try:
            return self.exact(values)
        except Rerouted:
            return self(values)

    def _watch(self, program: Program) -> None:
        if self.integers and self.setting != "off" and program.single is not None:
            program.single.missed = self._missed

    def _settled(self, route: Route, shapes: tuple[tuple[int, ...], ...]) -> Route | None:
        """The route of shapes that have come often: few of these are compiled for as they are."""
        route.calls += 1
        if self.setting != "auto" or self.exact.deferral is not None or self.often == _LENGTHS:
            return route
        self.often += 1
        for seen, (n,) in zip(self.scalars.values(), shapes[len(self.candidates) :], strict=True):
            seen.add(n)
        self.routes[shapes] = None
        return None

    def _missed(self, values: Sequence[Any]) -> None:
        """What was compiled does not do for `values`: raise Rerouted if that is because arguments are lengths."""
        known = set(self.scalars)
        self._find_scalars(values)
        if known != set(self.scalars):
            raise Rerouted

    def _shapes(self, values: Sequence[Any]) -> tuple[tuple[int, ...], ...]:
        """Shapes of arguments, and lengths that are arguments."""
        lengths = tuple([(int(values[i]),) for i in self.scalars]) if self.scalars else ()
        return tuple([values[i].shape for i in self.candidates]) + lengths if self.candidates else lengths

    def _padded(self, route: Route, values: Sequence[Any]) -> Sequence[Any]:
        """The padded call. Should it fail, the call is made as the function was written: that tells what is wrong."""
        if self.exact.deferral is not None:
            self.exact.deferral.settle()
        if route.made is None:
            self._watch(route.form.program)
        try:
            return route(values, self.count)
        except Rerouted:
            return self(values)
        except TooLarge:
            route.form.prefixes.clear()
            self.routes.clear()
            return self(values)
        except CheckFailed as stop:
            states = stop.results[route.form.results :]
        except Exception:
            states = ()
        values = list(values)
        for position, state in zip(self.updated, states, strict=False):
            values[self.count + position] = state
        try:
            results = self.exact(values)
        except Rerouted:
            return self(values)
        except Exception as error:
            # Where it did not come to the updates, the states are those that the padded call gave back.
            given_back = error.results if isinstance(error, CheckFailed) else ()
            told = error.error if isinstance(error, CheckFailed) else error
            raise CheckFailed(told, given_back or [*[None] * self.noutputs, *states]) from None
        route.form.failures += 1
        if route.form.failures >= _FAILURES:
            self.routes.clear()
        return results

    def _choose(self, shapes: tuple[tuple[int, ...], ...]) -> Route | None:
        """The route for shapes that are new."""
        if self.setting != config.length_buckets or len(self.routes) >= _ROUTES:
            self.setting = config.length_buckets
            self.routes = {k: r for k, r in self.routes.items() if r is None}
        by_argument = dict(zip([*self.candidates, *self.scalars], shapes, strict=True))
        self._observe(by_argument)
        route = None if self.setting == "off" else self._route(by_argument)
        self.routes[shapes] = route
        return route

    def _observe(self, shapes: dict[int, tuple[int, ...]]) -> None:
        """Note the lengths; places that have been equal so far may turn out to differ."""
        classes = []
        for places, lengths in self.classes:
            parts: dict[int, list[Place]] = {}
            for i, d in places:
                parts.setdefault(shapes[i][d], []).append((i, d))
            classes += [(part, lengths if len(lengths) > _ENOUGH else lengths | {n}) for n, part in parts.items()]
        self.classes = classes

    def _find_prefixes(self, values: Sequence[Any]) -> None:
        """Look for arguments that inputs are cut to: those are lengths from the first on."""
        self.new = False
        self._see(values)
        for i, v in list(self.integers.items()):
            if any(cut_to(v, self.exact.written)):
                self._note_scalar(i, set())

    def _find_scalars(self, values: Sequence[Any]) -> None:
        """Look for arguments that are lengths: what executables rely on are other numbers than those in `values`."""
        lengths: dict[int, set[int]] = {i: set() for i in self.integers}
        for made in self.specializations:
            for i in [i for i, v in self.integers.items() if v in made.asked]:
                lengths[i].add(int(made.known[i]))
        for i, seen in lengths.items():
            if seen - {int(values[i])}:
                self._note_scalar(i, seen)

    def _see(self, values: Sequence[Any]) -> None:
        self.shapes = {v: getattr(x, "shape", ()) for v, x in zip(self.exact.inputs, values, strict=True)}

    def _note_scalar(self, i: int, seen: set[int]) -> None:
        """An argument is a length, if there is a padded form for it: there were executables for those in `seen`."""
        del self.integers[i]
        if self._made((((i, 0),),)) is not None:
            self.scalars[i] = seen
            self.classes.append(([(i, 0)], seen))
            self.routes.clear()

    def _route(self, shapes: dict[int, tuple[int, ...]]) -> Route | None:
        def varies(places: Sequence[Place], seen: set[int]) -> bool:
            i = places[0][0]
            if i in self.scalars:
                return shapes[i][0] not in self.scalars[i]
            few = all(math.prod(shapes[i]) // shapes[i][d] * max(seen) <= _FEW for i, d in places if shapes[i][d])
            soon = few or self.setting != "auto"
            return len(seen) > (_LENGTHS_SOON if soon else _LENGTHS)

        varying = sorted((c for c in self.classes if varies(*c)), key=lambda c: -len(c[1]))
        form = self._form([places for places, _ in varying])
        return None if form is None else form.route(shapes, self.setting)

    def _form(self, varying: list[list[Place]]) -> Form | None:
        """A form for as many of the varying lengths as it can be made for, those that vary most first."""
        chosen: list[list[Place]] = []
        form = self._made(()) if self.computes else None
        for places in varying:
            wider = self._made(tuple(map(tuple, sorted([*chosen, places]))))
            if wider is not None:
                chosen, form = [*chosen, places], wider
        return form

    def _made(self, places: tuple[tuple[Place, ...], ...]) -> Form | None:
        """The form for lengths that vary in these places, if there is one."""
        if places not in self.forms and len(self.forms) < _FORMS:
            try:
                self.forms[places] = Form(places, self.exact, self.noutputs, self.make, self.shapes)
            except Unpaddable:
                self.forms[places] = None
        return self.forms.get(places)


__all__ = ["Buckets", "bucket", "pad"]
