"""numpy's `RandomState` in graphs: its Type, and what stands for it while functions run.

A function hands on a `Snapshot`, a value that never changes, so that a call which fails has changed nothing. Making a
draw means to put the snapshot into a generator that is kept for this, to draw, and to take the next snapshot.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tx.graph import Type

#: a Mersenne Twister lies in memory as 624 words and its position, an int
_WORDS = 624
_BYTES = 4 * (_WORDS + 1)


class Snapshot(NamedTuple):
    """A state: the memory of the Mersenne Twister, and the second number of a pair of normal ones, if one is left."""

    memory: bytes
    normal: float | None

    @classmethod
    def of(cls, generator: np.random.RandomState) -> Snapshot:
        """The state that `generator` is in."""
        state = generator.get_state(legacy=False)
        words = np.append(state["state"]["key"], state["state"]["pos"]).astype("uint32")
        return cls(words.tobytes(), state["gauss"] if state["has_gauss"] else None)

    def put_into(self, generator: np.random.RandomState) -> None:
        """Set the state of `generator` to this one."""
        words = np.frombuffer(self.memory, "uint32")
        normal = (0, 0.0) if self.normal is None else (1, self.normal)
        generator.set_state(("MT19937", words[:_WORDS], int(words[_WORDS]), *normal))

    def restored(self) -> np.random.RandomState:
        """A new generator in this state."""
        generator = np.random.RandomState(np.random.MT19937(0))
        self.put_into(generator)
        return generator


class _Workshop:
    """A generator that draws are made with. numpy needs 0.1 ms to tell or set a state; copying its memory needs 1 us.

    Between draws it keeps no normal number.
    """

    def __init__(self) -> None:
        bits = np.random.MT19937(0)
        self.generator = np.random.RandomState(bits)
        self.address = bits.ctypes.state_address
        # Should numpy lay out its memory in another way, states are told and set as slowly as it does.
        self.direct = self._memory() == Snapshot.of(self.generator).memory

    def _memory(self) -> bytes:
        return ctypes.string_at(self.address, _BYTES)

    def load(self, state: Snapshot) -> None:
        if self.direct and state.normal is None:
            ctypes.memmove(self.address, state.memory, _BYTES)
        else:
            state.put_into(self.generator)

    def save(self) -> Snapshot:
        if not self.direct:
            return Snapshot.of(self.generator)
        memory = self._memory()
        normal = self.generator.standard_normal()
        if self._memory() == memory:  # it was left from before
            return Snapshot(memory, normal)
        self.generator.standard_normal()  # the other one of this pair
        return Snapshot(memory, None)


_idle: list[_Workshop] = []


def drawn(state: Snapshot, function: Callable[..., Any], *arguments: Any) -> tuple[Snapshot, Any]:
    """The next state, and ``function(generator, *arguments)`` for a generator in `state`."""
    try:
        workshop = _idle.pop()
    except IndexError:
        workshop = _Workshop()
    workshop.load(state)
    result = function(workshop.generator, *arguments)
    after = workshop.save()
    _idle.append(workshop)  # unless a draw has failed: nobody knows what that has left
    return after, result


class RandomStateType(Type):
    """The type of numpy's `RandomState`. Source: theano.tensor.raw_random.RandomStateType."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """`data` itself. Raises TypeError unless it is a RandomState (of a Mersenne Twister, as it is by default)."""
        if not self.is_valid_value(data):
            raise TypeError("Expected a numpy.random.RandomState", data)
        return data

    def is_valid_value(self, a: Any) -> bool:
        """Whether `a` is a RandomState whose state can be told."""
        return isinstance(a, np.random.RandomState) and a.get_state(legacy=False)["bit_generator"] == "MT19937"

    def pack(self, value: Any) -> Any:
        """The state, as functions hand it on."""
        return value if isinstance(value, Snapshot) else Snapshot.of(value)

    def unpack(self, value: Any) -> Any:
        """A RandomState: a new one, where functions have left a state."""
        return value.restored() if isinstance(value, Snapshot) else value

    def values_eq(self, a: Any, b: Any) -> bool:  # type: ignore[override]
        """Whether two generators are in the same state."""
        return bool(self.pack(a) == self.pack(b))

    def values_eq_approx(self, a: Any, b: Any) -> bool:  # type: ignore[override]
        """As `values_eq`."""
        return self.values_eq(a, b)

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Whether they are one."""
        return a is b

    def get_shape_info(self, obj: Any) -> None:
        """None: there is no shape."""

    def get_size(self, shape_info: Any) -> int:
        """How many bytes a state takes."""
        return _BYTES + 9

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(RandomStateType)

    def __str__(self) -> str:
        return "RandomStateType"

    __repr__ = __str__


random_state_type = RandomStateType()

__all__ = ["RandomStateType", "random_state_type"]
