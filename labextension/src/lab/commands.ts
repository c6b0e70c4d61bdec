/** Commands of ours that act on the active code cell, or the one under the context menu. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { activateClicked } from './outputs';

/** Add one, also to the palette. `act` is given the notebook, whose active cell is meant. */
export function addCellCommand(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  palette: ICommandPalette | null,
  id: string,
  words: { label: string; caption: string },
  act: (panel: NotebookPanel | null) => void | Promise<void>
): void {
  app.commands.addCommand(id, {
    ...words,
    isEnabled: args => !!args['clicked'] || notebooks.activeCell?.model.type === 'code',
    execute: args => act(args['clicked'] ? activateClicked(app, notebooks) : notebooks.currentWidget)
  });
  notebooks.activeCellChanged.connect(() => app.commands.notifyCommandChanged(id));
  palette?.addItem({ command: id, category: 'Notebook Cell Operations' });
}
