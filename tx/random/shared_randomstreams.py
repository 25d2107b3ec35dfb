"""`RandomStreams`: symbolic draws by numpy's `RandomState`, whose state every function call moves on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tx.random import raw_random
from tx.random.states import RandomStateType, Snapshot, random_state_type
from tx.shared import SharedVariable, constructor_of_others, shared


class RandomStateSharedVariable(SharedVariable):
    """A shared RandomState."""

    __slots__ = ()


@constructor_of_others
def randomstate_constructor(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None, borrow: bool = False
) -> RandomStateSharedVariable:
    """A shared RandomState, copied unless `borrow`. Raises TypeError for other values."""
    value = random_state_type.filter(value)
    kept = value if borrow else Snapshot.of(value).restored()
    return RandomStateSharedVariable(name, random_state_type, kept, strict, allow_downcast)


def _fresh(seeds: np.random.RandomState) -> np.random.RandomState:
    return np.random.RandomState(int(seeds.randint(2**30)))


class RandomStreams(raw_random.RandomStreamsBase):
    """Makes random Variables by numpy's `RandomState`, with the numbers of Theano's class of this name.

    A draw's state is a shared RandomState (`rng` of the draw) with a `default_update`; its seed is drawn from
    `gen_seedgen`, a RandomState with the seed of this object. Draws have no gradient: `grad` raises NullTypeGradError
    for their parameters. Source: theano.tensor.shared_randomstreams.RandomStreams.
    """

    def __init__(self, seed: Any = None):
        #: (state, new state) of each draw
        self.state_updates: list[tuple[Any, Any]] = []
        self.default_instance_seed = seed
        self.gen_seedgen = np.random.RandomState(seed)

    def updates(self) -> list[tuple[Any, Any]]:
        """(state, new state) of each draw."""
        return list(self.state_updates)

    def seed(self, seed: Any = None) -> None:
        """Start again, by default with the seed of this object: every draw made so far is seeded anew, in order."""
        seeds = np.random.RandomState(self.default_instance_seed if seed is None else seed)
        for state, _ in self.state_updates:
            state.set_value(_fresh(seeds), borrow=True)

    def __getitem__(self, item: Any) -> np.random.RandomState:
        """The RandomState of the shared variable `item`."""
        return item.get_value(borrow=True)  # type: ignore[no-any-return]

    def __setitem__(self, item: Any, val: np.random.RandomState) -> None:
        """Let the shared variable `item` draw from `val`."""
        item.set_value(val, borrow=True)

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The sample of ``op(state, *args, **kwargs)``, which gives the new state and it, for a state of its own."""
        state = shared(_fresh(self.gen_seedgen), borrow=True)
        new_state, sample = op(state, *args, **kwargs)
        sample.rng = state
        sample.update = (state, new_state)
        self.state_updates.append(sample.update)
        state.default_update = new_state
        return sample


__all__ = ["RandomStateSharedVariable", "RandomStateType", "RandomStreams", "randomstate_constructor"]
