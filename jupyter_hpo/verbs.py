"""``%tune``: what can be done with studies, running or stored."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from . import options
from .context import refuse_inside_trial
from .errors import StudyError, UsageError
from .journal import Journal
from .places import Place
from .record import StudyRecord, StudyState
from .store import Store
from .study import Study

if TYPE_CHECKING:
    import pandas as pd

LATER = {
    "export": "study.trials_dataframe() has every trial",
    "import": "--resume goes on with a stored study",
}


class Notebook(Protocol):
    """What the verbs need of `magic.Tuner`."""

    studies: dict[str, Study]

    def place(self, store: str | None = None) -> Place:
        """Where the notebook's studies are stored."""

    def bind(self, params: Mapping[str, Any]) -> None:
        """Set variables of the notebook."""


def run(notebook: Notebook, words: list[str]) -> Any:
    """Run one ``%tune`` line; what it returns is the line's value.

    Raises
    ------
    UsageError
        If the verb is unknown or the study is not found.
    """
    verb, *names = words or ["list"]
    if verb.startswith("-"):
        raise UsageError(f"{verb} belongs to %%tune, with two %, on the first line of the cell")
    if verb in LATER:
        raise UsageError(f"%tune {verb} is not in this version: {LATER[verb]}")
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(VERBS)}"
        raise UsageError(f"%tune has no verb {verb!r}; {hint}")
    if len(names) > 1:
        raise UsageError(f"%tune {verb} takes one study, not {len(names)}: {' '.join(names)}")
    return VERBS[verb](notebook, names[0] if names else None)


def _list(notebook: Notebook, name: str | None) -> pd.DataFrame:
    """Studies of this notebook, the newest first; with NAME, its runs."""
    import pandas as pd

    place = notebook.place()
    store = place.store()
    rows: list[dict[str, Any]] = [
        {
            "study": each.name,
            "run": each.run,
            "state": str(each.state),
            "trials": each.finished,
            "of": each.total,
            "objective": f"{'max' if each.maximize else 'min'} {each.metric}",
            "best": each.best,
            "created": pd.Timestamp.fromtimestamp(each.created).floor("s"),
        }
        for each in (store.list(place.notebook) if store is not None else [])
    ]
    rows += _kept_elsewhere(notebook, store, {(row["study"], row["run"]) for row in rows})
    columns = ["study", "run", "state", "trials", "of", "objective", "best", "created"]
    table = pd.DataFrame(rows, columns=columns).astype({"of": "Int64"})
    return table if name is None else table[table["study"] == name]


def _kept_elsewhere(
    notebook: Notebook, store: Store | None, stored: set[tuple[str, int]]
) -> list[dict[str, Any]]:
    """Studies of this session that are in memory alone, or where ``--store`` said."""
    import pandas as pd

    return [
        {
            "study": info.name,
            "run": info.run,
            "state": str(info.state),
            "trials": study.record.finished,
            "of": info.total,
            "objective": f"{'max' if info.maximize else 'min'} {info.metric}",
            "best": study.record.best.value if study.record.best else None,
            "created": pd.Timestamp.fromtimestamp(info.created).floor("s"),
        }
        for study in notebook.studies.values()
        for info in [study.record.info]
        if not study.kept_in(store) or (info.name, info.run) not in stored
    ]


def find(notebook: Notebook, name: str | None) -> Study:
    """The study of that name: the one of this session, else the latest stored run."""
    if name is None:
        if not notebook.studies:
            raise UsageError("no study has run in this session; name one: %tune show NAME")
        return list(notebook.studies.values())[-1]
    if name in notebook.studies:
        return notebook.studies[name]
    place = notebook.place()
    store = place.store()
    study_id = store.find(name, place.notebook) if store is not None else None
    if store is None or study_id is None:
        known = sorted({s.name for s in store.list(place.notebook)} if store is not None else [])
        hint = f"there are {', '.join(known)}" if known else "none is stored for this notebook yet"
        raise UsageError(f"there is no study {name!r}; {hint}")
    info, trials = store.load(study_id)
    record = StudyRecord(info)
    for trial in trials:
        record.put(trial)
    return Study(Journal(record, None, store, study_id), bind=notebook.bind)


def _show(notebook: Notebook, name: str | None) -> Study:
    """Display a study; `s = %tune show NAME` returns it."""
    return find(notebook, name)


def _pause(notebook: Notebook, name: str | None) -> None:
    """Park the running trial where it stands; the kernel is yours."""
    study = _live(notebook, name)
    study.pause()
    print(f"study {study.name!r} is {study.state}: {study.record.info.message}")


def _resume(notebook: Notebook, name: str | None) -> None:
    """Go on from the very line, in the background."""
    study = _live(notebook, name)
    study.resume()
    on = "goes on in the background" if study.state == StudyState.RUNNING else f"is {study.state}"
    print(f"study {study.name!r} {on}")


def _skip(notebook: Notebook, name: str | None) -> None:
    """End the running or parked trial."""
    _live(notebook, name).skip()


def _live(notebook: Notebook, name: str | None) -> Study:
    """A study of this session that runs or is paused; without a name the latest."""
    if name is None:
        live = [each for each in notebook.studies.values() if each.live]
        if not live:
            raise UsageError("no study is running or paused in this session")
        return live[-1]
    study = find(notebook, name)
    if not study.live:
        raise StudyError(
            f"study {study.name!r} is {study.state} and not live in this kernel; "
            "run its cell with --resume to go on with it"
        )
    return study


def _stop(notebook: Notebook, name: str | None) -> None:
    """End a study and keep everything."""
    study = _live(notebook, None) if name is None else find(notebook, name)
    before = study.state
    if before == StudyState.RUNNING and study.name not in notebook.studies:
        raise StudyError(f"study {study.name!r} is running in another kernel; stop it there")
    study.stop()
    if before not in (StudyState.RUNNING, StudyState.PAUSED):
        print(f"study {study.name!r} is {before} already")
    else:
        print(f"study {study.name!r} is stopped; its {study.record.finished} trials are kept")


def _wait(notebook: Notebook, name: str | None) -> None:
    """Return when a study no longer runs."""
    refuse_inside_trial("%tune wait")
    study = _live(notebook, None) if name is None else find(notebook, name)
    study.wait()


def _apply(notebook: Notebook, name: str | None) -> dict[str, Any]:
    """Bind the best hyperparameters as variables of the notebook."""
    return find(notebook, name).apply()


def _code(notebook: Notebook, name: str | None) -> None:
    """Print a plain cell with the tuned values."""
    print(find(notebook, name).code())


def _delete(notebook: Notebook, name: str | None) -> None:
    """Delete the latest stored run of a study."""
    if name is None:
        raise UsageError("name the study to delete: %tune delete NAME")
    place, held = notebook.place(), notebook.studies.get(name)
    # that which the other verbs mean, wherever it is
    store = place.store() if held is None or held.store is None else held.store
    study_id = store.find(name, place.notebook) if store is not None else None
    if store is None or study_id is None:
        raise UsageError(f"no study {name!r} is stored for this notebook")
    store.delete(study_id)
    if held is not None and held.kept_in(store):
        notebook.studies.pop(name)
    print(f"the latest stored run of {name!r} is deleted")


def _options(notebook: Notebook, name: str | None) -> None:
    """List the options of %%tune and the verbs of %tune."""
    print(options.describe())
    width = max(map(len, VERBS))
    print("\n%tune VERB [NAME]     without NAME: the latest study of this session\n")
    for verb, act in VERBS.items():
        print(f"  {verb:<{width}}  {(act.__doc__ or '').strip()}")


VERBS: dict[str, Callable[[Notebook, str | None], Any]] = {
    "list": _list,
    "show": _show,
    "pause": _pause,
    "resume": _resume,
    "skip": _skip,
    "stop": _stop,
    "wait": _wait,
    "apply": _apply,
    "code": _code,
    "delete": _delete,
    "options": _options,
}
