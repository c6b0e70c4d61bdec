import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { PANEL, StudiesPanel } from './panel/widget';
import { IStudies } from './studies/token';

const SHOW = 'jupyter-hpo:show-studies';
const TUNE = 'jupyter-hpo:tune-cell';
const OPEN = 'jupyter-hpo:open-study';
const RANK = 350; // after the file browser, running kernels and the table of contents

/** The left panel "Studies": every study is a click away, also while the kernel is busy. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:panel',
  description: 'Lists hyperparameter studies in a side panel.',
  autoStart: true,
  requires: [IStudies],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studies: IStudies,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const widget = new StudiesPanel(
      studies,
      trans,
      ({ uid, name, place }) => void commands.execute(OPEN, { uid, name, ...place }),
      () =>
        commands.hasCommand(TUNE) && commands.isEnabled(TUNE) ? () => void commands.execute(TUNE) : null
    );
    shell.add(widget, 'left', { rank: RANK });
    restorer?.add(widget, PANEL);
    commands.addCommand(SHOW, {
      label: trans.__('Show studies'),
      caption: trans.__('Show the panel that lists hyperparameter studies'),
      execute: () => shell.activateById(PANEL)
    });
    commands.commandChanged.connect((_, { id }) => {
      if (id === TUNE) {
        widget.update();
      }
    });
    palette?.addItem({ command: SHOW, category: trans.__('Hyperparameter studies') });
  }
};
