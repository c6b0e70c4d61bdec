/** When to draw: at most once per frame, and less often what takes long. */

const SLOW = 30; // ms of a drawing
const RARELY = 250; // ms between two slow ones
const BUDGET = 12; // ms of a frame, after which other drawings wait for the next

export class Drawing {
  /** ms that it took last */
  took = 0;
  private next = 0;

  constructor(private readonly draw: () => void) {}

  isDue(now: number): boolean {
    return now >= this.next;
  }

  run(now: () => number): void {
    const start = now();
    this.draw();
    this.took = now() - start;
    this.next = this.took >= SLOW ? start + RARELY : 0;
  }
}

/** Goes through the drawings that wait, the longest waiting first. */
export class Frames {
  private readonly waiting = new Set<Drawing>();
  private asked = false;

  constructor(
    private readonly frame: (run: () => void) => void = run => requestAnimationFrame(run),
    private readonly now: () => number = () => performance.now()
  ) {}

  request(drawing: Drawing): void {
    this.waiting.add(drawing);
    this.ask();
  }

  cancel(drawing: Drawing): void {
    this.waiting.delete(drawing);
  }

  private ask(): void {
    if (!this.asked && this.waiting.size > 0) {
      this.asked = true;
      this.frame(() => this.run());
    }
  }

  private run(): void {
    this.asked = false;
    const start = this.now();
    for (const drawing of [...this.waiting]) {
      if (this.now() - start >= BUDGET) {
        break;
      }
      if (drawing.isDue(this.now())) {
        this.waiting.delete(drawing);
        drawing.run(this.now);
      }
    }
    this.ask();
  }
}

export const frames = new Frames();
