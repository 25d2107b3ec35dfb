"""In the navigation ``FOLDER/*`` stands for a folder's index and the pages that it links to, in the index's order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"\]\(([\w-]+\.md)\)")


def expanded(nav: Any, docs: Path) -> Any:
    """The navigation with its stars replaced."""
    if isinstance(nav, list):
        return [expanded(entry, docs) for entry in nav]
    if isinstance(nav, dict):
        return {title: expanded(below, docs) for title, below in nav.items()}
    if not nav.endswith("/*"):
        return nav
    folder = nav.removesuffix("*")
    listed = _LINK.findall((docs / folder / "index.md").read_text(encoding="utf-8"))
    return [f"{folder}{name}" for name in dict.fromkeys(["index.md", *listed])]


def on_config(config: Any) -> Any:
    config.nav = expanded(config.nav, Path(config.docs_dir))
    return config
