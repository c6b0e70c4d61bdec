"""Linear algebra on one thread: with several, small matrices take longer, not shorter."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  # its BLAS must be there to be found
from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Around calls of BLAS; the number of threads there was is put back."""
    limits: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limits


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # finding the libraries takes milliseconds
