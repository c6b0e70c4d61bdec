/** In which order the trials stand. */
import type { Glance, Trial } from '../data/study';
import type { Key, Spec } from './spec';

/** A sorted column; the shape is that of the table library. */
export interface Sorted {
  id: string;
  desc: boolean;
}

export type Compare = (a: Trial, b: Trial) => number;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Ascending; what is missing is not compared here. */
function compareKeys(a: NonNullable<Key>, b: NonNullable<Key>): number {
  if (typeof a === 'number' && typeof b === 'number') {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return collator.compare(String(a), String(b));
}

/** By the sorted columns, missing ones last either way; equal ones newest first. */
export function comparing(sorting: readonly Sorted[], specs: readonly Spec[]): Compare {
  const by = sorting.flatMap(({ id, desc }) => {
    const spec = specs.find(each => each.id === id);
    return spec ? [{ spec, sign: desc ? -1 : 1 }] : [];
  });
  return (a, b) => {
    for (const { spec, sign } of by) {
      const [x, y] = [spec.key(a), spec.key(b)];
      if (x === undefined || y === undefined) {
        if (x !== y) {
          return x === undefined ? 1 : -1;
        }
        continue;
      }
      const found = compareKeys(x, y);
      if (found !== 0) {
        return found * sign;
      }
    }
    return b.n - a.n;
  };
}

/** Complete trials, best first, then the latest others. */
export function ranking(maximize: boolean): Compare {
  return (a, b) => {
    const [x, y] = [ranked(a), ranked(b)];
    if (x !== y) {
      return x ? -1 : 1;
    }
    if (!x || a.value === b.value) {
      return x ? a.n - b.n : b.n - a.n; // the first to reach a value is the best
    }
    return a.value < b.value === maximize ? 1 : -1;
  };
}

function ranked(trial: Trial): boolean {
  return trial.s === 'COMPLETE' && !Number.isNaN(trial.value);
}

/** Newest first, the best one on top. */
export function newest(trials: readonly Trial[], best: Glance['best']): readonly Trial[] {
  const others: Trial[] = [];
  let found: Trial | null = null;
  for (let i = trials.length - 1; i >= 0; i -= 1) {
    const trial = trials[i]!;
    if (trial.n === best?.n) {
      found = trial;
    } else {
      others.push(trial);
    }
  }
  return found ? [found, ...others] : others;
}

/**
 * Sorts trials again and again, of which few are new each time.
 *
 * A changed trial is a new object: those which are the same as last time are in order already, so
 * only the others are sorted and merged in.
 */
export class Sorter {
  private compare: Compare | null = null;
  private last: readonly Trial[] = [];

  sort(trials: readonly Trial[], compare: Compare): readonly Trial[] {
    if (compare === this.compare) {
      const fresh = new Set(trials);
      const kept = this.last.filter(trial => fresh.delete(trial));
      this.last = merged(kept, [...fresh].sort(compare), compare);
    } else {
      this.compare = compare;
      this.last = [...trials].sort(compare);
    }
    return this.last;
  }
}

function merged(a: readonly Trial[], b: readonly Trial[], compare: Compare): readonly Trial[] {
  const all: Trial[] = [];
  let i = 0;
  for (const trial of b) {
    while (i < a.length && compare(a[i]!, trial) <= 0) {
      all.push(a[i]!);
      i += 1;
    }
    all.push(trial);
  }
  while (i < a.length) {
    all.push(a[i]!);
    i += 1;
  }
  return all;
}
