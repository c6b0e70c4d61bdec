import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { Saved } from '../view.js';
import { bestOf, cellOf, written, type Best } from './best';
import { analystOf } from './editor/analyst';
import { ask } from './kernel';
import { activateClicked, MIME, studiesIn, studyOf } from './outputs';

const BEST = 'jupyter-hpo:insert-best';
const CELL = 'jupyter-hpo:insert-best-cell';
const SHOWN = 6000; // ms that a message stands
const PATIENCE = 1500; // ms for the kernel to say more than the notebook has kept

/**
 * "Insert best parameters" writes the best values into the declarations, in one step of undo;
 * "Insert cell with best parameters" puts them into a new cell. Both need no kernel.
 */
export const insertion: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:insertion',
  description: 'Writes the best hyperparameters of a study into cells.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const add = (id: string, label: string, caption: string, insert: Insert): void => {
      app.commands.addCommand(id, {
        label,
        caption,
        isEnabled: () => hasStudy(notebooks.currentWidget),
        execute: async args => {
          const panel = args['clicked'] ? activateClicked(app, notebooks) : notebooks.currentWidget;
          const found = panel && (await latest(panel));
          const best = found && bestOf(found);
          if (panel && found && best) {
            insert(panel, found, best, trans);
          } else {
            const message = trans.__('No study of this notebook has a complete trial yet.');
            Notification.warning(message, { autoClose: SHOWN });
          }
        }
      });
      palette?.addItem({ command: id, category: trans.__('Tuning') });
      notebooks.activeCellChanged.connect(() => app.commands.notifyCommandChanged(id));
    };
    add(
      BEST,
      trans.__('Insert best parameters'),
      trans.__('Write the best values of the study into the declarations of its cell'),
      intoDeclarations
    );
    add(
      CELL,
      trans.__('Insert cell with best parameters'),
      trans.__('Add a cell below that sets the best values of the study'),
      intoCell
    );
  }
};

type Insert = (panel: NotebookPanel, saved: Saved, best: Best, trans: TranslationBundle) => void;

function hasStudy(panel: NotebookPanel | null): boolean {
  return !!panel?.content.widgets.some(cell => !studiesIn(cell.model).next().done);
}

/** The study of the active cell as its kernel knows it, else as the notebook has kept it. */
async function latest(panel: NotebookPanel): Promise<Saved | null> {
  const saved = studyOf(panel, panel.content.activeCell);
  const kernel = panel.sessionContext.session?.kernel;
  if (!saved || !kernel || !['running', 'paused'].includes(saved.info.state)) {
    return saved;
  }
  try {
    const bundle = await ask<Record<string, unknown>>(
      kernel,
      saved.info.uid,
      { what: 'kept' },
      PATIENCE
    );
    return (bundle[MIME] as Saved | undefined) ?? saved;
  } catch {
    return saved; // its kernel is another one by now
  }
}

function intoDeclarations(
  panel: NotebookPanel,
  saved: Saved,
  best: Best,
  trans: TranslationBundle
): void {
  const cell = cellOfStudy(panel, saved);
  const view = (cell?.editor as CodeMirrorEditor | null | undefined)?.editor;
  const known = view && analystOf(view)?.now();
  if (!cell || !known) {
    const message = trans.__('No cell of this notebook declares these hyperparameters.');
    Notification.warning(message, { autoClose: SHOWN });
    return;
  }
  const { changes, missing } = written(known, saved, best);
  // the shared model, not the editor: one step of undo, also when others edit along
  cell.model.sharedModel.transact(() => {
    for (const { from, to, insert } of [...changes].sort((a, b) => b.from - a.from)) {
      cell.model.sharedModel.updateSource(from, to, insert);
    }
  });
  const { info } = saved;
  const of = trans.__('%1: trial %2 of study "%3".', value(saved, best), best.trial.n, info.name);
  const what = changes.length
    ? trans.__('The declarations have the best values.')
    : trans.__('The declarations have the best values already.');
  const gone = missing.length ? trans.__('Not declared any more: %1.', missing.join(', ')) : '';
  Notification.success([what, of, gone].filter(Boolean).join(' '), { autoClose: SHOWN });
}

function value({ info }: Saved, { trial }: Best): string {
  return `${info.metric} = ${Number((trial.v as number).toPrecision(4))}`;
}

/** The cell that a study is of: the active one if it declares something, else the one showing it. */
function cellOfStudy(panel: NotebookPanel, saved: Saved): Cell | undefined {
  const shows = (cell: Cell): boolean =>
    [...studiesIn(cell.model)].some(([each]) => each.info.uid === saved.info.uid);
  const { activeCell, widgets } = panel.content;
  const tuned = (cell: Cell): boolean => /^%%tune(?!\w)/.test(cell.model.sharedModel.getSource());
  return activeCell && tuned(activeCell) ? activeCell : widgets.find(cell => tuned(cell) && shows(cell));
}

function intoCell(panel: NotebookPanel, _: Saved, best: Best): void {
  const { content } = panel;
  const at = content.activeCellIndex + 1;
  content.model?.sharedModel.insertCell(at, { cell_type: 'code', source: cellOf(best) });
  content.activeCellIndex = at;
  content.deselectAll();
}
