import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Signal, type ISignal } from '@lumino/signaling';
import type { FromKernel, Info } from '../view.js';
import { IHeard } from './tokens';

/** What the pages of this browser hear of studies that run or are paused. */
export class Heard {
  /** what each view has heard last, and of which kernel */
  private readonly known = new Map<object, { kernel: string; info: Info }>();
  private readonly signal = new Signal<this, void>(this);

  /** Emitted when a study has begun, changed its state, or is heard of no more. */
  get changed(): ISignal<this, void> {
    return this.signal;
  }

  /** Those of a kernel, by its id, the one that was started last at the end. */
  of(kernel: string | undefined): Info[] {
    const heard = [...this.known.values()].filter(each => each.kernel === kernel);
    const byUid = new Map(heard.map(({ info }) => [info.uid, info]));
    return [...byUid.values()].filter(info => info.live).sort((a, b) => a.created - b.created);
  }

  /** Take in what a kernel says to a view. */
  hear(view: object, kernel: string, message: FromKernel): void {
    if (message.kind === 'reply' || !message.info) {
      return;
    }
    const before = this.known.get(view)?.info;
    this.known.delete(view); // the one that has heard last is to stand last
    this.known.set(view, { kernel, info: message.info });
    if (before?.state !== message.info.state || before.live !== message.info.live) {
      this.signal.emit();
    }
  }

  /** A view hears nothing more. */
  forget(view: object): void {
    if (this.known.delete(view)) {
      this.signal.emit();
    }
  }
}

/** Knows which studies run, from the views that show them. */
export const heard: JupyterFrontEndPlugin<IHeard> = {
  id: 'jupyter-hpo:heard',
  description: 'Knows the studies that this page is told about.',
  autoStart: true,
  provides: IHeard,
  activate: (_: JupyterFrontEnd): Heard => new Heard()
};
