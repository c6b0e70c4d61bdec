"""The streams that stand for sys.stdout and sys.stderr while trials run."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import pickle
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_hpo.capture import HEAD, TAIL, Printed, Streams


def captured(streams: Streams, code: Callable[[], object], *, show: bool = False) -> str:
    printed = Printed()
    found = streams.begin(printed, None, show=show)
    try:
        code()
    finally:
        streams.end(found)
    return printed.text


def kept(streams: Streams) -> Any:
    """The stream that a library met in a trial."""
    met: list[Any] = []
    captured(streams, lambda: met.append(sys.stdout))
    return met[0]


def put(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A new sys.stdout; set in the test itself, since pytest sets its own before each."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


def test_a_handler_made_in_one_trial_logs_into_the_trial_that_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    below = put(monkeypatch)
    streams, log = Streams(), logging.getLogger("test of capture")
    log.setLevel("INFO")
    log.propagate = False

    def trial(number: int) -> None:
        if not log.handlers:
            log.addHandler(logging.StreamHandler(sys.stdout))
        log.info("trial %d", number)

    assert captured(streams, lambda: trial(0), show=True) == "trial 0\n"
    log.info("between")
    assert captured(streams, lambda: trial(1)) == "trial 1\n"
    log.info("after")
    assert below.getvalue() == "trial 0\nbetween\nafter\n"
    assert sys.stdout is below


def test_it_is_the_same_object_in_each_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    below = put(monkeypatch)
    streams = Streams()
    first, second = kept(streams), kept(streams)
    assert first is second is not below


def test_a_stream_put_in_its_place_later_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    below = put(monkeypatch)
    streams, other = Streams(), io.StringIO()
    stream = kept(streams)
    monkeypatch.setattr(sys, "stdout", other)
    captured(streams, lambda: print("shown"), show=True)
    stream.write("after")
    assert (below.getvalue(), other.getvalue()) == ("", "shown\nafter")
    assert sys.stdout is other


class Wrapper(io.StringIO):
    """Notes what is written and hands it on, as a library's wrapper does."""

    def __init__(self, around: Any) -> None:
        super().__init__()
        self.around = around

    def write(self, text: str) -> int:
        super().write(text)
        return int(self.around.write(text))

    def flush(self) -> None:
        self.around.flush()

    def isatty(self) -> bool:
        return bool(self.around.isatty())


def test_a_wrapper_made_in_a_trial_may_become_sys_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    below = put(monkeypatch)
    streams = Streams()
    wrapper = Wrapper(kept(streams))
    monkeypatch.setattr(sys, "stdout", wrapper)

    def trial() -> None:
        print("hello", flush=True)
        assert not sys.stdout.isatty()
        with pytest.raises(AttributeError):
            _ = sys.stdout.around.nothing

    assert captured(streams, trial, show=True) == "hello\n"
    assert wrapper.getvalue() == below.getvalue() == "hello\n"
    assert captured(streams, lambda: print("quiet")) == "quiet\n"
    assert below.getvalue() == "hello\n"


def test_itself_put_into_sys_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    below = put(monkeypatch)
    streams = Streams()
    stream = kept(streams)
    monkeypatch.setattr(sys, "stdout", stream)
    assert captured(streams, lambda: print("once"), show=True) == "once\n"
    print("after")
    assert below.getvalue() == "once\nafter\n" and sys.stdout is stream


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: sys.stdout.close(),
        lambda: setattr(sys.stdout, "write", None),
        lambda: setattr(sys, "stdout", None),
        lambda: delattr(sys, "stdout"),
        lambda: sys.stdout.__enter__().__exit__(None, None, None),
        lambda: contextlib.redirect_stdout(io.StringIO()).__enter__(),
    ],
)
def test_what_a_trial_does_to_it_ends_with_the_trial(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[], object]
) -> None:
    below = put(monkeypatch)
    streams = Streams()
    captured(streams, spoil)
    assert sys.stdout is below and not below.closed
    assert captured(streams, lambda: print("next")) == "next\n"
    stream = kept(streams)
    stream.write("after")
    assert below.getvalue() == "after"


def test_a_standard_stream_that_was_closed_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    below = put(monkeypatch)
    streams, other = Streams(), io.StringIO()
    stream = kept(streams)
    below.close()
    monkeypatch.setattr(sys, "stdout", other)
    assert kept(streams) is stream
    stream.write("still there")
    assert other.getvalue() == "still there"


def test_it_is_as_the_stream_it_stands_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    streams = Streams()
    with open(tmp_path / "out", "w", encoding="latin-1", errors="replace") as file:
        monkeypatch.setattr(sys, "stdout", file)

        def trial() -> None:
            out: Any = sys.stdout
            assert isinstance(out, io.TextIOBase) and out.writable() and not out.closed
            assert (out.name, out.fileno(), out.encoding) == (file.name, file.fileno(), "latin-1")
            assert (out.errors, out.mode, out.line_buffering) == ("replace", "w", False)
            assert out.buffer is file.buffer and not out.isatty()
            with pytest.raises(AttributeError, match="TextIOWrapper' object has no attribute"):
                _ = out.nothing
            with pytest.raises(TypeError, match="must be str, not int"):
                out.write(3)

        assert captured(streams, trial) == ""


def test_no_standard_output_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    streams = Streams()

    def trial() -> None:
        print("into the void", flush=True)
        out: Any = sys.stdout
        assert (out.encoding, out.isatty()) == ("utf-8", False)
        with pytest.raises(io.UnsupportedOperation):
            out.fileno()
        with pytest.raises(AttributeError, match="nothing"):
            _ = out.nothing

    assert captured(streams, trial, show=True) == "into the void\n"
    assert sys.stdout is None


@pytest.mark.parametrize("how", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_copied_no_more_than_a_file_is(
    monkeypatch: pytest.MonkeyPatch, how: Callable[[Any], object]
) -> None:
    put(monkeypatch)
    stream = kept(Streams())
    with pytest.raises(TypeError, match="standard stream"):
        how(stream)


def test_threads_lose_nothing() -> None:
    printed, begin = Printed(), threading.Barrier(8)
    lines = [f"{number} {i}\n" for number in range(8) for i in range(400)]

    def add(number: int) -> None:
        begin.wait()
        for line in lines[400 * number : 400 * (number + 1)]:
            printed.add(line)
            if line.endswith("0\n"):
                assert printed.text

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(printed.text.splitlines(keepends=True)) == sorted(lines)


@pytest.mark.parametrize("size", [1, 999, HEAD, HEAD + 1, 3 * TAIL])
def test_long_output_keeps_its_start_and_its_end(size: int) -> None:
    printed, whole = Printed(), ""
    for piece in range(10 * TAIL // size + 1):
        whole += f"{piece:>{size}}"
        printed.add(f"{piece:>{size}}")
    text = printed.text
    assert text[:HEAD] == whole[:HEAD] and text[-TAIL:] == whole[-TAIL:]
    assert len(text) < HEAD + 2 * TAIL + 100
    left_out = len(whole) - (len(text) - len(f"\n… {len(whole)} characters left out …\n"))
    assert abs(left_out - int(text[HEAD:].split()[1])) < 10
    printed.clear()
    assert printed.text == ""
