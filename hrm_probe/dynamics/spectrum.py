"""Leading eigenvalues of a map's Jacobian at many points, without forming it."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from scipy import linalg
from torch import Tensor

from hrm_probe.dynamics.gram_schmidt import orthogonalised
from hrm_probe.dynamics.linearise import Step, as_points, dense_jacobians, jvp, random_directions
from hrm_probe.given_numbers import number_within, whole_number
from hrm_probe.wording import counted, listed


@dataclass(frozen=True)
class Spectrum:
    """Leading eigenvalues with what is known of their error.

    ``residuals`` is how far the eigenvalue may be off, to first order: ||J v - lambda v|| for the unit eigenvector v,
    times the condition number of lambda; where the Jacobian was formed, it is how far rounding may have moved it.
    ``converged`` says that it is at most ``tol`` times the largest modulus found. ``radii`` is the largest modulus of
    each row: below 1 the point attracts, above 1 it repels. All three are NaN, and ``converged`` is False, in rows
    whose Jacobian is not finite.
    """

    eigenvalues: np.ndarray  # complex128 [n, k]
    residuals: np.ndarray  # [n, k]
    converged: np.ndarray  # bool [n, k]
    krylov: int  # dimension of the Krylov space used; d where the Jacobian was formed
    method: str  # "dense" or "arnoldi"

    @property
    def radii(self) -> np.ndarray:
        """Spectral radius [n]."""
        return np.abs(self.eigenvalues[:, 0])

    def __repr__(self) -> str:
        points, k = self.eigenvalues.shape
        leading = f"leading {k} at {counted(points, 'point')}"
        converged = f"{int(self.converged.sum())} of {points * k} converged"
        return (
            f"Spectrum({leading}, {converged}; spectral radii {listed(self.radii.tolist())}; {self.method})"
        )


def jacobian_eigenvalues(
    step: Step,
    points: Tensor,
    k: int,
    seed: int = 0,
    *,
    tol: float = 1e-3,
    krylov: int | None = None,
    dense_below: int = 128,
) -> np.ndarray:
    """The k eigenvalues of largest modulus of the Jacobian at every point; complex [n, k], largest first.

    >>> import torch
    >>> jacobian_eigenvalues(lambda x: 0.5 * x, torch.zeros(1, 3), k=1).real.tolist()
    [[0.5]]

    A warning is given when some have not converged, or are not finite; `jacobian_spectrum` takes the same arguments
    and returns residuals too. See there for everything else. A step that detaches a part of its arithmetic gives the
    derivatives of the rest, without a sign: :func:`derivative_error` compares them with differences.
    """
    spectrum = jacobian_spectrum(step, points, k, seed, tol=tol, krylov=krylov, dense_below=dense_below)
    missed = int((np.isfinite(spectrum.eigenvalues) & ~spectrum.converged).sum())
    unknown = int((~np.isfinite(spectrum.eigenvalues)).any(axis=1).sum())
    if unknown:
        warnings.warn(
            f"The Jacobian at {unknown} of {counted(len(spectrum.eigenvalues), 'point')} holds NaN or infinity, and so "
            "do their eigenvalues.",
            RuntimeWarning,
            stacklevel=2,
        )
    if missed:
        warnings.warn(
            f"{missed} of {spectrum.converged.size} eigenvalues have residuals above tol={tol:g}; "
            + (
                "the Jacobian is too far from normal for its precision: use points in float64, if they are not, or "
                if spectrum.method == "dense"
                else f"raise krylov (now {spectrum.krylov}) or "
            )
            + "read jacobian_spectrum().residuals.",
            RuntimeWarning,
            stacklevel=2,
        )
    return spectrum.eigenvalues


def jacobian_spectrum(
    step: Step,
    points: Tensor,
    k: int,
    seed: int = 0,
    *,
    tol: float = 1e-3,
    krylov: int | None = None,
    dense_below: int = 128,
) -> Spectrum:
    """Leading eigenvalues of the Jacobian at every point, with residuals.

    Up to ``dense_below`` dimensions the Jacobian is formed and its eigenvalues are found densely: to rounding times
    their condition number, or, where m eigenvectors coincide (a defective Jacobian), to the m-th root of rounding;
    residuals say how much that is. Beyond, Arnoldi's method
    builds a Krylov space for all rows at once, one Jacobian-vector product of the batch a dimension, until every
    wanted pair has converged or the space is ``krylov`` wide.

    Args:
        step: the map, differentiable in forward mode.
        points: [n, d], usually fixed points.
        k: how many eigenvalues, 1..d. If the k-th and the next are a complex pair, the one with positive
            imaginary part is given.
        seed: for the starting vectors.
        tol: error that counts as converged, relative to the largest modulus of the row.
        krylov: largest dimension; by default max(6 k, 80), at most d. Memory is (krylov + 1) * n * d numbers.
        dense_below: largest d for which the Jacobian is formed.

    Returns:
        Spectrum. Rows whose Jacobian is not finite have NaN eigenvalues.

    Raises:
        InputError: k outside 1..d, points not [n, d] or not finite.

    Source: Arnoldi (1951); Saad (2011), Numerical Methods for Large Eigenvalue Problems, chapter 6.
    Known inaccuracy: errors are told to first order, by the condition number that the Krylov space sees. Of 80
    triangular Jacobians (dimension 128 and 400, radius 0.895, normal entries of standard deviation 0.02 to 0.5 above
    the diagonal, turned at random; k=1) 34 converged in the default space, none further off than 5e-4; the others were
    off by up to 0.9, up to 5.5 times as much as said. Where a verdict on attraction hangs on one that has not
    converged, raise ``dense_below`` to d, or ``krylov``. Of eigenvalues that coincide a Krylov space sees one. In
    float32 nothing below 1e-6 times the norm of the Jacobian is meaningful. Residuals take the place of a confidence
    interval.
    """
    x = as_points(points)
    n, d = x.shape
    whole_number(k, "k", 1, d)
    whole_number(dense_below, "dense_below", 0)
    number_within(tol, "tol", least=0)
    if d <= dense_below:
        jacobians = dense_jacobians(step, x).double().cpu().numpy() if n else np.zeros((0, d, d))
        values, residuals = _dense(jacobians, k, float(torch.finfo(x.dtype).eps))
        return Spectrum(values, residuals, residuals <= tol * np.abs(values[:, :1]), d, "dense")
    return _arnoldi(step, x, k, seed, tol, min(d, max(6 * k, 80) if krylov is None else max(krylov, k + 2)))


def _dense(jacobians: np.ndarray, k: int, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Leading eigenvalues [n, k] and how far rounding may have moved them; NaN where a Jacobian is not finite."""
    n, d, _ = jacobians.shape
    values, errors = np.full((n, d), np.nan, dtype=np.complex128), np.full((n, d), np.nan)
    for i in np.flatnonzero(np.isfinite(jacobians).all(axis=(1, 2))):
        values[i], lefts, rights = linalg.eig(jacobians[i], left=True, right=True)
        size = np.linalg.norm(jacobians[i])
        cosines = np.abs((lefts.conj() * rights).sum(axis=0))
        with np.errstate(divide="ignore"):  # a defective eigenvalue has no condition number
            to_first_order = eps * size / cosines
        # Elsner (1985): no eigenvalue at all moves further than the second bound.
        errors[i] = np.minimum(to_first_order, (2 * size) ** (1 - 1 / d) * (eps * size) ** (1 / d))
    values, order = _leading(values)
    return values[:, :k], np.take_along_axis(errors, order, axis=1)[:, :k]


def _arnoldi(step: Step, x: Tensor, k: int, seed: int, tol: float, m: int) -> Spectrum:
    """Arnoldi without restarts: fewest products, memory for the whole basis."""
    n, d = x.shape
    eps = float(torch.finfo(x.dtype).eps)
    basis = x.new_zeros(m + 1, n, d)
    basis[0] = random_directions((n, d), x, seed)
    hessenberg = np.zeros((n, m + 1, m))
    look = 2 * k + 10  # sooner, a leading pair may still be hidden while others are exact already
    for j in range(m):
        w = jvp(step, x, basis[j])[1]
        norm_before = _norm(w)
        w, h = orthogonalised(w, basis[: j + 1])
        norm = _norm(w)
        alive = ~(norm <= 10 * eps * norm_before)  # NaN stays, for its row to show
        if not bool(alive.all()):
            # The space is invariant: go on in a direction that has not been seen, unconnected to the others.
            fresh = random_directions((n, d), x, seed + 1 + j)
            w = torch.where(alive[:, None], w, orthogonalised(fresh, basis[: j + 1])[0])
        hessenberg[:, : j + 1, j] = h.sum(dim=0).double().cpu().numpy()
        hessenberg[:, j + 1, j] = torch.where(alive, norm, 0.0).cpu().numpy()
        basis[j + 1] = w / _norm(w).clamp_min(torch.finfo(x.dtype).tiny)[:, None]
        size = j + 1
        if size >= min(m, look):
            look = int(np.ceil(1.2 * size))  # the eigenvalues of the small matrices cost too
            values, residuals = _ritz(hessenberg[:, : size + 1, :size], k)
            converged = residuals <= tol * np.abs(values[:, :1])
            if (converged | np.isnan(residuals)).all():
                break
    return Spectrum(values, residuals, converged, size, "arnoldi")


def _norm(w: Tensor) -> Tensor:
    """Norms of rows in float64, whose squares neither overflow nor vanish where float32's would; [n]."""
    return torch.linalg.vector_norm(w, dim=1, dtype=torch.float64)


def _ritz(hessenberg: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Leading Ritz values [n, k] and their errors to first order; NaN for NaN.

    The residual |h_{m+1,m}| |last component of the eigenvector| says how far the Jacobian is from one that has this
    eigenvalue; the condition number, 1 / cosine of left and right eigenvector, how far that moves the eigenvalue. It is
    the one of the small matrix, which stands for that of the Jacobian.
    """
    n, size = len(hessenberg), hessenberg.shape[2]
    values, errors = np.full((n, size), np.nan, dtype=np.complex128), np.full((n, size), np.nan)
    for i in np.flatnonzero(np.isfinite(hessenberg).all(axis=(1, 2))):
        values[i], lefts, rights = linalg.eig(hessenberg[i, :-1], left=True, right=True)
        cosines = np.abs((lefts.conj() * rights).sum(axis=0))
        residuals = np.abs(rights[-1]) * abs(hessenberg[i, -1, -1])
        errors[i] = np.divide(residuals, cosines, out=np.full(size, np.inf), where=cosines > 0)
    values, order = _leading(values)
    return values[:, :k], np.take_along_axis(errors, order, axis=1)[:, :k]


def _leading(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort each row by falling modulus; of a complex pair the one above the real axis comes first."""
    order = np.lexsort((-values.imag, -values.real, -np.abs(values)), axis=-1)
    return np.take_along_axis(values, order, axis=1), order
