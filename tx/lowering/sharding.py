"""Functions on several devices: meshes, where values lie, and executables that XLA divides among the devices.

All axes are `AxisType.Auto`: what is said about some values XLA extends to the others, and adds what the devices must
tell each other. Whatever lies where, values are those of one device.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.experimental import multihost_utils
from jax.sharding import AbstractMesh, AxisType, NamedSharding, PartitionSpec

from tx.lowering.device import x64
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.sharding import Mesh, Spec
from tx.tensor.sharding import Shard


def platforms() -> list[str]:
    """The platforms with devices here, of those that may be asked for."""
    return [name for name in ("cpu", "cuda", "rocm", "tpu") if _devices(name)]


def count(platform: str | None) -> int:
    """How many devices there are."""
    return len(_devices(platform))


def _devices(platform: str | None) -> list[Any]:
    try:
        return list(jax.devices(platform))
    except RuntimeError:
        return []


def devices_of(mesh: Mesh) -> list[Any]:
    """The devices of a mesh, in order. Raises ValueError when there are not enough, or not these."""
    found = _devices(mesh.platform)
    if mesh.devices is not None:
        numbered = {d.id: d for d in found}
        missing = [i for i in mesh.devices if i not in numbered]
        if missing:
            raise ValueError(f"there are no devices {missing}: there are {sorted(numbered)}")
        found = [numbered[i] for i in mesh.devices]
    if len(found) < mesh.size or (mesh.devices is not None and len(found) != mesh.size):
        raise ValueError(
            f"the mesh ({mesh}) needs {mesh.size} devices, there are {len(found)}"
            f"{f' of platform {mesh.platform}' if mesh.platform else ''}. To try it on a CPU, start Python with "
            f"XLA_FLAGS=--xla_force_host_platform_device_count={mesh.size}; to lower a function for devices that are "
            "not here, make the mesh with abstract=True."
        )
    return found[: mesh.size]


@lru_cache(maxsize=64)
def jax_mesh(mesh: Mesh) -> Any:
    """jax's mesh. Raises ValueError when the devices are not there."""
    names, lengths = zip(*mesh.axes, strict=True)
    kinds = (AxisType.Auto,) * len(names)
    if mesh.abstract:
        return AbstractMesh(lengths, names, axis_types=kinds)
    return jax.sharding.Mesh(np.array(devices_of(mesh)).reshape(lengths), names, axis_types=kinds)


@lru_cache(maxsize=1024)
def named(mesh: Mesh, spec: Spec) -> Any:
    """jax's sharding."""
    return NamedSharding(jax_mesh(mesh), PartitionSpec(*spec))


def put(values: Sequence[Any], shardings: Sequence[Any]) -> list[Any]:
    """Device arrays with the elements of `values`, on their devices; ndarrays are copied first.

    Where other processes have devices of the mesh, all give the same values, and each puts its part of them.
    """
    values = [v if isinstance(v, jax.Array) else np.array(v) for v in values]
    if all(s.is_fully_addressable for s in shardings):
        return list(jax.device_put(values, shardings))
    return [_put_part(v, s) for v, s in zip(values, shardings, strict=True)]


def _put_part(value: Any, sharding: Any) -> Any:
    if isinstance(value, jax.Array) and not value.is_fully_addressable:
        return jax.device_put(value, sharding)
    array = np.asarray(value)
    return jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])


def fetch(value: Any) -> np.ndarray:
    """The whole value as an ndarray. Where other processes hold parts of it all of them must ask for it."""
    if isinstance(value, jax.Array) and not (value.is_fully_addressable or value.is_fully_replicated):
        with x64():
            placed: Any = value.sharding
            whole = NamedSharding(placed.mesh, PartitionSpec())
            value = jax.jit(lambda x: x, out_shardings=whole)(value)
    return np.asarray(value)


def differs(value: Any) -> bool:
    """Whether the processes have different values. All of them have to ask."""
    if isinstance(value, jax.Array) and not value.is_fully_addressable:
        return False
    own = np.array([zlib.crc32(np.ascontiguousarray(value).tobytes())], "uint32")
    return len(set(multihost_utils.process_allgather(own).ravel().tolist())) > 1


class Plan:
    """Where the arguments and states of a function lie on its mesh: by their Variables, replicated if none is given.

    `arguments` are those that an automatic mesh may divide; `specs` are what the user has said.
    """

    def __init__(self, mesh: Mesh, specs: Mapping[Any, Spec], arguments: Sequence[Any], states: Sequence[Any]):
        self.mesh, self.specs = mesh, dict(specs)
        self.states = frozenset(states)
        #: what is put by this plan; what a stage hands to the next one stays where it is
        self.placed = self.states.union(arguments)
        self.leading: dict[Any, Spec] = {}
        self.warned = False
        if mesh.automatic:
            self.leading = {v: (mesh.axes[0][0],) for v in arguments if v not in specs and may_divide(v)}

    def sharding(self, variable: Any, shape: Sequence[int]) -> Any:
        """Where a value of the Variable lies. Raises ValueError when its shape does not allow that."""
        spec = self.specs.get(variable, ())
        if spec and (why := self.mesh.misfit(spec, shape)):
            kind = "shared variable" if variable in self.states else "input"
            raise ValueError(
                f"The {kind} {variable.name or variable.type} cannot be divided: {why}. Pad it, leave out the rest, or "
                "do not shard this axis."
            )
        if variable in self.leading:
            spec = self.allowed(self.leading[variable], shape)
        return named(self.mesh, spec)

    def allowed(self, spec: Spec, shape: Sequence[int]) -> Spec:
        """`spec` on an automatic mesh; nothing where the shape does not allow it. The first time it warns."""
        why = self.mesh.misfit(spec, shape)
        if why is None:
            return spec
        if not self.warned and shape[0] > self.mesh.parts(spec[0]):
            self.warned = True
            warnings.warn(
                f"A value of shape {tuple(shape)} is not divided, every device computes all of it: {why}. Minibatches "
                "should have a multiple of that.",
                stacklevel=2,
            )
        return ()

    def settle(self, states: Sequence[Any], containers: Sequence[Any]) -> None:
        """Let all containers hold device arrays that lie where they should."""
        for variable, container in zip(states, containers, strict=True):
            container.settle()
            held = container.held
            if container.type.on_host or (container.on_device and self._lies(variable, held)):
                continue
            target = self.sharding(variable, held.shape)
            if not target.is_fully_addressable and differs(held):
                raise ValueError(
                    f"the value of {variable} is not the same in all processes: seed what it is drawn from"
                )
            with x64():
                (container.held,) = put([held], [target])
            container.on_device = True

    def _lies(self, variable: Any, held: Any) -> bool:
        """jax traces again for another mesh, though it may be one of the same devices."""
        wanted, found = self.sharding(variable, held.shape), getattr(held, "sharding", None)
        if found is None:  # numpy has computed it
            return False
        same = getattr(found, "mesh", None) == wanted.mesh
        return found == wanted or (same and bool(found.is_equivalent_to(wanted, held.ndim)))

    def jit(self, traced: Callable[..., Any], layout: Any, donated: Sequence[int], options: Any) -> Sharded:
        """`jax.jit` of a stage."""
        return Sharded(self, traced, layout, donated, options)


class Sharded:
    """A jitted stage on a mesh: arguments are put where the plan says, new states lie where the old ones did."""

    def __init__(self, plan: Plan, traced: Callable[..., Any], layout: Any, donated: Sequence[int], options: Any):
        self.plan, self.inputs, self.count = plan, layout.inputs, len(layout.outputs)

        def split(*tracers: Any) -> Any:
            results = traced(*tracers)
            return results[: self.count], results[self.count :]

        split.__name__ = traced.__name__
        replicated = named(plan.mesh, ())
        states = {o: named(plan.mesh, plan.specs.get(layout.inputs[i], ())) for o, i in layout.updates.items()}
        #: an output is read as a whole: where processes share the mesh, each must have all of it
        free = None if plan.mesh.abstract or replicated.is_fully_addressable else replicated
        places = [states.get(o, free) for o in range(self.count)]
        self.jitted = jax.jit(
            split, donate_argnums=donated, compiler_options=options, out_shardings=(places, replicated)
        )

    def __call__(self, *values: Any) -> list[Any]:
        if self.plan.mesh.abstract:
            return self._shapes_only(values)
        results, verdict = self.jitted(*self._put(values))
        return [*results, *verdict]

    def _put(self, values: Sequence[Any]) -> list[Any]:
        found = list(values)
        moved = [i for i, v in enumerate(values) if not self._lies(i, v)]
        targets = [self.plan.sharding(self._variable(i), np.shape(values[i])) for i in moved]
        for i, value in zip(moved, put([values[i] for i in moved], targets), strict=True):
            found[i] = value
        return found

    def _lies(self, i: int, value: Any) -> bool:
        """Whether a value may stay where it is: a state that was settled, or what an earlier stage has left."""
        if not isinstance(value, jax.Array):
            return False
        variable = self._variable(i)
        return variable not in self.plan.placed or self.plan._lies(variable, value)

    def _variable(self, i: int) -> Any:
        """The Variable at a position of the inputs; None for a value that comes behind them."""
        return self.inputs[i] if i < len(self.inputs) else None

    def structs(self, shapes: Sequence[Any]) -> list[Any]:
        """Descriptions of values of these shapes, each with `shape` and `dtype`, and of where they lie."""
        return [
            jax.ShapeDtypeStruct(s.shape, s.dtype, sharding=self.plan.sharding(v, s.shape))
            for v, s in zip(self.inputs, shapes, strict=True)
        ]

    def trace(self, *shapes: Any) -> Any:
        """jax's trace for values of these shapes."""
        return self.jitted.trace(*self.structs(shapes))

    def _shapes_only(self, values: Sequence[Any]) -> list[Any]:
        """Zeros of the right shapes: the stage is traced, there is nothing to run it on."""
        results, verdict = self.trace(*values).out_info
        return [np.broadcast_to(np.zeros((), o.dtype), o.shape) for o in (*results, *verdict)]


def may_divide(variable: Any) -> bool:
    """Whether values of this Variable have a leading axis that may be divided."""
    kind = variable.type
    return not kind.on_host and kind.ndim > 0 and not kind.broadcastable[0]


@lowers(Shard)
def shard(trace: Trace, node: Any, x: Any) -> Any:
    """The input, told where to lie."""
    mesh = None if trace.plan is None else trace.plan.mesh
    if mesh is None:
        return x
    spec = node.op.spec if node.op.needed else trace.plan.allowed(node.op.spec, x.shape)
    if why := mesh.misfit(spec, x.shape):
        raise ValueError(f"a value cannot be sharded as {spec}: {why}")
    return lax.with_sharding_constraint(x, named(mesh, spec)) if spec else x
