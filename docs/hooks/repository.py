"""Pages link to files outside docs: examples, tests, README. Here those files become pages of the site.

A Markdown file becomes a page, other text a page with its code, a picture a picture, all below ``repository/``. So
every link works in the built site as it does in a checkout, and needs no net.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

_FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_CODE_OR_LINK = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|(?<=\]\()(?P<link>[^)\s]+)(?=[)\s])", re.DOTALL)
_LANGUAGES = {".py": "python", ".toml": "toml", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".sh": "sh"}
_PICTURES = {".png", ".svg", ".jpg", ".gif"}

#: pages of the site, and the files of the repository that they are
_paths: dict[str, str] = {}


def with_links(text: str, change: Callable[[str], str]) -> str:
    """The page, each relative link of it changed; code is left alone."""

    def changed(match: re.Match[str]) -> str:
        # what stands in brackets may hold code, and then a link follows
        link = match["link"]
        return match[0] if link is None or re.match(r"[a-z]+:|#|/", link) else change(link)

    pieces, end = [], 0
    for fence in _FENCE.finditer(text):
        pieces += [_CODE_OR_LINK.sub(changed, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*pieces, _CODE_OR_LINK.sub(changed, text[end:])])


def page_of(path: str) -> str:
    """Where a file of the repository stands in the sources of the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    suffix = posixpath.splitext(path)[1]
    return f"repository/{path}" + ("" if suffix in {".md", *_PICTURES} else ".md")


def target_of(path: str, link: str) -> str:
    """The file of the repository that a link in another one leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link.partition("#")[0]))


def _generated(config: Any, path: str, root: Path) -> File:
    name, source = page_of(path), root / path
    if name.removeprefix("repository/") == path:
        return File.generated(config, name, abs_src_path=str(source))
    code = source.read_text(encoding="utf-8").rstrip()
    language = _LANGUAGES.get(source.suffix, "text")
    return File.generated(config, name, content=f"# {path}\n\n``````{language}\n{code}\n``````\n")


def on_files(files: Files, config: Any) -> Files:
    root = Path(config.docs_dir).parent
    _paths.clear()
    _paths.update({file.src_uri: f"docs/{file.src_uri}" for file in files.documentation_pages()})
    waiting = list(_paths.values())
    while waiting:
        path = waiting.pop()

        def note(link: str, path: str = path) -> str:
            target = target_of(path, link)
            name = page_of(target)
            if name not in _paths and not target.startswith(("docs/", "..")) and (root / target).is_file():
                _paths[name] = target
                files.append(_generated(config, target, root))
                if target.endswith(".md"):
                    waiting.append(target)
            return link

        with_links((root / path).read_text(encoding="utf-8"), note)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    here = page.file.src_uri
    path = _paths[here]

    def moved(link: str) -> str:
        target = page_of(target_of(path, link))
        anchor = link.partition("#")[1:]
        return posixpath.relpath(target, posixpath.dirname(here) or ".") + "".join(anchor)

    return with_links(markdown, moved) if path.endswith(".md") else markdown
