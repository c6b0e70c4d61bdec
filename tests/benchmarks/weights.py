"""What `gradient(weights=…)` costs with up to a million entries, and what it finds.

    python tests/benchmarks/weights.py [cost] [noise] [warm] [network]

cost : seconds of an outer step next to those of the plain training, megabytes that a study adds to
    the process, and that each trial adds to the study's file, by entries. One weight an example,
    logistic regression of 10 inputs, 30 steps of Adam, 20 iterations of conjugate gradients.
noise : digits with a part of a thousand labels flipped: area under the ROC curve of the weights
    against what was flipped, and accuracy on clean test data, by seed.
warm : slope of the training loss at its end and accuracy, where training is cut short, for trials
    that begin anew and for those that begin with the weights of the last one.
network : the same noise and a network with one hidden layer, trained by Adam, which comes to no
    minimum: through its steps, by implicit differentiation, and so with the last one's weights;
    with the ratio of the first gradient to a finite difference.
"""

from __future__ import annotations

import itertools
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from IPython.core.interactiveshell import InteractiveShell
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

import jupyter_hpo
from jupyter_hpo.resources import measure, resident

COST = """%%tune study --minimize val_loss --quiet --trials {trials} --store {store} \
-o 'gradient(inner_loss="train_loss", weights="example_weights", iterations=20, check=False)'
train_loss, val_loss = train(example_weights)
"""
NOISE = """%%tune study --minimize val_loss --quiet --store none --trials 12 \
-o 'gradient(inner_loss="train_loss", weights="example_weights", weights_rate=1.0{options})'
train_loss, val_loss, accuracy = train(example_weights)
trial.log(accuracy=accuracy)
"""


def shell(**names: Any) -> Any:
    """A notebook without a kernel."""
    made = InteractiveShell.instance()
    jupyter_hpo.load_ipython_extension(made)
    made.user_ns.update(torch=torch, **names)
    return made


def tuned(notebook: Any, cell: str) -> Any:
    """The study of a cell, in what `notebook` holds."""
    line, _, body = cell.partition("\n")
    notebook.run_cell_magic("tune", line.removeprefix("%%tune "), body)
    return notebook.user_ns["study"]


# -- cost -----------------------------------------------------------------------------------------


def problem(entries: int) -> Any:
    """A training of `entries` weighted examples, as a function of their weights."""
    made = torch.Generator().manual_seed(0)
    x = torch.randn(entries, 10, generator=made)
    y = (x.sum(1) + torch.randn(entries, generator=made) > 0).float()
    x_val = torch.randn(1000, 10, generator=made)
    y_val = (x_val.sum(1) > 0).float()

    def train(example_weights: Any) -> Any:
        model = torch.nn.Linear(10, 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)

        def loss() -> Any:
            losses = binary_cross_entropy_with_logits(model(x)[:, 0], y, reduction="none")
            return (torch.sigmoid(example_weights) * losses).mean()

        for _ in range(30):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        return loss(), binary_cross_entropy_with_logits(model(x_val)[:, 0], y_val)

    return train


def measured(entries: int, trials: int = 4) -> tuple[float, float, float, float]:
    """Seconds of a training and of an outer step, megabytes of memory and of the file a trial."""
    torch.set_num_threads(1)
    train, weights = problem(entries), torch.zeros(entries)
    train(weights)
    begin = time.perf_counter()
    train(weights)
    plain = time.perf_counter() - begin
    notebook = shell(train=train, example_weights=weights)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "studies.db"
        before = resident() or 0
        with measure() as usage:
            study = tuned(notebook, COST.format(trials=trials, store=store))
        memory = ((usage.peak_memory or 0) - before) / 1e6
        starts = [trial.started for trial in study.trials]
        steps = [later - earlier for earlier, later in itertools.pairwise(starts)]
        size = sum(path.stat().st_size for path in store.parent.glob("studies.db*"))
    return plain, statistics.median(steps), memory, size / trials / 1e6


def cost() -> None:
    """A fresh process for each size."""
    print("entries    training s   outer step s   ratio   memory MB   file MB/trial")
    fresh = multiprocessing.get_context("spawn")
    for entries in (1_000, 10_000, 100_000, 1_000_000):
        with fresh.Pool(1) as pool:
            plain, step, memory, size = pool.apply(measured, (entries,))
        print(
            f"{entries:9,} {plain:11.3f} {step:14.3f} {step / plain:7.1f} {memory:11.0f}"
            f" {size:15.2f}"
        )


# -- noisy labels ---------------------------------------------------------------------------------


def noisy(part: float, seed: int, steps: int = 100) -> SimpleNamespace:
    """A thousand digits, some with another label, 200 clean ones to validate, 597 to test.

    ``clean`` is the accuracy of a training on those that were not flipped, which nobody can know;
    ``validation`` that of one on the 200 alone.
    """
    made = torch.Generator().manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    order = torch.randperm(len(x), generator=made)
    x, y = torch.tensor(x / 16).float()[order], torch.tensor(y)[order]
    flipped = torch.rand(1000, generator=made) < part
    labels = y[:1000].clone()
    wrong = torch.randint(1, 10, (int(flipped.sum()),), generator=made)
    labels[flipped] = (labels[flipped] + wrong) % 10

    def fit(weights: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
        model = torch.nn.Linear(64, 10)
        torch.nn.init.zeros_(model.weight)
        torch.nn.init.zeros_(model.bias)
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=steps)

        def loss_of() -> Any:
            losses = cross_entropy(model(inputs), targets, reduction="none")
            return (torch.sigmoid(weights) * losses).mean() + 1e-3 * (model.weight**2).sum()

        def closure() -> Any:
            optimizer.zero_grad()
            loss = loss_of()
            loss.backward()
            return loss

        optimizer.step(closure)
        return model, loss_of()

    def accuracy(model: Any) -> float:
        with torch.no_grad():
            return (model(x[1200:]).argmax(1) == y[1200:]).float().mean().item()

    def validated(model: Any) -> Any:
        return cross_entropy(model(x[1000:1200]), y[1000:1200])

    def train(weights: Any) -> Any:
        model, loss = fit(weights, x[:1000], labels)
        return loss, validated(model), accuracy(model)

    def known(inputs: Any, targets: Any) -> float:
        """Accuracy of a training on clean data alone."""
        return accuracy(fit(torch.zeros(len(inputs)), inputs, targets)[0])

    return SimpleNamespace(
        x=x,
        labels=labels,
        train=train,
        accuracy=accuracy,
        validated=validated,
        flipped=flipped,
        clean=known(x[:1000][~flipped], labels[~flipped]),
        validation=known(x[1000:1200], y[1000:1200]),
    )


def cleaned(part: float, seed: int, steps: int = 100, options: str = "") -> tuple[Any, Any]:
    """The problem, and the study of its weights."""
    made = noisy(part, seed, steps)
    notebook = shell(train=made.train, example_weights=torch.zeros(1000))
    return made, tuned(notebook, NOISE.format(options=options))


def noise() -> None:
    """How well weights tell what was flipped, and what that is worth."""
    print(
        "flipped  seed    AUC   noisy  weighted  (validation data alone, without the flipped)   s"
    )
    for part in (0.2, 0.4, 0.6):
        for seed in (0, 1, 2):
            begin = time.perf_counter()
            made, study = cleaned(part, seed)
            seconds = time.perf_counter() - begin
            weights = study.best_trial.weights["example_weights"]
            auc = roc_auc_score(made.flipped, -weights)
            first, best = (t.log["accuracy"] for t in (study.trials[0], study.best_trial))
            print(
                f"{part:7.0%} {seed:5} {auc:6.3f} {first:7.3f} {best:9.3f} "
                f"({made.validation:.3f} {made.clean:.3f}) {seconds:28.0f}"
            )


def warm() -> None:
    """What trials gain by the weights of the last one."""
    print("steps  warm   slope of the training loss, first and last trial   validation  accuracy")
    for steps in (5, 20, 100):
        for options in ("", ", warm=True"):
            _, study = cleaned(0.4, 0, steps, options)
            slopes = [t.info["training_slope"] for t in (study.trials[0], study.trials[-1])]
            best = study.best_trial
            print(
                f"{steps:5}  {options[-4:] or 'no':5} {slopes[0]:20.1e} {slopes[1]:8.1e}"
                f" {best.value:32.4f} {best.log['accuracy']:9.3f}"
            )


def hidden(steps: int, how: str) -> tuple[Any, Any]:
    """The noise, and the study of a network."""
    made = noisy(0.4, 0)

    def train(weights: Any) -> Any:
        torch.manual_seed(0)
        layers = torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10)
        model = torch.nn.Sequential(*layers)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

        def loss() -> Any:
            losses = cross_entropy(model(made.x[:1000]), made.labels, reduction="none")
            squares = sum((p**2).sum() for p in model.parameters())
            return (torch.sigmoid(weights) * losses).mean() + 1e-3 * squares

        for _ in range(steps):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        return loss(), made.validated(model), made.accuracy(model)

    notebook = shell(train=train, example_weights=torch.zeros(1000))
    cell = NOISE.format(options="").replace(', inner_loss="train_loss"', "")
    cell = cell.replace('inner_loss="train_loss", ', how)
    return made, tuned(notebook, cell)


def network() -> None:
    """Which way suits a network."""
    print("steps  how                            ratio  validation      accuracy      AUC    s")
    for steps in (40, 150):
        for how in ("", 'inner_loss="train_loss", ', 'inner_loss="train_loss", warm=True, '):
            begin = time.perf_counter()
            made, study = hidden(steps, how)
            seconds = time.perf_counter() - begin
            first, best = study.trials[0], study.best_trial
            auc = roc_auc_score(made.flipped, -best.weights["example_weights"])
            print(
                f"{steps:5}  {how:28} {first.info['finite_difference_ratio']:7.3f}"
                f"  {first.value:.3f} {best.value:.3f}"
                f"  {first.log['accuracy']:.3f} {best.log['accuracy']:.3f}"
                f" {auc:8.3f} {seconds:4.0f}"
            )


if __name__ == "__main__":
    torch.set_num_threads(1)
    for what in sys.argv[1:] or ["cost", "noise", "warm", "network"]:
        {"cost": cost, "noise": noise, "warm": warm, "network": network}[what]()
