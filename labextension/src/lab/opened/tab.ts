import { MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { OpenHost, Reader } from '../../view.js';
import { studiesIcon } from '../panel/icon';
import type { Place } from '../studies/brief';
import type { KernelLink } from '../studies/link';
import type { Studies } from '../studies/model';

/** Which study a tab shows; `folder` and `id` say where it is stored, if it is. */
export interface Shown {
  uid: string;
  name: string;
  folder?: string;
  id?: number;
}

/** All of a study, live while a kernel has it, else as it is stored. */
export class StudyView extends Widget {
  private mounted: { host: OpenHost; unmount: () => void } | null = null;
  private link: KernelLink | null = null;
  private seen = ''; // what of the file has been read
  private readonly problem = document.createElement('p');

  constructor(
    readonly shown: Shown,
    private readonly studies: Studies,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-HpoOpened');
    this.node.tabIndex = 0;
    this.problem.className = 'jp-HpoStudies-problem';
    this.problem.setAttribute('role', 'alert');
    this.problem.hidden = true;
    void this.begin();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.studies.changed.disconnect(this.follow, this);
      this.mounted?.unmount();
      this.mounted = null;
      super.dispose();
    }
  }

  /** Where it is stored; null: not known. */
  get place(): Place | null {
    const { folder, id } = this.shown;
    const known = id === undefined ? null : { folder: folder ?? '', id };
    return this.studies.find(this.shown.uid)?.place ?? known;
  }

  private async begin(): Promise<void> {
    const { mountOpen } = await import('../../view.js'); // not before it is needed
    if (this.isDisposed) {
      return;
    }
    const place = document.createElement('div');
    this.node.append(this.problem, place);
    this.mounted = mountOpen(place, this.shown.uid);
    this.mounted.host.problem.subscribe(why => {
      this.problem.textContent = why;
      this.problem.hidden = why === '';
      place.hidden = why !== '';
    });
    this.studies.changed.connect(this.follow, this);
    this.follow();
  }

  /** Take the study from its kernel, or from its file if there is no kernel or that is newer. */
  private follow(): void {
    const { host } = this.mounted!;
    const link = this.studies.linkOf(this.shown.uid);
    if (link) {
      if (link !== this.link) {
        this.link = link;
        host.dial(link.dial);
      }
      return;
    }
    const { trans } = this;
    const study = this.studies.find(this.shown.uid);
    const why = study?.elsewhere
      ? trans.__('it runs in another kernel')
      : trans.__('no kernel has it; its cell with --resume goes on with it');
    if (this.link) {
      this.link = null;
      host.hangUp(why);
    }
    const { place } = this;
    const sight = JSON.stringify([place, study?.state, study?.done]);
    if (place && sight !== this.seen) {
      this.seen = sight;
      void host.read(this.reader(place), why);
    }
  }

  private reader(place: Place): Reader {
    const { server } = this.studies;
    return {
      study: () => server.study(place),
      trial: number => server.trial(place, number),
      importance: () => server.importance(place)
    };
  }
}

/** A tab with all of a study. */
export function tab(shown: Shown, studies: Studies, trans: TranslationBundle): MainAreaWidget<StudyView> {
  const widget = new MainAreaWidget({ content: new StudyView(shown, studies, trans) });
  widget.id = `jupyter-hpo-study-${shown.uid}`;
  widget.title.label = shown.name;
  widget.title.caption = trans.__('Study %1', shown.name);
  widget.title.icon = studiesIcon;
  widget.title.closable = true;
  widget.toolbar.hide(); // there is nothing in it
  return widget;
}
