import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { studiesIn } from './outputs';
import { meant, type Live, type Verb } from './studies/brief';
import { IStudies } from './studies/token';

const PAUSE = 'jupyter-hpo:pause';
const RESUME = 'jupyter-hpo:resume';
const EITHER = 'jupyter-hpo:pause-or-resume';
const STOP = 'jupyter-hpo:stop';
const SHOWN = 6000; // ms that a message stands

/**
 * "Pause tuning", "Resume tuning", "Stop tuning": the study of the active cell, else the one of
 * the notebook's kernel that was started last; also while the kernel is busy.
 */
export const steering: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:steering',
  description: 'Pauses, resumes and stops hyperparameter studies.',
  autoStart: true,
  requires: [INotebookTracker, IStudies],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    studies: IStudies,
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
    let known = '';
    const notify = (): void => {
      // a study that runs tells of itself many times a second
      if (known !== steer.sight) {
        known = steer.sight;
        [PAUSE, RESUME, EITHER, STOP].forEach(id => app.commands.notifyCommandChanged(id));
      }
    };
    studies.changed.connect(notify);
    notebooks.activeCellChanged.connect(notify);
    notebooks.currentChanged.connect(notify);
  }
};

class Steer {
  constructor(
    private readonly notebooks: INotebookTracker,
    private readonly studies: IStudies,
    private readonly trans: TranslationBundle
  ) {}

  /** Whether there is a study that can be told so. */
  can(verb: Verb): boolean {
    return this.meant(verb) !== undefined;
  }

  /** What "Pause/Resume" does now. */
  next(): 'pause' | 'resume' {
    const meant = this.meant('pause') ?? this.meant('resume');
    return meant?.state === 'paused' ? 'resume' : 'pause';
  }

  /** All that decides what can be done. */
  get sight(): string {
    const which = (['pause', 'resume', 'stop'] as const).map(verb => this.meant(verb)?.uid);
    return `${which.join()} ${this.next()}`;
  }

  async act(verb: Verb): Promise<void> {
    const study = this.meant(verb);
    const none = this.trans.__('No study runs or is paused in the kernel of this notebook.');
    const refused = study ? await this.studies.ask(study.uid, verb).catch((error: Error) => error.message) : none;
    if (refused) {
      Notification.warning(refused, { autoClose: SHOWN });
    }
  }

  private meant(verb: Verb): Live | undefined {
    const kernel = this.notebooks.currentWidget?.sessionContext.session?.kernel;
    const cell = this.notebooks.activeCell;
    const own = cell ? [...studiesIn(cell.model)].map(([saved]) => saved.info.uid) : [];
    return meant(this.studies.of(kernel?.id), own, verb);
  }
}
