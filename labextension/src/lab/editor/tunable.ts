/** Makes the literal that is selected a hyperparameter, and offers to. */
import { StateField, type EditorState, type Extension } from '@codemirror/state';
import { EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { parse } from '../language/python';
import type { Elsewhere } from '../language/reader';
import { hindrance, literalAt, makeTunable, type Tunable } from '../language/tunable';
import { analystOf, parserOf } from './analyst';
import type { EditorSettings } from './settings';
import { mayBeLiteral } from './tuned';

const AUTO_CLOSE = 12_000; // ms

/**
 * Make the literal at the cursor of an editor tunable, and say what else is needed; `others` are
 * the other cells of its notebook.
 */
export function tuneSelection(view: EditorView, others: Elsewhere, trans: TranslationBundle): void {
  const { state } = view;
  const parser = parserOf(state);
  const say = (message: string): void => {
    Notification.info(message, { autoClose: AUTO_CLOSE });
  };
  const text = state.doc.toString();
  const other = hindrance(text);
  if (!parser) {
    return;
  }
  if (other) {
    say(trans.__('A cell has one line that begins with %%, and this one has %1.', other));
    return;
  }
  const { from, to } = state.selection.main;
  const source = parse(text, parser);
  const literal = literalAt(source, from, to);
  const made = literal && makeTunable(source, literal, parser, others);
  if (!made) {
    say(trans.__('Select a number, a text, True or False that is a value in this cell.'));
    return;
  }
  view.dispatch({
    changes: made.changes,
    selection: { anchor: made.range.from, head: made.range.to },
    userEvent: 'input.tunable',
    scrollIntoView: true
  });
  analystOf(view)?.tell();
  view.focus();
  told(made, trans).forEach(say);
}

/** Messages of what was done and what is left to do; JupyterLab cuts them after 140 letters. */
function told({ name, objective, needs }: Tunable, trans: TranslationBundle): string[] {
  const done = [trans.__('%1 is a hyperparameter now; its range is selected.', name)];
  const left: string[] = [];
  if (needs.includes('choices')) {
    done.push(trans.__('Write the other choices for "…".'));
  }
  if (objective) {
    done.push(trans.__('Is %1 what to optimize?', objective));
  }
  if (needs.includes('objective')) {
    left.push(trans.__('The first line still needs --minimize NAME or --maximize NAME.'));
  }
  if (needs.includes('load')) {
    left.push(trans.__('Run %load_ext jupyter_hpo in a cell above before this one.'));
  }
  return [done, left].filter(each => each.length).map(each => each.join(' '));
}

/** Offers to make a literal tunable that is selected. */
export function offering(
  others: Elsewhere,
  settings: EditorSettings,
  trans: TranslationBundle
): Extension {
  const offered = (state: EditorState): Tooltip | null =>
    settings.wanted.makeTunable && isLiteral(state) ? offer(state, others, trans) : null;
  return StateField.define<Tooltip | null>({
    create: offered, // what is selected already has had all this fetched
    update: (shown, { docChanged, selection, state }) =>
      docChanged || selection ? offered(state) : shown,
    provide: field => showTooltip.from(field)
  });
}

function isLiteral(state: EditorState): boolean {
  const { from, to } = state.selection.main;
  const parser = mayBeLiteral(state) && parserOf(state);
  return !!parser && !!literalAt(parse(state.doc.toString(), parser), from, to);
}

function offer(state: EditorState, others: Elsewhere, trans: TranslationBundle): Tooltip {
  return {
    pos: state.selection.main.from,
    above: true,
    create: view => {
      const dom = document.createElement('div');
      dom.className = 'jp-HpoOffer';
      const button = document.createElement('button');
      button.textContent = trans.__('Make tunable');
      button.title = trans.__('Declare this value as a hyperparameter');
      // the editor must keep its selection
      button.addEventListener('mousedown', event => event.preventDefault());
      button.addEventListener('click', () => tuneSelection(view, others, trans));
      dom.append(button);
      return { dom };
    }
  };
}
