"""``$name`` and ``{expression}`` in the line of a magic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from IPython.utils.text import DollarFormatter

from .errors import UsageError


def expand(words: list[str], namespace: Mapping[str, Any]) -> list[str]:
    """Each word with the notebook's values in it; a word without ``$`` and ``{`` stays as it is.

    Raises
    ------
    UsageError
        Naming what could not be expanded. IPython itself would leave the whole
        line as it was, and the user with an error about something else.
    """
    formatter = DollarFormatter()
    return [_expanded(formatter, word, namespace) for word in words]


def _expanded(formatter: DollarFormatter, word: str, namespace: Mapping[str, Any]) -> str:
    if "$" not in word and "{" not in word:
        return word
    try:
        return str(formatter.vformat(word, args=[], kwargs=dict(namespace)))
    except Exception as error:  # noqa: BLE001  # `{…}` is any expression
        raise UsageError(f"cannot expand {word!r} in this line: {error}") from None
