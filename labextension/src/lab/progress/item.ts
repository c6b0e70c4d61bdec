import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { bestWords, progressWords, sentence } from '../panel/words';
import { share, type Listed } from '../studies/brief';

/** The status bar's item: how far the running study is, and its best value. */
export class ProgressItem extends Widget {
  private readonly button = document.createElement('button');
  private readonly name = document.createElement('span');
  private readonly bar = document.createElement('progress');
  private readonly told = document.createElement('span');

  constructor(
    private readonly trans: TranslationBundle,
    clicked: () => void
  ) {
    super();
    this.addClass('jp-HpoProgress');
    this.name.className = 'jp-HpoProgress-name';
    this.bar.setAttribute('aria-hidden', 'true');
    this.button.type = 'button';
    this.button.append(this.name, this.bar, this.told);
    this.button.addEventListener('click', clicked);
    this.node.append(this.button);
  }

  /** Show this study; nothing if there is none. */
  tell(study: Listed | null): void {
    if (!study) {
      return;
    }
    const { trans } = this;
    const [value] = bestWords(study, trans);
    const done = share(study);
    this.name.textContent = study.name;
    this.bar.hidden = done === null;
    this.bar.value = done ?? 0;
    this.told.textContent = [progressWords(study, trans), value].filter(Boolean).join(' · ');
    this.button.title = trans.__('%1 — show studies', sentence(study, trans));
    this.button.setAttribute('aria-label', this.button.title);
  }
}
