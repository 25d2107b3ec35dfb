"""Expressions that the fuzzer (``tests/fuzz``) found to differ from real Theano, recorded from it; rows as in `expressions`."""

from expressions import evaluate, f4, f8, i1, i4, i8, u1, values_of  # noqa: F401

ROWS = [
    (source, specs)
    for specs, sources in [
        (
            [(f8, (3, 3))],
            "a[0,[1]] a[[0],[1]] a[[0],0] a[::2,[0]] a[0:1,[0]] a[[0],None] a[[0],T.arange(2)] a[[0]] a[:,[0]] a[:,T.constant([0])] "
            "T.set_subtensor(a[...],1) T.set_subtensor(a[...],a[0]) T.inc_subtensor(a[...],a) T.inc_subtensor(a[:],2.) "
            "T.inc_subtensor(a[:,[0]],1) a[:1][::-1] T.addbroadcast(a[:1],0)[::-1] T.addbroadcast(a[:1],0)[::-1,[0,1]]",
        ),
        (
            [(f4, (2, 3, 2))],
            "a[0,[0]] a[-5:,[0]] a[:,[0],[0]] a[0,:,[1]] a[[0],:,1] a[:,[0],:] a[...,[0]] a[[[0]]] a[:,[[0,1]],0] a[[0],[[0],[1]]] "
            "T.set_subtensor(a[...],0.5) a.take([0],axis=1)",
        ),
        ([("uint16", (4,))], "T.inc_subtensor(a[1:3],1) T.inc_subtensor(a[[0,1]],1) T.inc_subtensor(a[...],3)"),
        ([(u1, (4,))], "T.inc_subtensor(a[[0,1]],-1) T.inc_subtensor(a[[0,1]],300)"),
        ([(i1, (4,))], "T.inc_subtensor(a[0],300) T.inc_subtensor(a[[1,1]],100)"),
        ([(i4, (2, 1))], "a[1,[0]] T.set_subtensor(a[...],7)"),
    ]
    for source in sources.split()
]
