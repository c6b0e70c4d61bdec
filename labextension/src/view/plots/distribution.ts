/** The empirical distribution of the objective. */
import type { Trial } from '../data/study';

export interface Rank {
  readonly trial: Trial;
  readonly value: number;
  /** share of the trials whose value is at most this one's */
  readonly share: number;
}

/** The trials by value; ones with equal values have equal shares. */
export function ranks(complete: readonly Trial[]): Rank[] {
  // not by difference: there may be infinite values
  const ordered = [...complete].sort((a, b) =>
    a.value < b.value ? -1 : Number(a.value > b.value)
  );
  const found: Rank[] = new Array<Rank>(ordered.length);
  let share = 1;
  for (let i = ordered.length - 1; i >= 0; i -= 1) {
    const trial = ordered[i]!;
    if (i === ordered.length - 1 || ordered[i + 1]!.value !== trial.value) {
      share = (i + 1) / ordered.length;
    }
    found[i] = { trial, value: trial.value, share };
  }
  return found;
}

/** Share of the trials that are better than a value. */
export function shareBetter(complete: readonly Trial[], value: number, maximize: boolean): number {
  const better = complete.filter(trial =>
    maximize ? trial.value > value : trial.value < value
  ).length;
  return complete.length > 0 ? better / complete.length : 0;
}
