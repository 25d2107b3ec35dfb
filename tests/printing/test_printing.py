"""`debugprint` and `pp` beyond what was recorded, and the short descriptions."""

import io

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx import printing
from tx.printing import debugprint, hex_digest, pp

x, y, a = T.dvector("x"), T.dvector("y"), T.dscalar("a")


def test_debugprint_writes_where_it_is_told(capsys):
    file = io.StringIO()
    assert debugprint(x, file=file) is file and file.getvalue() == "x [id A]\n"
    assert debugprint([], file="str") == ""
    assert debugprint(x) is None and capsys.readouterr().out == "x [id A]\n"


@pytest.mark.parametrize("thing", [3, "a", None, T])
def test_debugprint_refuses(thing):
    with pytest.raises(TypeError, match="debugprint cannot print an object of this type"):
        debugprint([x, thing])


def test_debugprint_refuses_options():
    with pytest.raises(ValueError, match="'CHAR'"):
        debugprint(x, ids="auto")
    with pytest.raises(Exception, match="depth parameter must be an int"):
        debugprint(x, depth=2.0)


def test_ids_may_be_pythons():
    assert f"[id {id(x)}]" in debugprint(x + y, ids="id", file="str")


def test_ids_are_continued():
    used = {}
    z = T.exp(x)
    debugprint(z, used_ids=used, file="str")
    assert list(used.values()) == ["[id A]", "[id B]"]
    text = debugprint(z + y, used_ids=used, file="str")
    assert [line.split("[id ")[1][0] for line in text.splitlines()] == ["C", "A", "B", "D"]


def test_a_function_shows_its_rewritten_graph():
    s = tx.shared(np.ones(2), "s")
    f = tx.function([x], T.log(1 + x), updates=[(s, s * x)])
    text = debugprint(f, print_storage=True, file="str")
    assert text.splitlines() == [
        "Elemwise{log1p,no_inplace} [id A] ''   0 [None]",
        " |x [id B] [None]",
        "Elemwise{mul,no_inplace} [id C] ''   1 [None]",
        " |s [id D] [array([1., 1.])]",
        " |x [id B] [None]",
    ]


def test_the_steps_of_loops_are_shown():
    inner = tx.scan(lambda v, p: v * p, y, a)[0]
    outer = tx.scan(lambda r, q: (r + tx.scan(lambda v: v * q, y)[0].sum(), r), x, [a, None], name="outer")[0]
    text = debugprint([inner, *outer], file="str", ids="")
    assert text.count("Inner graphs of the scan ops:") == 1
    heads = [line.split(" ")[0] for line in text.split("ops:")[1].splitlines() if line.startswith(("for", "do"))]
    assert heads == ["for{cpu,scan_fn}", "for{cpu,outer}.0", "for{cpu,scan_fn}"]


def test_inner_inputs_point_outside():
    loop = tx.scan(lambda v: v * 2, x)[0]
    (line,) = [line for line in debugprint(loop, file="str").splitlines() if "->" in line]
    assert line.startswith(" > |x[t] [id ") and line.endswith("-> [id D]")


def test_depth_of_a_long_chain():
    z = x
    for _ in range(3000):
        z = T.exp(z)
    text = debugprint(z, file="str")
    assert text.count("exp") == 3000 and len(text) < 3000 * 300
    assert pp(z).count("exp(") == 3000
    assert printing.min_informative_str(z).count("exp") == printing.var_descriptor(z).count("exp") == 3000


def test_digests():
    # Recorded from Theano.
    assert hex_digest(np.arange(3.0)).startswith("b0c45303f7f11848") and hex_digest(np.arange(3.0)).endswith(
        "f174|strides=[8]|shape=[3]"
    )
    transposed = np.arange(4).reshape(2, 2).T
    assert hex_digest(transposed) == (
        "270880408f621afcdac5746cf5533e2b8401ea562fd868ffc805571b7b64765f|strides=[8,16]|shape=[2,2]"
    )
    with pytest.raises(TypeError):
        hex_digest([1, 2])


def test_descriptions_stop_at_names():
    z = T.exp(x)
    z.name = "z"
    assert printing.min_informative_str(z + 1) == (
        "A. Elemwise{add,no_inplace}\n B. z\n C. InplaceDimShuffle{x}\n  D. TensorConstant{1}"
    )
    assert printing.var_descriptor(3) == "A=3"
    assert printing.position_independent_str(x) == "theano_var{type=TensorType(float64, vector)}"
    with pytest.raises(TypeError):
        printing.position_independent_str(3)


#: (what, printer, expression, formula); recorded from Theano
ASSIGNED = {
    "Op": (T.exp, printing.OperatorPrinter("E", -1, "either"), T.exp(x) + y, "((Ex) + y)"),
    "binary": (
        T.maximum,
        printing.OperatorPrinter("|>", -2),
        T.maximum(x + y, x * y) + y,
        "(((x + y) |> (x * y)) + y)",
    ),
    "pattern": (
        T.maximum,
        printing.PatternPrinter(("max %(0)s of %(1)s", -1000)),
        T.maximum(T.maximum(x, y), y),
        "max max x of y of y",
    ),
    "class": (T.nnet.Softmax, printing.FunctionPrinter("sm"), T.exp(T.nnet.softmax(T.dmatrix("m"))), "exp(sm(m))"),
    "ignored": (T.exp, printing.IgnorePrinter(), T.exp(x) + y, "(x + y)"),
    "default": (T.add, printing.DefaultPrinter(), x + y, "Elemwise{add,no_inplace}(x, y)"),
    "leaf": (lambda state, v: v.name == "x", printing.LeafPrinter(), x + y, "(x + y)"),
    "outputs": (
        lambda state, v: v.owner is not None and "Split" in str(v.owner.op),
        printing.FunctionPrinter("a", "b"),
        T.split(x, [1, 2], 2)[1],
        "b(x, TensorConstant{0}, TensorConstant{[1 2]})",
    ),
}


@pytest.mark.parametrize("name", ASSIGNED)
def test_printers_are_assigned(name):
    what, printer, expression, formula = ASSIGNED[name]
    mine = printing.pprint.clone_assign(what, printer)
    assert mine(expression) == formula
    assert mine.clone()(expression) == formula
    assert name == "leaf" or pp(expression) != formula


def test_a_printer_of_ones_own():
    class Mine:
        def process(self, output, state):
            return f"<<{state.pprinter.process(output.owner.inputs[0], state)}>>"

    assert printing.pprint.clone_assign(T.exp, Mine())(T.exp(x + y) * y) == "(<<(x + y)>> * y)"


def test_printers_refuse():
    with pytest.raises(TypeError, match="process"):
        printing.PPrinter().assign(T.exp, lambda output, state: "F")
    with pytest.raises(AssertionError):
        printing.OperatorPrinter("x", 1, "none")
    for printer in (
        printing.OperatorPrinter("x", 1),
        printing.PatternPrinter("x"),
        printing.FunctionPrinter("f"),
        printing.IgnorePrinter(),
    ):
        with pytest.raises(TypeError, match="no associated operation"):
            printer.process(x, printing.PrinterState(pp))
