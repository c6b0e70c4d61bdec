/** When the trials ran. */
import type { Study, Trial } from '../data/study';
import { Clock, without } from './clock';
import { remembered } from './memo';
import { widened, type Range } from './scale';
import type { Limits } from './zoom';

/** A trial as it is drawn, in places of the clock. */
export interface Bar {
  readonly trial: Trial;
  readonly from: number;
  readonly to: number;
  readonly parked: readonly Limits[];
  /** in which it ran, if it was set aside in between */
  readonly pieces: readonly Limits[];
}

const NEVER: readonly Limits[] = [];

interface Span {
  trial: Trial;
  from: number;
  to: number;
  parked: readonly Limits[];
  pieces: readonly Limits[];
}

/** From when to when the trials that have begun ran, by the clock on the wall. */
export function spans(trials: readonly Trial[], now: number): Span[] {
  return trials.flatMap(trial => {
    if (trial.t === undefined) {
      return [];
    }
    const parked = trial.z?.length
      ? trial.z.map(([from, to]): Limits => [from, to ?? Math.max(now, from)])
      : NEVER;
    if (trial.w?.length) {
      const pieces = trial.w.map(([from, to]): Limits => [from, to ?? Math.max(now, from)]);
      return [{ trial, from: pieces[0]![0], to: pieces.at(-1)![1], parked, pieces }];
    }
    const rested = parked.reduce((sum, [from, to]) => sum + to - from, 0);
    const end = trial.d === undefined ? Math.max(now, trial.t) : trial.t + trial.d + rested;
    return [{ trial, from: trial.t, to: Math.max(end, trial.t), parked, pieces: NEVER }];
  });
}

/** The time of day, as far as a timeline depends on it. */
export function nowOf(study: Study): number {
  return study.glance.value.running.length > 0 ? study.heard.value.now : 0;
}

/** The trials on a clock that all who ask for it share. */
export const bars = remembered((trials, now, cut): { bars: Bar[]; clock: Clock } => {
  const found = spans(trials, Number(now));
  const busy = found.flatMap(({ from, to, parked, pieces }) => {
    const ran = pieces.length > 0 ? pieces : [[from, to] as const];
    return parked.length > 0 ? ran.flatMap(piece => without(piece, parked)) : ran;
  });
  const clock = new Clock(busy, cut === true);
  const placed = (parts: readonly Limits[]): readonly Limits[] =>
    parts.length > 0 ? parts.map(([a, b]) => [clock.place(a), clock.place(b)] as const) : NEVER;
  return {
    clock,
    bars: found.map(({ trial, from, to, parked, pieces }) => ({
      trial,
      from: clock.place(from),
      to: clock.place(to),
      parked: placed(parked),
      pieces: placed(pieces)
    }))
  };
});

/** The first and the last row of what is seen between two times. */
export function rows(found: readonly Bar[], [from, to]: Limits): Limits {
  let [first, last] = [Infinity, -Infinity];
  for (const bar of found) {
    if (bar.to >= from && bar.from <= to) {
      first = Math.min(first, bar.trial.n);
      last = Math.max(last, bar.trial.n);
    }
  }
  return first <= last ? [first, last] : [0, 1];
}

/** Seconds a trial ran. */
export function took({ trial, from, to, pieces }: Bar): number {
  const ran = pieces.reduce((sum, [start, end]) => sum + end - start, 0);
  return Math.max(trial.d ?? (pieces.length > 0 ? ran : to - from), 1e-3);
}

/** The range of how long ended trials took, but for the few at its ends. */
export function durationRange(found: readonly Bar[]): Range {
  const ended = found.filter(({ trial }) => trial.d !== undefined);
  const times = Float64Array.from(ended, took).sort();
  if (times.length === 0) {
    return { low: 0, high: 1, log: false };
  }
  const at = (share: number): number => times[Math.round(share * (times.length - 1))]!;
  const [low, high] = [at(0.005), at(0.995)];
  return high / low > 10 ? { low, high, log: true } : widened(0, high);
}
