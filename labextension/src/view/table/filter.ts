/** Which trials pass: a text over all that is shown, ranges, choices. */
import type { Trial } from '../data/study';
import type { Spec } from './spec';

export type Range = readonly [low: number, high: number];
export type Ranges = Readonly<Record<string, Range>>;
export type Choices = Readonly<Record<string, readonly string[]>>;

export interface Filters {
  text: string;
  /** by column; of a column of choices, their indices */
  ranges: Ranges;
  /** keys of the choices that pass, by column */
  choices: Choices;
}

/** The end of a range that has none: JSON knows no infinity. */
export const OPEN = Number.MAX_VALUE;

export function isFiltering({ text, ranges, choices }: Filters): boolean {
  return words(text).length > 0 || [ranges, choices].some(by => Object.keys(by).length > 0);
}

export function inRange(x: number, [low, high]: Range): boolean {
  const [from, to] = [low <= -OPEN ? -Infinity : low, high >= OPEN ? Infinity : high];
  return x >= from && x <= to;
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll('−', '-');
}

function words(text: string): string[] {
  return plain(text).split(/\s+/).filter(Boolean);
}

/** Finds the trials that pass, looking at those only that have changed since it was asked last. */
export class Sieve {
  private readonly words: readonly string[];
  private readonly tests: readonly ((trial: Trial) => boolean)[];
  private readonly known = new WeakMap<Trial, boolean>();
  private readonly texts: WeakMap<Trial, string>;

  /** `shown` are the columns whose text is searched; `former` has perhaps read them already. */
  constructor(
    filters: Filters,
    specs: readonly Spec[],
    private readonly shown: readonly Spec[],
    former?: Sieve
  ) {
    this.words = words(filters.text);
    this.texts = former && former.shown === shown ? former.texts : new WeakMap();
    this.tests = specs.flatMap(spec => {
      const range = filters.ranges[spec.id];
      const choices = filters.choices[spec.id];
      const allowed = choices && new Set(choices);
      return [
        ...(range ? [(trial: Trial) => inRange(spec.measure(trial), range)] : []),
        ...(allowed ? [(trial: Trial) => allowed.has(spec.choice(trial))] : [])
      ];
    });
  }

  /** The numbers of those that pass; `best` is found by that word, too. */
  passing(trials: readonly Trial[], best: Trial | null): Set<number> {
    const numbers = new Set<number>();
    for (const trial of trials) {
      // which one is the best changes without the trial being another object
      const passes = trial === best ? this.passes(trial, ' best') : this.cached(trial);
      if (passes) {
        numbers.add(trial.n);
      }
    }
    return numbers;
  }

  private cached(trial: Trial): boolean {
    let passes = this.known.get(trial);
    if (passes === undefined) {
      passes = this.passes(trial, '');
      this.known.set(trial, passes);
    }
    return passes;
  }

  private passes(trial: Trial, more: string): boolean {
    if (!this.tests.every(test => test(trial))) {
      return false;
    }
    if (this.words.length === 0) {
      return true;
    }
    const text = this.textOf(trial) + more;
    return this.words.every(word => text.includes(word));
  }

  private textOf(trial: Trial): string {
    let text = this.texts.get(trial);
    if (text === undefined) {
      text = plain(this.shown.map(spec => spec.text(trial)).join('\n'));
      this.texts.set(trial, text);
    }
    return text;
  }
}

export function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  if (a.size !== b.size) {
    return false;
  }
  for (const each of a) {
    if (!b.has(each)) {
      return false;
    }
  }
  return true;
}

/** Without an entry. */
export function without<T>(by: Readonly<Record<string, T>>, id: string): Record<string, T> {
  const { [id]: _, ...rest } = by;
  return rest;
}
