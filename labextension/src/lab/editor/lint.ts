/** What is wrong in a cell, underlined, with what mends it. */
import { forEachDiagnostic, linter, setDiagnostics, type Action, type Diagnostic } from '@codemirror/lint';
import type { Extension, Text } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Checked } from '../language/check';
import type { Fix, Problem } from '../language/problem';
import { beingWritten } from '../language/syntax';
import { analysed, analystOf, parserOf } from './analyst';
import { coded } from './hover';
import { goOn, peeking } from './peek';
import type { EditorSettings } from './settings';

const SOURCE = '%%tune';
const RESTED = 900; // ms without a key after which also what is being written is told of

export function linted(
  settings: EditorSettings,
  trans: TranslationBundle
): Extension {
  let cell: Checked | null = null;
  let judged: Text | null = null;
  const told = new WeakSet<Problem>(); // a click on what is underlined does not take that away
  let before = new Set<string>(); // nor does a key, of what has been told already
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resting = true;
  const shown = (view: EditorView): Problem[] => {
    const all = cell && settings.wanted.diagnostics ? cell.problems : [];
    const known = (each: Problem): boolean => told.has(each) || (!each.syntax && before.has(each.message));
    const now = all.filter(each => known(each) || !isAwaited(view, cell!, each, resting));
    now.forEach(each => told.add(each));
    before = new Set(now.map(each => each.message));
    return now;
  };
  return [
    linter(null), // its tooltips before those of others
    peeking,
    EditorView.updateListener.of(update => {
      const { view, transactions, selectionSet, focusChanged } = update;
      const { doc } = update.state;
      const news = transactions.flatMap(each => each.effects).filter(each => each.is(analysed)).at(-1);
      if (news) {
        cell = news.value;
        judged = doc;
      }
      const again = (): void => {
        if (view.state.doc === doc && judged === doc) {
          tell(view, shown(view));
        }
      };
      if (update.docChanged && transactions.some(each => each.isUserEvent('input.type') || each.isUserEvent('delete'))) {
        clearTimeout(timer);
        resting = false;
        timer = setTimeout(() => {
          resting = true;
          again();
        }, RESTED);
      }
      // what is being written is told once the cursor has left it
      if (news || (doc === judged && cell?.problems.length && (selectionSet || focusChanged))) {
        queueMicrotask(again); // not inside an update
      }
    }),
    keymap.of([
      { key: 'F8', run: view => hasProblems(view) && goOn(view, trans) },
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

/**
 * Whether a problem is not to be told yet: of a line that is being written, in what Python cannot
 * read also while the keys rest; and of what is missing below and may be about to come.
 */
function isAwaited(view: EditorView, { source }: Checked, problem: Problem, resting: boolean): boolean {
  if (!view.hasFocus) {
    return false;
  }
  const { from, to } = view.state.doc.lineAt(view.state.selection.main.head);
  if (!resting && problem.from <= to && problem.to >= from) {
    return true;
  }
  if (problem.below) {
    return !/\S/.test(source.text.slice(to));
  }
  const parser = problem.syntax && parserOf(view.state);
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
