"""What the pages on errors are held against: ``<!-- raises: NAME -->`` says that a block raises, with which text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager


def pattern_of(shown: str) -> re.Pattern[str]:
    """What a shown message stands for: ``...`` is anything, and blanks at line ends do not count."""
    lines = [line.rstrip() for line in shown.strip().splitlines()]
    return re.compile(".*".join(map(re.escape, "\n".join(lines).split("..."))), re.DOTALL)


def shown(error: Exception) -> str:
    """The message as a page shows it."""
    return "\n".join(line.rstrip() for line in str(error).strip().splitlines())


@contextmanager
def raises(name: str, text: str | None = None) -> Iterator[None]:
    """AssertionError unless the block raises an error of the class `name`, and what a page shows of its `text`."""
    try:
        yield
    except Exception as error:
        assert type(error).__name__ == name, f"{type(error).__name__} was raised, not {name}"
        if text is not None and not pattern_of(text).fullmatch(shown(error)):
            raise AssertionError(f"the page shows\n{text}\nbut the message is\n{shown(error)}") from error
    else:
        raise AssertionError(f"nothing was raised, but {name} was expected")
