import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { tuneEdit } from './cell';

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
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null
  ): void => {
    app.commands.addCommand(COMMAND, {
      label: 'Tune this cell',
      caption: 'Write %%tune above this cell and run it as a hyperparameter study',
      isEnabled: args => !!args['clicked'] || notebooks.activeCell?.model.type === 'code',
      execute: async args => {
        const panel = args['clicked'] ? activateClicked(app, notebooks) : notebooks.currentWidget;
        if (panel) {
          await tuneActiveCell(panel);
        }
      }
    });
    notebooks.activeCellChanged.connect(() => app.commands.notifyCommandChanged(COMMAND));
    palette?.addItem({ command: COMMAND, category: 'Notebook Cell Operations' });
  }
};

/**
 * Make the cell under the context menu the active one; JupyterLab itself does
 * not when the click was into another cell's editor.
 */
function activateClicked(app: JupyterFrontEnd, notebooks: INotebookTracker): NotebookPanel | null {
  const node = app.contextMenuHitTest(node => node.classList.contains('jp-Cell'));
  const panel = notebooks.find(panel => panel.content.node.contains(node ?? null)) ?? null;
  if (panel) {
    panel.content.activeCellIndex = panel.content.widgets.findIndex(cell => cell.node === node);
  }
  return panel;
}

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
