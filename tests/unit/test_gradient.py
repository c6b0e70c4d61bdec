"""The optimizer `gradient`: by hypergradients, by pairs, and beside an outer optimizer."""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import by_hand
import numpy as np
import pytest
import torch
from differences import X_VAL, Y_VAL, X, Y, data, follow, loss_of, network
from parked import Lines, Notebook
from torch.optim import SGD, Adam, RMSprop

from jupyter_hpo import Bool, Categorical, Float, Int, Study, tune
from jupyter_hpo.errors import GradientError, UsageError
from jupyter_hpo.optimizers import create
from jupyter_hpo.space import Space
from jupyter_hpo.testing import Rehearsal
from jupyter_hpo.trial import Trial, TrialState

Params = Mapping[str, Any]
SPACE = {
    "lr": Float(1e-4, 1.0, log=True, default=1e-3),
    "decay": Float(1e-6, 1e-1, log=True, default=1e-3),
}
QUICKSTART = Path(__file__).parents[2] / "example_notebooks" / "quickstart.ipynb"


def training(params: Params, steps: int = 10, **options: Any) -> torch.nn.Module:
    torch.manual_seed(0)
    model = network()
    optimizer = SGD(model.parameters(), params["lr"], weight_decay=params["decay"], **options)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(model, X, Y).backward()
        optimizer.step()
    return model


def objective(params: Params) -> Any:
    model = training(params)
    with torch.no_grad():
        return loss_of(model, X_VAL, Y_VAL).item()


def notes(study: Study) -> str:
    return " ".join(study.record.info.notes)


def values(study: Study) -> list[Any]:
    return [(t.number, t.state, dict(t.assignment), t.value, dict(t.info)) for t in study.trials]


# -- by hypergradients ----------------------------------------------------------------------------


def test_every_trial_has_its_gradient_and_goes_downhill() -> None:
    study = tune(objective, SPACE, optimizer="gradient", trials=6)
    frame = study.trials_dataframe()
    assert frame["info_gradient_lr"].notna().all() and frame["info_gradient_decay"].notna().all()
    assert set(frame["info_unrolled_steps"]) == {10}
    first = study.trials[0].value
    assert first is not None and study.trials[1].value < first  # type: ignore[operator]
    assert frame["info_gradient_lr"][0] < 0 < frame["params_lr"][1] - frame["params_lr"][0]
    assert all(type(value) is float for t in study.trials for value in t.params.values())
    assert type(study.best_value) is float


def test_one_gradient_is_checked_and_the_ratio_is_shown() -> None:
    study = tune(objective, SPACE, optimizer="gradient", trials=3)
    ratios = study.trials_dataframe()["info_finite_difference_ratio"]
    assert ratios[0] == pytest.approx(1.0, abs=1e-4) and ratios[1:].isna().all()
    assert "was checked: 1 times the finite difference" in notes(study)
    unchecked = tune(objective, SPACE, optimizer="gradient(check=False)", trials=2)
    assert "checked" not in notes(unchecked)


def test_a_gradient_that_is_not_what_the_cell_does_is_found_out() -> None:
    def deceptive(params: Params) -> Any:
        return (params["x"] - 1) ** 2 + 3 * float(params["x"])

    space = {"x": Float(-4, 4, default=2.0)}
    study = tune(deceptive, space, optimizer="gradient", trials=1)
    assert study.trials[0].info["finite_difference_ratio"] == pytest.approx(2 / 5, rel=1e-3)
    assert "does not see all of the cell" in notes(study)


def test_it_maximizes_by_the_same_steps() -> None:
    def negative(params: Params) -> Any:
        return -objective(params)

    down = tune(objective, SPACE, optimizer="gradient", trials=5)
    up = tune(negative, SPACE, minimize=False, optimizer="gradient", trials=5)
    assert [t.assignment for t in down.trials] == [t.assignment for t in up.trials]
    slopes = [[t.info["gradient_lr"] for t in s.trials] for s in (down, up)]
    assert slopes[0] == [-slope for slope in slopes[1]]


def test_resumed_equals_uninterrupted_bit_for_bit(tmp_path: Path) -> None:
    whole = tune(objective, SPACE, optimizer="gradient(steps=4)", trials=9)
    store = tmp_path / "studies.db"
    for total in (1, 4, 9):
        rest = tune(
            objective,
            SPACE,
            optimizer="gradient(steps=4)",
            trials=total,
            store=store,
            resume=total > 1,
        )
    assert values(whole) == values(rest)


def test_the_optimal_penalty_of_ridge_regression() -> None:
    """Orthonormal inputs: the weights are b / (1 + penalty), the best penalty is in closed form."""
    x, y = data(40)
    q = torch.linalg.qr(x).Q
    b = q.T @ (q @ torch.ones(5, 1, dtype=torch.float64) + 0.4 * torch.sin(9 * y))
    x_val = data(30, seed=2)[0]
    y_val = 0.6 * x_val @ b + 0.1 * data(30, seed=3)[1]
    fit = x_val @ b
    best = float((fit * fit).sum() / (fit * y_val).sum()) - 1

    def ridge(params: Params) -> Any:
        eye = torch.eye(5, dtype=torch.float64)
        weights = torch.linalg.solve(q.T @ q + params["penalty"] * eye, b)
        return ((x_val @ weights - y_val) ** 2).mean()

    space = {"penalty": Float(1e-3, 1e2, log=True, default=10.0)}
    study = tune(ridge, space, optimizer="gradient", trials=25)
    assert 0.3 < best < 2
    assert study.best_params["penalty"] == pytest.approx(best, rel=1e-2)


def test_the_derivative_of_ridge_regression_by_gradient_descent_to_its_end() -> None:
    x, y = X[:, :3], Y

    def descended(params: Params) -> Any:
        weights = torch.nn.Parameter(torch.zeros(3, 1, dtype=torch.float64))
        optimizer = SGD([weights], lr=0.4, weight_decay=params["penalty"])
        for _ in range(200):
            optimizer.zero_grad()
            (0.5 * ((x @ weights - y) ** 2).mean()).backward()
            optimizer.step()
        return ((X_VAL[:, :3] @ weights - Y_VAL) ** 2).mean()

    def solved(penalty: torch.Tensor) -> torch.Tensor:
        a = x.T @ x / len(x) + penalty * torch.eye(3, dtype=torch.float64)
        return ((X_VAL[:, :3] @ torch.linalg.solve(a, x.T @ y / len(x)) - Y_VAL) ** 2).mean()

    penalty = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(solved(penalty), penalty)
    found = follow(descended, {"penalty": 0.1})
    assert found.gradients["penalty"] == pytest.approx(expected.item(), rel=1e-8)


def test_a_short_horizon_is_warned_about() -> None:
    study = tune(objective, SPACE, optimizer="gradient(horizon=3)", trials=2)
    assert study.trials[0].info["unrolled_steps"] == 3
    assert study.trials[0].info["steps_out_of_sight"] == 7
    assert "the last 3 of 10 steps" in notes(study) and "small learning rates" in notes(study)


def test_many_hyperparameters_at_once() -> None:
    """A penalty for each of 40 weights, of which only five have an input that tells something."""
    x = torch.cat([X, torch.randn(40, 35, generator=torch.Generator().manual_seed(4)).double()], 1)
    x_val = torch.cat([X_VAL, torch.zeros(30, 35).double()], 1)
    x_val[:, 5:] = torch.randn(30, 35, generator=torch.Generator().manual_seed(5)).double()

    def code(params: Params) -> Any:
        weights = torch.nn.Parameter(torch.zeros(40, 1, dtype=torch.float64))
        optimizer = SGD([weights], lr=0.05, momentum=0.8)
        strength = torch.stack([torch.as_tensor(params[f"p{k}"]) for k in range(40)])
        for _ in range(30):
            optimizer.zero_grad()
            fit = ((x @ weights - Y) ** 2).mean()
            (fit + (strength[:, None] * weights**2).sum()).backward()
            optimizer.step()
        with torch.no_grad():
            return ((x_val @ weights - Y_VAL) ** 2).mean().item()

    space = {f"p{k}": Float(1e-3, 3.0, log=True, default=0.03) for k in range(40)}
    study = tune(code, space, optimizer="gradient", trials=10)
    random = tune(code, space, optimizer="random", trials=60)
    assert study.best_value < random.best_value
    assert "goes down p0, p1, p2, p3, p4 and 35 others" in notes(study)
    assert study.trials[0].info["finite_difference_ratio"] == pytest.approx(1.0, abs=1e-4)


# -- the steps ------------------------------------------------------------------------------------


def smooth(params: Params) -> Any:
    return (params["x"] - 1) ** 2 + 0.5 * (params["y"] + 1) ** 2


def test_bounds_are_reached_and_kept() -> None:
    space = {"x": Float(-3, 0.5, default=-2.0), "y": Float(0, 5, default=4.0)}
    study = tune(smooth, space, optimizer="gradient(steps=20)", trials=20)
    assert study.best_params == {"x": 0.5, "y": 0.0}
    for trial in study.trials:
        assert -3 <= trial.params["x"] <= 0.5 and 0 <= trial.params["y"] <= 5


def test_after_nan_or_an_explosion_it_goes_back_and_on_in_shorter_steps() -> None:
    def cliff(params: Params) -> Any:
        x = params["x"]
        if x > 0.3:
            return x * (math.nan if x > 0.6 else 1e9)
        return (x - 0.25) ** 2

    study = tune(cliff, {"x": Float(-1, 1, default=-0.4)}, optimizer="gradient(rate=3)", trials=12)
    states = [t.state for t in study.trials]
    assert TrialState.FAIL in states or any((t.value or 0) > 1e6 for t in study.trials)
    assert study.best_value < 0.01


def test_walks_start_at_the_defaults_and_then_elsewhere() -> None:
    study = tune(
        smooth,
        {"x": Float(-3, 3, default=2.0), "y": Float(-3, 3, default=0.0)},
        optimizer="gradient(steps=3)",
        trials=9,
    )
    sobol = create("sobol", Space.of({"x": Float(-3, 3), "y": Float(-3, 3)}))
    rng = np.random.default_rng(0)
    assert study.trials[0].params == {"x": 2.0, "y": 0.0}
    assert [study.trials[n].params for n in (3, 6)] == [sobol.ask(n, rng, ()) for n in (3, 6)]


def test_a_walk_that_lags_behind_most_others_is_given_up() -> None:
    space = Space.of({"x": Float(-4, 4), "c": Categorical(0.0, 100.0)})
    optimizer: Any = create("gradient(outer='grid(points=9)', steps=6)", space, trials=60)
    lengths = []
    for x, start in ((-3.0, 0.0), (-2.8, 0.0), (-2.9, 100.0), (-2.5, 0.0)):
        taken = 0
        while taken == 0 or optimizer._walk is not None:
            value, slope = (x - 1) ** 2 + start, {"gradient_x": 2 * (x - 1)}
            trial = Trial(taken, TrialState.COMPLETE, {"x": x, "c": start}, value, info=slope)
            optimizer.tell(trial)
            taken += 1
            if optimizer._walk is not None:
                x = optimizer._walk.proposals[0]["x"]
        lengths.append(taken)
    assert lengths[2] == 3 < min(lengths[0], lengths[3])


# -- where there is no gradient -------------------------------------------------------------------


def test_without_a_gradient_it_goes_down_by_pairs_and_says_why() -> None:
    def plain(params: Params) -> float:
        return float(np.square(float(params["x"]) - 1)) + abs(float(params["y"]))

    space = {"x": Float(-4, 4, default=-2.0), "y": Float(-4, 4, default=3.0)}
    study = tune(plain, space, optimizer="gradient", trials=30)
    says = "There is no gradient: the objective is calculated outside torch, after float() in line"
    assert says in notes(study)
    assert "pairs of trials" in notes(study)
    first = study.trials[0].value
    assert first == 12.0 and study.best_value < 3
    one, other = (trial.params["x"] for trial in study.trials[1:3])
    assert one < -2 < other or other < -2 < one


def test_an_error_of_the_objective_is_its_own() -> None:
    def wrong(params: Params) -> float:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        tune(wrong, SPACE, optimizer="gradient", trials=2)


def test_what_has_no_derivative_is_proposed_by_an_outer_optimizer() -> None:
    def mixed(params: Params) -> Any:
        kinds: dict[str, Callable[[Any], Any]] = {"a": torch.square, "b": torch.abs}
        x = params["x"]
        return (x - params["n"]) ** 2 + (0.0 if params["kind"] == "a" else 1.0) + kinds["a"](x * 0)

    space = {
        "x": Float(-4, 4, default=3.0),
        "n": Int(0, 3, default=1),
        "kind": Categorical("a", "b", default="b"),
        "flag": Bool(default=True),
    }
    study = tune(mixed, space, optimizer="gradient(steps=4)", trials=24)
    assert "gradient goes down x, and bayes proposes n, kind and flag" in notes(study)
    first = study.trials[:4]
    assert {(t.params["n"], t.params["kind"]) for t in first} == {(1, "b")}
    assert len({t.params["kind"] for t in study.trials}) == 2
    assert study.best_value < 0.05


def test_a_conditional_float_is_gone_down_where_it_exists() -> None:
    def branch(params: Params) -> Any:
        if params["kind"] == "a":
            return (params["x"] - 1) ** 2
        return 5.0

    space = {
        "kind": Categorical("a", "b", default="a"),
        "x": Float(-4, 4, default=3.0, when=lambda p: p["kind"] == "a"),
    }
    study = tune(branch, space, optimizer="gradient", trials=12)
    assert study.best_value < 0.05
    assert all(("gradient_x" in t.info) == ("x" in t.params) for t in study.trials)


def test_a_hyperparameter_that_no_gradient_reaches_stays_while_others_move() -> None:
    def half(params: Params) -> Any:
        return (params["x"] - 1) ** 2 + float(params["y"])

    space = {"x": Float(-4, 4, default=3.0), "y": Float(0, 1, default=0.5)}
    study = tune(half, space, optimizer="gradient(steps=3)", trials=6)
    assert [t.params["y"] for t in study.trials[:3]] == [0.5] * 3
    assert "does not reach every hyperparameter (y: float() in line" in notes(study)


def test_a_space_without_floats_is_searched_by_the_outer_optimizer() -> None:
    space = {"n": Int(1, 3, default=1), "kind": Categorical("a", "b", default="a")}
    study = tune(lambda p: float(p["n"]), space, optimizer="gradient")
    assert len(study.trials) == 6 and study.best_params["n"] == 1
    assert "there is no Float without step" in notes(study)


# -- strict, and mistakes -------------------------------------------------------------------------


def read_item(params: Params) -> Any:
    return loss_of(training(params), X_VAL, Y_VAL).item()  # read here


def read_without_grad(params: Params) -> Any:
    model = training(params)
    with torch.no_grad():
        return loss_of(model, X_VAL, Y_VAL)  # read here


def read_detached(params: Params) -> Any:
    return loss_of(training(params), X_VAL, Y_VAL).detach()  # read here


@pytest.mark.parametrize(
    ("code", "how"),
    [(read_item, ".item()"), (read_without_grad, "no_grad()"), (read_detached, ".detach()")],
)
def test_strict_names_the_line_that_cut_the_graph(code: Any, how: str) -> None:
    with pytest.raises(GradientError) as caught:
        tune(code, SPACE, optimizer="gradient(strict=True)", trials=1)
    text = str(caught.value)
    if code is read_without_grad:  # where the metric is calculated
        assert "no_grad() in line" in text and "of differences.py (return ((model(x) - y)" in text
    else:
        line = code.__code__.co_firstlineno + 1
        assert f"{how} in line {line} of test_gradient.py" in text and "read here" in text
    assert "leave the tensor itself" in text


def test_strict_is_content_with_a_graph_of_the_cells_own() -> None:
    def kept(params: Params) -> Any:
        return loss_of(training(params), X_VAL, Y_VAL)

    study = tune(kept, SPACE, optimizer="gradient(strict=True)", trials=2)
    assert all("gradient_lr" in t.info for t in study.trials)
    assert "free that memory" not in notes(study)


def rms(params: Params) -> Any:
    model = network()
    optimizer = RMSprop(model.parameters(), lr=params["lr"], weight_decay=params["decay"])
    for _ in range(3):
        optimizer.zero_grad()
        loss_of(model, X, Y).backward()
        optimizer.step()
    return loss_of(model, X_VAL, Y_VAL)


def clamped(params: Params) -> Any:
    model = training(params)
    with torch.no_grad():
        for weights in model.parameters():
            weights.data.clamp_(-0.2, 0.2)
    return loss_of(model, X_VAL, Y_VAL)


@pytest.mark.parametrize(
    ("code", "says"),
    [(rms, "torch.optim.RMSprop is none of SGD, Adam and AdamW"), (clamped, "changed in place")],
)
def test_what_cannot_be_followed_is_an_error_if_strict_and_a_notice_if_not(
    code: Any, says: str
) -> None:
    with pytest.raises(GradientError, match=says):
        tune(code, SPACE, optimizer="gradient(strict=True)", trials=1)
    study = tune(code, SPACE, optimizer="gradient", trials=3)
    assert says in notes(study) and "pairs of trials" in notes(study)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ('differentiate=["n"]', r"n is Int\(1, 3\), and only a Float without step"),
        ('differentiate=["s"]', "only a Float without step has a derivative"),
        ('differentiate=["z"]', "names 'z', and there are x, n, s"),
        ("horizon=0", "horizon must be at least 1, not 0"),
        ("steps=-1", "steps must be at least 1"),
        ("rate=0", "rate must be above 0"),
        ('outer="gradient"', "another optimizer"),
        ('outer="grdi"', "there is no optimizer 'grdi'"),
        ("strict=1", "strict must be True or False"),
    ],
)
def test_options_that_are_wrong(options: str, says: str) -> None:
    space = {"x": Float(0, 1), "n": Int(1, 3), "s": Float(0, 1, step=0.5)}
    with pytest.raises(UsageError, match=says):
        create(f"gradient({options})", space)


def test_only_what_is_named_is_differentiated_by() -> None:
    space = {"x": Float(-4, 4, default=3.0), "y": Float(-4, 4, default=2.0)}
    study = tune(smooth, space, optimizer='gradient(differentiate="x")', trials=4)
    assert all("gradient_x" in t.info and "gradient_y" not in t.info for t in study.trials)


# -- what can be looked at ------------------------------------------------------------------------


def test_explain_gives_gradients_and_paths_as_json() -> None:
    space = Space.of({"x": Float(-4, 4, default=3.0)})
    optimizer: Any = create("gradient(steps=3)", space, trials=9)
    assert optimizer.explain({"x": "x", "points": 9, "at": {}})["walks"] == []
    rehearsal = Rehearsal(optimizer, space)
    x = 3.0
    for number in range(3):
        slope = {"gradient_x": 2 * x}
        rehearsal.tell(Trial(number, TrialState.COMPLETE, {"x": x}, x * x, info=slope))
        asked = rehearsal.ask(number + 1)
        assert asked is not None
        x = asked["x"]
    said = json.loads(json.dumps(optimizer.explain({"x": "x"}), allow_nan=False))
    assert said["gradients"] == {"x": 2 * rehearsal.told[-1].assignment["x"]}
    path = said["walks"][0]["path"]
    assert [step["number"] for step in path] == [0, 1, 2]
    assert path[0] == {"number": 0, "params": {"x": 3.0}, "value": 9.0, "gradients": {"x": 6.0}}


# -- cells ----------------------------------------------------------------------------------------

CELL = """
lr: Float(1e-4, 1e-1, log=True) = 1e-2
decay: Float(1e-5, 1e-1, log=True) = 1e-3
torch.manual_seed(0)
model = network()
optimizer = Adam(model.parameters(), lr=lr, weight_decay=decay)
for epoch in range(6):
    optimizer.zero_grad()
    train_loss = loss_of(model, X, Y)
    train_loss.backward()
    pause(epoch)
    optimizer.step()
    with torch.no_grad():
        loss = loss_of(model, X_VAL, Y_VAL).item()
"""


def notebook(pause: Callable[[int], None] = lambda epoch: None) -> Notebook:
    made = Notebook()
    made.names.update(
        torch=torch,
        network=network,
        Adam=Adam,
        loss_of=loss_of,
        X=X,
        Y=Y,
        X_VAL=X_VAL,
        Y_VAL=Y_VAL,
        pause=pause,
    )
    return made


def told(sitting: Any) -> list[Any]:
    ratios = ("parked", "finite_difference_ratio")
    return [
        (
            dict(t.assignment),
            t.value,
            t.reports,
            {k: v for k, v in t.info.items() if k not in ratios},
        )
        for t in sitting.runner.record.trials
    ]


def test_a_trial_that_is_parked_in_mid_training_has_the_same_gradient() -> None:
    plain = notebook().study(CELL, optimizer="gradient", trials=3)
    plain.drive()
    torchs = torch.optim.Optimizer.__init__, torch.autograd.backward
    epochs = []

    def pause(epoch: int) -> None:
        epochs.append(epoch)
        if len(epochs) in (2, 5):
            sitting.controls.pause()

    parked = notebook(pause)
    sitting = parked.study(CELL, optimizer="gradient", trials=3)
    sitting.drive()
    for _ in range(2):
        assert sitting.runner.record.info.state == "paused"
        assert (torch.optim.Optimizer.__init__, torch.autograd.backward) == torchs
        weights = torch.nn.Parameter(torch.ones(2))
        user = SGD([weights], lr=0.5)  # the user's own training, meanwhile
        weights.sum().backward()
        user.step()
        assert weights.grad is not None and weights.grad.grad_fn is None
        assert weights.tolist() == [0.5, 0.5]
        sitting.resume()
    assert sitting.runner.record.info.state == "finished"
    assert told(sitting) == told(plain)
    assert "gradient_lr" in told(plain)[0][3] and "no_gradient" not in told(plain)[0][3]
    assert (torch.optim.Optimizer.__init__, torch.autograd.backward) == torchs


def test_a_trial_that_is_parked_at_many_lines_has_the_same_gradient() -> None:
    plain = notebook().study(CELL, optimizer="gradient", trials=2)
    plain.drive()
    made: list[Lines] = []

    def make(controls: Any, is_users: Any) -> Lines:
        made.append(Lines(controls, is_users))
        return made[0]

    def begin_or_end(trial: Trial) -> None:
        runs = trial.state is TrialState.RUNNING
        made[0].plan = iter([3, 2, 5, 1, 4, 6, 2, 3] if runs else [])
        made[0].begin()

    parked = notebook().study(
        CELL, optimizer="gradient", trials=2, parking=make, around=begin_or_end
    )
    parked.drive()
    assert made[0].parks >= 16
    assert told(parked) == told(plain)


def test_a_trial_is_run_again_as_it_was() -> None:
    study = tune(objective, SPACE, optimizer="gradient", trials=2)
    assert study.replay(1) == study.trials[1].value


def test_the_space_may_be_edited() -> None:
    def code(params: Params, trial: Any) -> Any:
        if trial.number == 3:
            held[0].edit_space(lr=Float(1e-3, 1e-2, log=True))
        return objective(params)

    held: list[Any] = []
    space = Space.of(SPACE)
    study = by_hand.held(
        lambda study, params, trial: code(params, trial), space, optimizer="gradient", trials=7
    )
    held.append(study)
    study.sitting.drive()
    assert study.state == "finished"
    assert all(1e-3 <= t.params["lr"] <= 1e-2 for t in study.trials[4:])
    assert all("gradient_lr" in t.info for t in study.trials)


def test_the_cell_of_the_quickstart_runs_as_it_is() -> None:
    cells = [
        "".join(c["source"])
        for c in json.loads(QUICKSTART.read_text("utf-8"))["cells"]
        if c["cell_type"] == "code"
    ]
    made = Notebook()
    tuned = next(text for text in cells if text.startswith("%%tune"))
    for text in cells[: cells.index(tuned) - 1]:
        made.run(text.replace("%load_ext jupyter_hpo", ""))
    body = tuned.partition("\n")[2].replace("range(12)", "range(1)")
    sitting = made.study("\n" + body, metric="val_loss", optimizer="gradient(steps=2)", trials=5)
    sitting.drive()
    record = sitting.runner.record
    assert [t.state for t in record.trials] == [TrialState.COMPLETE] * 5
    assert all("gradient_lr" in t.info for t in record.trials)
    ratio = record.trials[0].info["finite_difference_ratio"]
    assert ratio == pytest.approx(1.0, abs=0.2)  # of a network with kinks


def test_a_trial_that_fails_costs_the_others_no_gradient() -> None:
    def objective(params: Mapping[str, Any], trial: Any) -> Any:
        if trial.number == 1:
            raise ValueError("diverged")
        return (params["x"] - 0.3) ** 2

    study = tune(objective, {"x": Float(0.0, 1.0)}, optimizer="gradient", trials=5)
    assert [str(trial.state) for trial in study.trials] == ["COMPLETE", "FAIL", *["COMPLETE"] * 3]
    assert all("gradient_x" in trial.info for trial in study.trials if trial.number != 1)


def test_one_trial_with_plain_numbers_costs_the_others_no_gradient() -> None:
    def objective(params: Mapping[str, Any], trial: Any) -> Any:
        if trial.number == 1 and type(params["x"]) is not float:
            raise MemoryError
        return (params["x"] - 0.3) ** 2

    study = tune(objective, {"x": Float(0.0, 1.0)}, optimizer="gradient", trials=5)
    assert [("gradient_x" in trial.info) for trial in study.trials] == [True, False, *[True] * 3]


def test_runs_of_the_check_leave_the_trials_files_alone(tmp_path: Path) -> None:
    def objective(params: Mapping[str, Any], trial: Any) -> Any:
        (trial.directory / "x.txt").write_text(str(float(params["x"])))
        folders.add(trial.directory)
        return (params["x"] - 0.3) ** 2

    folders: set[Path] = set()
    study = tune(objective, {"x": Float(0.0, 1.0)}, optimizer="gradient", trials=1)
    assert "finite_difference_ratio" in study.trials[0].info
    assert len(folders) == 3


def test_a_trial_that_is_skipped_leaves_no_graph() -> None:
    def objective(params: Mapping[str, Any], trial: Any) -> Any:
        net = torch.nn.Linear(3, 3)
        optimizer = torch.optim.SGD(net.parameters(), lr=params["x"])
        for step in range(40):
            optimizer.zero_grad()
            loss = (net(torch.ones(3)) ** 2).sum()
            loss.backward()
            optimizer.step()
            trial.report(9.0 if trial.number and step > 30 else 1.0)
        return loss

    def graphs() -> int:
        gc.collect()
        return sum(
            1
            for each in gc.get_objects()
            if type(each) is torch.Tensor and each.grad_fn is not None
        )

    before = graphs()
    study = tune(
        objective,
        {"x": Float(0.01, 0.1)},
        optimizer="gradient",
        pruner="threshold(upper=5)",
        trials=3,
    )
    assert "PRUNED" in [str(trial.state) for trial in study.trials]
    assert graphs() == before
