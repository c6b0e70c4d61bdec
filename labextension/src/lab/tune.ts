import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { LOAD, loads, tuneEdit } from './cell';
import { addCellCommand } from './commands';

const COMMAND = 'jupyter-hpo:tune-cell';

/**
 * "Tune this cell": add `%%tune` to the active code cell and run it, below one that loads our
 * extension if the notebook has none.
 *
 * Without options the kernel answers with the objectives that the cell
 * assigns, which is how the first study starts. The menus that show the
 * command are in `schema/tune-cell.json`, where users can change them; the
 * context menu passes `clicked`, to mean the cell under the pointer.
 */
export const tuneCell: JupyterFrontEndPlugin<void> = {
  id: COMMAND,
  description: 'Runs a cell as a hyperparameter study.',
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
    const words = {
      label: trans.__('Tune this cell'),
      caption: trans.__('Write %%tune above this cell and run it as a hyperparameter study')
    };
    addCellCommand(app, notebooks, palette, COMMAND, words, async panel => {
      if (panel) {
        await tuneActiveCell(panel);
      }
    });
  }
};

async function tuneActiveCell({ content, sessionContext }: NotebookPanel): Promise<void> {
  const cell = content.activeCell?.model;
  if (cell?.type !== 'code') {
    return;
  }
  // the shared model, not the editor: one step of undo, also when others edit along
  const edit = tuneEdit(cell.sharedModel.getSource());
  if (edit) {
    cell.sharedModel.updateSource(edit.start, edit.end, edit.text);
  }
  // `run` means every selected cell, this command the active one
  content.deselectAll();
  await loadFirst({ content, sessionContext });
  await NotebookActions.run(content, sessionContext);
}

/** Where no cell of the notebook loads our extension, have one above that does. */
async function loadFirst({ content, sessionContext }: Pick<NotebookPanel, 'content' | 'sessionContext'>): Promise<void> {
  const cells = content.model?.sharedModel;
  if (!cells || loads(cells.cells.map(each => each.getSource()))) {
    return;
  }
  const at = content.activeCellIndex;
  cells.insertCell(at, { cell_type: 'code', source: LOAD });
  content.activeCellIndex = at;
  await NotebookActions.run(content, sessionContext);
  content.activeCellIndex = at + 1;
}
