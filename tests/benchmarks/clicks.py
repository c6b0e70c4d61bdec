"""How soon a click is answered while a cell blocks the kernel: milliseconds.

Run ``python tests/benchmarks/clicks.py [CLICKS]``. One real kernel runs busy loops while buttons of
ours are clicked at random moments. The figures are from the sending of a click to its handler's
first line, and to the arrival of the status that lets the page send the next; the last line is what
entering and leaving costs the cell. The goal is 100 ms for the 95th percentile with torch. Through
a subshell, where the kernel has them, is how JupyterLab sends clicks.
"""

from __future__ import annotations

import json
import queue
import random
import statistics
import sys
import tempfile
import time
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

SETUP = """
import statistics, time
import ipykernel, ipywidgets, torch
from jupyter_hpo.kernel.comms import attendant

comms = attendant(get_ipython().kernel)
handled, running = [], True

def note(_):
    handled.append(time.time())

def end(_):
    global running
    running = False

pause, stop = ipywidgets.Button(), ipywidgets.Button()
pause.on_click(note)
stop.on_click(end)
comms.watch(ipywidgets.HBox([pause, stop]))
model = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
optimizer = torch.optim.Adam(model.parameters())
x, y = torch.randn(256, 784), torch.randint(0, 10, (256,))

def train():
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()

def python():
    sum(i * i for i in range(10_000))

def busy(work):
    global running
    running = True
    handled.clear()
    with comms.attending():
        print("busy", flush=True)
        while running:
            work()

def cost():
    took = []
    for _ in range(200):
        start = time.perf_counter()
        with comms.attending():
            pass
        took.append((time.perf_counter() - start) * 1e3)
    return f"median {statistics.median(took):.2f}, slowest {max(took):.2f}"

print(ipykernel.__version__, pause.comm.comm_id, stop.comm.comm_id)
"""
WORK = {"torch training loop": "train", "pure Python": "python"}


class Page:
    """A front end that clicks."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def until(self, kind: str, parent: str, **content: str) -> dict[str, Any]:
        """The content of the next such message for the message `parent`."""
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["msg_type"] == "error":
                raise SystemExit("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == kind and message["parent_header"].get("msg_id") == parent:
                found: dict[str, Any] = message["content"]
                if content.items() <= found.items():
                    return found

    def printed(self, code: str) -> str:
        """What a cell prints."""
        return str(self.until("stream", self.client.execute(code))["text"]).strip()

    def subshell(self) -> str | None:
        """A new subshell, if the kernel has such."""
        session = self.client.session
        request = session.msg("create_subshell_request", {})
        session.send(self.client.control_channel.socket, request)
        self.until("status", request["header"]["msg_id"], execution_state="idle")
        try:
            return str(self.client.get_control_msg(timeout=2)["content"]["subshell_id"])
        except queue.Empty:
            return None

    def click(self, comm: str, subshell: str | None) -> tuple[float, float]:
        """When a click was sent and when it was answered, in seconds."""
        data = {"method": "custom", "content": {"event": "click"}}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        sent = time.time()
        self.client.session.send(self.client.shell_channel.socket, message)
        self.until("status", message["header"]["msg_id"], execution_state="idle")
        return sent, time.time()


def row(taken: list[float]) -> str:
    """Median, 95th percentile and slowest, from seconds."""
    ms = sorted(1e3 * each for each in taken)
    return f"{statistics.median(ms):8.1f}{ms[int(0.95 * (len(ms) - 1))]:8.1f}{ms[-1]:8.1f}"


def main() -> None:
    """Print the table."""
    clicks = int(sys.argv[1]) if sys.argv[1:] else 40
    moments = random.Random(0)
    with tempfile.TemporaryDirectory() as directory:
        manager, client = start_new_kernel(cwd=directory)
        try:
            page = Page(client)
            version, pause, stop = page.printed(SETUP).split()
            subshell = page.subshell()
            ways = {"main shell": None} | ({"subshell": subshell} if subshell else {})
            print(f"ipykernel {version}, {clicks} clicks each: ms, median, p95 and slowest")
            print(f"{'':36} {'to the handler':^24}   {'to the answer':^24}")
            for name, work in WORK.items():
                for way, shell in ways.items():
                    page.printed(f"busy({work})")
                    stamps = []
                    for _ in range(clicks):
                        time.sleep(moments.uniform(0.02, 0.12))
                        stamps.append(page.click(pause, shell))
                    page.click(stop, shell)
                    handled = json.loads(page.printed("print(handled)"))
                    sent, answered = zip(*stamps, strict=True)
                    handler = [b - a for a, b in zip(sent, handled, strict=True)]
                    answer = [b - a for a, b in zip(sent, answered, strict=True)]
                    print(f"{name + ', ' + way:36} {row(handler)}   {row(answer)}")
            print(f"entering and leaving, ms: {page.printed('print(cost())')}")
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
