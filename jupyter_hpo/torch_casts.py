"""Autocast of torch, put aside while a trial is parked.

For `thread_modes`. All but ``_C._autocast_supported_devices``, which is private, is what
torch's own Python class of autocast uses: ``set_autocast_enabled(device, …)``,
``autocast_increment_nesting``, … (torch 2.4 and later).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import get_ident
from typing import Any

from .torch_stacks import Piece

_DEVICES = ("cpu", "cuda", "mps", "xpu")  # where torch does not say which there are


class Casts:
    """The weights that autocast keeps cast, while a trial is parked among them.

    Autocast casts a weight once in a region and keeps it for its next use there: its
    gradients then add up in low precision, so casting anew would change their bits. All of
    it is one table for the process, emptied when the outermost region ends. So while the
    weights of a parked trial are in it, regions of others must neither end as the outermost
    one (theirs count one deeper) nor keep weights, as no end would empty the table for them
    and their next step would use weights from before the last. A region that was made
    earlier, or with ``cache_enabled=True``, turns keeping on when it is entered; for that
    time torch's switch is replaced by one that only remembers what was asked.
    """

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.real_read = torch.is_autocast_cache_enabled
        self.real_write = torch.set_autocast_cache_enabled
        self.held = False
        self.asked = True
        self.home = 0

    def read(self) -> tuple[int, bool]:
        nesting = self.torch.autocast_increment_nesting() - 1 - self.held
        self.torch.autocast_decrement_nesting()
        return nesting, self.asked if self.held else self.real_read()

    def write(self, state: tuple[int, bool]) -> None:
        nesting, enabled = state[0] + self.held, state[1]
        now = self.torch.autocast_increment_nesting()
        while now > nesting:
            now = self.torch.autocast_decrement_nesting()
        while now < nesting:
            now = self.torch.autocast_increment_nesting()
        if self.held:
            self.asked = enabled
        else:
            self.real_write(enabled)

    def keep(self, trials: tuple[int, bool]) -> bool:
        """Hold the table for the trial that is about to be parked, if it may use it."""
        nesting, enabled = trials
        if self.held or not nesting or not enabled:
            return False
        self.held, self.home = True, get_ident()
        self.real_write(False)
        self.torch.is_autocast_cache_enabled = self._read_asked
        self.torch.set_autocast_cache_enabled = self._write_asked
        return True

    def release(self) -> None:
        """The trial that held the table goes on."""
        self.held = False
        self.torch.is_autocast_cache_enabled = self.real_read
        self.torch.set_autocast_cache_enabled = self.real_write

    def forget(self, trials: tuple[int, bool], users: tuple[int, bool]) -> None:
        """A trial ended; the weights it kept go, if it left a region open that kept any."""
        if trials[0] and not users[0] and not self.held:
            self.torch.clear_autocast_cache()

    # The real switch is the thread's; other threads go on with theirs.
    def _read_asked(self) -> bool:
        return self.asked if get_ident() == self.home else bool(self.real_read())

    def _write_asked(self, enabled: bool) -> None:
        if get_ident() == self.home:
            self.asked = enabled
        else:
            self.real_write(enabled)


def autocast(torch: Any) -> Iterator[Piece]:
    """On or off and the dtype, for each kind of device."""
    for device in getattr(torch._C, "_autocast_supported_devices", lambda: _DEVICES)():
        with suppress(Exception):
            yield _on(torch, device)


def _on(torch: Any, device: str) -> Piece:
    def read() -> tuple[bool, Any]:
        return torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)

    def write(state: tuple[bool, Any]) -> None:
        torch.set_autocast_enabled(device, state[0])
        torch.set_autocast_dtype(device, state[1])

    def untouched() -> tuple[bool, Any]:
        state = read()
        write(state)  # raises for a device that this torch only knows by name
        return state

    return Piece(f"autocast {device}", read, write, _in_new_thread(untouched))


def _in_new_thread(read: Callable[[], Any]) -> Any:
    """What `read` gives where nothing was set yet: the defaults differ between versions."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(read).result()
