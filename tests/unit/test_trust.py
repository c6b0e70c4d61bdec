"""Gradients that are right and of no use: what `gradient` does about them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from differences import X_VAL, Y_VAL, X, Y, loss_of, network
from torch import nn
from torch.optim import SGD

from jupyter_hpo import Float, Study, tune
from jupyter_hpo.optimizers.gradient.trust import foretells

Params = Mapping[str, Any]
SPACE = {"x": Float(-4.0, 4.0, default=2.0), "y": Float(-4.0, 4.0, default=1.0)}


def notes(study: Study) -> str:
    return " ".join(study.record.info.notes)


def rough(params: Params, height: float = 0.05) -> Any:
    """A bowl with ripples so fine that the slope is of them, and not of the bowl."""
    x, y = params["x"], params["y"]
    if type(x) is float:
        return x**2 + y**2 - height * math.sin(3000 * x) - height * math.sin(2000 * y)
    ripples = height * (torch.sin(3000 * x) + torch.sin(2000 * y))
    return (x**2 + y**2 - ripples).float()  # in single precision, as most networks are


def test_where_gradients_lead_nowhere_the_study_goes_by_pairs() -> None:
    study = tune(rough, SPACE, optimizer="gradient", trials=25)
    first, *others = study.trials
    assert abs(first.info["finite_difference_ratio"]) > 2 and first.info["trust"] == "pairs"
    assert "times the finite difference and does not lead down" in notes(study)
    assert "x and y go down by pairs of trials instead" in notes(study)
    assert not any("gradient_x" in trial.info for trial in others)  # and takes no time for them
    assert study.best_value < 3.0 < first.value  # type: ignore[operator]


def test_unchecked_it_is_found_on_the_way() -> None:
    study = tune(rough, SPACE, optimizer="gradient(check=False)", trials=16)
    assert "did not say how the objective would change" in notes(study)
    assert not all("gradient_x" in trial.info for trial in study.trials)


def test_resumed_it_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    def values(study: Study) -> list[Any]:
        return [(dict(t.assignment), t.value, dict(t.info)) for t in study.trials]

    for optimizer in ("gradient", "gradient(check=False)"):
        whole = tune(rough, SPACE, optimizer=optimizer, trials=9)
        store = tmp_path / f"{optimizer}.db"
        for total in (1, 5, 9):
            rest = tune(
                rough, SPACE, optimizer=optimizer, trials=total, store=store, resume=total > 1
            )
        assert values(rest) == values(whole)
        assert notes(rest) == notes(whole)


def chaotic(params: Params) -> Any:
    """Training that is chaotic for most of its steps, of which little can be seen in the end."""
    weights = nn.Parameter(torch.tensor([0.3, 0.5]))
    optimizer = SGD([weights], lr=params["lr"])
    for step in range(40):
        optimizer.zero_grad()
        if step < 30:
            loss = -27 * (weights[0] ** 2 / 2 - weights[0] ** 3 / 3)  # a logistic map
        else:
            loss = ((weights - 2) ** 2).sum()
        loss.backward()
        optimizer.step()
    return 1e-3 * weights[0] + (weights[1] - 2) ** 2


def test_a_shorter_horizon_that_agrees_is_taken() -> None:
    space = {"lr": Float(0.02, 0.11, default=0.1)}
    study = tune(chaotic, space, optimizer="gradient", trials=3)
    first, second = study.trials[:2]
    assert first.info["trust"] == "horizon" and first.info["horizon"] == 20
    assert 0.5 <= first.info["horizon_ratio"] <= 2
    assert "over the last 20 steps of training only" in notes(study)
    assert (second.info["unrolled_steps"], second.info["steps_out_of_sight"]) == (20, 20)
    assert notes(study).count("looks back over") == 2  # in one sentence


def test_a_gradient_that_is_wrong_by_a_factor_and_leads_down_is_followed() -> None:
    def steep(params: Params) -> Any:
        x = params["x"]
        straight = 3 * float(x)
        return (x - 1) ** 2 + straight

    study = tune(steep, {"x": Float(-4.0, 4.0, default=2.0)}, optimizer="gradient", trials=2)
    assert study.trials[0].info["finite_difference_ratio"] == pytest.approx(0.4, rel=1e-3)
    assert study.trials[0].info["trust"] == "down"
    assert "It leads down, and is followed" in notes(study)
    assert "gradient_x" in study.trials[1].info


def test_a_gradient_that_is_checked_is_just_followed() -> None:
    def smooth(params: Params) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=params["lr"])
        for _ in range(60):  # long enough for a second look in double precision
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return loss_of(model, X_VAL, Y_VAL)

    study = tune(
        smooth, {"lr": Float(1e-4, 0.3, log=True, default=1e-2)}, optimizer="gradient", trials=2
    )
    assert "trust" not in study.trials[0].info
    assert study.trials[0].info["finite_difference_ratio"] == pytest.approx(1.0, abs=1e-3)


def test_trials_without_gradients_are_not_followed_for_long() -> None:
    kinds = []

    def count(params: Params) -> Any:
        kinds.append(type(params["x"]) is float)
        return float((params["x"] < X).sum())

    study = tune(count, SPACE, optimizer="gradient", trials=5)
    assert kinds == [False, False, True, True, True]
    assert notes(study).count("There is no gradient") == 1


def test_what_foretells() -> None:
    good, bad = (1.0, 0.9), (1.0, -0.5)
    assert foretells([]) and foretells([bad] * 3)  # too few to tell
    assert not foretells([bad] * 4) and not foretells([good] * 4 + [bad, good, bad, bad])
    assert foretells([bad, bad, good, good, good]) and foretells([(1e-9, -1e-3), *[good] * 3] * 2)


def test_in_double_precision_it_is_seen_to_be_right_and_of_no_use() -> None:
    def code(params: Params) -> Any:
        x = torch.as_tensor(params["x"], dtype=torch.float64)
        weights = nn.Parameter(torch.zeros(1, dtype=torch.float64))
        optimizer = SGD([weights], lr=params["x"] / 10)
        for _ in range(60):  # so long that a second look is taken
            optimizer.zero_grad()
            ((weights - 1) ** 2).sum().backward()
            optimizer.step()
        return x**2 + 0.05 * torch.sin(200 * x) + (weights - 1).square().sum()

    study = tune(code, {"x": Float(-4.0, 4.0, default=2.0)}, optimizer="gradient", trials=2)
    info = study.trials[0].info
    assert info["finite_difference_ratio"] == pytest.approx(1.0, abs=0.2)
    assert info["coarse_ratio"] < 0 and info["trust"] == "pairs"
    assert "over a small step, and -0.3" in notes(study)
