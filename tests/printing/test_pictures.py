"""Pictures of graphs: what is drawn, where, and the two ways of drawing it."""

import json
import re
import shutil
import subprocess
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.ifelse import ifelse
from tx.printing import d3viz, d3write, graphviz, pydotprint
from tx.printing.layout import GAP, lay_out
from tx.printing.picture import draw

x, a, b = T.dvector("x"), T.dscalar("a"), T.dscalar("b")


def loop():
    w = tx.shared(2.0, "w")
    return tx.scan(lambda v, c: T.tanh(v * w + c), x, a, name="walk")[0]


def labels(picture, kind=None):
    return [box.label for box in picture.boxes if kind in (None, box.kind)]


# -- what is drawn ----------------------------------------------------------------------------------------------------


def test_boxes_and_arrows():
    z = T.exp(x) + 1
    z.name = "z"
    picture = draw(z)
    assert [(box.kind, box.label) for box in picture.boxes] == [
        ("input", "x"),
        ("op", "exp"),
        ("constant", "{1}"),
        ("op", "InplaceDimShuffle{x}"),
        ("op", "add"),
        ("output", "z"),
    ]
    assert [(start, end) for start, end, _ in picture.arrows] == [(0, 1), (2, 3), (1, 4), (3, 4), (4, 5)]
    facts = dict(picture.boxes[4].facts)
    assert facts["name"] == "z" and facts["type"] == str(x.type) and "test_pictures.py:" in facts["written at"]


@pytest.mark.parametrize("thing", [3, None, [x, 3]])
def test_what_has_no_graph(thing):
    with pytest.raises(TypeError, match="a picture is made of"):
        draw(thing)


def test_inner_graphs_are_pictures():
    loops = [box for box in draw(loop()).boxes if box.inner]
    assert [box.label for box in loops] == ["for{cpu,walk}"]
    assert {"x[t]", "w", "tanh"} <= set(labels(loops[0].inner))
    op = tx.OpFromGraph([a, b], [a * b + a])
    assert [labels(box.inner, "op") for box in draw(op(x.sum(), b)).boxes if box.inner] == [["mul", "add"]]


def test_a_function_is_drawn_rewritten_with_its_profile():
    f = tx.function([x], T.log(1 + x))
    (node,) = f.maker.fgraph.toposort()
    picture = draw(SimpleNamespace(maker=SimpleNamespace(fgraph=f.maker.fgraph), profile=SimpleNamespace(
        apply_time={node: 0.25})))  # fmt: skip
    assert labels(picture, "op") == ["log1p"]
    assert [box.seconds for box in picture.boxes] == [None, 0.25, None]


# -- where --------------------------------------------------------------------------------------------------------


def random_arrows(seed):
    rng = np.random.RandomState(seed)
    return sorted({(int(rng.randint(end)), end) for end in range(1, 40) for _ in range(3)})


@pytest.mark.parametrize("seed", range(5))
def test_arrows_lead_down_and_nothing_overlaps(seed):
    arrows = random_arrows(seed)
    widths = [float(20 + 7 * (i % 9)) for i in range(40)]
    layout = lay_out(widths, arrows)
    assert [(p[0], p[-1]) for p in layout.paths] == arrows
    for path in layout.paths:
        assert [layout.layers[i] for i in path] == list(range(layout.layers[path[0]], layout.layers[path[-1]] + 1))
    for layer in set(layout.layers):
        row = sorted((layout.centres[i], i) for i in range(40) if layout.layers[i] == layer)
        for (left, i), (right, j) in pairwise(row):
            assert right - left >= (widths[i] + widths[j]) / 2 + GAP - 1e-6


def test_a_chain_is_straight_and_inputs_stand_near():
    layout = lay_out([50.0] * 5, [(0, 1), (1, 2), (3, 4), (2, 4)])
    assert layout.layers == [0, 1, 2, 2, 3]
    assert layout.centres[0] == pytest.approx(layout.centres[1]) == pytest.approx(layout.centres[2])
    assert lay_out([], []).layers == []


# -- as a page --------------------------------------------------------------------------------------------------------


def data_of(path):
    return json.loads(re.search(r'<script id="data".*?>(.*?)</script>', path.read_text("utf-8"), re.S)[1])


def test_the_page_is_one_file(tmp_path):
    path = tmp_path / "new" / "graph.html"
    s = T.dvector("</script><b>")
    d3viz([loop(), T.exp(s)], str(path), copy_deps=True)
    text = path.read_text("utf-8")
    assert "{{" not in text and text.count("</script>") == 2
    assert not re.search(r'(src|href)="|@import|url\((?!#)|fetch\(|XMLHttp', text)
    assert re.findall(r"https?://[^\s\"]*", text) == ["http://www.w3.org/2000/svg"]
    data = data_of(path)
    assert "</script><b>" in [box.get("label") for box in data["boxes"]]
    (opens,) = [box for box in data["boxes"] if "inner" in box]
    assert {"x[t]", "tanh"} <= {box.get("label") for box in opens["inner"]["boxes"]}
    assert [p.name for p in path.parent.iterdir()] == ["graph.html"]


def test_times_are_heat(tmp_path):
    f = tx.function([x], T.exp(x).sum())
    slow, fast = f.maker.fgraph.toposort()
    seen = SimpleNamespace(maker=f.maker, profile=SimpleNamespace(apply_time={slow: 2.0, fast: 0.5}))
    d3viz(seen, tmp_path / "f.html")
    assert [box["heat"] for box in data_of(tmp_path / "f.html")["boxes"] if "heat" in box] == [1.0, 0.25]


def test_a_long_chain(tmp_path):
    z = x
    for _ in range(2000):
        z = T.exp(z)
    d3viz(z, tmp_path / "long.html")
    assert len(data_of(tmp_path / "long.html")["boxes"]) == 2002


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_a_browser_draws_it(tmp_path):
    d3viz(loop(), tmp_path / "graph.html")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    for ending, drawn in (("", False), ("#open", True)):
        page = f"{(tmp_path / 'graph.html').as_uri()}{ending}"
        done = subprocess.run([*command, "--dump-dom", page], capture_output=True, text=True, timeout=120)
        assert ">▾ for{cpu,walk}<" in done.stdout if drawn else ">▸ for{cpu,walk}<" in done.stdout
        assert (">tanh</text>" in done.stdout) == drawn


# -- by graphviz ------------------------------------------------------------------------------------------------------


def test_without_pydot_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(graphviz, "pydot_imported", False)
    for call in (lambda: pydotprint(x), lambda: d3write(x, tmp_path / "x.dot"), graphviz.PyDotFormatter):
        with pytest.raises(RuntimeError, match=r"tx-theano\[viz\]"):
            call()


def dot_text(tmp_path, thing, **options):
    pytest.importorskip("pydot")
    pydotprint(thing, tmp_path / "graph.dot", format="raw", print_output_file=False, **options)
    return (tmp_path / "graph.dot").read_text()


def test_pydotprint(tmp_path, capsys):
    text = dot_text(tmp_path, x[1:] * 2)
    assert text.startswith("digraph") and "#FFAAFF" in text and '"x TensorType(float64, vector)"' in text
    assert capsys.readouterr().out == ""
    pydotprint(x * 2, tmp_path / "graph.dot", format="raw")
    assert capsys.readouterr().out == f"The output file is available at {tmp_path / 'graph.dot'}\n"


@pytest.mark.parametrize(
    ("options", "within", "without"),
    [
        ({"compact": False}, "v2", None),
        ({"with_ids": True}, "id=0", None),
        ({"high_contrast": False}, "color=", "filled"),
        ({"colorCodes": {"Sub": "pink"}}, "pink", "#FFAAFF"),
        ({"max_label_size": 8}, "InplaceDim"[:5] + "...", "InplaceDimShuffle"),
        ({"var_with_name_simple": True}, "label=x,", "label=x TensorType"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_pydotprint_options(tmp_path, options, within, without):
    text = dot_text(tmp_path, T.exp(x[1:]) * 2, **options).replace('"', "")
    assert within in text and (without is None or without not in text)


def test_pydotprint_shows_branches_and_loops(tmp_path):
    text = dot_text(tmp_path, ifelse(T.gt(a, 0), T.exp(x), T.log(x)), cond_highlight=True)
    assert "orange" in text and "palegreen" in text
    dot_text(tmp_path, loop(), scan_graphs=True)
    assert "tanh" in (tmp_path / "graph_walk_0.dot").read_text()


def test_pydotprint_makes_pictures(tmp_path):
    pytest.importorskip("pydot")
    if shutil.which("dot") is None:
        pytest.skip("needs graphviz")
    pydotprint(T.exp(x), tmp_path / "x.png", print_output_file=False)
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    pytest.importorskip("PIL")
    image = pydotprint(T.exp(x), return_image=True)
    assert getattr(image, "data", image).startswith(b"\x89PNG")


def test_theanos_names():
    tx.install()
    from theano.d3viz import d3viz as same
    from theano.d3viz.formatting import PyDotFormatter

    assert same is d3viz and PyDotFormatter is graphviz.PyDotFormatter
