"""The site of the documentation builds strictly, leads where it says, answers, describes all, and needs no net."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

import tx
from tx.configuration import FLAGS

ROOT = Path(__file__).resolve().parent.parent
API = ROOT / "docs" / "api"


def hook(name: str) -> ModuleType:
    path = ROOT / "docs" / "hooks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"docs_hook_{name}", path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference, repository, sections = hook("reference"), hook("repository"), hook("sections")


@dataclass
class Page:
    """What a page has: anchors, links of all of it and of its article, what it loads, and the article's words."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self.inside = Page(), False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.inside = self.inside or tag == "article"
        self.page.anchors |= {given[name] or "" for name in ("id", "name") if name in given}
        if tag == "a" and given.get("href"):
            self.page.links.append(given["href"] or "")
            if self.inside:
                self.page.chosen.append(given["href"] or "")
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload", "preconnect"):
            self.page.loaded.append(given["href"] or "")
        elif given.get("src"):
            self.page.loaded.append(given["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "article"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.page.text += data


def read(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def target(page: str, link: str) -> tuple[str, str] | None:
    """The file of the site, and the anchor in it, that a link of a page leads to; None for another place of the net."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    here = Path("/", page) if not parts.path else Path("/", page).parent / unquote(parts.path)
    return os.path.normpath(here).lstrip("/"), unquote(parts.fragment)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The site, built once. Strictly: each warning of the build is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site) -> dict[str, Page]:
    return {path.relative_to(site).as_posix(): read(path) for path in site.rglob("*.html") if path.name != "404.html"}


def test_all_links_lead_somewhere(site, pages):
    dead = []
    for name, page in pages.items():
        for link in [*page.links, *page.loaded]:
            there = target(name, link)
            if there is None:
                continue
            path, anchor = there
            if not (site / path).is_file() or (anchor and path in pages and anchor not in pages[path].anchors):
                dead.append((name, link))
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(site, pages):
    assert [(name, link) for name, page in pages.items() for link in page.loaded if target(name, link) is None] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert "url(http" not in styles and "@import" not in styles


#: what people ask; the page that answers, and what it says
QUESTIONS = {
    "what is this": ("repository/index.html", "Theano's symbolic API, compiled to XLA"),
    "does my script run": ("migrating.html", "What is deliberately different"),
    "did my library run": ("compatibility.html", "mlp.py"),
    "how do I begin": ("quickstart.html", "function"),
    "how do I learn it": ("tutorial/loops.html", "scan"),
    "how does it work": ("how_it_works.html", "executable"),
    "why did it compile again": ("why_compiled_again.html", "compile"),
    "why does it compile for each length": ("length_buckets.html", "padded"),
    "why is this slow": ("why_slow.html", "slow"),
    "how fast is it": ("performance.html", "tx / Theano"),
    "what is slow in mine": ("debugging.html", "profile=True"),
    "what does this error mean": ("errors/index.html", "When a function is called"),
    "what does a missing input mean": ("errors/missing_input.html", "MissingInputError"),
    "how do I use my GPU or TPU": ("accelerators.html", "tpu"),
    "how do I add an Op": ("adding_an_op.html", "Op"),
    "how do I use a loop": ("api/loops.html", "outputs_info"),
    "what is this flag": ("api/flags.html", "max_specializations"),
    "what do whole programs look like": ("gallery.html", "mlp"),
    "how do I run an example": ("repository/examples/index.html", "rbm.py"),
}  # fmt: skip


def clicks(pages: dict[str, Page]) -> dict[str, int]:
    """How many links in articles lead from the start to each page."""
    found, edge = {"index.html": 0}, ["index.html"]
    for name in edge:
        for link in pages[name].chosen:
            there = target(name, link)
            if there is not None and there[0] in pages and there[0] not in found:
                found[there[0]] = found[name] + 1
                edge.append(there[0])
    return found


@pytest.mark.parametrize("page, words", QUESTIONS.values(), ids=QUESTIONS)
def test_questions_are_answered_two_clicks_from_the_start(pages, page, words):
    assert clicks(pages)[page] <= 2
    assert words in pages[page].text


def test_every_error_is_two_clicks_from_the_start(pages):
    far = clicks(pages)
    assert [name for name in pages if name.startswith("errors/") and far.get(name, 3) > 2] == []


@pytest.mark.parametrize("module", [
    "tx", "tx.tensor", "tx.tensor.nnet", "tx.tensor.nlinalg", "tx.tensor.slinalg", "tx.tensor.fft",
    "tx.tensor.signal.pool", "tx.compile", "tx.gradient", "tx.graph", "tx.printing", "tx.random", "tx.scalar",
    "tx.scan_module", "tx.sparse", "tx.typed_list",
])  # fmt: skip
def test_the_reference_has_every_public_name(pages, module):
    anchors = set().union(*(page.anchors for name, page in pages.items() if name.startswith("api/")))
    assert [name for name in reference.public_names(module) if f"{module}.{name}" not in anchors] == []


@pytest.mark.parametrize("page, words", [
    ("elementwise", "T.exp(x)"),
    ("products", "T.dot(a, b)"),
    ("reductions", "sum over axis"),
    ("gradient", "tx.grad("),
    ("function", "tx.function("),
    ("function", "tx.shared("),
    ("loops", "scan("),
    ("types", ".dimshuffle("),
    ("sparse", "structured_dot"),
    ("scalar", "Abs"),
])  # fmt: skip
def test_the_reference_shows(pages, page, words):
    assert words in " ".join(pages[f"api/{page}.html"].text.split())


def test_everything_described_has_a_docstring():
    described = reference.Reference(API)
    entries = {id(entry): entry for entry in described.places.values()}.values()
    assert [entry.anchor for entry in entries if not entry.doc] == []


def test_the_page_on_flags_knows_its_flags():
    text = (API / "flags.md").read_text(encoding="utf-8")
    told = {
        word.strip(" `")
        for line in text.splitlines()
        if line.startswith("| `")
        for word in line.split("|")[1].split(",")
    }
    assert told <= set(FLAGS)
    others = reference.other_flags(text)
    assert all((f"`{name}`" in text) != (f"`{name}`" in others) for name in FLAGS)


def test_links_to_the_repository_become_pages():
    text = (
        "[a](../tests/a.py) [`b[0](c)`](b.md#d) ![e](e.png)\n```python\nf[0](g)\n```\n"
        "`h[0](i)` [j](https://k.org) [l](#m)"
    )
    assert repository.with_links(text, lambda link: f"<{link}>") == (
        "[a](<../tests/a.py>) [`b[0](c)`](<b.md#d>) ![e](<e.png>)\n```python\nf[0](g)\n```\n"
        "`h[0](i)` [j](https://k.org) [l](#m)"
    )
    assert [repository.page_of(repository.target_of("docs/errors/nan.md", link)) for link in (
        "../debugging.md#x", "../../README.md", "../../examples/mlp.py", "../../examples/a.png", "index.md",
    )] == ["debugging.md", "repository/README.md", "repository/examples/mlp.py.md", "repository/examples/a.png",
           "errors/index.md"]  # fmt: skip


def test_stars_in_the_navigation(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "index.md").write_text("[b](b.md) [a](a.md) [c](../c.md) [b](b.md)\n", encoding="utf-8")
    nav = [{"Part": "part/*"}, {"Others": ["c.md"]}]
    assert sections.expanded(nav, tmp_path) == [
        {"Part": ["part/index.md", "part/b.md", "part/a.md"]}, {"Others": ["c.md"]},
    ]  # fmt: skip


@pytest.mark.parametrize("text, message", [
    ("<!-- reference: tx: grad -->\n<!-- reference: tx: grad -->\n", "tx.grad is described twice"),
    ("<!-- reference: tx: nothing -->\n", "tx has no public name nothing"),
])  # fmt: skip
def test_mistakes_of_the_reference_raise(tmp_path, text, message):
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        reference.Reference(tmp_path)


def test_entries(tmp_path):
    text = "# Title\n\n<!-- reference: tx: grad Lop -->\n<!-- reference: tx.gradient: * -->\n"
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    described = reference.Reference(tmp_path)
    assert described.places["tx.gradient.grad"] is described.places["tx.grad"]
    shown = described.expand("page.md", text)
    assert "### `grad` { #tx.grad }" in shown and '<a id="tx.gradient.grad"></a>' in shown
    assert "\n    cost,\n    wrt,\n" in shown
    assert reference.signature_of(tx.tensor.exp) == "(x)"
