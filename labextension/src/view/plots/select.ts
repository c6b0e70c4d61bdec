/** What a click on a trial in a plot does; the same in all of them. */
import type { Trial } from '../data/study';
import type { Ui } from '../data/ui';

/** Select a trial, with a key held down one more or one less; none, if nothing was clicked. */
export function select(ui: Ui, trial: Trial | null, event: MouseEvent): void {
  const more = event.ctrlKey || event.metaKey || event.shiftKey;
  if (trial) {
    ui.selected.value = more ? toggled(ui.selected.value, trial.n) : new Set([trial.n]);
  } else if (!more && ui.selected.value.size > 0) {
    ui.selected.value = new Set();
  }
}

export function toggled(numbers: ReadonlySet<number>, n: number): ReadonlySet<number> {
  const changed = new Set(numbers);
  return changed.delete(n) ? changed : changed.add(n);
}
