/** Runs the latest of many tasks, at most once in a while; the last one in any case. */
export class Throttle {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private task: () => void = () => undefined;
  private ran = -Infinity;

  run(task: () => void, wait: number): void {
    this.task = task;
    const rest = this.ran + wait - performance.now();
    if (rest <= 0) {
      this.now();
    } else {
      this.timer ??= setTimeout(() => this.now(), rest);
    }
  }

  stop(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }

  private now(): void {
    this.stop();
    this.ran = performance.now();
    this.task();
  }
}
