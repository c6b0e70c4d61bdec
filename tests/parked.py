"""A notebook without a kernel, in which cells are tuned, parked and gone on with."""

from __future__ import annotations

import gc
import linecache
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CodeType, FrameType, ModuleType

from greenlet import greenlet

import jupyter_hpo
from jupyter_hpo import optimizers
from jupyter_hpo.adviser import Adviser
from jupyter_hpo.bench import Settings
from jupyter_hpo.capture import Captured
from jupyter_hpo.cell import leading_imports, parse, read_cell
from jupyter_hpo.cell.body import CellBody
from jupyter_hpo.controls import Controls
from jupyter_hpo.executors import KernelExecutor
from jupyter_hpo.guarded import SharedObjects
from jupyter_hpo.launch import Request, launch
from jupyter_hpo.parking import Parking
from jupyter_hpo.plain import PlainHost
from jupyter_hpo.protocols import Output, Pruner
from jupyter_hpo.pruners.none import Never
from jupyter_hpo.record import StudyInfo
from jupyter_hpo.runner import Runner
from jupyter_hpo.sitting import Background, Sitting
from jupyter_hpo.store import Store
from jupyter_hpo.trial import Trial, TrialState

CELL = "<cell "  # what the file names of cells begin with


class NotebookHost(PlainHost):
    """Knows which code is of cells; actions for the event loop wait until `idle` is called."""

    headless = False

    def __init__(self) -> None:
        super().__init__()
        self.later: deque[Callable[[], None]] = deque()

    def captured(self, *, show: bool) -> Output:
        return Captured(show=False)

    def is_users(self, code: CodeType) -> bool:
        return code.co_filename.startswith(CELL)

    def title(self, filename: str) -> str | None:
        return filename.strip("<>").capitalize() if filename.startswith(CELL) else None

    def soon(self, action: Callable[[], None], seconds: float = 0) -> bool:
        self.later.append(action)
        return True

    def idle_interrupts(self, action: Callable[[], None] | None) -> None:
        """Nobody presses ■ here."""

    def idle(self, times: int) -> None:
        """The event loop has a moment, for so many actions."""
        for _ in range(times):
            if self.later:
                self.later.popleft()()


class Lines(Parking):
    """Parks after given numbers of lines of the user's code, wherever these are.

    ``pauses`` : for good and not for a slice, so that `Sitting.drive` comes back.
    """

    pauses = False

    def __init__(
        self, controls: Controls, is_users: Callable[[CodeType], bool], *, traces: bool = True
    ) -> None:
        super().__init__(controls, is_users, traces=traces)
        self.plan: Iterator[int] = iter(())
        self.left: int | None = None
        self.parks = 0

    def begin(self) -> None:
        """A trial is about to begin, or has ended."""
        self.left = next(self.plan, None)
        self._ask()

    def _ask(self) -> None:
        asked = self.left is not None
        self.controls.yielding = asked and not self.pauses
        if asked and self.pauses:
            self.controls.pause()
        self.controls.attention = asked

    def point(self) -> None:
        if self.left is None:
            super().point()
            return
        self.left -= 1
        if self.left > 0:
            return
        self._ask()
        super().point()  # and later on from here
        if not self.waiting_for:
            self.left = next(self.plan, None)
        self._ask()
        if self.left is not None and self.arm is not None:
            self.arm(sys._getframe())

    def _park(self) -> None:
        self.parks += 1
        super()._park()


class Notebook:
    """The namespace and its cells."""

    def __init__(self, module: str = "parked_notebook") -> None:
        # a module, so that classes of cells can be pickled
        self.module = ModuleType(module)
        sys.modules[module] = self.module
        self.names = self.module.__dict__
        given = ("Float", "Int", "Categorical", "Bool", "trial")
        self.names.update({name: getattr(jupyter_hpo, name) for name in given})
        self.names["LR"] = jupyter_hpo.Float(1e-5, 1e-1, log=True)
        self.names["__builtins__"] = __builtins__
        self.host = NotebookHost()
        self.texts: dict[str, int] = {}

    def run(self, text: str) -> None:
        """A cell of the user's."""
        exec(compile(text, self._named(text), "exec"), self.names)

    def _named(self, text: str) -> str:
        # the same name for the same text: what it made is compared with its file and line
        number = self.texts.setdefault(text, len(self.texts) + 1)
        name = f"{CELL}{number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        return name

    def study(
        self,
        text: str,
        *,
        metric: str = "loss",
        optimizer: str = "random",
        parking: Callable[[Controls, Callable[[CodeType], bool]], Parking] = Parking,
        trials: int = 1,
        timeout: float | None = None,
        keep: Sequence[str] = (),
        pruner: Pruner | None = None,
        guarded: bool = False,
        background: Background | None = None,
        changed: Callable[[], None] = lambda: None,
        around: Callable[[Trial], None] = lambda trial: None,
        store: Store | None = None,
        resume: bool = False,
    ) -> Sitting:
        """A study of a cell, not begun yet."""
        source = parse(text, f"%%tune --minimize {metric}" + text)
        scope = dict(self.names)
        imports = leading_imports(source)
        if imports is not None:
            exec(imports, scope)
        declares = optimizers.needs_space(optimizer)
        cell = read_cell(source, metric, self.names, scope, declares=declares)
        body = CellBody(cell, cell.compile(self._named(text)), self.names)
        host = self.host
        info = StudyInfo("study", metric, False, optimizer, 0, trials, cell.space.to_json())
        stands = parking(Controls(parks=True), host.is_users)
        if guarded:
            around = stands.outermost = SharedObjects(cell, self.names, (), ())
        asked = Request(optimizer, trials, 0, resume, pruner="none", variables=self.names)
        journal, chosen, earlier = launch(asked, info, cell.space, store)
        runner = Runner(
            journal,
            Adviser(journal, chosen, variables=self.names),
            KernelExecutor(body, host, metric),
            host,
            Settings(timeout=timeout, keep=tuple(keep)),
            pruner or Never(),
            parking=stands,
            around=around,
        )
        runner.restore(earlier)
        return Sitting(runner, host, background, changed)


def names_in(text: str) -> list[str]:
    """Every name that a cell may leave behind."""
    words = compile(text, "?", "exec", 0x2000).co_names  # 0x2000: await is allowed
    return [name for name in words if not name.startswith("__")]


def planned(
    notebook: Notebook,
    text: str,
    plan: Iterable[int],
    keep: Sequence[str] = (),
    *,
    traces: bool = True,
    trials: int = 1,
    timeout: float | None = None,
) -> tuple[Sitting, Lines]:
    """A study whose trial parks after so many lines of the user's code, and again, and again."""
    made: list[Lines] = []

    def make(controls: Controls, is_users: Callable[[CodeType], bool]) -> Parking:
        made.append(Lines(controls, is_users, traces=traces))
        return made[0]

    def begin_or_end(trial: Trial) -> None:
        made[0].plan = iter(plan if trial.state is TrialState.RUNNING else ())
        made[0].begin()

    sitting = notebook.study(
        text, keep=keep, parking=make, around=begin_or_end, trials=trials, timeout=timeout
    )
    return sitting, made[0]


def traces_left() -> dict[str, int]:
    """What a trial must not leave behind: its greenlets, the frames of cells, pacers' threads."""
    for thread in threading.enumerate():
        if thread.name == "tune-pacer":
            thread.join(2)  # one that has just been told to end
    gc.collect()
    held = gc.get_objects()
    frames = [each for each in held if type(each) is FrameType]
    return {
        "greenlets": sum(type(each) is greenlet for each in held),
        "frames": sum(frame.f_code.co_filename.startswith(CELL) for frame in frames),
        "sittings": sum(type(each) is Sitting for each in held),
        "threads": sum(thread.name == "tune-pacer" for thread in threading.enumerate()),
    }
