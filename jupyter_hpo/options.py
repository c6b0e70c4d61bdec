"""The options of ``%%tune``: one table feeds the parser, the help, completion and the editor."""

from __future__ import annotations

import argparse
import difflib
import keyword
import re
import shlex
import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from .budget import Budget, seconds
from .errors import UsageError

WIDTH: Final = 100  # characters of a line of the list of options, but for the gaps


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes
    ----------
    flags : as written, the long one last.
    metavar : name of its value; "" for a switch.
    help : one line.
    convert : from the text of the value.
    """

    flags: tuple[str, ...]
    metavar: str
    help: str
    convert: Callable[[str], Any] = str

    @property
    def dest(self) -> str:
        """Name of the parsed value."""
        return self.flags[-1].lstrip("-").replace("-", "_")


def _name(text: str) -> str:
    # Python itself reads identifiers so: the µ of a keyboard and the Greek μ are one letter
    name = unicodedata.normalize("NFKC", text)
    if not name.isidentifier():
        raise ValueError(
            f"the name of one variable, not {text!r}; end the cell with, say, val_loss = … "
            "and name that"
        )
    return name


def _names(text: str) -> tuple[str, ...]:
    parts = unicodedata.normalize("NFKC", text).split(",")
    names = tuple(part.strip() for part in parts if part.strip())
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"names of variables, separated by commas, not {name!r}")
    return names


@dataclass(frozen=True)
class Whole:
    """Reads a whole number from `lowest` up; `example` is how the option is written."""

    lowest: int
    example: str

    def __call__(self, text: str) -> int:
        """The number; ValueError if it is none, or below `lowest`."""
        try:
            number = int(text)
        except ValueError:
            number = self.lowest - 1
        if number < self.lowest:
            kind = "a whole number" if self.lowest <= 0 else f"a whole number from {self.lowest}"
            raise ValueError(f"{kind}, say {self.example}, not {text!r}")
        return number


def _budget(text: str) -> str:
    return Budget.of(text).text


OPTIONS: Final = (
    Option(
        ("--minimize",), "NAME", "the variable to make small; `_` is the last expression", _name
    ),
    Option(("--maximize",), "NAME", "the variable to make large", _name),
    Option(
        ("-o", "--optimizer"),
        "HOW",
        "auto (default), bayes, cmaes, de, ga, gradient, grid, pso, random, sobol, optuna:TPE …, "
        "as in -o 'grid(points=5)'; or your own",
    ),
    Option(
        ("--pruner",),
        "HOW",
        "what ends trials early, or sets them aside: auto (default), none, asha, freezethaw, "
        "hyperband, median, patience, screen, threshold, wilcoxon, as in 'median(startup=3)'; "
        "or your own",
    ),
    Option(
        ("-n", "--trials"),
        "N",
        "how many trials in all (default 20, or the whole grid); 0 only describes the study",
        Whole(0, "--trials 40"),
    ),
    Option(
        ("-t", "--budget"),
        "HOW",
        "or how much: 10m, 2h, 90s, '500 epochs', or worthwhile: until more trials are not",
        _budget,
    ),
    Option(("--seed",), "N", "default 0: the same cell gives the same study", Whole(0, "--seed 1")),
    Option(
        ("-b", "--background"),
        "",
        "give the cell back at once; %tune wait waits for the study",
    ),
    Option(("--timeout",), "TIME", "skip a trial that takes longer: 90s, 10m, 1h", seconds),
    Option(("--resume",), "", "go on with the latest stored run of this study"),
    Option(("--run",), "N", "which stored run --resume takes", Whole(1, "--run 1")),
    Option(("--keep",), "NAMES", "variables of the best trial to hold", _names),
    Option(("--fresh",), "NAMES", "notebook objects to copy anew for each trial", _names),
    Option(("--shared",), "NAMES", "notebook objects that trials may share and change", _names),
    Option(("--no-baseline",), "", "do not run the defaults as trial 0"),
    Option(("--retries",), "N", "run a failed trial again up to N times", Whole(0, "--retries 1")),
    Option(
        ("--max-failures",),
        "N",
        "end the study after N failed trials",
        Whole(1, "--max-failures 5"),
    ),
    Option(("--device",), "NAME", "what trial.device says, e.g. cuda:1 (default: what torch has)"),
    Option(("--store",), "PATH", "file or folder to keep the study in; `none` keeps it in memory"),
    Option(("--quiet",), "", "no live view, one line at the end"),
)

LATER: Final = {
    "jobs": "trials run one after the other",
    "executor": "trials run in this kernel",
    "warm_start": "a study starts from its own trials; --resume goes on with a stored one",
    "confirm": "run a configuration again with study.replay(number)",
}
SHORT_LATER: Final = {"-j": "jobs"}


class _Once(argparse.Action):
    """An option's value. argparse would let the last of two win in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            flag = self.option_strings[-1]
            several = self.dest in ("minimize", "maximize")
            only = "several objectives are not in this version" if several else "write it once"
            raise UsageError(f"{flag} stands there twice; {only}")
        setattr(namespace, self.dest, values)


_BRACES, _HIDDEN = re.compile(r"\{[^{}]*\}"), re.compile(r"\0(\d+)\0")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(_readable(message))


def _parser() -> argparse.ArgumentParser:
    # abbreviations would change their meaning as options are added
    parser = _Parser(prog="%%tune", add_help=False, allow_abbrev=False)
    for option in OPTIONS:
        if option.metavar:
            parser.add_argument(*option.flags, dest=option.dest, type=_typed(option), action=_Once)
        else:
            parser.add_argument(*option.flags, dest=option.dest, action="store_true")
    return parser


def _typed(option: Option) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return option.convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _readable(message: str) -> str:
    """argparse's ``argument -n/--trials: …`` in our words."""
    if message.startswith("argument "):
        flags, _, rest = message.removeprefix("argument ").partition(": ")
        flag = flags.split("/")[-1]
        if rest == "expected one argument":
            metavar = next(o.metavar for o in OPTIONS if flag in o.flags)
            return f"{flag} needs a value: {flag} {metavar}"
        if rest.startswith("ignored explicit argument"):
            return f"{flag} takes no value; write {flag} alone"
        return f"{flag} takes {rest}"
    return message


def split(line: str) -> list[str]:
    """The words of a magic's line: quotes taken off, a `` # comment`` left out.

    Raises
    ------
    UsageError
        If a quote is not closed.
    """
    held: list[str] = []

    def hide(found: re.Match[str]) -> str:
        held.append(found.group())
        return f"\0{len(held) - 1}\0"

    try:
        # an expression in braces is one word, whatever spaces and quotes are in it
        words = shlex.split(_BRACES.sub(hide, _without_comment(line)))
        return [_HIDDEN.sub(lambda found: held[int(found[1])], word) for word in words]
    except ValueError as error:
        raise UsageError(f"cannot read the %%tune line: {str(error).lower()}") from None


def _without_comment(line: str) -> str:
    quote = ""
    for place, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "#" and (place == 0 or line[place - 1].isspace()):
            return line[:place]
    return line


def parse(words: list[str]) -> argparse.Namespace:
    """The options of a ``%%tune`` line; ``name`` is the study's, None if not given.

    Raises
    ------
    UsageError
        For anything unknown, with the nearest known option; options of later
        versions are refused by name.
    """
    _refuse_typography(words)
    _refuse_later(words)
    _refuse_one_dash(words)
    options, rest = _parser().parse_known_args(_with_epochs(words))
    for word in rest:
        if word.startswith("-"):
            raise UsageError(_unknown(word))
    if len(rest) > 1:
        raise UsageError(
            f"one name for the study, not {len(rest)}: {' '.join(rest)}; "
            "an option's value with spaces needs quotes"
        )
    if options.minimize and options.maximize:
        raise UsageError("give --minimize or --maximize, not both")
    options.name = unicodedata.normalize("NFKC", rest[0]) if rest else None
    if options.name is not None and (
        not options.name.isidentifier() or keyword.iskeyword(options.name)
    ):
        raise UsageError(f"{options.name!r} cannot name a study; use a name like my_study")
    return options


def _with_epochs(words: list[str]) -> list[str]:
    """``--budget 500 epochs`` without the quotes is one value, too."""
    found: list[str] = []
    for word in words:
        flag, _, number = " ".join(found[-2:]).replace("=", " ").rpartition(" ")
        of_budget = number.isdigit() and flag.split(" ")[-1] in ("-t", "--budget")
        if word in ("epoch", "epochs") and of_budget:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _refuse_typography(words: list[str]) -> None:
    """Dashes and quotes as a word processor makes them."""
    for word in words:
        if word[:1] in "–—−" and word.strip("–—−"):
            raise UsageError(f"{word} starts with {word[0]}, not -; write --{word.lstrip('–—−')}")
        if any(mark in word for mark in "“”‘’"):
            raise UsageError(f"{word} has typographic quotes; write ' or \" instead")


def _refuse_later(words: list[str]) -> None:
    for word in words:
        name = word.partition("=")[0].lstrip("-").replace("-", "_")
        if name not in LATER and not word[2:3].isalpha():
            name = SHORT_LATER.get(word[:2], "")  # also -j4
        if word.startswith("-") and name in LATER:
            raise UsageError(f"--{name.replace('_', '-')} is not in this version: {LATER[name]}")


def _refuse_one_dash(words: list[str]) -> None:
    """``-trials``, which would be ``-t`` with a value."""
    flags = {flag for option in OPTIONS for flag in option.flags}
    for word in words:
        if word[:1] == "-" and f"-{word.partition('=')[0]}" in flags:
            raise UsageError(_unknown(word))


def _unknown(word: str) -> str:
    flags = [flag for option in OPTIONS for flag in option.flags]
    written = word.partition("=")[0]
    long = [flag for flag in flags if len(written) == 2 and flag.startswith(f"-{written}")]
    near = long or difflib.get_close_matches(written, flags, 1)  # -p: --pruner
    hint = f"did you mean {near[0]}?" if near else "%tune options lists them all"
    return f"there is no option {written}; {hint}"


def describe() -> str:
    """The table of options as text."""
    rows = [(", ".join(o.flags) + (f" {o.metavar}" if o.metavar else ""), o.help) for o in OPTIONS]
    width = max(len(flags) for flags, _ in rows)
    lines = ["%%tune [NAME] [options]     NAME receives the Study (default: study)", ""]
    for flags, text in rows:
        first, *more = textwrap.wrap(text, WIDTH - width)
        lines.append(f"  {flags:<{width}}  {first}")
        lines += [" " * (width + 4) + row for row in more]
    return "\n".join(lines)
