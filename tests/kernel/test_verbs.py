"""`%tune`: what can be done with studies."""

from __future__ import annotations

import pytest
from kernels import Kernel

CELL = (
    "%%tune {name} --maximize score -o random -n {total}\n"
    "rate: Float(0, 1) = 0.5  # how fast\n"
    "kind: Categorical('a', 'b') = 'a'\n"
    "score = rate"
)


def study(kernel: Kernel, name: str, total: int = 4) -> None:
    shown = kernel.run(CELL.format(name=name, total=total))
    assert shown.error is None, shown.told


def test_list(kernel: Kernel) -> None:
    study(kernel, "first")
    study(kernel, "second")
    study(kernel, "first", 3)
    kernel.run("rows = %tune list")
    assert kernel.value("rows[['study', 'run', 'state', 'trials', 'of']].values.tolist()[:3]") == (
        "[['first', 2, 'finished', 3, 3], ['second', 1, 'finished', 4, 4], "
        "['first', 1, 'finished', 4, 4]]"
    )
    assert kernel.value("float(rows['best'][0]) == first.best_value, rows['objective'][0]") == (
        "(True, 'max score')"
    )
    assert kernel.value("len(get_ipython().run_line_magic('tune', 'list second'))") == "1"
    assert kernel.value("len(get_ipython().run_line_magic('tune', '')) == len(rows)") == "True"


def test_list_has_studies_that_are_not_stored(kernel: Kernel) -> None:
    kernel.run(CELL.format(name="unstored", total=2).replace("-o", "--store none -o"))
    kernel.run("rows = %tune list unstored")
    assert kernel.value("rows[['state', 'trials']].values.tolist()") == "[['finished', 2]]"


def test_a_study_that_is_stored_elsewhere_is_the_one_that_verbs_mean(kernel: Kernel) -> None:
    study(kernel, "apart", 2)
    text = CELL.format(name="apart", total=3)
    assert kernel.run(text.replace("-o", "--store apart.db -o")).error is None
    kernel.run("rows = %tune list apart")
    assert kernel.value("sorted(rows['trials'])") == "[2, 3]"
    assert kernel.value("len(get_ipython().run_line_magic('tune', 'show apart'))") == "3"
    assert "is deleted" in kernel.run("%tune delete apart").stdout
    assert kernel.value("len(get_ipython().run_line_magic('tune', 'show apart'))") == "2"
    assert "is deleted" in kernel.run("%tune delete apart").stdout


def test_delete_leaves_a_study_alone_that_is_in_memory(kernel: Kernel) -> None:
    study(kernel, "light", 2)
    text = CELL.format(name="light", total=3)
    assert kernel.run(text.replace("-o", "--store none -o")).error is None
    assert "is deleted" in kernel.run("%tune delete light").stdout
    assert kernel.value("len(get_ipython().run_line_magic('tune', 'show light'))") == "3"
    assert "no study 'light'" in kernel.run("%tune delete light").told


def test_show_displays_or_returns(kernel: Kernel) -> None:
    study(kernel, "shown")
    study(kernel, "latest")
    result = kernel.run("%tune show shown").result
    assert result is not None and "jhpo" in result["text/html"]
    assert kernel.value("%tune show").startswith("latest: finished")
    kernel.run("s = %tune show shown")
    assert kernel.value("s is shown") == "True"
    told = kernel.run("%tune show unheard").told
    assert "there is no study 'unheard'; there are " in told and "shown" in told


def test_code_and_apply(kernel: Kernel) -> None:
    study(kernel, "coded")
    code = kernel.run("%tune code coded").stdout
    assert "# tuned by jupyter_hpo: study 'coded', run 1, trial" in code
    best = kernel.value("coded.best_params['rate']")
    assert f"rate = {best}  # how fast\n" in code and "%%tune" not in code
    applied = kernel.run("%tune apply coded")
    assert applied.text == kernel.value("coded.best_params")
    assert kernel.value("rate") == best
    kernel.run("del rate, kind")


def test_wait_and_stop_of_what_has_ended(kernel: Kernel) -> None:
    study(kernel, "over")
    assert kernel.run("%tune wait over").status == "ok"
    assert kernel.run("%tune stop over").stdout == "study 'over' is finished already\n"
    for verb in ("pause", "resume", "skip", "stop", "wait"):
        told = kernel.run(f"%tune {verb}").told
        assert told == "no study is running or paused in this session"
    for verb in ("pause", "resume", "skip"):
        told = kernel.run(f"%tune {verb} over").told
        assert told == (
            "study 'over' is finished and not live in this kernel; "
            "run its cell with --resume to go on with it"
        )


def test_delete(kernel: Kernel) -> None:
    study(kernel, "rubbish")
    study(kernel, "rubbish")
    assert "name the study" in kernel.run("%tune delete").told
    assert "is deleted" in kernel.run("%tune delete rubbish").stdout
    assert kernel.value("len(get_ipython().run_line_magic('tune', 'list rubbish'))") == "1"
    assert "is deleted" in kernel.run("%tune delete rubbish").stdout
    assert "no study 'rubbish'" in kernel.run("%tune delete rubbish").told
    assert kernel.value("rubbish.state, len(rubbish)") == "('finished', 4)"


def test_options_lists_every_option_and_verb(kernel: Kernel) -> None:
    told = kernel.run("%tune options").stdout
    for word in ("--minimize NAME", "--trials N", "--resume", "list", "show", "apply", "delete"):
        assert word in told
    assert max(map(len, told.splitlines())) < 160


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("export x", "trials_dataframe()"),
        ("import x", "%tune import is not in this version"),
        ("lsit", "did you mean list?"),
        ("conquer", "there are list, show"),
        ("show one two", "takes one study, not 2"),
        ("show 'open", "no closing quotation"),
        ("show $undefined_name", "undefined_name"),
    ],
)
def test_refusals(kernel: Kernel, line: str, told: str) -> None:
    shown = kernel.run(f"%tune {line}")
    assert shown.error is not None and shown.error.ename == "UsageError"
    assert told in shown.told and "Traceback" not in shown.told


def test_names_expand(kernel: Kernel) -> None:
    study(kernel, "expanded")
    kernel.run("which = 'expanded'")
    assert kernel.value("%tune show $which").startswith("expanded: finished")
    assert kernel.value("%tune show {which[:3]+which[3:]}").startswith("expanded: finished")


def test_a_session_without_studies(kernel: Kernel) -> None:
    kernel.run("get_ipython().run_line_magic('reload_ext', 'jupyter_hpo')")
    assert "no study has run in this session" in kernel.run("%tune show").told
