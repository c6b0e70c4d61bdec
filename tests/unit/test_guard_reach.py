"""Which objects a cell can reach, and fresh copies of them."""

from __future__ import annotations

import copy
import types
from typing import Any

import pytest
import torch
from guard_cases import MODEL, STEP, notebook

from jupyter_hpo.errors import UsageError
from jupyter_hpo.guard import copies, definitions, global_writes, notebook_name, reach


class TestReach:
    CODE = """
data, other, model, config, counter, unused = [1], {2}, nn.Linear(1, 1), {}, [0], [5]
def load(): return [other for _ in range(2)]
def train():
    def inner(): return model, load()
    return inner().data
class Trainer:
    size = 3
    def fit(self): config["a"]
    @property
    def p(self): return counter
    @staticmethod
    def s(): global made; made = 1
trainer = Trainer()
def decorate(f):
    @functools.wraps(f)
    def g(*a): return f(*a)
    return g
@decorate
@functools.lru_cache
def wrapped(): return counter
part = functools.partial(load)
bound = trainer.fit
def loop_a(): return loop_b()
def loop_b(): return loop_a(), data
"""

    @pytest.mark.parametrize(
        ("name", "reached"),
        [
            ("data", {"data"}),
            ("nowhere", set()),
            ("math", set()),
            ("load", {"other"}),
            ("train", {"model", "other"}),  # `.data` is an attribute, not the global
            ("Trainer", {"config", "counter"}),
            ("trainer", {"trainer", "config", "counter"}),
            ("wrapped", {"counter"}),
            ("part", {"other"}),
            ("bound", {"bound", "config", "counter"}),
            ("loop_a", {"data"}),
        ],
    )
    def test_reached(self, name: str, reached: set[str]) -> None:
        namespace = notebook(self.CODE)
        found = reach([name], namespace)
        assert found.keys() == reached
        assert all(value is namespace[each] for each, value in found.items() if each != "bound")

    @pytest.mark.parametrize(
        ("name", "reached"),
        [
            ("data", set()),
            ("train", {"train", "load"}),
            ("Trainer", {"Trainer"}),
            ("trainer", {"Trainer"}),
            ("bound", {"Trainer", "bound"}),
            ("part", {"part"}),
            ("loop_a", {"loop_a", "loop_b"}),
            ("math", set()),
            ("nn", set()),
        ],
    )
    def test_definitions(self, name: str, reached: set[str]) -> None:
        assert definitions([name], notebook(self.CODE)).keys() == reached

    def test_ipythons_own_names_are_not_objects_of_the_user(self) -> None:
        assert reach(["In", "_", "Out"], {"In": [], "_": [], "Out": {}}) == {}

    def test_global_writes(self) -> None:
        namespace = notebook(self.CODE + "\ndef outer():\n    return trainer.s()\n")
        assert global_writes(["outer"], namespace) == {"made"}
        assert global_writes(["load", "nowhere"], namespace) == set()

    def test_functions_of_modules_are_not_followed(self) -> None:
        module = types.ModuleType("helpers")
        exec("state = []\ndef f(): state.append(1)", module.__dict__)
        assert reach(["f", "state"], {"f": module.__dict__["f"]}) == {}

    def test_notebook_name(self) -> None:
        assert notebook_name("model") == "model"
        assert notebook_name("argument 1 in f") == "f"


class TestCopies:
    def test_model_optimizer_and_scheduler_stay_tied(self) -> None:
        namespace = notebook(
            MODEL
            + "optimizer = torch.optim.Adam(model.parameters())\n"
            + "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=.1)\n"
        )
        # Once on: torch warns of a fresh scheduler whose optimizer is a copy.
        exec(STEP + "scheduler.step()", namespace)
        original = copy.deepcopy(namespace["model"].state_dict())
        names = ["model", "optimizer", "scheduler"]
        made = copies(names, namespace)
        assert made.keys() == set(names)
        exec(STEP + "scheduler.step()", namespace | made)
        now = namespace["model"].state_dict()
        assert all(torch.equal(original[key], now[key]) for key in original)
        assert not torch.equal(made["model"][0].weight, namespace["model"][0].weight)
        assert made["optimizer"].param_groups[0]["lr"] == pytest.approx(1e-5)
        assert namespace["optimizer"].param_groups[0]["lr"] == pytest.approx(1e-4)
        assert len(made["optimizer"].state) == len(namespace["optimizer"].state)

    @pytest.mark.parametrize(
        ("code", "name"),
        [("g = (i for i in [])", "g"), ("w = torch.ones(2, requires_grad=True) * 2", "w")],
    )
    def test_what_cannot_be_copied_is_named(self, code: str, name: str) -> None:
        with pytest.raises(UsageError, match=f"`{name}` cannot be copied.*Create `{name}` in the"):
            copies([name], notebook(code))

    def test_a_misspelt_name(self) -> None:
        with pytest.raises(UsageError, match=r"no variable `modle`\. Did you mean `model`"):
            copies(["modle"], notebook(MODEL))

    def test_model_and_optimizer_are_not_parted(self) -> None:
        namespace = notebook(MODEL + "optimizer = torch.optim.SGD(model.parameters(), lr=1)")
        with pytest.raises(UsageError, match="Write --fresh optimizer,model"):
            copies(["optimizer"], namespace)
        with pytest.raises(UsageError, match="Write --fresh model,optimizer"):
            copies(["model"], namespace, used=["model", "optimizer", "X"])
        assert copies(["model"], namespace, used=["model"]).keys() == {"model"}
        assert copies(["model", "optimizer"], namespace, used=["model", "optimizer"])

    @pytest.mark.parametrize("name", ["f", "Net"])
    def test_functions_and_classes_are_refused(self, name: str) -> None:
        with pytest.raises(UsageError, match=f"--fresh {name}: functions and classes are not"):
            copies([name], notebook("def f(): pass\nclass Net(nn.Module): pass"))

    def test_out_of_memory_is_not_a_refusal(self) -> None:
        class Huge:
            def __deepcopy__(self, memo: Any) -> Any:
                raise MemoryError

        with pytest.raises(MemoryError):
            copies(["huge"], {"huge": Huge()})
