import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { Folder, Listed, Verb } from '../studies/brief';
import type { Studies } from '../studies/model';
import { studiesIcon } from './icon';

export const PANEL = 'jupyter-hpo-studies';

/** The left panel "Studies". */
export class StudiesPanel extends Widget {
  private readonly refusals = new Map<string, string>();
  private clear: () => void = () => undefined;

  constructor(
    private readonly studies: Studies,
    private readonly trans: TranslationBundle,
    private readonly open: (study: Listed) => void,
    private readonly tune: () => (() => void) | null
  ) {
    super();
    this.id = PANEL;
    this.addClass('jp-HpoStudies');
    this.title.icon = studiesIcon;
    this.title.caption = trans.__('Studies');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Studies'));
    // keys pressed here are not commands of a notebook
    this.node.dataset['lmSuppressShortcuts'] = 'true';
    studies.changed.connect(this.update, this);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.studies.changed.disconnect(this.update, this);
      this.clear();
      super.dispose();
    }
  }

  protected onAfterShow(): void {
    void this.studies.look();
    this.update();
  }

  protected onActivateRequest(): void {
    void this.draw().then(() => this.focus());
  }

  private focus(): void {
    if (this.node.contains(document.activeElement)) {
      return;
    }
    const first = this.node.querySelector<HTMLElement>('[tabindex="0"]');
    (first ?? this.node.querySelector('button'))?.focus();
  }

  protected onUpdateRequest(_: Message): void {
    if (this.isVisible) {
      void this.draw();
    }
  }

  private async draw(): Promise<void> {
    const { drawn } = await import('./list'); // not before the panel is shown
    if (this.isDisposed) {
      return;
    }
    const acts = {
      open: this.open,
      ask: (study: Listed, what: Verb) => void this.ask(study, what),
      refresh: () => void this.studies.look(),
      older: (folder: Folder) => void this.studies.older(folder),
      tune: this.tune()
    };
    const { groups, problems, cut, looked: ready } = this.studies;
    const { refusals, trans } = this;
    this.clear = drawn(this.node, { groups, problems, cut, ready, refusals, acts, trans });
  }

  private async ask({ uid }: Listed, what: Verb): Promise<void> {
    this.refusals.delete(uid);
    try {
      await this.studies.ask(uid, what);
    } catch (error) {
      this.refusals.set(uid, (error as Error).message);
    }
    this.update();
  }
}
