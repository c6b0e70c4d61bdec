"""Clicks while a cell runs, and output that goes to the cell that started it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import PATIENCE, Execution, Kernel, Message

from jupyter_hpo.kernel.comms import attendant

# `busy` blocks the kernel until a click has come; it gives up when none does
SETUP = """
import os, threading, time
import ipywidgets
from IPython.display import display
from jupyter_hpo.kernel.addressee import Addressee
from jupyter_hpo.kernel.comms import attendant

shell = get_ipython()

def mark(text):
    shell.kernel.send_response(shell.kernel.iopub_socket, "mark", {"text": str(text)})

def button(noted):
    made = ipywidgets.Button(description="Pause")
    made.on_click(lambda _: noted.append(threading.current_thread().name))
    return made

comms = attendant(shell.kernel)
clicks, foreign_clicks, order = [], [], []
pause, foreign = button(clicks), button(foreign_clicks)
box = ipywidgets.HBox([pause])
comms.watch(box)

def sleep():
    time.sleep(0.01)

def train():
    import torch
    a = torch.rand(300, 300, requires_grad=True)
    (a @ a).sum().backward()

def busy(work=sleep, until=lambda: clicks):
    clicks.clear()
    end = time.monotonic() + 60
    with comms.attending():
        mark("busy")
        while not until():
            work()
            if time.monotonic() > end:
                raise TimeoutError("no click")
    order.append("busy")
"""


class Recorder(Kernel):
    """Keeps what the kernel has sent to the front end."""

    seen: list[Message]

    def _start(self) -> None:
        self.seen = []
        self.__dict__.pop("_ids", None)
        super()._start()

    def next(self) -> Message:
        self.seen.append(super().next())
        return self.seen[-1]

    def click(self, widget: str = "pause", *, subshell: str | None = None) -> str:
        """Click a button whose comm `ids` has met."""
        data = {"method": "custom", "content": {"event": "click"}}
        return self.send("comm_msg", {"comm_id": self.ids[widget], "data": data}, subshell=subshell)

    @property
    def ids(self) -> dict[str, str]:
        """The buttons' comms; not to be asked first while the kernel is busy."""
        if not hasattr(self, "_ids"):
            self._ids = {
                name: self.value(f"{name}.comm.comm_id").strip("'") for name in ("pause", "foreign")
            }
        return self._ids

    def states(self, message: str) -> list[str]:
        """The kernel's states that were published for a message of ours."""
        return [
            each["content"]["execution_state"]
            for each in self.seen
            if each["msg_type"] == "status" and each["parent_header"].get("msg_id") == message
        ]

    def subshell(self) -> str | None:
        """A new subshell, or None where the kernel's information promises none."""
        message = self.client.kernel_info()
        content = self.answer("shell", message)
        if "kernel subshells" not in content.get("supported_features", []):
            return None
        session = self.client.session
        request = session.msg("create_subshell_request", {})
        session.send(self.client.control_channel.socket, request)
        return str(self.answer("control", request["header"]["msg_id"])["subshell_id"])

    def answer(self, channel: str, message: str) -> Message:
        """The content of the reply to a message."""
        while True:
            reply = getattr(self.client, f"get_{channel}_msg")(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message:
                return dict(reply["content"])

    def parents(self, text: str) -> list[str]:
        """The messages that output with this text was sent for."""
        return [
            each["parent_header"].get("msg_id")
            for each in self.seen
            if each["msg_type"] in ("stream", "display_data", "comm_msg")
            and text in str(each["content"])
        ]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    running = Recorder(tmp_path_factory.mktemp("notebook"), setup=SETUP)
    yield running
    running.close()


@pytest.fixture
def page(kernel: Recorder) -> Recorder:
    """The kernel of this file, nothing noted."""
    assert kernel.ids
    kernel.run("clicks.clear(); foreign_clicks.clear(); order.clear()")
    kernel.seen.clear()
    return kernel


def begin(page: Recorder, code: str = "busy()") -> Execution:
    """Start a cell that is busy until it is clicked."""
    cell = page.start(code)
    cell.marked("busy")
    return cell


@pytest.mark.parametrize("work", ["sleep", "train"])
@pytest.mark.parametrize("way", ["main", "subshell"])
def test_a_click_is_handled_while_a_cell_runs(page: Recorder, work: str, way: str) -> None:
    if work == "train":
        pytest.importorskip("torch")
    subshell = page.subshell() if way == "subshell" else None
    version = page.value("__import__('ipykernel').version_info[0]")
    assert (subshell is not None) == (way == "subshell" and version != "6")
    cell = begin(page, f"busy({work}); mark('after')")
    click = page.click(subshell=subshell)
    cell.marked("after")
    # the cell has ended by the click, so all this was published before the cell's end
    assert page.states(click)[:2] == ["busy", "idle"]
    assert cell.finish().error is None
    assert page.value("clicks") == "['jupyter_hpo comms']"


def test_the_kernel_shows_busy_after_a_click_as_long_as_the_cell_runs(page: Recorder) -> None:
    cell = begin(page, "busy(until=lambda: len(clicks) == 2); mark('after')")
    first = page.click()
    page.click()
    cell.marked("after")
    assert page.states(first) == ["busy", "idle", "busy"]
    cell.finish()
    last = [each for each in page.seen if each["msg_type"] == "status"][-1]
    assert last["content"]["execution_state"] == "idle"


def test_a_page_opened_while_a_cell_runs_gets_its_widgets(page: Recorder) -> None:
    cell = begin(page, "busy(); mark('after')")
    about = page.send("kernel_info_request", {})
    assert page.reply(about) == "ok"
    about = page.send("comm_info_request", {"target_name": "jupyter.widget"})
    assert page.ids["pause"] in page.answer("shell", about)["comms"]
    control: dict[str, Any] = {"comm_id": "0" * 32}
    page.send("comm_open", {**control, "target_name": "jupyter.widget.control"}, version="1.0.0")
    asked = page.send("comm_msg", {**control, "data": {"method": "request_states"}})
    page.click()
    cell.marked("after")
    assert page.states(asked)[:2] == ["busy", "idle"]
    told = [each["content"] for each in page.seen if each["msg_type"] == "comm_msg"]
    (states,) = [each["data"]["states"] for each in told if each["comm_id"] == control["comm_id"]]
    assert states[page.ids["pause"]]["state"]["description"] == "Pause"
    # the comm outlives the cell: from now on the kernel itself answers
    cell.finish()
    page.seen.clear()
    page.send("comm_msg", {**control, "data": {"method": "request_states"}})
    page.run("")
    assert any(each["content"].get("comm_id") == control["comm_id"] for each in page.seen)


def test_all_else_waits_and_runs_in_order(page: Recorder) -> None:
    cell = begin(page)
    queued = [page.start(f"order.append({name!r})") for name in ("second", "third", "fourth")]
    page.click("foreign")
    page.click()
    assert cell.finish().error is None
    assert [each.finish().status for each in queued] == ["ok"] * 3
    assert page.value("order") == "['busy', 'second', 'third', 'fourth']"
    assert page.value("foreign_clicks") == "['MainThread']"


def test_a_failing_cell_aborts_what_waits(page: Recorder) -> None:
    cell = begin(page, "busy(); 1 / 0")
    queued = [page.start("order.append('queued')") for _ in range(2)]
    page.click()
    assert cell.finish().error is not None
    # an aborted cell's only trace on the output channel is its end
    assert [each.finish().status for each in queued] == ["aborted"] * 2
    assert page.value("order") == "['busy']"


def test_interrupting_the_cell_leaves_the_kernel_in_order(page: Recorder) -> None:
    cell = begin(page)
    page.interrupt()
    shown = cell.finish()
    assert shown.error is not None and shown.error.ename == "KeyboardInterrupt"
    cell = begin(page)
    page.click()
    assert cell.finish().error is None


def test_an_idle_kernel_handles_clicks_itself(page: Recorder) -> None:
    page.run("former = shell.kernel.shell_stream._recv_callback")
    page.run("with comms.attending(): pass")
    page.click()
    assert page.value("clicks") == "['MainThread']"
    assert page.value("shell.kernel.shell_stream._recv_callback == former") == "True"


def test_entering_again_changes_nothing(page: Recorder) -> None:
    cell = begin(page, "with comms.attending():\n    busy()\n    busy()\nmark('after')")
    page.click()
    cell.until(lambda shown: shown.marks.count("busy") == 2)
    page.click()
    cell.marked("after")
    assert cell.finish().error is None
    assert page.value("attendant(shell.kernel) is comms") == "True"


def test_away_from_the_main_thread_the_kernel_answers_itself(page: Recorder) -> None:
    page.run(
        "inside, leave = threading.Event(), threading.Event()\n"
        "def elsewhere():\n"
        "    with comms.attending():\n"
        "        inside.set()\n"
        "        leave.wait()\n"
        "thread = threading.Thread(target=elsewhere)\n"
        "thread.start()\n"
        "inside.wait()"
    )
    page.click()
    assert page.value("clicks") == "['MainThread']"
    page.run("leave.set(); thread.join()")


def test_a_forgotten_widget_waits_for_the_cell(page: Recorder) -> None:
    page.run("other = button(clicks); comms.watch(other); comms.forget(box)")
    page.ids["other"] = page.value("other.comm.comm_id").strip("'")
    cell = begin(page)
    page.click()
    page.click("other")
    assert cell.finish().error is None
    assert page.value("clicks") == "['jupyter_hpo comms', 'MainThread']"
    page.run("comms.forget(other); other.close(); comms.watch(box)")


def test_subshells_of_the_page_are_used_again_and_not_after(page: Recorder) -> None:
    # ipykernel 7.4 alone would send the page's message to the shell that published last
    page.run("route = getattr(pause.comm, '_reply_subshell_for', lambda data, sent: sent)")
    page.run("pause.comm._reply_subshell_id = 'the one that is busy'")
    assert page.value("route({}, 'sent')") == "'sent'"
    page.run("comms.forget(box)")
    assert page.value("'_reply_subshell_for' in vars(pause.comm)") == "False"
    page.run("del pause.comm._reply_subshell_id; comms.watch(box)")


@pytest.mark.parametrize("error", ["ValueError", "SystemExit"])
def test_a_handler_that_raises_does_not_end_it(page: Recorder, error: str) -> None:
    page.run(
        f"def fail(_):\n    if len(clicks) == 1:\n        raise {error}('ours')\n"
        "pause.on_click(fail)"
    )
    cell = begin(page, "busy(until=lambda: len(clicks) == 2); mark('after')")
    first, _ = page.click(), page.click()
    cell.marked("after")
    assert page.states(first)[:2] == ["busy", "idle"]
    assert cell.finish().error is None or error == "ValueError"  # shown by ipywidgets
    page.run("pause.on_click(fail, remove=True)")
    assert page.value("clicks") == "['jupyter_hpo comms', 'jupyter_hpo comms']"


def test_a_click_does_not_end_a_cell_for_those_who_wait_for_it(page: Recorder) -> None:
    # matplotlib closes half-drawn figures at this event
    page.run(
        "ended = []\ndef note():\n    ended.append(threading.current_thread().name)\n"
        "shell.events.register('post_execute', note)"
    )
    cell = begin(page)
    page.click()
    cell.finish()
    page.run("shell.events.unregister('post_execute', note)")
    assert page.value("set(ended)") == "{'MainThread'}"


def test_nothing_is_left_behind(page: Recorder) -> None:
    cell = begin(page)
    page.click()
    cell.finish()
    page.run("def open_now(): return threading.active_count(), len(os.listdir('/proc/self/fd'))")
    page.run("former = open_now()\nfor _ in range(200):\n    with comms.attending():\n        pass")
    # one or two files more or less: the history is being written, dead threads' sockets cleared
    now = "[left - before < 10 for left, before in zip(open_now(), former)], comms.reason"
    assert page.value(now) == "([True, True], None)"
    cell = begin(page)
    page.click()
    assert cell.finish().error is None


def test_nothing_is_lost_where_attending_begins_and_ends(page: Recorder) -> None:
    cell = page.start(
        "mark('busy')\nwhile len(clicks) < 50:\n    with comms.attending():\n        sleep()"
    )
    cell.marked("busy")
    queued = []
    for number in range(150):
        if number % 3 == 0:
            page.click()
        elif number % 3 == 1:
            page.click("foreign")
        else:
            queued.append(page.start(f"order.append({number})"))
    assert cell.finish().error is None
    assert [each.finish().status for each in queued] == ["ok"] * 50
    assert page.value("order == list(range(2, 150, 3)), len(clicks)") == "(True, 50)"
    assert page.value("len(foreign_clicks), comms.reason") == "(50, None)"


def test_a_click_from_before_is_handled_when_attending_begins(page: Recorder) -> None:
    cell = page.start("mark('before'); time.sleep(0.5); busy()")
    cell.marked("before")
    page.click()
    assert cell.finish().error is None
    assert page.value("clicks") == "['jupyter_hpo comms']"


class Unknown:
    """A kernel unlike all others."""


def test_a_kernel_unlike_those_known_is_left_alone() -> None:
    comms = attendant(Unknown())
    assert comms.reason is not None and "this kernel has no _publish_status" in comms.reason
    comms.watch(object())
    with comms.attending():
        comms.forget(object())


def test_a_kernel_inside_its_front_end_has_only_the_interrupt() -> None:
    code = (
        "from ipykernel.inprocess import InProcessKernelManager\n"
        "from jupyter_hpo.kernel.comms import attendant\n"
        "manager = InProcessKernelManager()\n"
        "manager.start_kernel()\n"
        "comms = attendant(manager.kernel)\n"
        "with comms.attending():\n"
        "    print(comms.reason)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "this kernel lives inside its front end" in run.stdout


WRITE = """
def write(name):
    print(name, "printed")
    display(name + " displayed")
    pause.tooltip = name + " published"
"""


def test_output_goes_to_the_cell_that_was_noted(page: Recorder) -> None:
    page.run(WRITE)
    study = page.client.execute("addressee = Addressee(shell)")
    page.run("")
    users = page.client.execute(
        "write('first')\nwith addressee.addressed():\n    write('study')\nwrite('last')"
    )
    page.run("")
    for kind in ("printed", "displayed", "published"):
        assert page.parents(f"study {kind}") == [study]
        assert page.parents(f"first {kind}") == page.parents(f"last {kind}") == [users]


def test_output_of_a_callback_goes_to_the_cell_that_was_noted(page: Recorder) -> None:
    page.run(WRITE + "done = threading.Event()")
    study = page.client.execute(
        "addressee = Addressee(shell)\n"
        "def slice():\n"
        "    with addressee.addressed():\n"
        "        write('study')\n"
        "    write('loose')\n"
        "    done.set()"
    )
    page.run("")
    page.run("shell.kernel.io_loop.add_callback(slice)")
    while page.value("done.is_set()") != "True":
        pass
    users = page.client.execute("write('users')")
    page.run("")
    for kind in ("printed", "displayed", "published"):
        assert page.parents(f"study {kind}") == [study]
        assert page.parents(f"users {kind}") == [users]
        assert study not in page.parents(f"loose {kind}")


def test_an_error_puts_everything_back(page: Recorder) -> None:
    page.run(WRITE)
    page.run("addressee = Addressee(shell)")
    users = page.client.execute(
        "try:\n    with addressee.addressed():\n        1 / 0\nfinally:\n    write('after')"
    )
    page.run("")
    assert page.parents("after printed") == page.parents("after displayed") == [users]


def test_a_terminal_has_no_cells(tmp_path: Path) -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from jupyter_hpo.kernel.addressee import Addressee\n"
        "with Addressee(InteractiveShell.instance()).addressed():\n"
        "    print('printed')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout.strip() == "printed"
