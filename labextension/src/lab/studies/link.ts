/** A kernel's list of studies, and what is asked of them. */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { Dial, FromKernel, ToKernel } from '../../view.js';
import { isLeaving } from '../kernel';
import type { Live, Verb } from './brief';

const PANEL = 'jupyter_hpo.studies'; // the comm that a kernel with studies opens
const STUDY = 'jupyter_hpo.study'; // that which a page opens to show one
const PATIENCE = 15_000; // ms for an answer

type Told =
  | { kind: 'list'; studies: Live[] }
  /** what is new of one of them, and which there are */
  | { kind: 'news'; study: Partial<Live> & { uid: string }; all: string[] }
  | { kind: 'reply'; id: string; error: string };

/**
 * Listens to a kernel's comm without taking part in its opening and closing: the connection is the
 * notebook's, or one that handles no comms, and either may be shared with widgets.
 */
export class KernelLink implements IDisposable {
  isDisposed = false;
  private studies = new Map<string, Live>();
  private comm = '';
  private readonly waiting = new Map<string, (error: string) => void>();
  private last = 0;

  constructor(
    readonly kernel: Kernel.IKernelConnection,
    private notebook: string,
    private readonly changed: () => void
  ) {
    kernel.registerCommTarget(PANEL, () => undefined); // else it would be closed as unknown
    kernel.iopubMessage.connect(this.hear, this);
    kernel.connectionStatusChanged.connect(this.find, this);
    kernel.statusChanged.connect(this.onStatus, this);
    this.find();
  }

  get list(): readonly Live[] {
    return [...this.studies.values()];
  }

  has(uid: string): boolean {
    return this.studies.has(uid);
  }

  /** The notebook that the kernel is of. */
  get path(): string {
    return this.notebook;
  }

  /** Say which notebook the kernel is of; it may have been renamed. */
  of(path: string): void {
    if (path !== this.notebook) {
      this.notebook = path;
      this.meet(this.comm);
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.isDisposed = true;
    // what was asked is done; only the answer comes on a line that nobody listens to
    this.waiting.forEach(settle => settle(''));
    this.kernel.iopubMessage.disconnect(this.hear, this);
    this.kernel.connectionStatusChanged.disconnect(this.find, this);
    this.kernel.statusChanged.disconnect(this.onStatus, this);
  }

  /** Have something done; an Error with a sentence for the user if it is refused. */
  ask(uid: string, what: Verb): Promise<void> {
    const id = `${this.kernel.clientId}-${(this.last += 1)}`;
    return new Promise((resolve, reject) => {
      const settle = (error: string): void => {
        clearTimeout(late);
        this.waiting.delete(id);
        error ? reject(new Error(error)) : resolve();
      };
      const late = setTimeout(() => settle('The kernel has not answered.'), PATIENCE);
      this.waiting.set(id, settle);
      this.send(this.comm, { kind: 'ask', id, uid, what });
    });
  }

  /** A line for all of a study. */
  readonly dial: Dial = (uid, hear, broken) => {
    const comm = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const take = (_: unknown, { header, content }: KernelMessage.IIOPubMessage): void => {
      if ((content as { comm_id?: string }).comm_id !== comm) {
        return;
      }
      if (header.msg_type === 'comm_msg') {
        hear((content as KernelMessage.ICommMsgMsg['content']).data as unknown as FromKernel);
      } else if (header.msg_type === 'comm_close') {
        this.kernel.iopubMessage.disconnect(take);
        broken('this kernel does not have it');
      }
    };
    this.kernel.iopubMessage.connect(take);
    this.shell('comm_open', { comm_id: comm, target_name: STUDY, data: { uid } });
    return {
      send: (message: ToKernel) => this.send(comm, { ...message }),
      close: () => {
        this.kernel.iopubMessage.disconnect(take);
        this.shell('comm_close', { comm_id: comm, data: {} });
      }
    };
  };

  private onStatus(_: unknown, status: Kernel.Status): void {
    if (isLeaving(status)) {
      this.comm = '';
      this.studies.clear();
      this.changed();
    }
  }

  /** Look for the comm of a kernel that was there before this page, or has been out of reach. */
  private find(): void {
    if (this.kernel.connectionStatus !== 'connected') {
      return;
    }
    this.kernel.requestCommInfo({ target_name: PANEL }).then(
      ({ content }) => {
        const open = 'comms' in content ? Object.keys(content.comms) : [];
        this.meet(open.at(-1));
      },
      () => undefined // it is gone, or restarting
    );
  }

  private meet(comm: string | undefined): void {
    if (comm && !this.isDisposed) {
      this.comm = comm;
      this.send(comm, { kind: 'hello', path: this.path });
    }
  }

  private hear(_: unknown, { header, content }: KernelMessage.IIOPubMessage): void {
    if (header.msg_type === 'comm_open') {
      const { target_name, comm_id } = content as KernelMessage.ICommOpenMsg['content'];
      if (target_name === PANEL) {
        this.meet(comm_id);
      }
    } else if (header.msg_type === 'comm_msg') {
      const { comm_id, data } = content as KernelMessage.ICommMsgMsg['content'];
      if (comm_id === this.comm) {
        this.take(data as unknown as Told);
      }
    }
  }

  private take(told: Told): void {
    if (told.kind === 'reply') {
      this.waiting.get(told.id)?.(told.error);
      return;
    }
    if (told.kind === 'list') {
      this.studies = new Map(told.studies.map(each => [each.uid, each]));
    } else {
      const { uid } = told.study;
      const known = this.studies.get(uid);
      if (!known && !('name' in told.study)) {
        return; // the list is on its way
      }
      this.studies.set(uid, { ...known, ...told.study } as Live);
      [...this.studies.keys()].filter(each => !told.all.includes(each)).forEach(each => this.studies.delete(each));
    }
    this.changed();
  }

  private send(comm: string, data: Record<string, unknown>): void {
    this.shell('comm_msg', { comm_id: comm, data });
  }

  private shell(msgType: 'comm_open' | 'comm_msg' | 'comm_close', content: object): void {
    const { kernel } = this;
    if (kernel.isDisposed || isLeaving(kernel.status)) {
      return;
    }
    const header = {
      msg_id: `${kernel.clientId}-hpo-${Date.now()}-${(this.last += 1)}`,
      msg_type: msgType,
      session: kernel.clientId,
      username: kernel.username,
      date: new Date().toISOString(),
      version: '5.3'
    };
    const message = { channel: 'shell', header, parent_header: {}, metadata: {}, buffers: [], content };
    kernel.sendShellMessage(message as unknown as KernelMessage.IShellMessage<'comm_msg'>, false, true);
  }
}
