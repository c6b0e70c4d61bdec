/** What is wrong in a cell, underlined, with what mends it. */
import { forEachDiagnostic, linter, nextDiagnostic, setDiagnostics, type Action, type Diagnostic } from '@codemirror/lint';
import type { Extension, Text } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Checked } from '../language/check';
import type { Fix, Problem } from '../language/problem';
import { beingWritten } from '../language/syntax';
import { analysed, analystOf, parserOf } from './analyst';
import { coded } from './hover';
import type { EditorSettings } from './settings';

const SOURCE = '%%tune';

export function linted(
  settings: EditorSettings,
  trans: TranslationBundle
): Extension {
  let cell: Checked | null = null;
  let judged: Text | null = null;
  const told = new WeakSet<Problem>(); // a click on what is underlined does not take that away
  const shown = (view: EditorView): Problem[] => {
    const all = cell && settings.wanted.diagnostics ? cell.problems : [];
    const now = all.filter(each => told.has(each) || !isAwaited(view, cell!, each));
    now.forEach(each => told.add(each));
    return now;
  };
  return [
    linter(null), // its tooltips before those of others
    EditorView.updateListener.of(update => {
      const { view, transactions, selectionSet, focusChanged } = update;
      const { doc } = update.state;
      const news = transactions.flatMap(each => each.effects).filter(each => each.is(analysed)).at(-1);
      if (news) {
        cell = news.value;
        judged = doc;
      }
      // what is being written is told once the cursor has left it
      if (news || (doc === judged && hasOpen(cell) && (selectionSet || focusChanged))) {
        // not inside an update
        queueMicrotask(() => {
          if (view.state.doc === doc) {
            tell(view, shown(view));
          }
        });
      }
    }),
    keymap.of([
      { key: 'F8', run: view => hasProblems(view) && nextDiagnostic(view) },
      { key: 'Mod-.', run: view => mendHere(view) }
    ])
  ];

  function tell(view: EditorView, problems: Problem[]): void {
    if (problems.length || hasProblems(view)) {
      view.dispatch(setDiagnostics(view.state, problems.map(diagnostic)));
    }
  }

  function diagnostic(problem: Problem): Diagnostic {
    return {
      from: problem.from,
      to: problem.to,
      severity: problem.severity,
      source: SOURCE,
      message: problem.message,
      renderMessage: () => {
        const said = document.createElement('span');
        said.append(...coded(problem.message));
        return said;
      },
      actions: problem.fixes.map((fix, place) => ({
        name: label(fix, trans),
        apply: view => mend(view, problem, place)
      }))
    };
  }

  /** Apply what mends a problem, in the cell as it is now. */
  function mend(view: EditorView, { message }: Problem, place: number): void {
    const cell = analystOf(view)?.now();
    const fix = cell?.problems.find(each => each.message === message)?.fixes[place];
    if (fix) {
      view.dispatch({ changes: fix.changes, userEvent: 'input.fix', scrollIntoView: true });
      analystOf(view)?.tell();
    }
  }
}

/** Whether something may be told once the cursor is elsewhere. */
function hasOpen(cell: Checked | null): boolean {
  return !!cell?.problems.some(each => each.syntax);
}

/** Whether a problem is not to be told yet: Python cannot read a line while it is written. */
function isAwaited(view: EditorView, { source }: Checked, problem: Problem): boolean {
  const parser = problem.syntax && view.hasFocus && parserOf(view.state);
  return !!parser && beingWritten(source, parser, problem, view.state.selection.main.head);
}

/** A fix in words. */
function label({ kind, shows }: Fix, trans: TranslationBundle): string {
  switch (kind) {
    case 'default':
      return trans.__('Add a default: %1', shows);
    case 'log':
      return trans.__('Use a log scale');
    case 'option':
      return trans.__('Use %1', shows);
    case 'write':
      return trans.__('Write %1', shows);
  }
}

function hasProblems(view: EditorView): boolean {
  let some = false;
  forEachDiagnostic(view.state, each => (some ||= each.source === SOURCE));
  return some;
}

/** Apply the first fix of what is wrong at the cursor, or on its line. */
function mendHere(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  let found: { action: Action; from: number; to: number; here: boolean } | null = null;
  forEachDiagnostic(view.state, ({ actions, source }, from, to) => {
    const action = source === SOURCE ? actions?.[0] : undefined;
    const here = from <= head && head <= to;
    if (action && from <= line.to && to >= line.from && (!found || (here && !found.here))) {
      found = { action, from, to, here };
    }
  });
  if (found) {
    const { action, from, to } = found as { action: Action; from: number; to: number };
    action.apply(view, from, to);
  }
  return found !== null;
}
