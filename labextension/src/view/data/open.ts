/** A study in a tab of its own: from its kernel while there is one, else from its file. */
import { signal } from '@preact/signals';
import type { FromKernel, Importance, Saved, ToKernel, TrialDetail } from '../protocol';
import { clock, type Dial, type Host, type Line } from './host';

/** Reads a stored study; what cannot be read is an Error with a sentence for the user. */
export interface Reader {
  study(): Promise<Saved>;
  trial(number: number): Promise<TrialDetail>;
  importance(): Promise<Importance>;
}

export class OpenHost implements Host {
  private readonly connected = signal(false);
  private readonly why = signal('');
  /** why there is nothing to be seen, "" if there is */
  readonly problem = signal('');
  private handle: (message: FromKernel) => void = () => undefined;
  private line: Line | null = null;
  private reader: Reader | null = null;
  private known = 0; // as of when it is shown, seconds since the epoch
  private turn = 0;

  constructor(private readonly uid: string) {}

  get live(): boolean {
    return this.connected.value;
  }

  get lost(): string {
    return this.connected.value || !this.why.value ? '' : `as of ${clock(this.known)}: ${this.why.value}`;
  }

  /** Show what the kernel tells from now on. */
  dial(dial: Dial): void {
    this.line?.close();
    const line = dial(
      this.uid,
      message => {
        if (this.line === line) {
          this.known = Date.now() / 1000;
          this.connected.value = true;
          this.problem.value = '';
          this.handle(message);
        }
      },
      () => {
        if (this.line === line) {
          this.line = null;
          this.connected.value = false;
        }
      }
    );
    this.line = line;
    line.send({ kind: 'hello' });
  }

  /** There is no kernel (any more). */
  hangUp(why: string): void {
    this.line?.close();
    this.line = null;
    this.why.value = why;
    this.connected.value = false;
  }

  /** Show what is stored; `why` says why there is no kernel to tell more. */
  async read(reader: Reader, why: string): Promise<void> {
    const turn = (this.turn += 1);
    this.reader = reader;
    try {
      const { now, info, trials } = await reader.study();
      if (turn === this.turn && !this.line) {
        this.known = now;
        this.why.value = why;
        this.problem.value = '';
        this.handle({ kind: 'all', part: 0, parts: 1, version: 0, now, info, trials });
      }
    } catch (error) {
      if (turn === this.turn && !this.line) {
        this.problem.value = (error as Error).message;
      }
    }
  }

  listen(handle: (message: FromKernel) => void): () => void {
    this.handle = handle;
    return () => {
      this.handle = () => undefined;
      this.turn += 1;
      this.line?.close();
      this.line = null;
    };
  }

  send(message: ToKernel): void {
    if (this.line) {
      this.line.send(message);
    } else if (message.kind === 'ask') {
      const { id } = message;
      this.answer(message).then(
        data => this.handle({ kind: 'reply', id, data }),
        (error: Error) => this.handle({ kind: 'reply', id, error: error.message })
      );
    }
  }

  private answer(message: ToKernel & { kind: 'ask' }): Promise<unknown> {
    if (this.reader && message.what === 'trial') {
      return this.reader.trial(message.number);
    }
    if (this.reader && message.what === 'importance') {
      return this.reader.importance();
    }
    return Promise.reject(new Error('There is no kernel to answer this.'));
  }
}
