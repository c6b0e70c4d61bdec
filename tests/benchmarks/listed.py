"""Lists of names with options on a command line."""

from __future__ import annotations


def listed(text: str) -> list[str]:
    """The items of ``auto,bayes(a=1,b="x")``: commas in brackets do not part them."""
    items, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            items.append("")
        else:
            items[-1] += letter
    return [item.strip() for item in items if item.strip()]
