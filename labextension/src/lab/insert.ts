import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Saved } from '../view.js';
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
  optional: [ICommandPalette, ITranslator, IEditorLanguageRegistry],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    languages: IEditorLanguageRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const add = (id: string, label: string, caption: string, how: 'intoDeclarations' | 'intoCell'): void => {
      app.commands.addCommand(id, {
        label,
        caption,
        isEnabled: () => hasStudy(notebooks.currentWidget),
        execute: async args => {
          const panel = args['clicked'] ? activateClicked(app, notebooks) : notebooks.currentWidget;
          const found = panel && (await latest(panel));
          const help = await import('./help');
          const best = found && help.bestOf(found);
          if (panel && found && best) {
            const python = await languages?.getLanguage('python');
            help[how](panel, found, best, trans, python?.support?.language.parser ?? null);
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
      'intoDeclarations'
    );
    add(
      CELL,
      trans.__('Insert cell with best parameters'),
      trans.__('Add a cell below that sets the best values of the study'),
      'intoCell'
    );
  }
};

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
