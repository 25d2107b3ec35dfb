"""Calls that return before their checks are known, so that a loop which reads nothing does not wait.

An executable that defers takes one input more: the verdict of the calls before it. That is its first check. So when a
call has failed, those after it fail as well, and leave their states as they were, by the same selection that makes any
call a transaction. The states stay those before the first call that failed, however many follow until the host looks;
they are donated as ever, and no old buffers are kept. Each call notes what it left behind in its containers. Whoever
touches one of these asks for it: a call does not wait, and raises what is known by then; reading a value waits.
"""

from __future__ import annotations

import atexit
import sys
import weakref
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tx.lowering.device import in_x64
from tx.lowering.errors import annotate

#: how many calls may be under way before one waits for the first of them
_MOST = 32

_alive: weakref.WeakSet[Pending] = weakref.WeakSet()


class Pending:
    """A call whose checks are not known yet: its verdict, which lies on the device, and the calls it depends on."""

    def __init__(self, verdict: Any, checks: Sequence[Any], earlier: Sequence[Pending], containers: Sequence[Any]):
        self.verdict, self.checks, self.earlier, self.containers = verdict, checks, list(earlier), containers
        self.known = False
        self.error: Exception | None = None
        _alive.add(self)

    def chain(self) -> list[Pending]:
        """All calls that this one depends on and that have not turned out well, in their order, then itself."""
        found: list[Pending] = []
        pending, seen = [(self, False)], {self}
        while pending:
            call, expanded = pending.pop()
            if expanded:
                found.append(call)
                continue
            call.earlier = [e for e in call.earlier if not e.known or e.error is not None]
            pending.append((call, True))
            new = [e for e in call.earlier if e not in seen]
            seen.update(new)
            pending += [(e, False) for e in new]
        return found

    def settle(self) -> None:
        """Wait for the checks. Raises what the first one that failed raises; the calls behind it have done nothing."""
        chain = self.chain()
        try:
            for call in chain:
                call._look()
        finally:
            for call in chain:
                call.known = True
                for container in call.containers:
                    if container.pending is call:
                        container.pending, container.on_device = None, True

    def _look(self) -> None:
        if not self.known:
            code, payload = jax.device_get(self.verdict).tolist()
            if code > 1:  # 1 is what another one has failed for
                check = self.checks[code - 1]
                self.error = annotate(check.make(payload), check.node, check.shapes)
            self.known = True
        if self.error is not None:
            raise self.error


class Deferral:
    """How the calls of one function defer their checks."""

    def __init__(self) -> None:
        self.earlier: list[Pending] = []
        self._noted: tuple[Any, Sequence[Any]] | None = None
        #: the last call, where the function has no container to note it in
        self._last: Pending | None = None
        self._nothing: Any = None

    def begin(self, containers: Sequence[Any]) -> None:
        """Before a call: which calls it depends on. Raises what those that are done have found wrong."""
        self._noted = None
        found = dict.fromkeys(c.pending for c in containers if c.pending is not None)
        if self._last is not None and not self._last.known:
            found[self._last] = None
        for pending in found:
            chain = pending.chain()
            for k, call in enumerate(chain):
                if len(chain) - k < _MOST and not is_ready(call.verdict):
                    break
                call.settle()
        self.earlier = [p for p in found if not p.known]

    def settle(self) -> None:
        """Wait for all calls that this one depends on: it will not hand their verdict on. Raises what they raise."""
        earlier, self.earlier = self.earlier, []
        for pending in earlier:
            pending.settle()

    def before(self) -> Any:
        """The verdict of the calls before, for the executable."""
        if not self.earlier:
            if self._nothing is None:
                self._nothing = in_x64(jax.device_put, [np.zeros(2, "int64")])
            return self._nothing
        verdict, *more = [p.verdict for p in self.earlier]
        for other in more:
            verdict = in_x64(_first_failed, [verdict, other])
        return verdict

    def note(self, verdict: Any, checks: Sequence[Any]) -> None:
        """What an executable has returned, and the checks that it speaks of."""
        self._noted = verdict, checks

    def end(self, containers: Sequence[Any], waits: bool) -> None:
        """After a call, whose new states are in place: leave it to the containers, or wait for it and raise."""
        if self._noted is None:
            return
        made = Pending(*self._noted, self.earlier, containers)
        self._noted, self.earlier = None, []
        if waits:
            made.settle()
            return
        if not containers:
            self._last = made
        for container in containers:
            container.pending, container.on_device = made, False

    def sent(self, values: Sequence[Any]) -> list[Any]:
        """What to call an executable with: `values`, on the device, and the verdict of the calls before.

        What comes from the host goes in copies, for its owner may write on before they are read.
        """
        arrays = list(values)
        places = [i for i, v in enumerate(arrays) if not isinstance(v, jax.Array)]
        if places:
            copies = in_x64(jax.device_put, [[np.array(arrays[i]) for i in places]])
            for i, copy in zip(places, copies, strict=True):
                arrays[i] = copy
        return [*arrays, self.before()]


def is_ready(verdict: Any) -> bool:
    """Whether the device has got so far."""
    return bool(verdict.is_ready())


_first_failed = jax.jit(lambda a, b: jnp.where(a[0] != 0, a, b))


@atexit.register
def _tell_the_rest() -> None:
    """A failure that nobody has asked for until the program ends is told on stderr."""
    for call in list(_alive):
        try:
            if not call.known:
                call.settle()
        except Exception as error:
            print(f"tx: a check failed in a call that nothing has waited for: {error}", file=sys.stderr)


__all__ = ["Deferral", "Pending"]
