import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { WidgetTracker, type MainAreaWidget } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { SplitPanel, type Widget } from '@lumino/widgets';
import { tab, type Shown, type StudyView } from './opened/tab';
import { IStudies } from './studies/token';

const COMMAND = 'jupyter-hpo:open-study';

/** "Open": all of a study in a tab of its own, with its kernel or without any. */
export const opened: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:opened',
  description: 'Opens hyperparameter studies in tabs of their own.',
  autoStart: true,
  requires: [IStudies],
  optional: [ITranslator, ILayoutRestorer, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    studies: IStudies,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    lab: ILabShell | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const tracker = new WidgetTracker<MainAreaWidget<StudyView>>({ namespace: 'jupyter-hpo-study' });
    commands.addCommand(COMMAND, {
      label: trans.__('Open study'),
      isVisible: args => typeof args['uid'] === 'string',
      execute: async args => {
        const shown = args as unknown as Shown;
        const known = tracker.find(each => each.content.shown.uid === shown.uid);
        const widget = known ?? tab(shown, studies, trans);
        if (!known) {
          await tracker.add(widget);
          lab ? shell.add(widget, 'main') : addBelow(shell, widget);
        }
        shell.activateById(widget.id);
      }
    });
    void restorer?.restore(tracker, {
      command: COMMAND,
      args: ({ content: { shown, place } }) => ({ ...shown, ...place }),
      name: ({ content }) => content.shown.uid
    });
  }
};

/** Notebook 7 shows one document at a time: a study goes below it, in half of the page. */
function addBelow(shell: JupyterFrontEnd.IShell, widget: Widget): void {
  widget.title.icon = undefined; // its tabs there have no room for one
  shell.add(widget, 'down');
  let around = widget.parent;
  while (around && !(around instanceof SplitPanel)) {
    around = around.parent;
  }
  around?.setRelativeSizes([1, 1]);
}
