"""The gallery has every program, its pages are those that gallery.py writes, and its pictures are small."""

import sys
from pathlib import Path

import pytest
from test_accelerators import SHOWN

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def gallery(load):
    return load("gallery")


def test_every_program_has_an_entry(gallery):
    assert set(gallery.CAPTIONS) == set(SHOWN)
    assert {path.stem for path in gallery.PICTURES.glob("*")} == set(SHOWN)


def test_pages_are_up_to_date(gallery):
    for path, text in gallery.pages().items():
        assert path.read_text(encoding="utf-8") == text, "run `python examples/gallery.py --pages`"


@pytest.mark.parametrize("name", SHOWN)
def test_picture_is_small_and_shown(gallery, name):
    picture = (gallery.PICTURES / f"{name}.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and 2000 < len(picture) < 60_000
    for page in gallery.pages().values():
        assert page.count(f"images/gallery/{name}.png") == 1


def test_runs_a_program_draws_it_and_writes_the_pages(gallery, tmp_path, monkeypatch):
    for name in ("EXPECTED", "PICTURES"):
        monkeypatch.setattr(gallery, name, tmp_path / getattr(gallery, name).name)
    gallery.EXPECTED.write_text((ROOT / "examples" / "expected.json").read_text())
    pages = {tmp_path / "page.md": "a page"}
    monkeypatch.setattr(gallery, "pages", lambda: pages)
    monkeypatch.setattr(sys, "argv", ["gallery.py", "crf"])
    gallery.main()
    assert [p.name for p in gallery.PICTURES.iterdir()] == ["crf.png"]
    assert (tmp_path / "page.md").read_text() == "a page"


def test_unknown_programs_are_an_error(gallery, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gallery.py", "perceptron"])
    with pytest.raises(SystemExit):
        gallery.main()
    assert "no such program: perceptron" in capsys.readouterr().err
