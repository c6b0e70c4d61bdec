/**
 * Axes: what range of the objective is shown, where values stand on it, which ticks are labelled.
 * The rules are those of `jupyter_hpo/view/scale.py`.
 */
import { duration, number, whole } from '../format';

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

const FACTORS = 5; // positive losses whose worst is more times the best are shown on a log axis
const FACTORS_MAXIMIZED = 100; // a log axis presses the large values together, here the good ones
const GAINS = 6; // gains over the default that a shortened axis is long
const BETTER_THIRDS = 3; // or this many times the span of the better third of the values, if more
const WORTH = 2; // times: an axis that shortening would not make that much shorter stays whole

/**
 * The range for these values. The gain over the default is what a plot is there for, and a few
 * runs that went astray must not press it flat: a loss is shown by factors where it spans many,
 * and where the gain would still be thin the axis ends on the worse side before the worst value.
 *
 * `log` is what the user wants; null: as the rule has it.
 */
export function rangeOf(
  values: Iterable<number>,
  maximize: boolean,
  baseline: number,
  log: boolean | null = null
): Range {
  const ordered = Float64Array.from(values).filter(Number.isFinite).sort();
  if (maximize) {
    ordered.reverse();
  }
  if (ordered.length === 0) {
    return { low: 0, high: 1, log: false };
  }
  const [best, worst] = [ordered[0]!, ordered[ordered.length - 1]!];
  const positive = Math.min(best, worst) > 0;
  if (positive && (log ?? (maximize || worst / best > FACTORS))) {
    const kept = ordered[lastInside(ordered.map(Math.log), Math.log(baseline))]!;
    const [low, high] = inOrder(best, kept);
    const far = maximize ? FACTORS_MAXIMIZED : 1;
    if (low < high && (log || high / low > far)) {
      return { low, high, log: true };
    }
    if (log) {
      return { low: low / 2, high: high * 2, log: true };
    }
  }
  return widened(...inOrder(best, ordered[lastInside(ordered, baseline)]!));
}

/** Whether there is a log axis for them. */
export function canBeLog(values: readonly { readonly value: number }[]): boolean {
  return values.every(({ value }) => value > 0);
}

export function widened(low: number, high: number): Range {
  if (low < high) {
    return { low, high, log: false };
  }
  const margin = Math.abs(low) / 10 || 1;
  return { low: low - margin, high: high + margin, log: false };
}

function inOrder(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}

/** Index of the worst value that the axis holds, of values with the best first. */
function lastInside(ordered: Float64Array, baseline: number): number {
  const [best, worst] = [ordered[0]!, ordered[ordered.length - 1]!];
  let typical = worst;
  for (let i = Math.floor((ordered.length + 1) / 3); i < ordered.length; i += 1) {
    if (ordered[i] !== best) {
      typical = ordered[i]!;
      break;
    }
  }
  const gain = Number.isFinite(baseline) ? Math.abs(best - baseline) : 0;
  const reach = Math.max(GAINS * gain, BETTER_THIRDS * Math.abs(best - typical));
  if (Math.abs(best - worst) <= WORTH * reach) {
    return ordered.length - 1;
  }
  let last = ordered.length - 1;
  while (last > 0 && Math.abs(best - ordered[last]!) > reach) {
    last -= 1;
  }
  return last;
}

/** Where the axis of trials ends: the whole study where its total is known; else in round steps. */
export function lastNumber(last: number, total: number | null, live: boolean): number {
  if (total !== null && (live || last >= total / 2)) {
    return Math.max(total - 1, last, 1);
  }
  let room = 10;
  while (live && room < last) {
    room *= String(room).startsWith('2') ? 2.5 : 2;
  }
  return live ? room : Math.max(last, 1);
}

/** Round values in a range, `most` or so of them, with their labels. */
export function ticks({ low, high, log }: Range, most = 5): Tick[] {
  if (log && high / low > FACTORS) {
    return factors(low, high, most);
  }
  const step = nice((high - low) / most);
  return multiples(low, high, step).map(at => ({ at, text: label(at, step) }));
}

/** Whole numbers in a range. */
export function wholeTicks({ low, high }: Range, most = 5): Tick[] {
  const step = Math.max(nice((high - low) / most), 1);
  return multiples(low, high, step).map(at => ({ at, text: whole(at) }));
}

const TIMES = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200];

/** Round durations in a range of seconds. */
export function timeTicks({ low, high }: Range, most = 5): Tick[] {
  const least = (high - low) / most;
  const step =
    least < 1 ? nice(least) : (TIMES.find(time => time >= least) ?? 86400 * nice(least / 86400));
  return multiples(low, high, step).map(at => ({ at, text: shortDuration(at) }));
}

/** "1 min", not "1 min 00 s". */
export function shortDuration(s: number): string {
  return s === 0
    ? '0'
    : duration(s)
        .replace(/ 00 (s|min)$| 0 h$/, '')
        .replace(/\.0 /, ' ')
        .replace(/ 0/, ' ');
}

function multiples(low: number, high: number, step: number): number[] {
  if (!(step > 0) || Math.max(Math.abs(low), Math.abs(high)) / step > 2 ** 50) {
    return [low, high].filter(Number.isFinite);
  }
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.min(Math.floor(high / step + 1e-9), first + 40);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => (first + i) * step);
}

/** The next number up that is 1, 2 or 5 times a power of ten. */
export function nice(step: number): number {
  if (!(step > 0) || !Number.isFinite(step)) {
    return step;
  }
  const power = Math.floor(Math.log10(step));
  const found = [1, 2, 5, 10].find(factor => factor * 10 ** power >= step * 0.999) ?? 10;
  return Number(`${found}e${power}`);
}

/** A tick's text, with the digits its step needs. */
export function label(value: number, step: number): string {
  if (!Number.isFinite(step) || step === 0) {
    return number(value);
  }
  if (Math.abs(value) < step / 1e6) {
    return '0';
  }
  const digits = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step)) + 1;
  if (step < 1e-4 || Math.abs(value) >= 1e6) {
    return number(value, Math.min(Math.max(digits, 1), 16));
  }
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))).replace('-', '−');
}

/** Powers of ten, and where they are few, once or twice as many between them. */
function factors(low: number, high: number, most: number): Tick[] {
  const stride = Math.max(Math.ceil(Math.log10(high / low) / most), 1);
  for (const mantissas of [[1, 2, 5], [1, 3]]) {
    const found = powers(low, high, mantissas, 1);
    if (found.length <= most * 1.5) {
      return found;
    }
  }
  return powers(low, high, [1], stride);
}

function powers(low: number, high: number, mantissas: readonly number[], stride: number): Tick[] {
  const found: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += stride) {
    for (const mantissa of mantissas) {
      const at = Number(`${mantissa}e${power}`);
      if (at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)) {
        found.push({ at, text: number(at, 1) });
      }
    }
  }
  return found;
}
