/** What is wrong at the cursor, shown and said where the keyboard leads to it. */
import { forEachDiagnostic, nextDiagnostic, type Diagnostic } from '@codemirror/lint';
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';

const shown = StateEffect.define<Tooltip>();

/** Where it is shown, until the cursor goes on or something is written. */
export const peeking: Extension = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, { effects, docChanged, selection }) {
    const next = effects.find(each => each.is(shown));
    return next ? next.value : docChanged || selection ? null : tooltip;
  },
  provide: field => showTooltip.from(field)
});

/** Go to the next of what is wrong. */
export function goOn(view: EditorView, trans: TranslationBundle): boolean {
  if (!nextDiagnostic(view)) {
    return false;
  }
  const { from, to } = view.state.selection.main;
  let found: Diagnostic | undefined;
  forEachDiagnostic(view.state, (each, start, end) => {
    if (start === from && end === to) {
      found ??= each;
    }
  });
  if (found) {
    const dom = rendered(found, view, trans);
    const tooltip: Tooltip = { pos: from, end: to, above: true, create: () => ({ dom }) };
    const said = dom.textContent ?? '';
    view.dispatch({ effects: [shown.of(tooltip), EditorView.announce.of(said)] });
  }
  return true;
}

function rendered(problem: Diagnostic, view: EditorView, trans: TranslationBundle): HTMLElement {
  const outer = document.createElement('div');
  outer.className = 'jp-HpoPeek';
  const node = document.createElement('div');
  node.className = `cm-diagnostic cm-diagnostic-${problem.severity}`;
  outer.append(node);
  const said = document.createElement('div');
  said.className = 'cm-diagnosticText';
  said.append(problem.renderMessage?.(view) ?? problem.message);
  node.append(said);
  const [action] = problem.actions ?? [];
  if (action) {
    const hint = document.createElement('div');
    hint.className = 'jp-HpoPeek-hint';
    const keys = /Mac/.test(navigator.platform) ? '⌘.' : 'Ctrl+.';
    hint.textContent = trans.__('%1: %2', keys, action.name);
    node.append(hint);
  }
  return outer;
}
