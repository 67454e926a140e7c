"""Confidence interval of a proportion."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 percent on each side."""


def wilson(count: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    count, total : int
        Of ``total`` samples, ``count`` have it; ``total`` is above 0.
    z : float
        95 percent by default.

    Returns
    -------
    low, high : float
        From 0 to 1.

    Examples
    --------
    >>> [round(value, 4) for value in wilson(10, 100)], wilson(0, 10)[0], wilson(10, 10)[1]
    ([0.0552, 0.1744], 0.0, 1.0)
    """
    share = count / total
    centre = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else (centre - spread) / scale
    return low, 1.0 if count == total else (centre + spread) / scale
