"""Large arrays that belong to a trial, known by the hash of their content.

They are stored as ``.npy`` files are: a header in plain text, then the numbers. What is read may
be a stranger's: nothing is unpickled, and the header cannot ask for memory that the data do not
fill.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST: Final = 900_000_000  # bytes; SQLite holds no more than 1,000,000,000 in one value
LONGEST_HEADER: Final = 4_096  # characters
KINDS: Final = ("<f2", "<f4", "<f8")


class Blob:
    """An array that cannot be changed; equal to every other of the same content.

    Attributes
    ----------
    digest : SHA-256 of what is stored, 64 hexadecimal digits.

    Parameters
    ----------
    held, fetch : the array, or what reads it.
    sign : -1 where it is to be read with all its signs turned.
    """

    __slots__ = ("_fetch", "_held", "_sign", "digest")

    def __init__(
        self,
        digest: str,
        held: NDArray[Any] | None = None,
        fetch: Callable[[], NDArray[Any]] | None = None,
        sign: int = 1,
    ) -> None:
        self.digest, self._held, self._fetch, self._sign = digest, held, fetch, sign

    @classmethod
    def of(cls, array: NDArray[Any]) -> Blob:
        """The blob of an array of floats; a copy of it is held.

        Raises
        ------
        ValueError
            If it holds anything else, or too much.
        """
        held = array.astype(array.dtype.newbyteorder("<"), order="C", copy=True)
        held.flags.writeable = False
        return cls(hashlib.sha256(encode(held)).hexdigest(), held)

    def array(self) -> NDArray[Any]:
        """The numbers, read-only; StoreError where they cannot be read from the study's file."""
        import numpy as np

        held, fetch = self._held, self._fetch
        if held is None:
            assert fetch is not None
            held = fetch()
        return held if self._sign > 0 else np.negative(held, out=np.empty_like(held))

    def settle(self, fetch: Callable[[], NDArray[Any]]) -> None:
        """It is stored: hold it no longer, and read it when it is asked for."""
        self._fetch = fetch
        self._held = None

    def __neg__(self) -> Blob:
        return Blob(self.digest, self._held, self._fetch, -self._sign)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blob) and (self.digest, self._sign) == (other.digest, other._sign)

    def __hash__(self) -> int:
        return hash((self.digest, self._sign))

    def __repr__(self) -> str:
        return f"<Blob {self.digest[:12]}…>"


def encode(array: NDArray[Any]) -> bytes:
    """An array as the bytes of an ``.npy`` file; ValueError if it is none that is stored."""
    import numpy as np

    if array.dtype.str not in KINDS:
        raise ValueError(f"an array of {array.dtype} is not stored, only one of floats")
    if array.nbytes > LARGEST:
        raise ValueError(f"an array of {array.nbytes:,} bytes is too large to be stored")
    written = io.BytesIO()
    np.lib.format.write_array(written, np.asarray(array, order="C"), (1, 0), allow_pickle=False)
    return written.getvalue()


def decode(data: bytes, digest: str) -> NDArray[Any]:
    """The array of the bytes that `encode` made, read-only.

    Raises
    ------
    ValueError
        If they are not those of this digest, or no such array.
    """
    import numpy as np

    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"an array is not what it was when it was stored ({digest[:12]}…)")
    stream = io.BytesIO(data)
    try:
        written = np.lib.format.read_magic(stream)
        shape, fortran, kind = np.lib.format.read_array_header_1_0(stream, LONGEST_HEADER)
    except Exception as error:  # noqa: BLE001  # the header is evaluated as a literal
        raise ValueError(f"what is stored as an array is none: {error}") from None
    if written != (1, 0) or fortran or kind.str not in KINDS:
        raise ValueError("what is stored as an array is none of floats as they are stored here")
    # the length comes from the data: a header may say anything
    return np.frombuffer(data, kind, offset=stream.tell()).reshape(shape)
