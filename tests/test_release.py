"""What is released: the wheel has the package and nothing else, the source distribution the whole repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import tx

ROOT = Path(__file__).resolve().parent.parent
NAME = f"tx_theano-{tx.__version__}"
INFO = f"{NAME}.dist-info"

_BUILD = """
from setuptools import build_meta
build_meta.build_sdist("dist")
build_meta.build_wheel("dist")
"""

_PROGRAM = """
import sys
import theano
import theano.tensor as T

x = T.dvector("x")
print(theano.__file__, theano.__version__, theano.function([x], T.exp(x).sum())([0.0, 0.0]), sys.argv[1:])
"""


def ignored_names() -> list[str]:
    """What no file of the repository is called, nor a folder above it."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return [".git", *(line.strip("/") for line in lines)]


def files_below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A fresh copy of the repository."""
    return shutil.copytree(
        ROOT, tmp_path_factory.mktemp("source") / "tx", ignore=shutil.ignore_patterns(*ignored_names())
    )


@pytest.fixture(scope="module")
def repository(source) -> set[str]:
    """The files of the repository; a source distribution adds two at its root, which its own tests meet again."""
    return files_below(source) - {"PKG-INFO", "setup.cfg"}


@pytest.fixture(scope="module")
def built(source, repository) -> Path:
    """The folder of a wheel and an sdist, built by setuptools without asking the net for anything."""
    done = subprocess.run([sys.executable, "-c", _BUILD], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return source / "dist"


@pytest.fixture(scope="module")
def wheel(built) -> zipfile.ZipFile:
    return zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl")


def test_the_wheel_has_the_package_and_nothing_else(wheel, repository):
    names = set(wheel.namelist())
    assert {n for n in names if not n.startswith(f"{INFO}/")} == {n for n in repository if n.startswith("tx/")}
    assert {"tx/py.typed", "tx/printing/viewer.html", f"{INFO}/licenses/LICENSE"} <= names


def test_the_package_has_only_sources_and_what_they_read(repository):
    others = {n for n in repository if n.startswith("tx/") and not n.endswith((".py", ".pyi", ".html"))}
    assert others == {"tx/py.typed"}


def test_the_sdist_has_the_whole_repository(built, repository):
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        names = {m.name.removeprefix(f"{NAME}/") for m in archive if m.isfile()}
    assert {n for n in names if ".egg-info/" not in n} - repository == {"PKG-INFO", "setup.cfg"}
    assert repository - names == set()


def test_the_metadata_tells_what_it_is(wheel):
    told = Parser().parsestr(wheel.read(f"{INFO}/METADATA").decode())
    assert (told["Name"], told["Version"]) == ("tx-theano", tx.__version__)
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "BSD-3-Clause"
    assert {"theano", "jax", "xla"} <= set(told["Keywords"].split(","))
    needed = {re.match(r"[\w-]+", r)[0] for r in told.get_all("Requires-Dist") if "extra ==" not in r}
    assert needed == {"numpy", "scipy", "jax", "jaxlib"}
    assert "Typing :: Typed" in told.get_all("Classifier")


def test_the_description_is_readme(wheel):
    description = Parser().parsestr(wheel.read(f"{INFO}/METADATA").decode()).get_payload()
    assert description.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()


def test_the_version_stands_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+", tx.__version__)
    said = [
        p.relative_to(ROOT).as_posix()
        for p in [*(ROOT / "tx").rglob("*.py"), ROOT / "pyproject.toml"]
        if re.search(rf"(?<![\d.]){re.escape(tx.__version__)}(?![\d.])", p.read_text(encoding="utf-8"))
    ]
    assert said == ["tx/version.py"]
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0].strip("[]") in ("Unreleased", tx.__version__)


def test_the_wheel_runs_a_theano_program(wheel, tmp_path):
    wheel.extractall(tmp_path / "installed")
    script = tmp_path / "program.py"
    script.write_text(_PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tx", "program.py", "--rate", "1"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
    )  # fmt: skip
    package = tmp_path / "installed" / "tx" / "__init__.py"
    assert done.stdout.split(" ", 3) == [str(package), tx.__version__, "2.0", "['--rate', '1']\n"], done.stderr
