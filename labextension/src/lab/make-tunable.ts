import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addCellCommand } from './commands';
import { othersOf } from './editor/others';

const COMMAND = 'jupyter-hpo:make-tunable';

/** "Make this value tunable": the literal at the cursor becomes a declared hyperparameter. */
export const makeTunable: JupyterFrontEndPlugin<void> = {
  id: COMMAND,
  description: 'Makes a number, a text or a truth value of a cell a hyperparameter.',
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
      label: trans.__('Make this value tunable'),
      caption: trans.__('Declare the number, text or truth value at the cursor as a hyperparameter')
    };
    addCellCommand(app, notebooks, palette, COMMAND, words, async () => {
      const cell = notebooks.activeCell;
      const editor = cell?.editor as CodeMirrorEditor | null | undefined;
      if (cell && editor) {
        const { tuneSelection } = await import('./help');
        tuneSelection(editor.editor, othersOf(cell.model.sharedModel), trans);
      }
    });
  }
};
