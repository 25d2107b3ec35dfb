"""The five words of the graph language: Type, Variable, Constant, Apply, Op.

A graph is bipartite. An `Apply` says "this Op on these Variables gives those Variables"; a `Variable` knows the
Apply that computes it (its owner), or none, when it is an input, a constant or a shared variable.
Nothing here knows about tensors, and no function here recurses: graphs may be 50,000 nodes deep.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from tx.configuration import config
from tx.graph import pickling
from tx.graph.utils import Line, MethodNotDefined, scratchpad, traced, user_line

_auto_names = itertools.count()


def new_auto_name() -> int:
    """The number of a new Variable, higher than those of all before."""
    return next(_auto_names)


class Type:
    """A set of values, and the factory of the Variables that stand for them.

    A subclass defines `filter`; it may set `Variable` and `Constant` to subclasses of the graph's own.
    """

    Variable: ClassVar[Any]
    Constant: ClassVar[Any]
    #: whether values lie on the host: no device can hold them
    on_host: ClassVar[bool] = True

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` as a value of this Type. Raises TypeError when it is none and may not be converted."""
        raise MethodNotDefined("filter", type(self), self.__class__.__name__)

    def filter_inplace(self, value: Any, storage: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """As `filter`; there is no storage to reuse."""
        return self.filter(value, strict, allow_downcast)

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Any:
        """Return `other` as a Variable of this Type. Raises TypeError when that needs a conversion."""
        if not isinstance(other, _Variable):
            other = self.Constant(type=self, data=other)
        if other.type != self and allow_convert:
            converted = self.convert_variable(other)
            if converted is not None:
                other = converted
        if other.type != self:
            raise TypeError(
                f"Cannot convert Type {other.type} (of Variable {other}) into Type {self}. "
                f"You can try to manually convert {other} into a {self}."
            )
        return other

    def convert_variable(self, var: Any) -> Any:
        """Return `var` converted to this Type by the graph, or None when that is impossible."""
        return None

    def is_valid_value(self, a: Any) -> bool:
        """Whether `a` is a value of this Type as it stands."""
        try:
            self.filter(a, strict=True)
        except (TypeError, ValueError):
            return False
        return True

    def make_variable(self, name: str | None = None) -> Any:
        """Return a new Variable of this Type; one with a name knows the user's line (``tag.trace``)."""
        made = self.Variable(self, name=name)
        if name is not None and (line := user_line()) is not None:
            made.tag.trace = traced(line)
        return made

    def make_constant(self, value: Any, name: str | None = None) -> Any:
        """Return `value` as a Constant of this Type."""
        return self.Constant(type=self, data=value, name=name)

    def __call__(self, name: str | None = None) -> Any:
        return self.make_variable(name)

    def clone(self, *args: Any, **kwargs: Any) -> Type:
        """Return a Type like this one."""
        return self

    def pack(self, value: Any) -> Any:
        """What functions hand on for a value that lies on the host: the value itself, unless that may change."""
        return value

    def unpack(self, value: Any) -> Any:
        """The value, or one equal to it, for what `pack` made of it."""
        return value

    def lend(self, value: Any) -> Any:
        """As `unpack`, for an Op that only reads the value."""
        return self.unpack(value)

    def apart(self, variable: Any) -> tuple[list[Any], Callable[..., Any]] | None:
        """Variables of arrays that the value of `variable`, which lies on the host, is made of, and what makes it of
        them (on Variables, too); None where it is not."""
        return None

    @classmethod
    def values_eq(cls, a: Any, b: Any) -> bool:
        """Whether two values are the same."""
        return bool(a == b)

    @classmethod
    def values_eq_approx(cls, a: Any, b: Any) -> bool:
        """Whether two values are the same up to rounding."""
        return cls.values_eq(a, b)


class Membership:
    """Which FunctionGraph a Variable or an Apply is part of. Pickles and copies leave the graph behind."""

    __slots__ = ("graph",)

    def __init__(self, graph: Any = None):
        self.graph = graph

    def __reduce__(self) -> Any:
        return Membership, ()


def _graph_of(thing: Any) -> Any:
    if thing.membership is None or thing.membership.graph is None:
        raise AttributeError(f"{type(thing).__name__} {thing} is part of no FunctionGraph")
    return thing.membership.graph


class Variable:
    """A symbolic value: its Type, the Apply that computes it (or None), and which output of it this is."""

    __slots__ = ("__dict__", "__weakref__", "_tag", "auto_name", "index", "membership", "name", "owner", "type")

    def __init__(self, type: Type, owner: Apply | None = None, index: int | None = None, name: str | None = None):
        if name is not None and not isinstance(name, str):
            raise TypeError("name should be a string", name)
        self.type: Any = type
        self.owner = owner
        self.index = index
        self.name = name
        self.auto_name = next(_auto_names)
        self._tag: scratchpad | None = None
        self.membership: Membership | None = None

    fgraph = property(lambda self: _graph_of(self), doc="The FunctionGraph that this Variable is part of.")
    clients = property(lambda self: _graph_of(self).clients[self], doc="Who reads it in its FunctionGraph.")

    @property
    def tag(self) -> Any:
        """A scratchpad for whoever wants to remember something about this Variable."""
        if self._tag is None:
            self._tag = scratchpad()
            if self.owner is not None and self.owner.line is not None:
                self._tag.trace = traced(self.owner.line)  # type: ignore[attr-defined]
        return self._tag

    @tag.setter
    def tag(self, value: scratchpad) -> None:
        self._tag = value

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is not None:
            op = self.owner.op
            return f"{op}.{'out' if self.index == op.default_output else self.index}"
        return f"<{self.type}>"

    __repr__ = __str__

    def clone(self) -> Variable:
        """Return a Variable of the same Type, name and tag, that nothing computes."""
        copy: Variable = self.type.Variable(self.type, name=self.name)
        if self._tag is not None:
            copy.tag = scratchpad().__update__(self._tag)
        return copy

    def get_parents(self) -> list[Apply]:
        """The Apply that computes this Variable, in a list; empty when there is none."""
        return [] if self.owner is None else [self.owner]

    def __lt__(self, other: Any) -> Any:
        raise MethodNotDefined("__lt__", self.__class__.__name__)

    def __copy__(self) -> Variable:
        copy = self.__class__.__new__(self.__class__)
        for slot in ("type", "owner", "index", "name", "_tag"):
            setattr(copy, slot, getattr(self, slot))
        copy.membership = None
        copy.auto_name = new_auto_name()
        copy.__dict__.update(self.__dict__)
        return copy

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.owner is None:
            return object.__reduce_ex__(self, max(2, int(protocol)))
        return pickling.reduce_variable(self)

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple):
            return pickling.set_foreign_state(self, state)
        attributes, slots = state
        self.__dict__.update(attributes or {})
        for name, value in slots.items():
            setattr(self, name, value)


class Constant(Variable):
    """A Variable with a value that is known when the graph is built. The value must not be changed."""

    __slots__ = ("data",)

    def __init__(self, type: Type, data: Any, name: str | None = None):
        super().__init__(type, None, None, name)
        self.data = type.filter(data)

    def signature(self) -> Any:
        """A hashable key: Constants with equal signatures are interchangeable."""
        return self.type, self.data

    def equals(self, other: Any) -> bool:
        """Whether `other` is a Constant of the same Type and value."""
        return isinstance(other, Constant) and self.signature() == other.signature()

    def clone(self) -> Constant:
        """Return a Constant of the same value (the value is shared: it never changes)."""
        copy: Constant = self.type.Constant(self.type, self.data, self.name)
        return copy

    @property
    def value(self) -> Any:
        """The value."""
        return self.data

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        text = str(self.data)
        return f"{type(self).__name__}{{{text if len(text) <= 20 else text[:10] + '...' + text[-10:]}}}"

    __repr__ = __str__


_Variable = Variable  # inside Type the name stands for its own class of Variables
Type.Variable = Variable
Type.Constant = Constant


class Apply:
    """The application of an Op to input Variables, giving output Variables.

    Raises TypeError when an input or output is no Variable, ValueError when an output belongs to another Apply.
    """

    __slots__ = ("__dict__", "__weakref__", "_tag", "inputs", "line", "membership", "op", "outputs", "token")

    def __init__(self, op: Op, inputs: Iterable[Variable], outputs: Iterable[Variable]):
        self.op = op
        self.inputs: list[Any] = (inputs := list(inputs))
        self.outputs: list[Any] = (outputs := list(outputs))
        self.line: Line | None = user_line()
        self.token: int | None = None
        self._tag: scratchpad | None = None
        self.membership: Membership | None = None
        for variable in inputs:
            if not isinstance(variable, Variable):
                raise TypeError(f"The 'inputs' argument to Apply must contain Variable instances, not {variable}")
        for i, variable in enumerate(outputs):
            if not isinstance(variable, Variable):
                raise TypeError(
                    f"The 'outputs' argument to Apply must contain Variable instances with no owner, not {variable}"
                )
            if variable.owner is None:
                variable.owner, variable.index = self, i
            elif variable.owner is not self or variable.index != i:
                raise ValueError("All output variables passed to Apply must belong to it.")

    @property
    def tag(self) -> Any:
        """A scratchpad for whoever wants to remember something about this Apply."""
        if self._tag is None:
            self._tag = scratchpad()
        return self._tag

    @tag.setter
    def tag(self, value: scratchpad) -> None:
        self._tag = value

    fgraph = property(lambda self: _graph_of(self), doc="The FunctionGraph that this Apply is part of.")
    nin = property(lambda self: len(self.inputs), doc="The number of inputs.")
    nout = property(lambda self: len(self.outputs), doc="The number of outputs.")
    out = property(lambda self: self.default_output(), doc="The default output.")

    def default_output(self) -> Any:
        """The output that stands for the whole Apply. Raises ValueError when there is no such one."""
        index = self.op.default_output
        if index is None:
            if len(self.outputs) == 1:
                return self.outputs[0]
            raise AttributeError(f"{self.op}.default_output should be an output index.")
        if not isinstance(index, int):
            raise AttributeError(f"{self.op}.default_output should be an int or long")
        if not 0 <= index < len(self.outputs):
            raise AttributeError(f"{self.op}.default_output is out of range.")
        return self.outputs[index]

    def clone(self) -> Apply:
        """Return an Apply of the same Op to the same inputs, with new outputs."""
        return self._like(self.inputs)

    def clone_with_new_inputs(self, inputs: Sequence[Variable], strict: bool = True) -> Apply:
        """Return the same application on other inputs.

        Where all Types are as before the outputs keep theirs; otherwise `make_node` decides anew.
        Raises TypeError under `strict` when an input cannot take the Type that the old one had.
        """
        inputs = list(inputs)
        same = True
        for i, (old, new) in enumerate(zip(self.inputs, inputs, strict=True)):
            if old.type == new.type:
                continue
            if strict:
                inputs[i] = old.type.filter_variable(new)
            else:
                same = False
        if not same:
            made: Apply = self.op.make_node(*inputs)
            made.line = self.line
            return made
        return self._like(inputs)

    def _like(self, inputs: Sequence[Variable]) -> Apply:
        copy = Apply(self.op, inputs, [output.clone() for output in self.outputs])
        copy.line, copy._tag = self.line, self._tag
        return copy

    def get_parents(self) -> list[Variable]:
        """The inputs."""
        return list(self.inputs)

    def __str__(self) -> str:
        return f"{self.op}({', '.join(str(i) for i in self.inputs)})"

    __repr__ = __str__

    def __reduce_ex__(self, protocol: Any) -> Any:
        return pickling.reduce_apply(self)

    def __setstate__(self, state: Any) -> None:
        pickling.set_foreign_state(self, state)


class Op:
    """What a node does. It has three faces: meaning (`make_node`), gradient and lowering.

    A user's Op defines `make_node` (or `itypes` and `otypes`) and `perform`; it may define `grad` or `L_op`,
    `R_op`, `infer_shape` and `connection_pattern`. `__props__` names the attributes that make two Ops equal.
    """

    default_output: int | None = None
    view_map: ClassVar[Mapping[int, Sequence[int]]] = {}
    destroy_map: ClassVar[Mapping[int, Sequence[int]]] = {}
    #: declared by subclasses whose instances are equal when these attributes are
    __props__: tuple[str, ...] | None = None
    itypes: Sequence[Type] | None = None
    otypes: Sequence[Type] | None = None

    def make_node(self, *inputs: Any) -> Apply:
        """Return the Apply of this Op to `inputs`, or raise TypeError/ValueError."""
        if self.itypes is None or self.otypes is None:
            raise NotImplementedMethod(self, "make_node")
        if len(inputs) != len(self.itypes):
            raise ValueError(
                f"We expected {len(self.itypes)} inputs but got {len(inputs)}.",
            )
        converted = [
            value if isinstance(value, Variable) else itype.filter_variable(value)
            for value, itype in zip(inputs, self.itypes, strict=True)
        ]
        wrong = [i for i, (v, t) in enumerate(zip(converted, self.itypes, strict=True)) if v.type != t]
        if wrong:
            raise TypeError(
                f"We expected inputs of types '{list(self.itypes)}' but got types '{[v.type for v in converted]}'"
            )
        return Apply(self, converted, [otype() for otype in self.otypes])

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        """Apply this Op. Returns its default output, its only output, or the list of all of them.

        `return_list=True` gives a list always; other keywords go to `make_node`.
        """
        return_list = kwargs.pop("return_list", False) if kwargs else False
        node = self.make_node(*inputs, **kwargs)
        if not type(self).__module__.startswith("tx."):
            node.line = user_line()  # the line that applies a user's Op, not one in its make_node
        if config.compute_test_value != "off":
            from tx.graph import testvalues

            testvalues.compute(node)
        if self.default_output is not None:
            chosen = node.outputs[self.default_output]
            return [chosen] if return_list else chosen
        outputs = node.outputs
        return list(outputs) if return_list or len(outputs) != 1 else outputs[0]

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Compute with numpy: read `inputs`, put the results into `output_storage[i][0]`."""
        raise MethodNotDefined("perform", type(self), self.__class__.__name__)

    def add_tag_trace(self, thing: Any, user_line: Any = None) -> Any:
        """Kept for Ops written for Theano: lines are recorded on each Apply anyway."""
        return thing

    def _props(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__props__ or ())

    def _props_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__props__ or ()}

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if self.__props__ is None or type(self) is not type(other):
            return False
        return self._props() == other._props()

    def __hash__(self) -> int:
        if self.__props__ is None:
            return object.__hash__(self)
        return hash((type(self), self._props()))

    def __str__(self) -> str:
        name: str = getattr(self, "name", None) or type(self).__name__
        if not self.__props__:
            return name if self.__props__ is not None or hasattr(self, "name") else object.__repr__(self)
        return f"{name}{{{', '.join(f'{p}={getattr(self, p)!r}' for p in self.__props__)}}}"

    def __repr__(self) -> str:
        return str(self)


def NotImplementedMethod(op: Op, method: str) -> MethodNotDefined:
    """The exception for an Op that was asked for a method it does not have."""
    return MethodNotDefined(f"{type(op).__name__} defines no {method}")


def defines(op: Op, method: str) -> bool:
    """Whether the class of `op` says something of its own about `method`."""
    own: Callable[..., Any] | None = getattr(type(op), method, None)
    return own is not None and own is not getattr(Op, method, None)
