/** All studies that this page knows of: of running kernels, and stored beside notebooks. */
import type { Kernel, ServiceManager, Session } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import { grouped, listed, type Folder, type Group, type Listed, type Live, type Verb } from './brief';
import { KernelLink } from './link';
import { ServerError, StudyServer } from './server';

const SOON = 60; // ms in which several changes are one
const STORED = 400; // ms after which what a study has stored is looked for in the file
const OLDER = 300; // studies that are listed in addition, each time
const REACHED = 5_000; // ms in which a kernel is found whose connection has just changed

/** What a page has open. */
export interface Open {
  /** kernels of its documents, each with the connection that the document has, and its path */
  kernels(): { kernel: Kernel.IKernelConnection; path: string }[];
  /** folders that are looked at */
  folders(): string[];
}

interface Linked {
  link: KernelLink;
  /** whether the connection is ours, and closed with it */
  own: boolean;
}

export class Studies {
  readonly server: StudyServer;
  /** by folder, why its studies cannot be listed */
  readonly problems = new Map<string, string>();
  /** whether folders have been looked at */
  looked = false;
  private readonly _changed = new Signal<this, void>(this);
  private links = new Map<string, Linked>();
  private folders = new Map<string, Folder>();
  /** how many studies of a folder are wanted, where more than the server lists unasked */
  private readonly counts = new Map<string, number>();
  private all: Listed[] = [];
  private timer = 0;
  private looking = 0;
  private soon = 0;
  private states = '';

  constructor(
    private readonly services: ServiceManager.IManager,
    private readonly open: Open
  ) {
    this.server = new StudyServer(services.serverSettings);
    services.sessions.runningChanged.connect(() => this.join(true));
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get list(): readonly Listed[] {
    return this.all;
  }

  get groups(): Group[] {
    return grouped(this.all);
  }

  /** Folders with more studies than are listed. */
  get cut(): Folder[] {
    return [...this.folders.values()].filter(each => each.more);
  }

  find(uid: string): Listed | null {
    return this.all.find(each => each.uid === uid) ?? null;
  }

  /** The kernel that has a study. */
  linkOf(uid: string): KernelLink | null {
    return [...this.links.values()].find(({ link }) => link.has(uid))?.link ?? null;
  }

  /** What a kernel runs or has parked, the one that was started last at the end. */
  of(kernel: string | undefined): Live[] {
    const all = this.links.get(kernel ?? '')?.link.list ?? [];
    const live = all.filter(each => each.live && (each.state === 'running' || each.state === 'paused'));
    return live.sort((a, b) => a.created - b.created);
  }

  async ask(uid: string, what: Verb): Promise<void> {
    const link = await this.reach(uid);
    if (!link) {
      throw new Error('The study’s kernel has ended.');
    }
    await link.ask(uid, what);
  }

  /** The kernel that has a study, waited for: its notebook may have been opened or closed just now. */
  private async reach(uid: string): Promise<KernelLink | null> {
    const until = Date.now() + REACHED;
    while (!this.linkOf(uid) && Date.now() < until) {
      await new Promise(resolve => window.setTimeout(resolve, SOON));
    }
    return this.linkOf(uid);
  }

  /** Take in documents that were opened or closed, or have another kernel. */
  meet(): void {
    this.join(false);
    // what is known of kernels without a document may be older than what has happened
    this.services.sessions.refreshRunning().then(
      () => this.join(true),
      () => undefined // the server is out of reach, and Jupyter says so
    );
  }

  /** Link to the kernels of documents, and if `all` to the others that run. */
  private join(all: boolean): void {
    const wanted = new Map<string, { kernel?: Kernel.IKernelConnection; path: string }>();
    for (const { id, path } of running(this.services.sessions.running())) {
      wanted.set(id, { path });
    }
    for (const { kernel, path } of this.open.kernels()) {
      wanted.set(kernel.id, { kernel, path });
    }
    for (const [id, { link, own }] of this.links) {
      const now = wanted.get(id);
      // a notebook that was opened brings a connection, one that was closed takes it along
      if (!now || link.kernel.isDisposed || (now.kernel ? now.kernel !== link.kernel : !own)) {
        link.dispose();
        if (own) {
          link.kernel.dispose();
        }
        this.links.delete(id);
      }
    }
    for (const [id, { kernel, path }] of wanted) {
      const known = this.links.get(id);
      known?.link.of(path);
      if (known || !(kernel || all)) {
        continue;
      }
      // one of our own takes no part in comms: widgets of the notebook may be elsewhere
      const model = { id, name: '' };
      const connection = kernel ?? this.services.kernels.connectTo({ model, handleComms: false });
      const link = new KernelLink(connection, path, () => this.tell());
      this.links.set(id, { link, own: !kernel });
    }
    this.tell();
    if ([...this.wantedFolders()].some(folder => !this.folders.has(folder))) {
      void this.look();
    }
  }

  /** Read the list of stored studies anew. */
  async look(): Promise<void> {
    const turn = (this.looking += 1);
    const wanted = [...this.wantedFolders()];
    const found = await Promise.all(wanted.map(path => this.folder(path)));
    if (turn === this.looking) {
      this.folders = new Map(found.map(each => [each.path, each]));
      [...this.problems.keys()].filter(path => !wanted.includes(path)).forEach(path => this.problems.delete(path));
      this.looked = true;
      this.tell();
    }
  }

  /** List older studies of a folder, too. */
  older({ path, studies }: Folder): Promise<void> {
    this.counts.set(path, studies.length + OLDER);
    return this.look();
  }

  private async folder(path: string): Promise<Folder> {
    try {
      const told = await this.server.studies(path, this.counts.get(path));
      this.problems.delete(path);
      return { path, ...told };
    } catch (error) {
      // a folder that is gone, or not to be seen, has none to tell of
      const gone = error instanceof ServerError && [403, 404].includes(error.status);
      gone ? this.problems.delete(path) : this.problems.set(path, String((error as Error).message));
      return { path, studies: [], more: false };
    }
  }

  private wantedFolders(): Set<string> {
    return new Set(this.open.folders());
  }

  private tell(): void {
    this.timer ||= window.setTimeout(() => {
      this.timer = 0;
      const kernels = [...this.links.values()].map(({ link }) => ({ path: link.path, studies: link.list }));
      this.all = listed(kernels, [...this.folders.values()]);
      this._changed.emit();
      this.followStates();
    }, SOON);
  }

  /** A study that has begun, ended or gone with its kernel is in a file; which one is soon known. */
  private followStates(): void {
    const live = this.all.filter(each => each.live);
    const states = live.map(each => `${each.uid} ${each.state}`).join();
    if (states !== this.states) {
      this.states = states;
      clearTimeout(this.soon);
      this.soon = window.setTimeout(() => void this.look(), STORED);
    }
  }
}

function* running(sessions: Iterable<Session.IModel>): Generator<{ id: string; path: string }> {
  for (const { kernel, type, path } of sessions) {
    if (kernel) {
      yield { id: kernel.id, path: type === 'notebook' ? path : '' };
    }
  }
}
