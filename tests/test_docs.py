"""The pages tell the truth: their examples run, their links lead somewhere, README has the commands it promises."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
from page_scripts import run_apart

import tx
from tx.graph.utils import Documented

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKING = [*PAGES, *sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("examples/*.md")] if p not in PAGES)]

_LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")
_MARKED = re.compile(r"^<!-- command: (\w+) -->\n```sh\n(.+?)\n```$", re.MULTILINE | re.DOTALL)
#: a block that raises, and the next block of text, if it comes before the next one of Python
_RAISING = re.compile(
    r"^<!-- raises: (?P<name>\w+) -->\n```python\n(?P<code>.*?\n)```$"
    r"(?:(?:(?!^```).)*^```text\n(?P<text>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
#: a block, and below it what it prints
_PRINTING = re.compile(
    r"^```python\n(?P<code>(?:(?!^```).)*)^```\n"
    r"\s*<!-- output(?P<but> but for numbers)? -->\n```text\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def only_fenced(text: str, language: str) -> str:
    """The blocks of a language, each on the lines where it stands; all other lines are empty."""
    lines, fence, kept = [], None, False
    for line in text.splitlines():
        mark = re.match(r"(`{3,})\s*(\w*)", line)
        if fence is None and mark:
            fence, kept = mark[1], mark[2] == language
            lines.append("")
        elif fence is not None and line.strip() == fence:
            fence = None
            lines.append("")
        else:
            lines.append(line if fence is not None and kept else "")
    assert fence is None, "a fenced block is not closed"
    return "\n".join(lines) + "\n"


def script_of(text: str) -> str:
    """The Python of a page, on the lines where it stands.

    A block below ``<!-- raises: NAME -->`` must raise that, with the message that the next block of text shows. A block
    above ``<!-- output -->`` must print the block of text below that mark; ``<!-- output but for numbers -->`` stands
    above what was measured.
    """
    lines = only_fenced(text, "python").splitlines()
    raising, printing = list(_RAISING.finditer(text)), list(_PRINTING.finditer(text))
    assert len(printing) == text.count("\n<!-- output"), "an output stands below no block of Python"
    guards = [(mark, f"with raises({mark['name']!r}, {mark['text']!r}):") for mark in raising]
    guards += [(mark, f"with prints({mark['text']!r}, {not mark['but']}):") for mark in printing]
    for mark, guard in guards:
        start = text.count("\n", 0, mark.start("code"))
        end = start + mark["code"].rstrip("\n").count("\n") + 1
        lines[start - 1] = guard
        lines[start:end] = [f"    {line}" for line in lines[start:end]]
    if guards:
        assert not lines[0]
        lines[0] = "from page_scripts import prints, raises"
    return "\n".join(lines) + "\n"


def links_of(text: str) -> list[str]:
    """Where the links lead, apart from those to other places of the net and inside the page."""
    prose = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"`[^`\n]*`(?!\])", "", prose)
    return [link.partition("#")[0] for link in _LINK.findall(prose) if not re.match(r"[a-z]+:|#", link)]


def dead_links(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    return [link for link in links_of(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_examples_of_a_page_run(page, tmp_path):
    code = script_of(page.read_text(encoding="utf-8"))
    if not code.strip():
        return
    script = tmp_path / f"{page.stem}.py"
    script.write_text(code, encoding="utf-8")
    assert not (said := run_apart(script)), f"{name_of(page)}\n{said}"


#: what tx tells itself: tracing has to start again, a value is not known, a graph cannot be padded
_INTERNAL = {
    "CheckFailed", "NeedStage", "NeedWindows", "Rerouted", "Retrace", "TooLarge", "Undonatable", "Unknown",
    "Unpaddable", "Unroll", "UnsuitedError",
}  # fmt: skip
#: names for programs that catch them, what tools for tests raise, and what docs/sharding.md tells of two processes
_INTERNAL |= {"CachedConstantError", "MismatchError", "PeerLost", "WrongValue"}
_ERRORS = ROOT / "docs" / "errors"


def errors_of_tx() -> set[type]:
    """The public classes of exceptions that are defined in tx."""
    names = [m.name for m in pkgutil.walk_packages(tx.__path__, "tx.") if not m.name.endswith("__main__")]
    classes = [c for name in names for _, c in inspect.getmembers(importlib.import_module(name), inspect.isclass)]
    return {
        c for c in classes
        if issubclass(c, Exception) and c.__module__.startswith("tx.") and not c.__name__.startswith("_")
    } - {Documented}  # fmt: skip


def test_every_error_has_a_page():
    without = {c.__name__ for c in errors_of_tx() if "page" not in vars(c) and c.__name__ != "EmptyConstantError"}
    assert without == _INTERNAL
    for kind in errors_of_tx():
        if kind.__name__ not in _INTERNAL:
            page = (_ERRORS / f"{kind.page}.md").read_text(encoding="utf-8")
            assert re.search(rf"\b{kind.__name__}\b", page), kind


def test_every_page_on_errors_is_listed_and_raises():
    listed = links_of((_ERRORS / "index.md").read_text(encoding="utf-8"))
    pages = {p.name: p.read_text(encoding="utf-8") for p in _ERRORS.glob("*.md") if p.name != "index.md"}
    assert set(pages) <= set(listed)
    for name, page in pages.items():
        assert _RAISING.search(page)["text"], name
        assert "\n## Why\n" in page and "\n## Cure\n" in page, name


def test_pages_named_by_messages_exist():
    named = re.compile(r"see\([^\n]*\"(\w+)\"\)|^    [\w.]*Error: \"(\w+)\",$", re.MULTILINE)
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "tx").rglob("*.py")]
    found = {a or b for source in sources for a, b in named.findall(source)}
    assert {"nan", "wrong_argument", "zero_division"} <= found
    assert [page for page in found if not (_ERRORS / f"{page}.md").exists()] == []


def test_errors_name_their_page():
    x = tx.tensor.dscalar("x")
    with pytest.raises(tx.MissingInputError) as caught:
        tx.function([], x + 1)
    assert caught.value.__notes__ == ["See docs/errors/missing_input.md"]
    f = tx.function([x], x)
    with pytest.raises(TypeError) as caught:
        f([1.0])
    assert caught.value.__notes__ == ["See docs/errors/wrong_argument.md"]


def test_readme_has_an_example():
    assert "import tx" in only_fenced(PAGES[0].read_text(encoding="utf-8"), "python")


@pytest.mark.parametrize("page", LINKING, ids=name_of)
def test_relative_links_lead_somewhere(page):
    assert dead_links(page) == []


def test_readme_has_the_two_commands():
    commands = dict(_MARKED.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert set(commands) == {"train", "tests"}
    assert all(c.startswith("python3 -m venv .venv && .venv/bin/pip install ") for c in commands.values())
    assert "-m tx examples/" in commands["train"]
    assert commands["tests"].endswith("-m pytest")


def test_ci_runs_the_command_of_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- command: tests -->" in script
    assert "-m pytest" not in script


def test_blocks_keep_their_lines():
    page = "Text\n```python\na = 1\n```\n```sh\nls\n```\n````python\nb = '''\n```\n'''\n````\nend"
    assert only_fenced(page, "python").splitlines() == ["", "", "a = 1", *[""] * 5, "b = '''", "```", "'''", "", ""]


_RAISER = """# Title
```python
values = []
```
<!-- raises: IndexError -->
```python
values[0]
```
says
```text
list ... out of range
```
"""


def _run(script, message):
    """Raises AssertionError with the message, if there is to be one."""
    with contextlib.nullcontext() if message is None else pytest.raises(AssertionError, match=message):
        exec(script, {})


@pytest.mark.parametrize("old, new, message", [
    ("", "", None),
    ("values[0]", "values", "nothing was raised"),
    ("IndexError", "KeyError", "IndexError was raised, not KeyError"),
    ("out of range", "out of bounds", "the page shows"),
    ("values[0]", "values.x", "AttributeError was raised"),
])  # fmt: skip
def test_blocks_that_raise(old, new, message):
    script = script_of(_RAISER.replace(old, new))
    assert script.splitlines()[2] == "values = []"
    _run(script, message)


_PRINTER = """# Title
```python
for i in range(3):
    print("line", i)
```

<!-- output -->
```text
line 0
...
line 2
```
"""


@pytest.mark.parametrize("old, new, message", [
    ("", "", None),
    ("line 2\n", "line 3\n", "the page shows\nline 0"),
    ("output -->\n```text\nline 0", "output but for numbers -->\n```text\nline   1.5e-02", None),
    ("output -->\n```text\nline 0", "output but for numbers -->\n```text\nlines 0", "the page shows\nlines"),
    ('print("line", i)', "pass", "but this was printed\n$"),
])  # fmt: skip
def test_blocks_that_print(old, new, message):
    script = script_of(_PRINTER.replace(old, new))
    assert script.splitlines()[2] == "    for i in range(3):"
    _run(script, message)


def test_an_output_stands_below_what_prints_it():
    with pytest.raises(AssertionError, match="below no block"):
        script_of(_PRINTER.replace("```python", "```sh"))


def test_an_open_block_is_an_error():
    with pytest.raises(AssertionError, match="not closed"):
        only_fenced("```python\na = 1\n", "python")


def test_dead_links_are_found(tmp_path):
    (tmp_path / "here.md").touch()
    page = tmp_path / "page.md"
    page.write_text(
        "[a](here.md#part) [b](gone.md) [`c`](also/gone.py) [d](https://example.org) [e](#below)\n"
        "`x[i](j)`\n```python\nx[i](j)\n```\n[f](here.md)\n",
        encoding="utf-8",
    )
    assert dead_links(page) == ["gone.md", "also/gone.py"]
