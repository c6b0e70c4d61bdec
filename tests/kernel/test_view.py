"""The view's half in the kernel: what pages are told and answered, also while a cell blocks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kernels import Execution, Kernel
from pages import MIME, WIDGET, Page, Refused, helped

CELL = """%%tune {name} --minimize loss -n {total} -o random {options}
x: Float(0, 1) = 0.5
act: Categorical(len, "tanh", "gelu") = "tanh"
print('trial', trial.number, 'begins')
for step in range(3):
    loss = x + step
    if trial.number == {at} and step == 1:
        mark('waits')
        wait_for_go()
"""


# A cell of the user's that blocks the kernel until ■ is pressed, and at least for two seconds.
OWN = """mark('own')
began = time.monotonic()
try:
    while True: time.sleep(0.01)
except KeyboardInterrupt:
    while time.monotonic() < began + 2: time.sleep(0.01)
    go.set()
"""


def cell(name: str, options: str = "", at: int = 1, total: int = 3) -> str:
    return CELL.format(name=name, options=options, at=at, total=total)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    return helped(kernel)


def waiting(kernel: Kernel, text: str) -> tuple[Execution, Page]:
    """A study that blocks the kernel in the middle of a trial, and a page that shows it."""
    running = kernel.start(text, person=True)
    running.marked("waits")
    return running, Page.of(kernel, running)


def paused(kernel: Kernel, text: str) -> tuple[Execution, Page]:
    """The same, paused by the page."""
    running, page = waiting(kernel, text)
    page.ask("pause")
    shown = running.finish()
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    page.until(lambda: page.info["state"] == "paused")
    return running, page


def finish(kernel: Kernel, page: Page) -> None:
    kernel.run("go.set()")
    page.ask("resume")
    kernel.until("study.state", "'finished'")


def test_a_page_knows_the_study_while_its_cell_blocks_the_kernel(kernel: Kernel) -> None:
    running, page = waiting(kernel, cell("study"))
    page.until(lambda: page.trials[1].get("r") is not None)
    assert (page.info["name"], page.info["state"], page.info["aim"]) == ("study", "running", 3)
    assert page.info["live"] and page.info["ticking"]
    assert [page.trials[n]["s"] for n in (0, 1)] == ["COMPLETE", "RUNNING"]
    assert page.trials[0] | {"b": True, "v": 2.5, "p": {"x": 0.5, "act": "tanh"}} == page.trials[0]
    assert [p["choices"] for p in page.info["params"] if p["name"] == "act"] == [
        ["len", "tanh", "gelu"]
    ]
    page.until(lambda: page.tail.get("n") == 1)
    assert page.tail["text"] == "trial 1 begins\n"
    page.ask("stop")
    assert running.finish().error is None
    page.until(lambda: page.info["state"] == "stopped")
    assert page.info["live"] is False


def test_pause_and_resume_from_a_page(kernel: Kernel) -> None:
    _, page = paused(kernel, cell("study"))
    assert page.info["message"].startswith("trial 1 is parked at Cell In[")
    assert page.info["parked"]["n"] == 1
    assert [until for _, until in page.info["parked"]["z"]] == [None]
    finish(kernel, page)
    page.until(lambda: page.info["state"] == "finished")
    assert {trial["s"] for trial in page.trials.values()} == {"COMPLETE"}
    assert len(page.trials[1]["z"]) == 1
    assert "z" not in page.trials[2]


def test_skip_from_a_page_ends_the_trial_alone(kernel: Kernel) -> None:
    running, page = waiting(kernel, cell("study"))
    page.ask("skip")
    assert running.finish().error is None
    page.until(lambda: page.info["state"] == "finished")
    assert [page.trials[n]["s"] for n in range(3)] == ["COMPLETE", "SKIPPED", "COMPLETE"]
    assert page.trials[1]["e"] == "skipped"


def test_a_second_click_on_skip_does_not_end_the_next_trial(kernel: Kernel) -> None:
    running, page = waiting(kernel, cell("study"))
    page.ask("skip", number=0)
    page.ask("skip", number=2)
    assert page.trials[1]["s"] == "RUNNING"
    page.ask("skip", number=1)
    running.finish()
    page.until(lambda: page.info["state"] == "finished")
    assert [page.trials[n]["s"] for n in range(3)] == ["COMPLETE", "SKIPPED", "COMPLETE"]


def test_the_trials_clock_stands_still_while_a_cell_of_the_users_runs(kernel: Kernel) -> None:
    running = kernel.start(cell("study", "-b"), person=True)
    running.finish()
    page = Page.of(kernel, running)
    kernel.until("len(study)", "2")
    own = kernel.start(OWN)
    own.marked("own")
    told = len(page.messages)  # what comes now was said while that cell was running

    def clock() -> list[Any]:
        return [each["ran"] for each in page.messages[told:] if each.get("ran")]

    page.until(lambda: len(clock()) > 2)
    assert page.info["message"] == "waiting for your cell to end"
    *_, first, second = clock()
    assert first == second and not first["moving"]
    kernel.interrupt()
    own.finish()
    kernel.until("study.state", "'finished'")
    page.until(lambda: page.info["state"] == "finished")
    assert page.trials[1]["d"] < first["s"] + 1.9


def test_a_message_of_a_page_does_not_end_the_users_cell(kernel: Kernel) -> None:
    """ipykernel triggers the events of a cell around messages of comms, too."""
    running = kernel.start(cell("study", "-b"), person=True)
    running.finish()
    page = Page.of(kernel, running)
    kernel.until("len(study)", "2")
    own = kernel.start("get_ipython().events.trigger('post_execute')\n" + OWN)
    own.marked("own")
    page.until(lambda: page.info["message"] == "waiting for your cell to end")
    kernel.interrupt()
    own.finish()
    kernel.until("study.state", "'finished'")


def test_try_while_the_cell_blocks_the_kernel(kernel: Kernel) -> None:
    running, page = waiting(kernel, cell("study"))
    with pytest.raises(Refused, match=r"x: 7\.0 is outside"):
        page.ask("try", params={"x": 7})
    with pytest.raises(Refused, match="act: 'nope' is not one of its choices"):
        page.ask("try", params={"act": "nope"})
    with pytest.raises(Refused, match="did you mean 'act'"):
        page.ask("try", params={"acts": "tanh"})
    assert page.ask("try", params={"x": 0.25, "act": "len"}) == "is tried next"
    page.ask("pause")
    running.finish()
    page.until(lambda: len(page.info["queue"]) == 1)
    assert page.info["queue"] == [{"x": 0.25, "act": "len"}]
    finish(kernel, page)
    page.until(lambda: page.info["state"] == "finished")
    assert page.trials[2] | {"q": True, "p": {"x": 0.25, "act": "len"}} == page.trials[2]
    assert kernel.value("study.trials[2].params['act'] is len") == "True"
    assert page.ask("trial", number=2)["code"] == "x = 0.25\nact = len"


def test_edit_while_the_cell_blocks_the_kernel(kernel: Kernel) -> None:
    _, page = waiting(kernel, cell("study", total=30))
    with pytest.raises(Refused, match="low"):
        page.ask("edit", changes={"x": {"low": 0.9, "high": 0.1}})
    with pytest.raises(Refused, match="no hyperparameter z"):
        page.ask("edit", changes={"z": {}})
    page.ask("edit", changes={"x": {"low": 0.4, "high": 0.6}, "act": {"choices": [0, 2]}})
    page.ask("skip")
    kernel.until("study.state", "'finished'")
    page.until(lambda: page.info["state"] == "finished")
    narrowed = [page.trials[n]["p"] for n in range(2, 30)]
    assert all(0.4 <= p["x"] <= 0.6 and p["act"] in ("len", "gelu") for p in narrowed)
    assert any("still fit" in note for note in page.info["notes"])
    assert [p.get("low") or p["choices"] for p in page.info["params"]] == [0.4, ["len", "gelu"]]


def test_an_edit_is_undone_by_what_was_declared(kernel: Kernel) -> None:
    _, page = paused(kernel, cell("study", total=40))
    declared = page.info["params"]
    page.ask("edit", changes={"x": {"low": 0.4}, "act": {"choices": [1]}})
    page.until(lambda: all(each.get("edited") for each in page.info["params"]))
    page.ask("edit", changes={key: {"declared": True} for key in ("x", "act")})
    page.until(lambda: page.info["params"] == declared)
    finish(kernel, page)
    page.until(lambda: page.info["state"] == "finished")
    later = [page.trials[n]["p"] for n in range(2, 40)]
    assert min(p["x"] for p in later) < 0.4
    assert {p["act"] for p in later} == {"len", "tanh", "gelu"}


def test_use_best_sets_the_variables_once_the_cell_has_ended(kernel: Kernel) -> None:
    kernel.run("x = act = 'mine'")
    running, page = waiting(kernel, cell("study"))
    assert page.ask("use") == "x, act are set as soon as the cell has ended"
    page.ask("pause")
    running.finish()
    kernel.until("(x, act)", "(0.5, 'tanh')")
    kernel.run("x = act = 'mine'")
    assert page.ask("use") == "x, act are set"
    assert kernel.value("(x, act)") == "(0.5, 'tanh')"
    page.ask("stop")


def test_a_finished_study_still_answers(kernel: Kernel) -> None:
    running = kernel.start(cell("study", at=9), person=True)
    shown = running.finish()
    page = Page.showing(kernel, shown)
    assert page.info["live"] is False
    assert page.ask("use") == "x, act are set"
    with pytest.raises(Refused, match="finished"):
        page.ask("try", params={"x": 0.1})
    with pytest.raises(Refused, match="run its cell again"):
        page.ask("resume")


def test_the_detail_of_a_trial(kernel: Kernel) -> None:
    text = cell("study", "--retries 0", at=9, total=4).replace(
        "    loss = x", "    if trial.number == 2: 1 / 0\n    trial.log(seen=step)\n    loss = x"
    )
    shown = kernel.start(text, person=True).finish()
    page = Page.showing(kernel, shown)
    first, failed = page.ask("trial", number=0), page.ask("trial", number=2)
    assert first["code"] == "x = 0.5\nact = 'tanh'"
    assert first["r"] == [[0, 1, 2], [0.5, 1.5, 2.5]]
    assert first["output"] == "trial 0 begins\n"
    assert first["log"] == {"seen": 2}
    assert "line 6" in failed["error"] and "1 / 0" in failed["error"]
    assert "ZeroDivisionError" in page.trials[2]["e"]
    with pytest.raises(Refused, match="no trial 77"):
        page.ask("trial", number=77)


def test_the_output_of_the_running_trial_is_in_its_detail(kernel: Kernel) -> None:
    running, page = waiting(kernel, cell("study"))
    assert page.ask("trial", number=1)["output"] == "trial 1 begins\n"
    page.ask("stop")
    running.finish()


def test_importance_and_what_it_lacks(kernel: Kernel) -> None:
    shown = kernel.start(cell("study", at=99, total=40), person=True).finish()
    page = Page.showing(kernel, shown)
    found = page.ask("importance")
    assert found["method"] == "PED-ANOVA" and found["trials"] == 40
    assert found["values"]["x"] > found["values"]["act"]
    shown = kernel.start(cell("few", at=99, total=2), person=True).finish()
    few = Page.showing(kernel, shown).ask("importance")
    assert few["values"] == {} and "16" in few["note"]


MODELLED = """
class Modelled:
    def ask(self, number, rng, running):
        return {"x": rng.random(), "act": "tanh"}
    def tell(self, trial):
        pass
    def explain(self, query):
        n = query["points"]
        assert query["at"]["act"] == "tanh"
        mean, std = [float(i) for i in range(n)], [1.0] * n
        if "y" not in query:
            looks = [-float("inf"), *mean[1:]]
            return {"x": list(range(n)), "mean": mean, "std": std, "acquisition": looks}
        found = {"x": list(range(n)), "y": [len], "mean": [mean], "std": [std]}
        return found if n < 4 else {**found, "acquisition": [mean]}
modelled = Modelled()
"""


def test_the_model_of_an_optimizer_in_the_users_sign(kernel: Kernel) -> None:
    kernel.run(MODELLED)
    text = cell("study", at=1).replace("-o random", "-o modelled").replace("--min", "--max")
    running, page = waiting(kernel, text)
    model = page.ask("model", x="x", y="act", points=3)
    assert model == {
        "none": "",
        "x": [0, 1, 2],
        "y": ["len"],
        "mean": [[0.0, -1.0, -2.0]],
        "std": [[1.0, 1.0, 1.0]],
    }
    more = page.ask("model", x="x", y="act", points=4)
    assert more["acquisition"] == [[0.0, 1.0, 2.0, 3.0]]
    assert page.ask("model", x="x", points=3) == {
        "none": "",
        "x": [0, 1, 2],
        "mean": [0.0, -1.0, -2.0],
        "std": [1.0, 1.0, 1.0],
        "acquisition": ["-inf", 1.0, 2.0],
    }
    assert page.ask("model", x="x", y=None, points=3) == page.ask("model", x="x", points=3)
    with pytest.raises(Refused, match="no hyperparameter gone"):
        page.ask("model", x="x", y="gone", points=3)
    with pytest.raises(Refused, match="sent no y"):
        page.ask("model", x="x", y=["act"], points=3)
    page.ask("stop")
    running.finish()
    assert "has ended" in page.ask("model", x="x", y="act", points=3)["none"]


@pytest.mark.parametrize(
    "question",
    [
        {"what": "rm"},
        {"what": None},
        {"what": "try"},
        {"what": "edit", "changes": 3},
        {"what": []},
        {"what": "model"},
        {"what": "model", "x": 3},
        {"what": "model", "x": "x", "y": {}},
    ],
)
def test_nonsense_is_answered_with_a_sentence(kernel: Kernel, question: dict[str, Any]) -> None:
    if kernel.value("'calm' in globals()") == "False":
        kernel.run(cell("calm", at=9), person=True)
    shown = kernel.start("calm").finish()
    assert shown.result is not None
    page = Page(kernel, shown.result[MIME]["info"]["uid"])
    with pytest.raises(Refused):
        page.ask(**question)
    assert page.ask("trial", number=0)["number"] == 0


@pytest.mark.parametrize("uid", ["unknown", None])
def test_a_study_of_another_kernel_is_not_found(kernel: Kernel, uid: str | None) -> None:
    page = Page(kernel, uid)
    page.until(lambda: page.closed)
    assert page.messages == []


def test_two_pages_are_told_the_same(kernel: Kernel) -> None:
    running, first = waiting(kernel, cell("study"))
    second = Page.of(kernel, running)
    second.ask("stop")
    running.finish()
    first.until(lambda: first.info["state"] == "stopped")
    second.until(lambda: second.info["state"] == "stopped")
    assert first.trials == second.trials
    assert first.info == second.info | {"elapsed": first.info["elapsed"]}


def test_a_page_that_leaves_is_forgotten(kernel: Kernel) -> None:
    running, page = waiting(kernel, cell("study"))
    watched = "len(get_ipython().kernel.comm_manager.comms)"
    page.close()
    other = Page.of(kernel, running)
    other.ask("stop")
    running.finish()
    before = int(kernel.value(watched))
    other.close()
    kernel.until(f"{watched} == {before - 1}")


def test_what_the_output_holds_while_the_study_lives_and_when_it_has_ended(kernel: Kernel) -> None:
    running, page = paused(kernel, cell("study"))
    # what a notebook saved now falls back on knows the trials there are
    running.later(lambda shown: len(shown.displays[0][MIME]["trials"]) == 2)
    [bundle] = running.shown.displays
    assert {MIME, WIDGET, "text/html", "text/plain"} == bundle.keys()
    finish(kernel, page)
    running.later(lambda shown: WIDGET not in shown.displays[0])
    [bundle] = running.shown.displays
    assert {MIME, "text/html", "text/plain"} == bundle.keys()
    kept = json.loads(json.dumps(bundle[MIME], allow_nan=False))
    assert (kept["info"]["state"], kept["info"]["live"]) == ("finished", False)
    assert [trial["n"] for trial in kept["trials"]] == [0, 1, 2]


def test_a_study_that_is_displayed_again_is_live_there_too(kernel: Kernel) -> None:
    _, page = paused(kernel, cell("study"))
    shown = kernel.start("study").finish()
    assert shown.result is not None
    assert shown.result[MIME]["info"]["uid"] == page.info["uid"]
    other = Page(kernel, shown.result[MIME]["info"]["uid"])
    other.ask("stop")
    page.until(lambda: page.info["state"] == "stopped")


def test_a_quiet_study_can_be_looked_at(kernel: Kernel) -> None:
    kernel.run("go.set()")
    assert kernel.run(cell("study", "--quiet", at=9), person=True).displays == []
    shown = kernel.start("study").finish()
    assert shown.result is not None
    page = Page(kernel, shown.result[MIME]["info"]["uid"])
    page.until(lambda: bool(page.info))
    assert len(page.trials) == 3


def test_resume_in_another_cell_keeps_the_page_told(kernel: Kernel) -> None:
    running, page = paused(kernel, cell("study"))
    kernel.run("go.set()")
    again = kernel.run(cell("study", "--resume"), person=True)
    assert again.error is None, again.told
    page.until(lambda: page.info["state"] == "finished")
    running.later(lambda shown: WIDGET not in shown.displays[0])
    assert len(page.trials) == 3


def test_for_a_program_the_output_needs_no_page(kernel: Kernel) -> None:
    kernel.run("go.set()")
    shown = kernel.run(cell("study", at=9), person=False)
    [bundle] = shown.displays
    assert {MIME, "text/html", "text/plain"} == bundle.keys()
