import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { PANEL } from './panel/widget';
import { Ends } from './progress/ends';
import { ProgressItem } from './progress/item';
import { askLeave, notify } from './progress/notify';
import { foremost } from './studies/brief';
import { IStudies } from './studies/token';

const ID = 'jupyter-hpo:progress';
const MINUTE = 60;

/** The running study's progress in the status bar, and a notification when a long one ends. */
export const progress: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows the progress of hyperparameter studies, and tells when long ones end.',
  autoStart: true,
  requires: [IStudies],
  optional: [IStatusBar, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    studies: IStudies,
    bar: IStatusBar | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const settings = { statusBar: true, notify: false, notifyAfter: MINUTE };
    const show = (): void => app.shell.activateById(PANEL);
    const item = new ProgressItem(trans, show);
    const changed = new Signal<object, void>(item);
    const ends = new Ends();
    const look = (): void => {
      item.tell(foremost(studies.list));
      changed.emit();
      const ended = ends.look(studies.list, Date.now() / 1000, settings.notifyAfter);
      if (settings.notify) {
        ended.forEach(each => notify(each, trans, show));
      }
    };
    bar?.registerStatusItem(ID, {
      item,
      align: 'left',
      rank: 10,
      isActive: () => settings.statusBar && foremost(studies.list) !== null,
      activeStateChanged: changed
    });
    studies.changed.connect(look);
    registry?.load(ID).then(
      loaded => {
        const take = (): void => {
          const before = settings.notify;
          Object.assign(settings, loaded.composite);
          if (settings.notify && !before) {
            askLeave(trans);
          }
          look();
        };
        loaded.changed.connect(take);
        take();
      },
      (error: unknown) => console.error('jupyter-hpo: no settings', error)
    );
  }
};
