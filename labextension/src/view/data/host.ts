/** Where a view gets its study from: the kernel, or a bundle that a notebook has kept. */
import { signal } from '@preact/signals';
import { Keeper } from './keeper';
import type { Ask, FromKernel, Saved, ToKernel } from '../protocol';

export interface Host {
  /** whether there is a kernel that can be asked to do something */
  readonly live: boolean;
  /** as of when what is shown is known and why, if there is no kernel to tell more; else "" */
  readonly lost: string;
  send(message: ToKernel): void;
  /** Have messages handled; returns what ends that. */
  listen(handle: (message: FromKernel) => void): () => void;
}

const PROMPT = 2000; // ms after which a kernel that has not answered is said not to be there
const PATIENCE = 15_000; // ms for an answer of the kernel

/** Asks a host and waits for its answers. */
export class Asker {
  private readonly waiting = new Map<string, (message: FromKernel & { kind: 'reply' }) => void>();
  private readonly me = Math.random().toString(36).slice(2);
  private last = 0;

  constructor(private readonly host: Host) {}

  get live(): boolean {
    return this.host.live;
  }

  get lost(): string {
    return this.host.lost;
  }

  hello(): void {
    this.host.send({ kind: 'hello' });
  }

  /** The data of the answer; an Error with a sentence for the user if it is a refusal, or none came. */
  ask<T>(question: Ask): Promise<T> {
    const id = `${this.me}-${(this.last += 1)}`; // two pages may show the same view
    return new Promise<T>((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error('The kernel has not answered.'));
      }, PATIENCE);
      this.waiting.set(id, reply => {
        clearTimeout(late);
        this.waiting.delete(id);
        'error' in reply ? reject(new Error(reply.error)) : resolve(reply.data as T);
      });
      this.host.send({ kind: 'ask', id, ...question });
    });
  }

  hear(message: FromKernel): void {
    if (message.kind === 'reply') {
      this.waiting.get(message.id)?.(message);
    }
  }
}

/** A way to the kernel that may come and go. */
export interface Line {
  send(message: ToKernel): void;
  close(): void;
}

/** Opens a line to the study's kernel: what comes is heard, and why it broke off is told. */
export type Dial = (
  uid: string,
  hear: (message: FromKernel) => void,
  broken: (why: string) => void
) => Line;

/** A study that a notebook has kept; while its kernel can be reached, that answers. */
export class KeptHost implements Host {
  private readonly connected = signal(false);
  private readonly why = signal('');
  private readonly late = signal(false);
  private handle: (message: FromKernel) => void = () => undefined;
  private line: Line | null = null;
  private known: number; // when what is shown was so, seconds since the epoch

  private keeper: Keeper;

  /** `keep` is given the bundles that the notebook is to have in the place of what it has. */
  constructor(
    private saved: Saved,
    keep: (bundle: unknown) => void = () => undefined
  ) {
    this.known = saved.now;
    this.keeper = new Keeper(saved, keep, id => this.send({ kind: 'ask', id, what: 'kept' }));
    setTimeout(() => (this.late.value = true), PROMPT);
  }

  get live(): boolean {
    return this.connected.value;
  }

  get lost(): string {
    const gone = !this.connected.value && (this.late.value || this.why.value !== '');
    const why = this.why.value || 'its kernel does not answer';
    return gone ? `as of ${clock(this.known)}: ${why}` : '';
  }

  /** There is no kernel any more. */
  hangUp(why: string): void {
    this.line?.close();
    this.line = null;
    this.why.value = why;
    this.connected.value = false;
  }

  /** Reach for the kernel; what the notebook has kept is shown until it answers. */
  dial(dial: Dial): void {
    this.line?.close();
    const line = dial(
      this.saved.info.uid,
      message => {
        if (this.line === line) {
          this.why.value = '';
          this.known = Date.now() / 1000;
          this.connected.value = true;
          this.keeper.hear(message);
          this.handle(message);
        }
      },
      why => {
        if (this.line === line) {
          this.line = null;
          this.why.value = why || this.why.value;
          this.connected.value = false;
        }
      }
    );
    this.line = line;
    line.send({ kind: 'hello' });
  }

  /** The notebook has something newer. */
  renew(saved: Saved): void {
    this.saved = saved;
    this.keeper.has(saved);
    if (!this.connected.value) {
      this.known = saved.now;
      this.handle(this.answer({ kind: 'hello' }));
    }
  }

  listen(handle: (message: FromKernel) => void): () => void {
    this.handle = handle;
    return () => {
      this.handle = () => undefined;
      this.keeper.stop();
      this.line?.close();
      this.line = null;
    };
  }

  send(message: ToKernel): void {
    if (this.line && this.connected.value) {
      this.line.send(message);
    } else {
      queueMicrotask(() => this.handle(this.answer(message)));
    }
  }

  private answer(message: ToKernel): FromKernel {
    const { now, info, trials, details, importance } = this.saved;
    if (message.kind === 'hello') {
      return { kind: 'all', part: 0, parts: 1, version: 0, now, info, trials };
    }
    const { id } = message;
    if (message.what === 'trial' && details[message.number]) {
      const r = trials.find(trial => trial.n === message.number)?.r ?? [[], []];
      return { kind: 'reply', id, data: { ...details[message.number], r } };
    }
    if (message.what === 'importance' && importance) {
      return { kind: 'reply', id, data: importance };
    }
    return { kind: 'reply', id, error: 'The notebook has kept no more of it.' };
  }
}

/** A time of today by the hour, any other with its date. */
export function clock(seconds: number): string {
  const at = new Date(seconds * 1000);
  const today = at.toDateString() === new Date().toDateString();
  return today ? at.toLocaleTimeString() : at.toLocaleString();
}
