"""`gradient(weights=…)`: descending by every entry of tensors of the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from differences import X_VAL, Y_VAL, X, Y, loss_of, network
from parked import Notebook
from store_cases import raw
from torch import Tensor, nn
from torch.optim import LBFGS, SGD

from jupyter_hpo import Float, Study, tune
from jupyter_hpo.blobs import Blob, encode
from jupyter_hpo.errors import CellError, GradientError, StoreError, StudyError, UsageError
from jupyter_hpo.optimizers import create, needs_space
from jupyter_hpo.optimizers.gradient.optimizer import Gradient
from jupyter_hpo.record import StudyState
from jupyter_hpo.sitting import Sitting
from jupyter_hpo.space import Space
from jupyter_hpo.store import Store
from jupyter_hpo.trial import SLOPES, Trial, TrialState
from jupyter_hpo.unrolled.implicit import Implicit
from jupyter_hpo.unrolled.run import Run

EXAMPLES = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]
HOW = 'gradient(inner_loss="train_loss", weights="example_weights"{})'


def weighted(examples: Tensor, residuals: Tensor) -> Tensor:
    return (torch.sigmoid(examples) * residuals**2).mean()


def by_entry(function: Any, at: Tensor, entries: list[int], step: float = 1e-4) -> list[float]:
    """Derivatives by some entries, by central differences."""
    found = []
    for k in entries:
        up, down = at.clone(), at.clone()
        up.view(-1)[k] += step
        down.view(-1)[k] -= step
        found.append((float(function(up)) - float(function(down))) / (2 * step))
    return found


# -- the gradient ---------------------------------------------------------------------------------


def solved(examples: Tensor) -> Tensor:
    """The weights of a ridge regression whose examples are weighted, in closed form."""
    strength = torch.sigmoid(examples)
    system = X.T @ (strength * X) / len(X) + 0.1 * torch.eye(5, dtype=torch.float64)
    return torch.linalg.solve(system, X.T @ (strength * Y) / len(X))


@pytest.mark.parametrize(("solver", "iterations"), [("cg", 20), ("neumann", 300)])
def test_the_derivative_of_weighted_ridge_regression(solver: Any, iterations: int) -> None:
    run = Implicit({}, "loss", solver, iterations)
    run.hold({"examples": EXAMPLES})
    with run:
        weights = nn.Parameter(solved(EXAMPLES))
        SGD([weights], lr=0.1)
        inner = weighted(run.vectors["examples"], X @ weights - Y) + 0.1 * (weights**2).sum()
        outer = ((X_VAL @ weights - Y_VAL) ** 2).mean()
        found = run.find(outer, {"loss": inner}).vectors["examples"]
    at = EXAMPLES.clone().requires_grad_()
    (expected,) = torch.autograd.grad(((X_VAL @ solved(at) - Y_VAL) ** 2).mean(), at)
    assert float((found - expected).norm() / expected.norm()) <= 1e-5


def fitted(examples: Tensor, kept: dict[str, Any]) -> Any:
    """A small network in its minimum."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    stepper = LBFGS(model.parameters(), max_iter=200, tolerance_grad=1e-12, tolerance_change=0)

    def inner() -> Tensor:
        squares = sum((p**2).sum() for p in model.parameters())
        return weighted(examples, model(X) - Y) + 0.05 * squares

    def closure() -> Tensor:
        stepper.zero_grad()
        loss = inner()
        loss.backward()
        return loss

    stepper.step(closure)
    kept["loss"] = inner()
    with torch.no_grad():
        return loss_of(model, X_VAL, Y_VAL).item()


@pytest.mark.parametrize(("solver", "iterations"), [("cg", 100), ("neumann", 1000)])
def test_a_network_agrees_with_finite_differences(solver: Any, iterations: int) -> None:
    run, kept = Implicit({}, "loss", solver, iterations), {}
    run.hold({"examples": EXAMPLES})
    with run:
        found = run.find(fitted(run.vectors["examples"], kept), kept).vectors["examples"]
    entries = [0, 39]
    expected = by_entry(lambda at: fitted(at, {}), EXAMPLES, entries, 1e-3)
    assert found[entries, 0].tolist() == pytest.approx(expected, rel=1e-5)


def test_through_the_steps_of_training() -> None:
    def trained(examples: Tensor) -> Any:
        model = network()
        stepper = SGD(model.parameters(), lr=0.1, momentum=0.8)
        for _ in range(12):
            stepper.zero_grad()
            weighted(examples, model(X) - Y).backward()
            stepper.step()
        with torch.no_grad():
            return loss_of(model, X_VAL, Y_VAL).item()

    run = Run({})
    run.hold({"examples": EXAMPLES})
    with run:
        found = run.find(trained(run.vectors["examples"]), {}).vectors["examples"]
    entries = [0, 13, 39]
    assert found[entries, 0].tolist() == pytest.approx(
        by_entry(trained, EXAMPLES, entries), rel=1e-5
    )


# -- studies --------------------------------------------------------------------------------------

# trained in closed form, or by a few steps that do not come to the minimum
SOLVED = """
fixed = torch.sigmoid(example_weights.detach())
system = X.T @ (fixed * X) / len(X) + float({penalty}) * torch.eye(5, dtype=torch.float64)
weights = torch.nn.Parameter(torch.linalg.solve(system, X.T @ (fixed * Y) / len(X)))
stepper = SGD([weights], lr=0.1)
"""
STEPS = """
weights = torch.nn.Parameter(torch.zeros(5, 1, dtype=torch.float64))
stepper = SGD([weights], lr=0.3)
for step in range(3):
    stepper.zero_grad()
    inner().backward()
    stepper.step()
"""
BODY = """
{declared}
def inner():
    errors = (X @ weights - Y) ** 2
    return (torch.sigmoid(example_weights) * errors).mean() + {penalty} * (weights ** 2).sum()
{trained}
train_loss = inner()
with torch.no_grad():
    loss = ((X_VAL @ weights - Y_VAL) ** 2).mean().item()
"""


def cell(trained: str, *, declares: bool = False) -> str:
    declared = "penalty: Float(1e-4, 1e1, log=True) = 1.0" if declares else ""
    penalty = "penalty" if declares else "0.1"
    return BODY.format(declared=declared, penalty=penalty, trained=trained.format(penalty=penalty))


ALONE, BOTH = cell(SOLVED), cell(SOLVED, declares=True)
SHORT, SHORT_BOTH = cell(STEPS), cell(STEPS, declares=True)


@pytest.fixture
def notebook() -> Notebook:
    made = Notebook()
    made.names.update(torch=torch, SGD=SGD, X=X, Y=Y, X_VAL=X_VAL, Y_VAL=Y_VAL)
    made.names["example_weights"] = torch.zeros(40, 1, dtype=torch.float64)
    return made


def ran(notebook: Notebook, text: str = ALONE, options: str = "", **more: Any) -> Sitting:
    more.setdefault("trials", 6)
    sitting = notebook.study(text, optimizer=HOW.format(options), **more)
    sitting.drive()
    return sitting


def trials(sitting: Sitting) -> list[Trial]:
    return sitting.runner.record.trials


def told(sitting: Sitting) -> list[Any]:
    return [
        (t.number, t.state, dict(t.assignment), t.value, dict(t.info), dict(t.arrays))
        for t in trials(sitting)
    ]


def test_a_cell_that_declares_nothing(notebook: Notebook) -> None:
    before = notebook.names["example_weights"]
    sitting = ran(notebook)
    values = [t.value for t in trials(sitting) if t.value is not None]
    assert len(values) == 6 and min(values) == values[-1] < 0.9 * values[0]
    assert "gradient goes down example_weights (40 entries)." in sitting.runner.record.info.notes
    first, last = trials(sitting)[0], trials(sitting)[-1]
    assert not first.weights["example_weights"].any() and last.weights["example_weights"].any()
    assert first.info["checked"] == "example_weights"
    assert first.info["finite_difference_ratio"] == pytest.approx(1, abs=1e-3)
    slope = first.arrays[f"{SLOPES}example_weights"].array()
    assert first.info["norm_gradient_example_weights"] == pytest.approx(np.linalg.norm(slope))
    # what is the user's is as it was
    assert notebook.names["example_weights"] is before and before._version == 0
    assert not before.any() and before.grad is None and not before.requires_grad


def test_hyperparameters_go_down_beside_it(notebook: Notebook) -> None:
    sitting = ran(notebook, BOTH)
    first, second = trials(sitting)[:2]
    assert first.info["gradient_penalty"] > 0
    assert second.assignment["penalty"] < first.assignment["penalty"]
    assert second.weights["example_weights"].any() and second.value < first.value  # type: ignore[operator]


def test_both_solvers_and_both_signs_take_the_same_way(notebook: Notebook) -> None:
    down = ran(notebook, trials=4)
    neumann = ran(notebook, options=', solver="neumann", iterations=500', trials=4)
    for one, other in zip(trials(down), trials(neumann), strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-6)


def test_it_maximizes_by_the_same_steps() -> None:
    def negative(params: Mapping[str, Any]) -> Any:
        return -objective(params)

    held = {"w": torch.tensor([3.0, -1.0])}
    down = tune(objective, {}, optimizer=THROUGH, trials=4, variables=held)
    up = tune(negative, {}, minimize=False, optimizer=THROUGH, trials=4, variables=held)
    for one, other in zip(down.trials, up.trials, strict=True):
        assert one.arrays["w"] == other.arrays["w"] and one.value == -other.value  # type: ignore[operator]
        slopes = (t.arrays[f"{SLOPES}w"].array() for t in (one, other))
        np.testing.assert_array_equal(next(slopes), -next(slopes))


@pytest.mark.parametrize(
    ("text", "options"),
    [(ALONE, ""), (BOTH, ""), (SHORT, ", warm=True"), (SHORT_BOTH, ", warm=True")],
    ids=["alone", "both", "warm", "both-warm"],
)
def test_interrupted_equals_uninterrupted(
    notebook: Notebook, tmp_path: Path, text: str, options: str
) -> None:
    whole = ran(notebook, text, options, trials=7)
    store = Store(tmp_path / "studies.db")
    for total in (1, 3, 7):
        # what the notebook holds meanwhile makes no difference
        notebook.names["example_weights"] = torch.full((40, 1), float(total - 1)).double()
        rest = ran(notebook, text, options, trials=total, store=store, resume=total > 1)
        rest.runner.journal.release()
    assert told(rest) == told(whole)


def test_resumed_with_a_tensor_of_another_shape(notebook: Notebook, tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    ran(notebook, trials=1, store=store).runner.journal.release()
    notebook.names["example_weights"] = torch.zeros(3, dtype=torch.float64)
    with pytest.raises(StudyError, match=r"shape \(3,\) now and had \(40, 1\)"):
        ran(notebook, trials=2, store=store, resume=True)


def test_resumed_from_a_file_that_is_damaged(notebook: Notebook, tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    ran(notebook, trials=3, store=store).runner.journal.release()
    wrong = Blob.of(np.zeros(3))
    with raw(store) as db:
        db.execute("INSERT INTO blobs VALUES (?, ?)", (wrong.digest, encode(wrong.array())))
        db.execute("UPDATE arrays SET digest = ? WHERE name LIKE 'grad%'", (wrong.digest,))
    for _ in range(2):  # the first attempt lets go of the study
        with pytest.raises(StudyError, match="not of the tensor"):
            ran(notebook, trials=4, store=Store(store.path), resume=True)
    with raw(store) as db:
        db.execute("UPDATE blobs SET data = 'x'")
    with pytest.raises(StoreError, match="none"):
        ran(notebook, trials=4, store=Store(store.path), resume=True)


THROUGH = 'gradient(weights="w", check=False)'


def objective(params: Mapping[str, Any]) -> Any:
    return ((params["w"] - 1) ** 2).sum()


def test_from_python() -> None:
    tensor = torch.tensor([3.0, -1.0], requires_grad=True)
    study = tune(
        objective,
        {},
        optimizer='gradient(weights="w", steps=15)',
        trials=15,
        variables={"w": tensor},
    )
    assert study.best_value < 0.1 and study.best_params == {}
    best = study.best_trial.weights["w"]
    assert best == pytest.approx([1.0, 1.0], abs=0.3)
    assert study.apply()["w"] is not None and tensor.tolist() == [3.0, -1.0]
    assert "with w of that trial: study.apply()" in study.code()
    assert "info_norm_gradient_w" in study.trials_dataframe()
    walk = study.sitting.runner.adviser.explain({})["walks"][0]
    assert [step["number"] for step in walk["path"]] == list(range(len(study.trials)))
    assert walk["path"][0]["norms"]["w"] == study.trials[0].info["norm_gradient_w"]
    assert "with w of its own" in " ".join(repr(study).split())


def test_several_tensors_of_any_shape_and_kind() -> None:
    def code(params: Mapping[str, Any]) -> Any:
        seen.append((params["a"].dtype, params["b"].shape))
        return (params["a"].float() ** 2).sum() + (params["b"] - params["x"]) ** 2

    seen: list[Any] = []
    held = {"a": torch.ones(2, 3, dtype=torch.bfloat16), "b": torch.tensor(0.0)}
    space = {"x": Float(0.0, 1.0, default=0.5)}
    how = 'gradient(weights=["a", "b"], check=False)'
    study = tune(code, space, optimizer=how, trials=4, variables=held)
    assert set(seen) == {(torch.bfloat16, torch.Size([]))}
    assert [t.weights["a"].shape for t in study.trials] == [(2, 3)] * 4
    assert study.trials[-1].value < study.trials[0].value  # type: ignore[operator]
    assert all("gradient_x" in t.info for t in study.trials)


def test_the_descent_ends_and_says_so() -> None:
    held = {"w": torch.tensor([1.0, 1.0])}
    study = tune(objective, {}, optimizer=THROUGH, trials=50, variables=held, baseline=False)
    assert study.state == "finished" and len(study.trials) < 20
    assert study.record.info.message == "the descent has come to its end"


def test_a_new_walk_begins_with_the_best_tensor() -> None:
    def code(params: Mapping[str, Any]) -> Any:
        return ((params["w"] - 1) ** 2).sum() + params["x"] * 0.1

    space = {"x": Float(0.0, 1.0, default=0.5)}
    how = 'gradient(weights="w", check=False, steps=3)'
    study = tune(code, space, optimizer=how, trials=4, variables={"w": torch.zeros(2)})
    best = min(study.trials[:3], key=lambda t: t.value or 0.0)
    assert study.trials[3].arrays["w"] == best.arrays["w"]
    assert study.trials[3].assignment != best.assignment


def test_a_step_that_explodes_or_fails_is_taken_back() -> None:
    def code(params: Mapping[str, Any], trial: Any) -> Any:
        if trial.number == 2:
            return params["w"].sum() * float("nan")
        if trial.number == 4:
            raise ValueError("diverged")
        return objective(params)

    held = {"w": torch.tensor([6.0, -6.0])}
    study = tune(code, {}, optimizer=THROUGH, trials=7, variables=held)
    states = [str(t.state) for t in study.trials]
    assert states == ["COMPLETE", "COMPLETE", "FAIL", "COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert "w" in study.trials[2].arrays and f"{SLOPES}w" not in study.trials[2].arrays
    one, lost, back = (study.trials[k].weights["w"] for k in (1, 2, 3))
    assert (abs(back - one) < abs(lost - one)).all()  # from the best, in a shorter step
    assert study.best_trial.number == 6


def test_a_configuration_of_the_users_takes_the_best_tensor(notebook: Notebook) -> None:
    sitting = notebook.study(BOTH, optimizer=HOW.format(""), trials=5)
    journal = sitting.runner.journal
    sitting.runner.between = lambda: (
        journal.update(queue=({"penalty": 3.0},)) if len(trials(sitting)) == 3 else None
    )
    sitting.drive()
    own = trials(sitting)[3]
    assert own.info["enqueued"] and own.assignment["penalty"] == 3.0
    best = min(trials(sitting)[:3], key=lambda t: t.value or 0.0)
    assert own.arrays["example_weights"] == best.arrays["example_weights"]


def test_the_space_may_be_edited(notebook: Notebook) -> None:
    sitting = notebook.study(BOTH, optimizer=HOW.format(""), trials=6)
    study = Study(sitting.runner.journal, sitting)

    def narrow() -> None:
        if len(study.trials) == 3:
            study.edit_space(penalty=Float(1e-3, 1e1, log=True))

    sitting.runner.between = narrow
    sitting.drive()
    assert study.state == "finished" and len(study.trials) == 6
    assert all(f"{SLOPES}example_weights" in t.arrays for t in study.trials)


def test_a_walk_that_waits_in_vain_is_given_up() -> None:
    def code(params: Mapping[str, Any], trial: Any) -> Any:
        seen.append(params["w"].tolist())
        return objective(params) + params["x"]

    class Elsewhere(Gradient):
        """Its trials are told with another assignment than it has proposed."""

        def tell(self, trial: Trial) -> None:
            moved = {"x": 0.25} if 0 < trial.number < 3 else trial.assignment
            super().tell(replace(trial, assignment=moved))

    seen: list[Any] = []
    space = {"x": Float(0.0, 1.0, default=0.5)}
    optimizer = Elsewhere(Space.of(space), variables={"w": torch.zeros(2)}, weights="w")
    study = tune(code, space, optimizer=optimizer, trials=5)
    assert len({trial.assignment["x"] for trial in study.trials[1:3]}) == 1
    assert study.trials[3].assignment != study.trials[2].assignment


def test_a_trial_is_run_again_as_it_was(notebook: Notebook) -> None:
    sitting = ran(notebook, trials=3)
    for trial in trials(sitting):
        assert sitting.runner.replay(trial) == trial.value


def test_its_own_tensor_can_be_used_by_functions_of_other_cells(notebook: Notebook) -> None:
    notebook.run("def strength():\n    return torch.sigmoid(example_weights)")
    text = ALONE.replace("torch.sigmoid(example_weights)", "strength()")
    assert told(ran(notebook, text, trials=3)) == told(ran(notebook, trials=3))


# -- weights that are kept ------------------------------------------------------------------------


def test_training_begins_where_the_last_one_ended(notebook: Notebook) -> None:
    cold, warm = ran(notebook, SHORT), ran(notebook, SHORT, ", warm=True")
    assert trials(cold)[0].value == trials(warm)[0].value
    # the training that is too short comes to its end over several trials
    assert trials(warm)[-1].info["training_slope"] < 0.7 * trials(cold)[-1].info["training_slope"]
    assert [t.origin.get("warm_from") for t in trials(warm)] == [None, 0, 1, 2, 3, 4]
    assert not any(t.origin for t in trials(cold))
    assert any("(warm=True): it is another training" in n for n in warm.runner.record.info.notes)


def test_hyperparameters_alone_can_begin_there_too(notebook: Notebook, tmp_path: Path) -> None:
    text = SHORT_BOTH.replace("torch.sigmoid(example_weights) * errors", "errors")

    def run(total: int, **more: Any) -> Sitting:
        how = 'gradient(inner_loss="train_loss", warm=True, check=False)'
        sitting = notebook.study(text, optimizer=how, trials=total, **more)
        sitting.drive()
        sitting.runner.journal.release()
        return sitting

    whole, store = run(6), Store(tmp_path / "studies.db")
    assert [t.origin.get("warm_from") for t in trials(whole)][:3] == [None, 0, 1]
    assert all("gradient_penalty" in t.info and not t.tensors for t in trials(whole))
    run(2, store=store)
    assert told(run(6, store=store, resume=True)) == told(whole)


def test_only_weights_that_are_gone_on_from_are_kept(notebook: Notebook, tmp_path: Path) -> None:
    sitting = ran(notebook, SHORT, ", warm=True", store=Store(tmp_path / "studies.db"))
    having = [t.number for t in trials(sitting) if "trained:0" in t.arrays]
    assert 1 <= len(having) <= 2 and having[-1] == 5
    with pytest.raises(StudyError, match="trial 3 began with the weights that trial 2 had trained"):
        sitting.runner.replay(trials(sitting)[3])
    assert sitting.runner.replay(trials(sitting)[0]) == trials(sitting)[0].value


def test_another_model_is_refused(notebook: Notebook) -> None:
    more = "more = torch.nn.Parameter(torch.zeros(trial.number + 1))\nstepper ="
    text = SHORT.replace("[weights]", "[weights, more]").replace("stepper =", more)
    sitting = ran(notebook, text, ", warm=True", trials=2)
    assert trials(sitting)[1].state is TrialState.FAIL
    assert "(1,) in place of (2,)" in trials(sitting)[1].reason


# -- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (None, "there is no such variable; write `w = torch.zeros"),
        ([0.0, 1.0], "which is no tensor of torch"),
        (np.zeros(3), "which is no tensor of torch"),
        (torch.zeros(3, dtype=torch.int64), r"int64, which has no slope; write `w = w.*float"),
        (torch.zeros(3, dtype=torch.complex64), "complex64, which has no slope"),
        (torch.zeros(3).to_sparse(), "sparse layout, which has no slope"),
        (torch.zeros(0), "has no entries"),
        (torch.zeros(1000, 1001), "1,001,000 entries, and weights= takes 1,000,000 at most"),
        (torch.tensor([0.0, float("nan")]), "NaN or infinity"),
    ],
)
def test_what_is_no_tensor_to_go_down_by(held: Any, says: str) -> None:
    variables = {} if held is None else {"w": held}
    with pytest.raises(UsageError, match=says):
        create(THROUGH, Space([]), variables=variables)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ('gradient(weights="w, w")', "each once"),
        ('gradient(weights="")', "is no name"),
        ("gradient(weights=[])", "one variable or several"),
        ('gradient(weights="w[0]")', "is no name"),
        ('gradient(weights="x")', "declared as a hyperparameter"),
        ('gradient(weights="w", weights_rate=0)', "weights_rate must be above 0"),
        ('gradient(weights="w", warm=True)', "goes with inner_loss="),
    ],
)
def test_options_that_say_nothing_sensible(how: str, says: str) -> None:
    space = Space.of({"x": Float(0, 1)})
    with pytest.raises(UsageError, match=says):
        create(how, space, variables={"w": torch.zeros(2), "x": torch.zeros(2)})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("(torch.sigmoid(example_weights) * errors)", "errors", "depends on `example_weights`"),
        (
            "torch.sigmoid(example_weights)",
            "torch.sigmoid(example_weights.detach())",
            "depends on `example_weights`",
        ),
        ("train_loss =", "other =", "leaves no `train_loss` behind"),
        ("train_loss = inner()", "train_loss = inner().item()", "no loss with its graph"),
        (
            "def inner",
            "example_weights = torch.zeros(40, 1).double()\ndef inner",
            "the cell assigns `example_weights` itself",
        ),
        (
            "def inner",
            "with torch.no_grad():\n    example_weights.clamp_(min=0)\ndef inner",
            "the cell changes `example_weights` in place",
        ),
        (
            "((X_VAL @ weights - Y_VAL) ** 2)",
            "((X_VAL @ weights).sign() == Y_VAL.sign()).double()",
            "there is no gradient by `example_weights`",
        ),
        ("stepper = SGD", "stepper = dict() #", "trains nothing with an optimizer of torch"),
    ],
)
def test_a_cell_without_gradient_by_the_tensor(
    notebook: Notebook, old: str, new: str, says: str
) -> None:
    sitting = notebook.study(ALONE.replace(old, new), optimizer=HOW.format(""), trials=2)
    with pytest.raises(GradientError, match=says):
        sitting.drive()


def test_through_training_that_does_not_use_it() -> None:
    with pytest.raises(GradientError, match="the objective does not depend on `w`"):
        tune(
            lambda params: params["x"] ** 2,
            {"x": Float(0.0, 1.0)},
            optimizer=THROUGH,
            trials=1,
            variables={"w": torch.zeros(2)},
        )


def test_a_cell_still_has_to_declare_what_is_searched(notebook: Notebook) -> None:
    assert needs_space("gradient") and needs_space("random")
    assert not needs_space('gradient(weights="w")')
    with pytest.raises(CellError, match="declares no hyperparameter"):
        notebook.study(ALONE, optimizer="gradient")
    with pytest.raises(UsageError, match="the space is empty"):
        tune(objective, {}, optimizer="gradient")
    with pytest.raises(UsageError, match="and auto names none"):
        held = {"w": torch.zeros(2)}
        tune(objective, {"x": Float(0, 1)}, variables=held)


def test_a_check_that_disagrees_is_told_and_no_more() -> None:
    def rough(params: Mapping[str, Any]) -> Any:
        ripples = 0.05 * torch.sin(3000 * params["w"]).sum()
        return objective(params) + (params["x"] - 1) ** 2 - ripples

    space = {"x": Float(-4.0, 4.0, default=2.0)}
    w = torch.tensor([0.2, 0.7])
    how = 'gradient(weights="w")'
    study = tune(rough, space, optimizer=how, trials=6, variables={"w": w})
    assert abs(study.trials[0].info["finite_difference_ratio"] - 1) > 1
    assert any("it does not see all of the cell" in note for note in study.record.info.notes)
    for trial in study.trials:
        assert SLOPES + "w" in trial.arrays and "gradient_x" in trial.info
        assert "trust" not in trial.info


def test_code_that_takes_numbers_only_keeps_the_gradient_of_the_tensor() -> None:
    def code(params: Mapping[str, Any]) -> Any:
        if type(params["x"]) is not float:
            raise TypeError("a number is needed")
        return objective(params) + params["x"]

    space = {"x": Float(0.0, 1.0, default=0.5)}
    study = tune(code, space, optimizer=THROUGH, trials=3, variables={"w": torch.zeros(2)})
    assert all(t.state is TrialState.COMPLETE for t in study.trials)
    assert study.trials[2].value < study.trials[0].value  # type: ignore[operator]
    assert "the cell takes plain numbers only" in study.trials[0].info["no_gradient_of"]
    assert not any("that failed, too" in note for note in study.record.info.notes)
    assert study.state == StudyState.FINISHED
