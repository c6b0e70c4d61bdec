"""Where studies are stored, and what happens when they cannot be."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import Starter
from kernels import Kernel
from pages import PANEL, Panel

CELL = "%%tune {name} --minimize v -o random -n 3 {options}\nx: Float(0, 1) = 0.5\nv = x"


def cell(name: str, options: str = "") -> str:
    return CELL.format(name=name, options=options)


def test_beside_the_notebook_that_the_server_names(start: Starter, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    one = start(elsewhere, environment={"JPY_SESSION_NAME": str(folder / "one.ipynb")})
    two = start(elsewhere, environment={"JPY_SESSION_NAME": str(folder / "two.ipynb")})
    mine = (
        cell("same")
        + "\n(trial.directory / 'mine').touch()\nv += len([*trial.directory.iterdir()])"
    )
    assert one.run(mine).error is None
    assert two.run(mine.replace("mine", "its")).error is None
    values = "[t.value for t in same.trials]"
    assert one.value(values) == two.value(values)  # no trial found files of the other notebook's
    assert (folder / ".jupyter_hpo" / "studies.db").exists()
    assert list(elsewhere.iterdir()) == []
    # each notebook has its own studies, in one file
    for kernel in (one, two):
        assert kernel.value("len(get_ipython().run_line_magic('tune', 'list'))") == "1"
        assert kernel.value("same.record.info.run") == "1"


def renamed(panel: Panel, folder: Path, old: str, new: str) -> None:
    """Rename a notebook's file; the page that has it open says so."""
    (folder / old).rename(folder / new)
    asked(panel, f"{folder.name}/{new}")


def asked(panel: Panel, path: str) -> None:
    """A page has the notebook open under this path, and has been heard."""
    seen = len(panel.messages)
    panel.say({"kind": "hello", "path": path})
    panel.until(lambda: any(each["kind"] == "list" for each in panel.messages[seen:]))


def test_a_notebook_that_is_renamed_while_its_kernel_lives_keeps_its_studies(
    start: Starter, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Untitled.ipynb").touch()
    name = {"JPY_SESSION_NAME": str(folder / "Untitled.ipynb")}
    kernel = start(folder, environment=name)
    assert kernel.run(cell("mine"), person=True).error is None
    panel = Panel(kernel)
    uid = panel.named("mine")["uid"]
    asked(panel, "project/Untitled.ipynb")
    renamed(panel, folder, "Untitled.ipynb", "model.ipynb")
    runs = "get_ipython().run_line_magic('tune', 'list')['run'].tolist()"
    assert kernel.value(runs) == "[1]"
    assert kernel.run(cell("mine"), person=True).error is None
    assert kernel.value(runs) == "[2, 1]"
    (folder / "model.ipynb").rename(folder / "best.ipynb")
    for nonsense in ("../project/best.ipynb", "best.txt", "elsewhere/best.ipynb", "", "/"):
        asked(panel, nonsense)
    assert kernel.value(runs) == "[2, 1]"
    asked(panel, "project/best.ipynb")
    again = kernel.run(cell("mine", "--resume --run 1").replace("-n 3", "-n 5"), person=True)
    assert again.error is None, again.told
    assert panel.named("mine")["uid"] == uid
    # another notebook with this kernel, or a copy, is not what it was renamed to
    (folder / "copy.ipynb").touch()
    asked(panel, "project/copy.ipynb")
    assert kernel.run(cell("mine"), person=True).error is None
    assert kernel.value("mine.record.info.run") == "3"
    later = start(folder, environment={"JPY_SESSION_NAME": str(folder / "best.ipynb")})
    assert later.value(runs) == "[3, 2, 1]"


def test_a_notebook_that_is_renamed_before_its_first_study(start: Starter, tmp_path: Path) -> None:
    (tmp_path / "Untitled.ipynb").touch()
    name = {"JPY_SESSION_NAME": str(tmp_path / "Untitled.ipynb")}
    kernel = start(tmp_path, environment=name, setup="1")
    kernel.run("%load_ext jupyter_hpo", person=True)
    assert PANEL in kernel.opened
    (tmp_path / "Untitled.ipynb").rename(tmp_path / "model.ipynb")
    data = {"kind": "hello", "path": "model.ipynb"}
    kernel.send("comm_msg", {"comm_id": kernel.opened[PANEL], "data": data})
    assert kernel.run(cell("mine"), person=True).error is None
    later = start(tmp_path, environment={"JPY_SESSION_NAME": str(tmp_path / "model.ipynb")})
    resumed = later.run(cell("mine", "--resume").replace("-n 3", "-n 5"))
    assert resumed.error is None, resumed.told


def test_a_notebook_that_is_renamed_without_a_kernel_resumes_its_study(
    start: Starter, tmp_path: Path
) -> None:
    (tmp_path / "old.ipynb").touch()
    first = start(tmp_path, environment={"JPY_SESSION_NAME": str(tmp_path / "old.ipynb")})
    assert first.run(cell("mine")).error is None
    (tmp_path / "copy.ipynb").touch()
    copy = start(tmp_path, environment={"JPY_SESSION_NAME": str(tmp_path / "copy.ipynb")})
    resume = cell("mine", "--resume").replace("-n 3", "-n 5")
    refused = copy.run(resume)
    assert "'old.ipynb' has one of that name" in refused.told
    (tmp_path / "old.ipynb").rename(tmp_path / "new.ipynb")
    new = start(tmp_path, environment={"JPY_SESSION_NAME": str(tmp_path / "new.ipynb")})
    resumed = new.run(resume)
    assert resumed.error is None, resumed.told
    assert new.value("len(mine), mine.record.info.run") == "(5, 1)"


def test_in_the_working_directory_otherwise(kernel: Kernel) -> None:
    kernel.run(cell("here"))
    assert (kernel.directory / ".jupyter_hpo" / "studies.db").exists()


def test_a_trial_that_changes_directory_does_not_move_the_store(
    kernel: Kernel, tmp_path: Path
) -> None:
    kernel.run("import os; home = os.getcwd()")
    shown = kernel.run(cell("moves") + f"\nif trial.number: os.chdir({str(tmp_path)!r})")
    assert shown.error is None, shown.told
    kernel.run("os.chdir(home)")
    assert list(tmp_path.iterdir()) == []
    kernel.run("rows = %tune list moves")
    assert kernel.value("rows['trials'].tolist()") == "[3]"


@pytest.mark.parametrize("where", ["my studies.db", "folder"])
def test_store_says_where(kernel: Kernel, where: str) -> None:
    (kernel.directory / "folder").mkdir(exist_ok=True)
    name = "put" + where[0]
    assert kernel.run(cell(name, f"--store '{where}'")).error is None
    file = kernel.directory / where
    assert file.is_file() or (file / "studies.db").is_file()
    resumed = kernel.run(cell(name, f"--store '{where}' --resume").replace("-n 3", "-n 5"))
    assert resumed.error is None, resumed.told
    assert kernel.value(f"len({name})") == "5"


def test_store_none_keeps_nothing(start: Starter, tmp_path: Path) -> None:
    kernel = start()
    shown = kernel.run(cell("memory", "--store none"))
    assert shown.error is None and "NOT SAVED" not in shown.view
    assert list(tmp_path.iterdir()) == []
    assert kernel.value("len(memory)") == "3"


@pytest.mark.parametrize(
    ("below", "blamed"),
    [
        ("plain.txt/studies.db", "plain.txt"),
        ("plain.txt", "plain.txt"),
        ("/dev/full/x.db", "/dev/full"),
    ],
)
def test_a_store_that_cannot_be_written_is_said_loudly(
    kernel: Kernel, below: str, blamed: str
) -> None:
    (kernel.directory / "plain.txt").write_text("no database " * 100)
    shown = kernel.run(cell("loud", f"--store {below}"))
    assert shown.error is None, shown.told
    assert shown.view.startswith("loud: finished, 3 of 3 trials")
    assert "NOT SAVED" in shown.view and blamed in shown.view
    assert "not saved" in shown.displays[0]["text/html"].lower()
    assert kernel.value("loud.state, len(loud)") == "('finished', 3)"
    assert (kernel.directory / "plain.txt").read_text().startswith("no database")


def test_a_notebook_in_a_folder_that_may_not_be_written(start: Starter, tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    folder.chmod(0o555)
    # root may write everywhere unless it gives that up
    mortal = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() != 0:
        mortal = []
    elif subprocess.run([*mortal, "true"], check=False).returncode:
        pytest.skip("this root cannot give up its rights")
    kernel = start(folder, wrapped=mortal)
    text = cell("lesson") + "\n(trial.directory / 'weights').write_text('1')"
    shown = kernel.run(text, person=True)
    assert shown.error is None, shown.told
    assert shown.view.startswith("lesson: finished, 3 of 3 trials")
    assert "NOT SAVED" in shown.view and "lessons/.jupyter_hpo" in shown.view
    assert "--store" in shown.displays[0]["text/html"]
    assert Panel(kernel).named("lesson")["stored"] is False
    assert kernel.value("len(lesson), lesson.best_trial is not None") == "(3, True)"
    resume = text.replace("-n 3", "-n 5 --resume")
    refused = kernel.run(resume)
    assert refused.error is not None and "Traceback" not in refused.told
    assert "lessons/.jupyter_hpo" in refused.told and "memory alone" in refused.told
    assert kernel.run(cell("other", f"--store {tmp_path}/mine")).error is None
    assert kernel.value("other.record.unsaved") == "''"
    # what could not be stored is not lost when it can be again
    folder.chmod(0o755)
    resumed = kernel.run(resume)
    assert resumed.error is None, resumed.told
    assert kernel.value("len(lesson), lesson.record.unsaved") == "(5, '')"


def test_a_store_that_vanishes_while_the_study_runs(kernel: Kernel) -> None:
    kernel.run("import shutil")
    shown = kernel.run(
        cell("vanish", "--store gone/studies.db") + "\nif trial.number == 1: shutil.rmtree('gone')"
    )
    assert shown.error is None, shown.told
    assert kernel.value("vanish.state, len(vanish)") == "('finished', 3)"
    assert "NOT SAVED" in shown.view


def test_a_damaged_store_is_no_reason_to_lose_a_study(kernel: Kernel) -> None:
    (kernel.directory / "bad.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 4000)
    shown = kernel.run(cell("damaged", "--store bad.db"))
    assert shown.error is None, shown.told
    assert "NOT SAVED" in shown.view
    resumed = kernel.run(cell("damaged", "--store bad.db --resume"))
    assert resumed.error is not None and resumed.error.ename == "StoreError"
    assert "Traceback" not in resumed.told


FULL = """
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
if trial.number == 1:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
if trial.number in (2, 4):
    mark(full.record.unsaved or "saved")
if trial.number == {room_again}:
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
"""


@pytest.mark.parametrize("room_again", [3, 99])
def test_a_disk_that_fills_up_while_the_study_runs(kernel: Kernel, room_again: int) -> None:
    running = cell("full").replace("-n 3", "-n 6") + FULL.format(room_again=room_again)
    shown = kernel.run(running)
    kernel.run("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))")
    assert shown.error is None, shown.told
    assert kernel.value("full.state, len(full)") == "('finished', 6)"
    assert "full" in shown.marks[0]
    kernel.run("rows = %tune list full")
    if room_again == 3:  # all that was missing has been stored
        assert shown.marks[1] == "saved" and "NOT SAVED" not in shown.view
        assert kernel.value("int(rows['trials'][0]), rows['state'][0]") == "(6, 'finished')"
    else:
        assert "NOT SAVED" in shown.view and "disk is full" in shown.view
        assert kernel.value("int(rows['trials'][0])") == "1"
