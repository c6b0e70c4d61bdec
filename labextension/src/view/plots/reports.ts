/** What the trials reported: which ranges it has, and which trial's line is near. */
import type { Study, Trial } from '../data/study';
import { remembered } from './memo';
import { fromLine, REACH } from './near';
import { rangeOf, widened, type Range } from './scale';
import type { Area } from './scene';

const SAMPLE = 20_000; // values that the axis is found from, at most

const withReports = remembered(trials => trials.filter(trial => trial.steps.length > 0));

export function reporting(study: Study): readonly Trial[] {
  return withReports(study.glance.value.trials);
}

/** Whether there is a log of all that was reported. */
export const areLoggable = remembered(trials =>
  trials.every(({ curve }) => curve.every(value => !(value <= 0)))
);

/** Range of the reported values, those far off left out. */
export function valuesRange(
  trials: readonly Trial[],
  maximize: boolean,
  log: boolean | null
): Range {
  return rangeOfAll(trials, maximize, log);
}

const rangeOfAll = remembered((trials, maximize, log) => {
  const all = trials.reduce((sum, { curve }) => sum + curve.length, 0);
  const stride = Math.max(Math.ceil(all / SAMPLE), 1);
  const values: number[] = [];
  for (const { curve } of trials) {
    for (let i = curve.length - 1; i >= 0; i -= stride) {
      values.push(curve[i]!);
    }
  }
  return rangeOf(values, maximize === true, NaN, log as boolean | null);
});

/** Range of the steps; a log axis begins before the first positive one, where step 0 stands. */
export const stepsRange = remembered((trials, log): Range & { zero: boolean } => {
  let [low, high, least] = [Infinity, -Infinity, Infinity];
  for (const { steps } of trials) {
    low = Math.min(low, steps[0]!);
    high = Math.max(high, steps.at(-1)!);
    const positive = steps[0]! > 0 ? steps[0]! : (steps[1] ?? Infinity);
    least = Math.min(least, positive > 0 ? positive : Infinity);
  }
  if (log && least < high) {
    const zero = low <= 0;
    return { low: zero ? least / 2 : low, high, log: true, zero };
  }
  return { ...widened(low, high), zero: false };
});

/** Where a trial's line ends: at its last report that is a number. */
export function head(
  area: Area,
  { steps, curve }: Trial,
  first: number
): { x: number; y: number } | null {
  for (let i = curve.length - 1; i >= 0; i -= 1) {
    if (!Number.isNaN(curve[i]!)) {
      return { x: area.x(Math.max(steps[i]!, first)), y: area.y(curve[i]!) };
    }
  }
  return null;
}

export function nearestCurve(
  area: Area,
  trials: readonly Trial[],
  first: number,
  px: number,
  py: number
): Trial | null {
  let found: Trial | null = null;
  let least = REACH ** 2;
  const [from, to] = [area.xAt(px - REACH), area.xAt(px + REACH)];
  for (const trial of trials) {
    const { steps, curve } = trial;
    for (let i = Math.max(firstAfter(steps, from) - 1, 0); i < steps.length; i += 1) {
      const [ax, ay] = [area.x(Math.max(steps[i]!, first)), area.y(curve[i]!)];
      const next = Math.min(i + 1, steps.length - 1);
      const [bx, by] = [area.x(Math.max(steps[next]!, first)), area.y(curve[next]!)];
      const distance = fromLine(px, py, ax, ay, bx, by);
      if (distance <= least) {
        [found, least] = [trial, distance];
      }
      if (steps[next]! > to) {
        break;
      }
    }
  }
  return found;
}

/** Index of the first of ascending steps that is beyond `step`. */
function firstAfter(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! > step) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
