"""Functions on a mesh of devices: `mesh`, and what `function` makes of its arguments `mesh` and `shard`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from tx.graph import Variable
from tx.lowering import sharding as lowering
from tx.lowering.distributed import told
from tx.sharding import Mesh, Spec, checked_spec, current
from tx.shared import SharedVariable
from tx.tensor.sharding import Shard


def mesh(
    devices: Sequence[Any] | None = None,
    platform: str | None = None,
    abstract: bool = False,
    automatic: bool = False,
    **axes: int,
) -> Mesh:
    """A grid of devices with named axes: ``tx.mesh(batch=8)``, ``tx.mesh(batch=4, model=2)``.

    - `devices`: their numbers, or jax's devices; by default the first ones
    - `platform`: ``'cpu'``, ``'cuda'``, ``'rocm'``, ``'tpu'``; by default the one that functions run on. For a platform
      that is not here the mesh is abstract.
    - `abstract`: there are no devices. Functions can be lowered for such a mesh (``tx.printing.stages``), not called.
    - `automatic`: divide every input of a function along the first axis, where its leading size allows

    One axis may have the length -1: as many as there are devices for. Raises ValueError when there are not enough
    devices, TypeError for lengths that are no positive integers.
    """
    if not axes:
        raise TypeError("a mesh has at least one axis: tx.mesh(batch=8)")
    for name, n in axes.items():
        if isinstance(n, bool) or not isinstance(n, int) or (n < 1 and n != -1):
            raise TypeError(f"the axis {name!r} of a mesh has a positive length, not {n!r}")
    numbers = None
    if devices is not None:
        numbers = tuple(d if isinstance(d, int) else d.id for d in devices)
        platform = platform or next((d.platform for d in devices if hasattr(d, "platform")), None)
    platform = {"gpu": "cuda"}.get(platform or "", platform)
    abstract = abstract or (platform is not None and platform not in lowering.platforms())
    axes = _filled(axes, 0 if abstract else lowering.count(platform) if numbers is None else len(numbers))
    made = Mesh(tuple(axes.items()), platform, numbers, abstract, automatic)
    lowering.jax_mesh(made)
    return made


def _filled(axes: dict[str, int], count: int) -> dict[str, int]:
    """`axes`, one of length -1 being as long as `count` devices allow."""
    open_axes = [name for name, n in axes.items() if n == -1]
    if not open_axes:
        return axes
    length, rest = divmod(count, prod(n for n in axes.values() if n != -1))
    if len(open_axes) > 1 or rest or not length:
        raise ValueError(f"the mesh {axes} leaves open how {count} devices are to be divided")
    return {name: length if n == -1 else n for name, n in axes.items()}


def parse_mesh(text: str) -> Mesh:
    """The automatic mesh that a command line describes: ``batch=8`` or ``batch=4,model=2``. Raises ValueError."""
    try:
        axes: dict[str, Any] = {name.strip(): int(n) for name, n in (part.split("=") for part in text.split(","))}
    except ValueError:
        raise ValueError(f"a mesh is written as batch=8 or batch=4,model=2, not {text!r}") from None
    try:
        return mesh(automatic=True, **axes)
    except TypeError as error:
        raise ValueError(str(error)) from None


class OnMesh:
    """What `function` was told about devices: its mesh, and specs of inputs, by their position."""

    def __init__(self, given: Mesh | None, shard: Sequence[tuple[Any, Any]], inputs: Sequence[Any]):
        self.mesh = current() if given is None else given
        if self.mesh is not None and not isinstance(self.mesh, Mesh):
            raise TypeError(f"mesh is what tx.mesh makes, not {self.mesh!r}")
        self.specs: dict[int, Spec] = {}
        self.inside: dict[Any, Spec] = {}
        for variable, spec in shard:
            self._add(variable, spec, list(inputs))

    def _add(self, variable: Any, spec: Any, inputs: list[Any]) -> None:
        if isinstance(variable, str):
            named = [v for v in inputs if v.name == variable]
            if len(named) != 1:
                raise ValueError(f"shard: {len(named)} inputs are called {variable!r}")
            variable = named[0]
        if not isinstance(variable, Variable):
            raise TypeError("shard: the keys are inputs of the function", variable)
        if self.mesh is None:
            raise ValueError("shard needs a mesh: function(..., mesh=tx.mesh(batch=8), shard={x: 'batch'})")
        if isinstance(variable, SharedVariable):
            raise TypeError(f"shard: {variable} is a shared variable: say tx.shared(..., sharding={spec!r})")
        checked = checked_spec(spec, getattr(variable.type, "ndim", 0), self.mesh)
        if variable in inputs:
            self.specs[inputs.index(variable)] = checked
        else:
            self.inside[variable] = checked

    def constrain(self, givens: dict[Any, Any]) -> None:
        """Let what takes a Variable's place lie as was said of the Variable. Raises ValueError for other Variables."""
        for variable, spec in self.inside.items():
            if variable not in givens:
                raise ValueError(f"shard: {variable} is neither an input nor given. Inside of the graph: T.shard(...)")
            givens[variable] = Shard(spec)(givens[variable])
        if self.mesh is not None and self.mesh.automatic:
            for variable, value in givens.items():
                if variable not in self.inside and lowering.may_divide(variable):
                    givens[variable] = Shard((self.mesh.axes[0][0],), needed=False)(value)

    def plan(self, inputs: Sequence[Any], arguments: Sequence[Any], states: Sequence[Any]) -> Any:
        """Where everything lies; None for a function on one device. Raises ValueError for shared variables that lie on
        different meshes, and for specs with an axis that the mesh does not have."""
        lying = {v: v.container.sharding for v in states if isinstance(v, SharedVariable) and v.container.sharding}
        found = self.mesh
        for variable, where in lying.items():
            found = found or where.mesh
            if where.mesh is not None and self.mesh is None and where.mesh != found:
                raise ValueError(
                    f"{variable} lies on another mesh ({where.mesh}) than other shared variables ({found})"
                )
        if found is None:
            return None
        specs = {inputs[i]: spec for i, spec in self.specs.items()}
        for variable, where in lying.items():
            try:
                specs[variable] = checked_spec(where.spec, variable.type.ndim, found)
            except ValueError as error:
                raise ValueError(f"the shared variable {variable}: {error}") from error
        return lowering.Plan(found, specs, arguments, states)


def settled(run: Callable[[Any], Any], plan: Any, states: Sequence[Any], containers: Sequence[Any]) -> Any:
    """`run` for a function on a mesh: the values of shared variables are put in their places first."""

    def run_settled(arguments: Any) -> Any:
        if plan.mesh.abstract:
            raise RuntimeError(
                f"The mesh ({plan.mesh}) is abstract: there are no devices to run on. tx.printing.stages(f, ...) shows "
                "what would be run."
            )
        try:
            plan.settle(states, containers)
            return run(arguments)
        except Exception as error:
            if (lost := told(error)) is error:
                raise
            raise lost from error

    return run_settled


__all__ = ["OnMesh", "mesh", "parse_mesh", "settled"]
