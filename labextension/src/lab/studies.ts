import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { split } from './studies/brief';
import { Studies } from './studies/model';
import { IStudies } from './studies/token';

/** Knows the studies of all running kernels, and those stored beside notebooks that are open. */
export const studies: JupyterFrontEndPlugin<IStudies> = {
  id: 'jupyter-hpo:studies',
  description: 'Knows all hyperparameter studies, running and stored.',
  autoStart: true,
  provides: IStudies,
  requires: [INotebookTracker],
  optional: [IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    browser: IDefaultFileBrowser | null
  ): Studies => {
    const { contents } = app.serviceManager;
    const local = (path: string): string => contents.localPath(path);
    const model = new Studies(app.serviceManager, {
      kernels: () => {
        const open = notebooks.filter(() => true);
        return open.flatMap(({ context: { path }, sessionContext: { session } }) =>
          session?.kernel ? [{ kernel: session.kernel, path: local(path) }] : []
        );
      },
      folders: () => {
        const paths = notebooks.filter(() => true).map(panel => panel.context.path);
        const folders = paths.map(path => split(local(path))[0]);
        // a drive other than the server's own has no studies
        const here = browser && !browser.model.driveName ? [local(browser.model.path)] : [];
        return [...folders, ...here];
      }
    });
    const meet = (): void => model.meet();
    notebooks.widgetAdded.connect((_, panel) => {
      panel.sessionContext.kernelChanged.connect(meet);
      panel.context.pathChanged.connect(meet);
      panel.disposed.connect(meet);
      meet();
    });
    browser?.model.pathChanged.connect(meet);
    void app.restored.then(meet);
    return model;
  }
};
