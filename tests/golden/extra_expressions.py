"""Further expressions recorded from real Theano: linear algebra, Fourier transforms, sorting, and `extra_ops`.

Rows are as in ``expressions.py``. They call Theano's Python implementations (``THEANO_FLAGS=cxx=``), which these Ops have.
"""

from expressions import evaluate, f4, f8, i1, i4, i8, u1, values_of, z  # noqa: F401

_S = "(T.dot(a,a.T)+T.eye(3))"  # symmetric, positive definite
_G = "(a+3*T.eye(3))"  # of full rank

ROWS = [
    (source.replace("S$", _S).replace("G$", _G), specs)
    for specs, sources in [
        (
            [(f8, (3, 3))],
            "T.nlinalg.matrix_inverse(G$) T.nlinalg.det(G$) T.nlinalg.det(a) T.nlinalg.pinv(a) T.nlinalg.trace(a) "
            "T.nlinalg.eigh(S$)[0] abs(T.nlinalg.eigh(S$)[1]) T.nlinalg.eigh(S$,UPLO='U')[0] T.nlinalg.svd(a)[1] "
            "T.nlinalg.svd(a,compute_uv=0) abs(T.nlinalg.qr(G$)[0]) abs(T.nlinalg.qr(G$)[1]) abs(T.nlinalg.qr(G$,mode='r')) "
            "T.nlinalg.eig(S$)[0].sum() T.slinalg.cholesky(S$) T.slinalg.Cholesky(lower=False)(S$) T.slinalg.expm(a) "
            "T.slinalg.solve(G$,a) T.slinalg.solve(G$,a[0]) T.slinalg.solve_lower_triangular(G$,a) "
            "T.slinalg.solve_upper_triangular(G$,a[1]) T.slinalg.eigvalsh(S$,T.eye(3)) T.slinalg.eigvalsh(S$,S$+T.eye(3)) "
            "T.slinalg.kron(a,a[:2]) T.slinalg.kron(a,a[0]) T.nlinalg.matrix_power(a,3) T.nlinalg.matrix_power(a,1) "
            "T.nlinalg.matrix_dot(a,a,a[0]) T.nlinalg.diag(a) T.nlinalg.diag(a[0]) T.nlinalg.extract_diag(a) "
            "T.nlinalg.alloc_diag(a[0]) T.nlinalg.norm(a,None) T.nlinalg.norm(a,'fro') T.nlinalg.norm(a,1) "
            "T.nlinalg.norm(a,-1) T.nlinalg.norm(a,'inf') T.nlinalg.norm(a[0],3) T.nlinalg.norm(a[0],0) "
            "T.nlinalg.norm(a[0],None) T.nlinalg.norm(a[0],'inf') T.nlinalg.tensorinv(G$,1) T.AllocDiag(1)(a[0]) "
            "T.AllocDiag(-2)(a[0]) T.ExtractDiag(1)(a) T.ExtractDiag(-1)(a) T.diagonal(a,1) a.diagonal(-1) a.trace()",
        ),
        (
            [(f4, (3, 3))],
            "T.nlinalg.matrix_inverse(a+T.cast(3*T.eye(3),'float32')) T.nlinalg.det(a) T.slinalg.expm(a) T.nlinalg.trace(a) "
            "T.nlinalg.norm(a,'fro') T.nlinalg.eigh(a+a.T)[0] T.slinalg.kron(a,a) T.slinalg.solve(a+T.cast(3*T.eye(3),'float32'),a)",
        ),
        (
            [(i4, (3, 3))],
            "T.nlinalg.trace(a) T.nlinalg.diag(a) T.slinalg.kron(a,a) T.nlinalg.norm(a,1) T.nlinalg.matrix_power(a,2)",
        ),
        (
            [(f8, (2, 3, 2, 3))],
            "T.nlinalg.tensorinv(a+T.eye(6).reshape((2,3,2,3))*3,2) T.diagonal(a,0,0,2) T.diagonal(a,1,1,3) T.diagonal(a,-1,3,1) "
            "T.nlinalg.trace(a) T.AllocDiag(1,0,2)(a[0]) T.nlinalg.tensorsolve(a+T.eye(6).reshape((2,3,2,3))*3,a[0,0].T.T) "
            "T.sort(a,axis=2) T.argsort(a,axis=0) T.cumsum(a,axis=1) T.extra_ops.diff(a,axis=3) T.sort(a,axis=None)",
        ),
        (
            [(f8, (2, 5))],
            "T.fft.rfft(a) T.fft.rfft(a,norm='ortho') T.fft.rfft(a,norm='no_norm') T.fft.irfft(T.fft.rfft(a),is_odd=True) "
            "T.fft.irfft(T.fft.rfft(a)) T.fft.irfft(T.fft.rfft(a),norm='ortho',is_odd=True) T.sort(a) T.sort(a,axis=0) a.sort() "
            "T.sort(a,axis=None) T.argsort(a) T.argsort(a,axis=0) T.argsort(a,axis=None) a.argsort(0) T.cumsum(a) "
            "T.cumsum(a,axis=0) T.cumsum(a,axis=-1) a.cumsum(1) T.cumprod(a) T.cumprod(a,axis=0) a.cumprod(axis=1) "
            "T.extra_ops.diff(a) T.extra_ops.diff(a,2) T.extra_ops.diff(a,axis=0) T.extra_ops.diff(a,n=0) T.extra_ops.diff(a,n=7) "
            "T.extra_ops.fill_diagonal(a,1) T.extra_ops.fill_diagonal(a,a[0,1]) T.extra_ops.fill_diagonal_offset(a,1.,2) "
            "T.extra_ops.fill_diagonal_offset(a,a[0,0],-1) T.extra_ops.fill_diagonal_offset(a,1,9) T.extra_ops.squeeze(a) "
            "T.extra_ops.searchsorted(T.sort(a[0]),a) T.extra_ops.searchsorted(T.sort(a[0]),a,side='right') "
            "T.extra_ops.searchsorted(a[0],a[1],sorter=T.argsort(a[0])) T.extra_ops.compress(a[0]>0,a,axis=1) "
            "T.extra_ops.compress(a[:,0]>-9,a,axis=0) T.extra_ops.compress(a.flatten()>0,a) (a[0]>0).compress(a,axis=1) "
            "T.extra_ops.repeat(a,2) T.extra_ops.repeat(a,3,axis=1) T.extra_ops.cpu_contiguous(a) "
            "T.extra_ops.Unique()(a) T.extra_ops.Unique()(T.round(a)) T.extra_ops.Unique(True,True,True)(T.round(a))[1] "
            "T.extra_ops.Unique(True,True,True)(T.round(a))[2] T.extra_ops.Unique(True,True,True)(T.round(a))[3] "
            "T.extra_ops.Unique(axis=0)(T.round(a)) T.extra_ops.Unique(axis=1)(a) T.extra_ops.Unique(False,True,axis=1)(a)[1] "
            "T.topk(a,2,sorted=False).sum(axis=1) T.topk(a,-2,sorted=False).sum(axis=1) T.topk(a,1,axis=0,sorted=False) "
            "T.argtopk(a,1,sorted=False) T.argtopk(a,1,axis=0,sorted=False,idx_dtype='int32') T.topk(a,5,sorted=False).sum() "
            "T.topk(a,3,axis=None,sorted=False).sum() T.topk_and_argtopk(a,1,sorted=False)[1]",
        ),
        (
            [(f4, (2, 3, 4))],
            "T.fft.rfft(a) T.fft.irfft(a[...,:2]) T.cumsum(a,axis=2) T.sort(a) T.cumprod(a) T.extra_ops.diff(a,axis=1)",
        ),
        (
            [(i4, (6,))],
            "T.cumsum(a) T.cumprod(a) T.sort(a) T.argsort(a,kind='mergesort') T.extra_ops.diff(a) T.extra_ops.bincount(abs(a)) "
            "T.extra_ops.bincount(abs(a),minlength=9) T.extra_ops.bincount(abs(a),a) T.extra_ops.bincount(abs(a),T.arange(6.)) "
            "T.extra_ops.bincount(abs(a),assert_nonneg=True) T.extra_ops.to_one_hot(abs(a),5) "
            "T.extra_ops.to_one_hot(abs(a),4,dtype='int8') T.extra_ops.unravel_index(abs(a),(2,3))[0] "
            "T.extra_ops.unravel_index(abs(a),(2,3))[1] T.extra_ops.unravel_index(abs(a),(2,3),order='F')[1] "
            "T.extra_ops.ravel_multi_index((abs(a),abs(a)),(4,5)) T.extra_ops.ravel_multi_index((abs(a),abs(a)),(4,5),order='F') "
            "T.extra_ops.ravel_multi_index((a,a),(2,3),mode='wrap') T.extra_ops.ravel_multi_index((a,a),(2,3),mode='clip') "
            "T.extra_ops.Unique()(a) T.extra_ops.Unique(True)(a)[1] T.extra_ops.Unique(return_counts=True)(a)[1] "
            "T.extra_ops.searchsorted(T.sort(a),a) T.extra_ops.bartlett(abs(a[0])+4) T.extra_ops.bartlett(1) T.extra_ops.bartlett(0) "
            "T.extra_ops.repeat(a,abs(a)) T.extra_ops.compress(a,T.arange(6))",
        ),
        (
            [(i1, (5,))],
            "T.cumsum(a) T.cumprod(a) T.sort(a) T.extra_ops.diff(a) T.extra_ops.bincount(abs(a)) T.extra_ops.to_one_hot(abs(a),4)",
        ),
        (
            [(u1, (5,))],
            "T.cumsum(a) T.sort(a) T.argsort(a,kind='mergesort') T.extra_ops.diff(a) T.extra_ops.bincount(a) T.cumprod(a)",
        ),
        (
            [(z, (2, 3))],
            "T.sort(a) T.cumsum(a,axis=0) T.nlinalg.trace(a) T.nlinalg.norm(a,'fro') T.slinalg.kron(a,a) T.diagonal(a)",
        ),
        (
            [(f8, (0, 3))],
            "T.cumsum(a) T.cumsum(a,axis=0) T.sort(a,axis=0) T.argsort(a) T.extra_ops.diff(a) T.extra_ops.Unique()(a) T.nlinalg.trace(a)",
        ),
    ]
    for source in sources.split()
]
