import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { Info } from '../view.js';
import { MAGIC } from './cell';
import { ask, NoStudy } from './kernel';
import { studiesIn } from './outputs';
import { IHeard } from './tokens';

const PAUSE = 'jupyter-hpo:pause';
const RESUME = 'jupyter-hpo:resume';
const EITHER = 'jupyter-hpo:pause-or-resume';
const STOP = 'jupyter-hpo:stop';
const SHOWN = 6000; // ms that a message stands

type Verb = 'pause' | 'resume' | 'stop';
const STATES: Record<Verb, readonly Info['state'][]> = {
  pause: ['running'],
  resume: ['paused'],
  stop: ['running', 'paused']
};

/**
 * "Pause tuning", "Resume tuning", "Stop tuning": the study of the active cell, else the one of
 * the notebook's kernel that was started last; also while the kernel is busy.
 */
export const steering: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:steering',
  description: 'Pauses, resumes and stops hyperparameter studies.',
  autoStart: true,
  requires: [INotebookTracker, IHeard],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    studies: IHeard,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const steer = new Steer(notebooks, studies, trans);
    const labels: Record<Verb, string> = {
      pause: trans.__('Pause tuning'),
      resume: trans.__('Resume tuning'),
      stop: trans.__('Stop tuning')
    };
    const captions: Record<Verb, string> = {
      pause: trans.__('Park the running trial where it stands; the kernel is yours'),
      resume: trans.__('Go on from the very line where the study was paused'),
      stop: trans.__('End the study and keep everything')
    };
    const ids: Record<Verb, string> = { pause: PAUSE, resume: RESUME, stop: STOP };
    for (const verb of ['pause', 'resume', 'stop'] as const) {
      app.commands.addCommand(ids[verb], {
        label: labels[verb],
        caption: captions[verb],
        isEnabled: () => steer.can(verb),
        execute: () => steer.act(verb)
      });
      palette?.addItem({ command: ids[verb], category: trans.__('Tuning') });
    }
    app.commands.addCommand(EITHER, {
      label: () => labels[steer.next()],
      caption: () => captions[steer.next()],
      isEnabled: () => steer.can(steer.next()),
      execute: () => steer.act(steer.next())
    });
    const notify = (): void =>
      [PAUSE, RESUME, EITHER, STOP].forEach(id => app.commands.notifyCommandChanged(id));
    studies.changed.connect(notify);
    notebooks.activeCellChanged.connect(notify);
    notebooks.currentChanged.connect(notify);
  }
};

class Steer {
  constructor(
    private readonly notebooks: INotebookTracker,
    private readonly studies: IHeard,
    private readonly trans: TranslationBundle
  ) {}

  /** Whether there is, or may be, a study that can be told so. */
  can(verb: Verb): boolean {
    const { kernel } = this;
    if (!kernel) {
      return false;
    }
    const known = this.studies.of(kernel.id);
    // of a study without a view nothing is heard
    return known.length ? known.some(info => STATES[verb].includes(info.state)) : this.mayHaveOne;
  }

  /** What "Pause/Resume" does now. */
  next(): 'pause' | 'resume' {
    const meant = this.meant('pause') ?? this.meant('resume');
    return meant?.state === 'paused' ? 'resume' : 'pause';
  }

  async act(verb: Verb): Promise<void> {
    const { kernel } = this;
    if (!kernel) {
      return;
    }
    try {
      await ask(kernel, this.meant(verb)?.uid ?? null, { what: verb });
    } catch (error) {
      const none = this.trans.__('No study runs or is paused in the kernel of this notebook.');
      const message = error instanceof NoStudy ? none : (error as Error).message;
      Notification.warning(message, { autoClose: SHOWN });
    }
  }

  /** The study that is meant, as far as it is known: the active cell's, else the latest. */
  private meant(verb: Verb): Info | undefined {
    const fitting = this.studies.of(this.kernel?.id).filter(info => STATES[verb].includes(info.state));
    const cell = this.notebooks.activeCell;
    const own = cell ? [...studiesIn(cell.model)].map(([saved]) => saved.info.uid) : [];
    return fitting.find(info => own.includes(info.uid)) ?? fitting.at(-1);
  }

  private get kernel() {
    return this.notebooks.currentWidget?.sessionContext.session?.kernel;
  }

  /** Whether a cell of the notebook has run a study without a view, or shows one as alive. */
  private get mayHaveOne(): boolean {
    const cells = this.notebooks.currentWidget?.content.widgets ?? [];
    return cells.some(({ model }) => {
      const shown = [...studiesIn(model)].map(([saved]) => saved.info.state);
      const ran = (model as ICodeCellModel).executionCount !== null;
      const alive = shown.length ? shown.some(state => STATES.stop.includes(state)) : ran;
      return alive && MAGIC.test(model.sharedModel.getSource());
    });
  }
}
