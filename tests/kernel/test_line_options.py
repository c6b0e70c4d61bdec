"""The options of `%%tune`, as they act in a notebook."""

from __future__ import annotations

import pytest
from kernels import Kernel

BODY = "x: Float(0, 1) = 0.5\ny: Int(1, 3) = 2\nv = x * y"


def run_line(kernel: Kernel, line: str, body: str = BODY) -> str:
    """Run a study whose line is `line`; the error as it is told."""
    return kernel.run(f"%%tune {line}\n{body}").told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("s --minimise v", "there is no option --minimise; did you mean --minimize?"),
        ("s --min v", "there is no option --min; did you mean --minimize?"),
        ("s --minimize", "--minimize needs a value: --minimize NAME"),
        ("s", "say what to optimize: --minimize NAME or --maximize NAME. The cell assigns: v"),
        ("s --minimize v --maximize v", "give --minimize or --maximize, not both"),
        ("s --minimize w", "nothing in this cell assigns `w`; it assigns v Write: --minimize v"),
        ("s --minimize x", "`x` is a hyperparameter of this cell"),
        ("s --minimize v --trials forty", "--trials takes a whole number, say --trials 40"),
        ("s --minimize v --trials -3", "whole number"),
        ("s --minimize v --max-failures 0", "a whole number from 1"),
        ("s t --minimize v", "one name for the study, not 2: s t"),
        ("2nd --minimize v", "'2nd' cannot name a study"),
        ("class --minimize v", "'class' cannot name a study"),
        ("v --minimize v", "the study cannot be called 'v': the cell uses that name"),
        ("x --minimize v", "the study cannot be called 'x': the cell uses that name"),
        ("print --minimize v", "'print': that name holds the function print; give it another"),
        ("Float --minimize v", "'Float': that name holds the class Float; give it another"),
        ("trial --minimize v", "the study cannot be called 'trial': that name holds a TrialProxy"),
        ("s –minimize v", "–minimize starts with –, not -; write --minimize"),
        ("s --minimize v -o “grid”", "“grid” has typographic quotes"),
        ("s --minimize hist['v'][-1]", "--minimize takes the name of one variable"),
        ("s --minimize v --keep 'a b'", "names of variables, separated by commas"),
        ("s --minimize v --fresh nowhere", "'nowhere' is none"),
        ("s --minimize v --shared nowhere", "'nowhere' is none"),
        ("s --minimize v -o annealing", "annealing"),
        ("s --minimize v -o 'grid(points=0)'", "points"),
        ("s --minimize v -o 'grid(point=3)'", "point"),
        ("s --minimize v -o 'random(f())'", "random"),
        ("s --minimize v --name 'unclosed", "cannot read the %%tune line: no closing quotation"),
        ("s --minimize v --trials $undefined_count", "undefined_count"),
        ("s --minimize v --trials {1/0}", "division by zero"),
        ("s --minimize v --trials {", "cannot expand '{'"),
        ("s --minimize v --run 2", "add --resume"),
        ("s --minimize v -j 2", "--jobs is not in this version: trials run one after the other"),
        ("s --minimize v --budget 10", "--budget takes 10m, 2h, 90s, '500 epochs' or worthwhile"),
        ("s --minimize v --warm-start t", "--warm-start is not in this version"),
    ],
)
def test_refusals_run_nothing(kernel: Kernel, line: str, told: str) -> None:
    kernel.run("ran = []")
    shown = kernel.run(f"%%tune {line}\n{BODY}\nran.append(1)")
    assert shown.error is not None and told in shown.told, shown
    assert "Traceback" not in shown.told and shown.displays == []
    assert kernel.value("ran") == "[]"


def test_values_expand_and_quotes_and_comments_go(kernel: Kernel) -> None:
    kernel.run("count, how = 3, 'random'")
    assert (
        run_line(kernel, "a --minimize 'v' --trials $count -o \"{how}\"  # {not expanded $x") == ""
    )
    assert kernel.value("len(a), a.record.info.optimizer") == "(3, 'random')"
    assert run_line(kernel, "a --minimize=v --trials={count+1} -o 'grid(points=2)'") == ""
    assert kernel.value("len(a), a.record.info.optimizer") == "(4, 'grid(points=2)')"


def test_expressions_with_spaces_expand(kernel: Kernel) -> None:
    kernel.run("count, names = 2, ['v', 'w']")
    assert run_line(kernel, "spaced --minimize {names [0]} --trials {count + 1} -o random") == ""
    assert kernel.value("len(spaced)") == "3"
    assert (
        run_line(kernel, "spaced --minimize {'v' if count else ''} -o 'random' -n '{count + 2}'")
        == ""
    )
    assert kernel.value("len(spaced)") == "4"


def test_trials_0_describes_and_runs_nothing(kernel: Kernel) -> None:
    kernel.run("big = True")
    shown = kernel.run(
        "%%tune dry --minimize v --trials 0\nx: Float(0, 1) = 0.5\nif big:\n    y: Int(1, 3) = 2\n"
        "for i in range(3):\n    v = x"
    )
    assert shown.error is None and shown.displays == []
    assert "line 2: x: Float" in shown.stdout and "line 4: y: Int(1, 3) = 2   if big" in (
        shown.stdout
    )
    assert "the loop on line 5" in shown.stdout and "the whole grid" in shown.stdout
    assert kernel.value("'dry' in globals()") == "False"


def test_trials_0_describes_what_runs_without_it(kernel: Kernel) -> None:
    kernel.run(
        "class Own:\n    def ask(self, number, rng, running): return None\n"
        "    def tell(self, trial): pass\nbare = Own()"
    )
    body = "y: Int(1, 3) = 2\nv = y"
    notice = "auto chose grid: the space has only 3 configurations and 20 trials cover it"
    assert notice in kernel.run(f"%%tune dry --minimize v -n 0\n{body}").stdout
    kernel.run(f"%%tune wet --minimize v\n{body}")
    assert notice in kernel.value("wet.record.info.notes")
    budget = kernel.run(f"%%tune dry --minimize v -n 0 --budget 1h\n{body}").stdout
    assert "auto chose bayes" in budget
    assert "line 2: y" in kernel.run(f"%%tune dry --minimize v -n 0 -o bare\n{body}").stdout
    assert "medan" in run_line(kernel, "dry --minimize v -n 0 --pruner medan", body)


def test_the_default_number_of_trials(kernel: Kernel) -> None:
    assert run_line(kernel, "d --minimize v -o random") == ""
    assert kernel.value("len(d)") == "20"
    assert (
        run_line(kernel, "d --minimize v -o grid", "y: Int(1, 3) = 2\nz: Bool() = True\nv = y")
        == ""
    )
    assert kernel.value("len(d), len({str(t.params) for t in d.trials})") == "(6, 6)"
    assert run_line(kernel, "d --minimize v", "y: Int(1, 3) = 2\nv = y") == ""
    assert kernel.value("len(d), d.state") == "(3, 'finished')"


def test_no_baseline(kernel: Kernel) -> None:
    assert run_line(kernel, "nb --minimize v -o random -n 3 --no-baseline") == ""
    assert kernel.value("nb.trials[0].params == {'x': 0.5, 'y': 2}, len(nb)") == "(False, 3)"


def test_device(kernel: Kernel) -> None:
    body = "x: Float(0, 1) = 0.5\nseen = trial.device\nv = x"
    assert (
        run_line(kernel, "dev --minimize v -o random -n 2 --device cuda:7 --keep seen", body) == ""
    )
    assert kernel.value("dev.best_trial.namespace") == "{'seen': 'cuda:7'}"
    assert run_line(kernel, "dev --minimize v -o random -n 2 --keep seen", body) == ""
    assert kernel.value("dev.best_trial.namespace") == "{'seen': 'cpu'}"
    shown = kernel.run(f"%%tune dev --minimize v -o random -n 1 --device cuda\n{BODY}")
    assert "--device has no effect" in " ".join(shown.view.split())


def test_trial_directory_is_a_folder_of_its_own(kernel: Kernel) -> None:
    body = "x: Float(0, 1) = 0.5\n(trial.directory / 'weights').write_text(str(x))\nv = x"
    assert run_line(kernel, "dirs --minimize v -o random -n 3", body) == ""
    folders = sorted(kernel.directory.glob(".jupyter_hpo/trials/dirs-1-*/*/weights"))
    assert [folder.parent.name for folder in folders] == ["0", "1", "2"]
    # nor does a trial find there what another run, since deleted, or its own replay has left
    body = "x: Float(0, 1) = 0.5\nfound = [*trial.directory.iterdir()]\n" + body.partition("\n")[2]
    assert "is deleted" in kernel.run("%tune delete dirs").stdout
    kept = "dirs --minimize v -o random -n 1 --keep found"
    assert run_line(kernel, kept, body) == ""
    assert kernel.value("dirs.best_trial.namespace, dirs.record.info.run") == "({'found': []}, 1)"
    mine = max(kernel.directory.glob(".jupyter_hpo/trials/dirs-1-*/0"))
    (mine / "weights").write_text("kept")
    assert kernel.value("dirs.replay(0)") == "0.5"
    assert (mine / "weights").read_text() == "kept"


def test_an_optimizer_of_the_notebook(kernel: Kernel) -> None:
    kernel.run(
        "class Mine:\n    told = 0\n"
        "    def ask(self, number, rng, running):\n"
        "        return None if self.told > 4 else {'x': self.told / 10, 'y': 1}\n"
        "    def tell(self, trial):\n        self.told += 1\n"
        "mine = Mine()"
    )
    assert run_line(kernel, "own --minimize v -o mine") == ""
    assert kernel.value("len(own), own.state, own.trials[3].params") == (
        "(5, 'finished', {'x': 0.3, 'y': 1})"
    )
    told = run_line(
        kernel, "own --minimize v -o mine", "x: Float(2, 3) = 2.5\ny: Int(1, 3) = 2\nv = x * y"
    )
    assert told == ""  # exhausted: the same object has been told of five trials


def test_hints_are_notes_and_no_errors(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune hint --minimize accuracy -o random -n 2\nx: Float(0, 1) = 0.5\n"
        "unused: Int(1, 3) = 2\naccuracy = x"
    )
    told = " ".join(shown.view.split())
    assert shown.error is None
    assert "Did you mean --maximize?" in told
    assert "`unused` is declared but nothing in the cell reads it" in told


def test_bounds_and_defaults_from_the_notebook_and_the_cells_imports(kernel: Kernel) -> None:
    kernel.run("low, choices = 0.25, ['a', 'b']")
    body = (
        "import math\nx: Float(low, math.pi) = low\nk: Categorical(choices) = choices[-1]\n"
        "v = x + len(k)"
    )
    assert run_line(kernel, "bounds --minimize v -o random -n 3", body) == ""
    assert kernel.value("bounds.trials[0].params, 'math' in globals()") == (
        "({'x': 0.25, 'k': 'b'}, False)"
    )
