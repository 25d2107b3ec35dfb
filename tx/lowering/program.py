"""A program: the stages that compute a function's outputs and updates, and what runs between them on the host.

There is one stage unless something must be known before what follows can be traced: a size computed from data, or the
result of an Op that only numpy can run. A program starts as one stage; whenever a trace says `NeedStage`, it is cut
there and started again (nothing has been updated by then: only the last stage updates).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Constant, Variable, walk
from tx.graph.core import defines
from tx.lowering import allocator, cache, devices, flags
from tx.lowering.beforehand import Beforehand
from tx.lowering.calls import RememberedCall, host_call, needs_host
from tx.lowering.closing import prepare
from tx.lowering.deferral import Deferral
from tx.lowering.device import in_x64, placed, to_host
from tx.lowering.errors import annotate
from tx.lowering.executables import Specialization
from tx.lowering.options import advice
from tx.lowering.placement import Placement
from tx.lowering.registry import rule_for
from tx.lowering.specialize import Layout, Stage
from tx.lowering.stages import Part
from tx.lowering.trace import CheckFailed, NeedStage, Retrace
from tx.tensor.copies import stays


class Program:
    """From values of `arguments` and `states` to values of `outputs` and of the new states.

    `updates` maps positions in `states` to Variables. `name` is for messages. On a mesh of devices values lie as the
    `plan` says (`tx.lowering.sharding.Plan`).
    """

    def __init__(
        self,
        arguments: Sequence[Variable],
        states: Sequence[Variable],
        outputs: Sequence[Variable],
        updates: dict[int, Variable],
        name: str = "function",
        compiler_options: dict[str, Any] | None = None,
        plan: Any = None,
    ):
        self.arguments, self.states = list(arguments), list(states)
        self.name = name
        self.compiler_options, self.plan = compiler_options, plan
        self.inputs = self.arguments + self.states
        #: outputs and new states, before and after the last changes to the graph
        self.written = [*outputs, *updates.values()]
        self.results = prepare(self.written, self.inputs)
        self.updates = dict(zip(updates, self.results[len(outputs) :], strict=True))
        self.boundaries: set[Variable] = set()
        #: where each result is found when all steps are done
        self.places: list[Any] = []
        self.steps: list[tuple[Any, list[Variable], list[Variable]]] = []
        self.single: Stage | None = None
        #: whether arguments are checked before they go to the device; otherwise there
        self.host_checks = True
        #: set by a function whose calls do not wait for their checks
        self.deferral: Deferral | None = None
        flags.tell()
        cache.prepare()
        allocator.keep_memory()
        devices.default()
        self._plan()

    # -- calling ------------------------------------------------------------------------------------------------------

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        """The outputs, then the new states, for values of arguments and states in order."""
        found = self.straight(values)
        while found is None:
            try:
                if self.single is not None:
                    return self.single(values)
                if self.deferral is not None:
                    self.deferral.settle()
                return self._run(values)
            except NeedStage as stop:
                new = set(stop.variables) - self.boundaries
                if not new:
                    raise TypeError(f"These sizes cannot be computed: {stop.variables}") from stop
                self.boundaries |= new
                self._plan()
        return found

    def straight(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """As calling it, where a call is known to be one executable and nothing else; None elsewhere, and for new
        shapes."""
        plain = self.single.plain if self.single is not None else None
        if not plain:
            return None
        call = plain.get(tuple([v.shape for v in values]))
        if call is None:
            return None
        try:
            return in_x64(call, values)  # type: ignore[no-any-return]
        except Retrace:
            return None

    def _run(self, values: Sequence[Any]) -> list[Any]:
        known: dict[Any, Any] = dict(zip(self.inputs, values, strict=True))
        for step, inputs, outputs in self.steps:
            given = [known[v] if v in known else v.type.pack(v.data) for v in inputs]  # type: ignore[attr-defined]
            try:
                computed = step(given)
            except CheckFailed as stop:  # the last stage's: its states are still what they were
                unchanged = dict(zip(outputs, stop.results, strict=False))
                stop.results = [unchanged.get(place) for place in self.places] if unchanged else ()
                if self.placement and unchanged:
                    stop.results = self.placement.returned(stop.results, self._updated())
                raise
            for variable, value in zip(outputs, computed, strict=True):
                kept = variable not in self.boundaries or type(step) is RememberedCall
                known[variable] = value if kept else to_host(value)
        found = [self._result(i, known) for i in range(len(self.places))]
        return self.placement.returned(found, self._updated()) if self.placement else found

    def _result(self, i: int, known: dict[Any, Any]) -> Any:
        """An output or new state. What other steps made may be held elsewhere, too: of that the host gets a view."""
        place: Any = self.places[i]
        value = known[place] if place in known else place.type.pack(place.data)
        read = i < len(self.results) - len(self.updates) and type(place) is not tuple and is_array(place)
        return to_host(value) if read and not stays(self.results[i]) else value

    def _updated(self) -> list[Variable]:
        return [self.states[i] for i in self.updates]

    @property
    def specializations(self) -> list[Specialization]:
        """The executables that there are, of all stages."""
        return [s for stage in self.stages for s in stage.specializations]

    @property
    def stages(self) -> list[Stage]:
        """The stages, in order."""
        return [step for step, _, _ in self.steps if isinstance(step, Stage)]

    @property
    def on_host(self) -> list[str]:
        """The nodes that are run on the host, between the stages."""
        return [str(v.owner) for v in self.boundaries if v.owner is not None and needs_host(v.owner.op)]

    def parts(self, platform: str | None = None) -> list[Part]:
        """What became of each executable on its way: see `Part`. `platform` lowers for another one than this."""
        return [Part(stage, made, platform) for stage in self.stages for made in stage.specializations]

    def check_on_device(self) -> None:
        """Let executables do without the host, as far as they can."""
        self.host_checks = False
        self._plan()

    def try_out(self, arguments: Sequence[Any], states: Sequence[Any]) -> None:
        """Run once, with copies of the states. Raises TypeError for a wrong number of arguments."""
        if len(arguments) != len(self.arguments):
            raise TypeError(f"{self.name} takes {len(self.arguments)} arguments, got {len(arguments)}")
        given = [v.type.filter(a, allow_downcast=True) for v, a in zip(self.arguments, arguments, strict=True)]
        self([*given, *(placed(v.type, s) for v, s in zip(self.states, states, strict=True))])

    def _part(self, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> Program:
        """A program for the inside of a branch or loop that is run on the host."""
        return Program(inputs, [], outputs, {}, self.name, self.compiler_options)

    # -- planning -----------------------------------------------------------------------------------------------------

    def _plan(self) -> None:
        order = walk.toposort(self.results, self.inputs)
        hosts = [node for node in order if needs_host(node.op)]
        for node in hosts:
            if rule_for(node.op) is None and not defines(node.op, "perform"):
                raise annotate(TypeError(f"{node.op} has neither a lowering nor perform"), node)
        self.boundaries |= {v for node in hosts for v in node.outputs}
        self.placement = Placement(self.inputs, order, self.results, len(self.results) - len(self.updates))
        self.steps = []
        available = set(self.inputs)
        for group in self._groups(order, hosts):
            self._cut(group, available)
        self._last_stage(available)
        whole = len(self.steps) == 1 and isinstance(self.steps[0][0], Stage) and self.steps[0][1] == self.inputs
        whole = whole and not self.placement and all(type(place) is tuple for place in self.places)
        self.single = self.steps[0][0] if whole else None
        self.defer(self.deferral)

    def defer(self, deferral: Deferral | None) -> None:
        """Leave the verdicts of calls to `deferral` from now on, where a single stage makes them."""
        self.deferral = deferral
        if self.single is not None:
            self.single.defer(deferral)

    def _groups(self, order: list[Apply], hosts: list[Apply]) -> list[list[Variable]]:
        """The boundaries by level: those of a level, on each device, need only boundaries of earlier ones."""
        level: dict[Variable, int] = {}
        groups: dict[Any, list[Variable]] = {}
        boundaries = self.boundaries | self.placement.crossings
        for node in order:
            here = max((level.get(v, 0) for v in node.inputs), default=0)
            for output in node.outputs:
                level[output] = here
                if output in boundaries:
                    level[output] = here + 1
                    groups.setdefault((here, self.placement.device(output)), []).append(output)
        return [groups[k] for k in sorted(groups, key=lambda k: k[0])]

    def _cut(self, group: list[Variable], available: set[Variable]) -> None:
        """Stages and host calls that make the boundaries in `group` available."""
        host_nodes = list(dict.fromkeys(v.owner for v in group if v.owner is not None and needs_host(v.owner.op)))
        wanted = [v for v in group if v.owner is None or not needs_host(v.owner.op)]
        nodes = walk.toposort(wanted, available)
        if nodes:
            outputs = list(dict.fromkeys([*wanted, *self._frontier(nodes, available)]))
            self._add_stage(nodes, outputs, outputs, {}, available)
        given = [v for node in host_nodes for v in node.inputs if not isinstance(v, Constant)]
        needed = [v for v in dict.fromkeys(given) if v not in available]
        if needed:
            read = dict.fromkeys(v for node in walk.toposort(needed, available) for v in node.inputs)
            inputs = [v for v in read if v in available]
            deciding = {v for v in inputs if self._on_host(v)}
            readable = deciding.union(v for v in inputs if v in self.arguments)
            self.steps.append((Beforehand(inputs, needed, readable, deciding), inputs, needed))
        for node in host_nodes:
            self.steps.append((host_call(node, self._part), list(node.inputs), list(node.outputs)))
            available.update(node.outputs)

    def _frontier(self, nodes: list[Apply], available: set[Variable]) -> list[Variable]:
        """What `nodes` compute and something outside of them reads."""
        inside, made = set(nodes), {v for node in nodes for v in node.outputs}
        later = [node for node in walk.toposort(self.results, available) if node not in inside]
        read = [v for node in later for v in node.inputs] + list(self.results)
        return [v for v in dict.fromkeys(read) if v in made and hasattr(v.type, "dtype")]

    def _last_stage(self, available: set[Variable]) -> None:
        """What is left for the device: new states, and outputs that no host call has made."""
        first = len(self.results) - len(self.updates)
        settled = [
            v.type.on_host or (i < first and v in self.boundaries) or v in self.placement.crossings
            for i, v in enumerate(self.results)
        ]
        self.places = [
            v if done else ("result", i) for i, (v, done) in enumerate(zip(self.results, settled, strict=True))
        ]
        left = [i for i, done in enumerate(settled) if not done]
        states = dict(zip(range(first, len(self.results)), self.updates, strict=True))
        if left or not self.steps:
            outputs = [self.results[i] for i in left]
            updates = {k: states[i] for k, i in enumerate(left) if i in states}
            nodes = walk.toposort(outputs, available)
            self._add_stage(nodes, outputs, [self.places[i] for i in left], updates, available)

    def _add_stage(
        self,
        nodes: list[Apply],
        outputs: list[Variable],
        names: list[Any],
        states: dict[int, int],
        available: set[Variable],
    ) -> None:
        if not self.steps and not self.placement and not any(v.type.on_host for v in self.inputs):
            inputs = list(self.inputs)
        else:
            read = dict.fromkeys(v for node in nodes for v in node.inputs)
            read.update(dict.fromkeys(outputs))
            read.update(dict.fromkeys(self.states[s] for s in states.values()))
            inputs = [v for v in read if v in available and is_array(v)]
        position = {v: i for i, v in enumerate(inputs)}
        updates = {o: position[self.states[s]] for o, s in states.items()}
        host = frozenset(i for i, v in enumerate(inputs) if self._on_host(v))
        supplied = [i for i, v in enumerate(inputs) if v in self.arguments or v in self.boundaries]
        last = names is not outputs
        fetched = [i for i, v in enumerate(outputs) if i not in updates and (last or v in self.boundaries)]
        fetched = [i for i in fetched if not stays(outputs[i])]
        layout = Layout(inputs, outputs, nodes, updates, host, supplied, fetched)
        told = advice(nodes) if self.plan is None else None
        stage = Stage(layout, self.name, self.compiler_options, self.plan, told)
        stage.host_checks = self.host_checks
        if self.placement:
            stage.device = self.placement.device(nodes[0].outputs[0]) if nodes else self.placement.main
        self.steps.append((stage, inputs, names))
        available.update(outputs)

    def _on_host(self, variable: Any) -> bool:
        """Whether sizes may be read off the value of this input at every call."""
        if variable in self.boundaries:
            return True
        if variable.type.on_host:
            return False
        if variable in self.arguments:
            return variable.type.ndim == 0 or (variable.type.ndim < 3 and variable.type.numpy_dtype.kind in "iub")
        return variable in self.states and variable.type.ndim == 0


def is_array(variable: Any) -> bool:
    """Whether the values of this Variable are arrays, which the device can hold."""
    return not variable.type.on_host
