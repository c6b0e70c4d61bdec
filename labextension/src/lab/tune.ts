import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { tuneEdit } from './cell';
import { addCellCommand } from './commands';

const COMMAND = 'jupyter-hpo:tune-cell';

/**
 * "Tune this cell": add `%%tune` to the active code cell and run it.
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
  await NotebookActions.run(content, sessionContext);
}
