import type { ISessionContext } from '@jupyterlab/apputils';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IMimeBundle } from '@jupyterlab/nbformat';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import { IRenderMimeRegistry, type IRenderMime } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';
import type { Dial, KeptHost, Saved } from '../view.js';
import { isLeaving, openLine } from './kernel';
import { MIME, studiesIn } from './outputs';

const ENDED = 'its kernel has ended';
const RANK = -20; // before widgets, which stand beside it in the output of a study that lives

/**
 * Shows a study where a notebook has one in an output: live through a comm of
 * its own while the notebook's kernel has the study, else as it was kept.
 */
export const studyOutput: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:study',
  description: 'Shows hyperparameter studies in notebooks.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker],
  activate: (
    _: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null
  ): void => {
    const panelOf = (node: Node, uid: string): NotebookPanel | null =>
      notebooks?.find(panel => panel.content.node.contains(node)) ??
      // an output that has been given a view of its own stands in no notebook
      notebooks?.find(panel => outputsOf(panel, uid).length > 0) ??
      null;
    const factory: IRenderMime.IRendererFactory = {
      safe: true, // it makes no markup of what a notebook holds
      mimeTypes: [MIME],
      createRenderer: () => new StudyOutput(panelOf)
    };
    registry.addFactory(factory, RANK);
  }
};

/** The outputs of a notebook that hold a study, each with the list it stands in. */
function outputsOf(panel: NotebookPanel, uid: string): [IOutputAreaModel, number][] {
  return panel.content.widgets.flatMap(({ model }) =>
    [...studiesIn(model)].flatMap(([saved, outputs, at]): [IOutputAreaModel, number][] =>
      saved.info.uid === uid ? [[outputs, at]] : []
    )
  );
}

/** Put a newer bundle into a notebook's outputs of a study, as the kernel's update would. */
function keep(panel: NotebookPanel, uid: string, bundle: IMimeBundle): void {
  for (const [outputs, at] of outputsOf(panel, uid)) {
    outputs.set(at, { ...outputs.get(at).toJSON(), data: bundle });
  }
}

class StudyOutput extends Widget implements IRenderMime.IRenderer {
  private shown: { host: KeptHost; unmount: () => void } | null = null;
  private uid = '';
  private context: ISessionContext | null = null;

  constructor(private readonly panelOf: (node: Node, uid: string) => NotebookPanel | null) {
    super();
    this.addClass('jp-jupyter-hpo');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const saved = model.data[MIME] as unknown as Saved;
    const { mountKept } = await import('../view.js'); // not before it is needed
    if (this.isDisposed) {
      return;
    }
    if (this.shown && saved.info.uid === this.uid) {
      this.shown.host.renew(saved);
      return;
    }
    this.shown?.unmount();
    this.uid = saved.info.uid;
    const place = document.createElement('div');
    this.node.replaceChildren(place);
    const { uid } = this;
    this.shown = mountKept(place, saved, bundle => {
      const { panel } = this;
      if (panel) {
        keep(panel, uid, bundle as IMimeBundle);
      }
    });
    this.connect();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.leave();
      this.shown?.unmount();
      this.shown = null;
      super.dispose();
    }
  }

  protected onAfterAttach(): void {
    this.connect();
  }

  private get panel(): NotebookPanel | null {
    return this.panelOf(this.node, this.uid);
  }

  /** Reach for the kernel of the notebook this stands in; again when that has another one. */
  private connect(): void {
    const context = this.isAttached ? this.panel?.sessionContext : null;
    if (!this.shown || !context || context === this.context) {
      return;
    }
    this.leave();
    this.context = context;
    context.kernelChanged.connect(this.dial, this);
    context.statusChanged.connect(this.onStatus, this);
    this.dial();
  }

  private leave(): void {
    this.context?.kernelChanged.disconnect(this.dial, this);
    this.context?.statusChanged.disconnect(this.onStatus, this);
    this.context = null;
  }

  private onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (isLeaving(status)) {
      this.restarted = true;
      this.hangUp();
    } else if (this.restarted) {
      this.restarted = false;
      this.dial();
    }
  }

  private hangUp(): void {
    this.shown?.host.hangUp(ENDED);
  }

  private restarted = false;

  private dial(): void {
    const kernel = this.context?.session?.kernel;
    if (!kernel || !this.shown) {
      this.hangUp();
      return;
    }
    const dial: Dial = (uid, hear, broken) => openLine(kernel, uid, hear, broken);
    this.shown.host.dial(dial);
  }
}
