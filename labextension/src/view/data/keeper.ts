/** Sees to it that the notebook keeps a study as it is. */
import type { FromKernel, Saved, StudyState } from '../protocol';

const SETTLED = 1500; // ms after which what the kernel itself displays at a change has come
const OFTEN = 60_000; // ms between two bundles of a study that runs

/**
 * The kernel displays a study anew when it is paused or has ended. A page that was loaded since the
 * study began gets no such message: then, and once in a while as long as the study runs, the bundle
 * is asked for here, so that a notebook that is saved has more than the first trials.
 */
export class Keeper {
  private state: StudyState;
  private kept: StudyState;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked = '';
  private count = 0;

  constructor(
    saved: Saved,
    private readonly keep: (bundle: unknown) => void,
    private readonly ask: (id: string) => void
  ) {
    this.state = this.kept = saved.info.state;
  }

  /** The notebook has got a newer bundle. */
  has(saved: Saved): void {
    this.kept = saved.info.state;
  }

  hear(message: FromKernel): void {
    if (message.kind === 'reply') {
      if (message.id === this.asked && 'data' in message) {
        this.keep(message.data);
      }
      return;
    }
    const before = this.state;
    this.state = message.info?.state ?? before;
    if (this.state !== before) {
      this.wait(SETTLED);
    } else if (this.timer === null) {
      this.wait(this.state === this.kept ? OFTEN : SETTLED);
    }
  }

  stop(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    this.timer = null;
  }

  private wait(ms: number): void {
    this.stop();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.state === 'running' || this.state !== this.kept) {
        this.kept = this.state;
        this.asked = `keep-${(this.count += 1)}-${Math.random().toString(36).slice(2)}`;
        this.ask(this.asked);
      }
    }, ms);
  }
}
