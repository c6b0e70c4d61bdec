/** Another search space: what has been typed, what it changes, and which trials stay in it. */
import type { Trial } from '../../data/study';
import { isDone } from '../../data/study';
import type { Change, Param, Scalar } from '../../protocol';
import { noNumber, onStep, parsed } from './numbers';

export interface Draft {
  /** texts of the bounds, where they have been touched */
  readonly low?: string;
  readonly high?: string;
  /** places of the choices that are to go */
  readonly off?: readonly number[];
}
/** By key of the parameter. */
export type Drafts = Readonly<Record<string, Draft>>;

export interface Bounds {
  low: number;
  high: number;
  /** what is wrong with them; "" if nothing */
  lowProblem: string;
  highProblem: string;
}

export function isRange(param: Param): boolean {
  return !param.choices && param.low !== undefined && param.high !== undefined;
}

/** The bounds that a draft gives a number. */
export function bounds(param: Param, draft: Draft = {}): Bounds {
  const low = bound(param, draft.low, param.low!);
  const high = bound(param, draft.high, param.high!);
  const found = { low: low.is, high: high.is, lowProblem: low.problem, highProblem: high.problem };
  if (!low.problem && param.log && low.is <= 0) {
    found.lowProblem = 'above 0, as the scale is logarithmic';
  } else if (!low.problem && !high.problem && low.is >= high.is) {
    found[draft.high === undefined ? 'lowProblem' : 'highProblem'] = 'low must be below high';
  }
  return found;
}

function bound(
  param: Param,
  text: string | undefined,
  now: number
): { is: number; problem: string } {
  if (text === undefined) {
    return { is: now, problem: '' };
  }
  const is = parsed(text);
  if (is === null) {
    return { is: now, problem: noNumber(text) };
  }
  return { is, problem: param.type === 'Int' && !Number.isInteger(is) ? 'a whole number' : '' };
}

/** Whether a draft says anything that cannot be. */
export function isWrong(params: readonly Param[], drafts: Drafts): boolean {
  return params.some(param => {
    const draft = drafts[param.key];
    if (!isRange(param) || !draft) {
      return false;
    }
    const { lowProblem, highProblem } = bounds(param, draft);
    return lowProblem !== '' || highProblem !== '';
  });
}

/** What is other than now, by key. */
export function changes(params: readonly Param[], drafts: Drafts): Record<string, Change> {
  const found: Record<string, Change> = {};
  for (const param of params) {
    const change = changeOf(param, drafts[param.key] ?? {});
    if (Object.keys(change).length > 0) {
      found[param.key] = change;
    }
  }
  return found;
}

function changeOf(param: Param, draft: Draft): Change {
  if (!isRange(param)) {
    const off = draft.off ?? [];
    const kept = [...(param.choices ?? []).keys()].filter(place => !off.includes(place));
    return off.length > 0 ? { choices: kept } : {};
  }
  const { low, high } = bounds(param, draft);
  return { ...(low !== param.low && { low }), ...(high !== param.high && { high }) };
}

/** The changes that undo all edits of these. */
export function asDeclared(edited: readonly Param[]): Record<string, Change> {
  return Object.fromEntries(edited.map(({ key }) => [key, { declared: true }]));
}

/** How many of the trials that are over lie in the space of a draft. */
export function staying(
  trials: readonly Trial[],
  params: readonly Param[],
  drafts: Drafts
): { inside: number; of: number } {
  const within = insideOf(params, drafts);
  let [inside, of] = [0, 0];
  for (const trial of trials) {
    if (isDone(trial)) {
      of += 1;
      inside += within(trial) ? 1 : 0;
    }
  }
  return { inside, of };
}

/** Whether a trial lies in the space of a draft. */
export function insideOf(
  params: readonly Param[],
  drafts: Drafts
): (trial: Pick<Trial, 'p'>) => boolean {
  const tests = params.map(param => [param.key, test(param, drafts[param.key] ?? {})] as const);
  return ({ p }) => tests.every(([key, fits]) => p[key] === undefined || fits(p[key]));
}

function test(param: Param, draft: Draft): (held: Scalar) => boolean {
  if (!isRange(param)) {
    const kept = new Set((param.choices ?? []).filter((_, place) => !draft.off?.includes(place)));
    return held => kept.has(held);
  }
  const { low, high } = bounds(param, draft);
  const { step } = param;
  return held =>
    typeof held === 'number' && held >= low && held <= high && (!step || onStep(low, step, held));
}

const FEWEST = 4; // trials of which the best quarter is said to be anything

/** The best quarter of the complete trials with a value, the best first. */
export function bestQuarter(complete: readonly Trial[], maximize: boolean): Trial[] {
  if (complete.length < FEWEST) {
    return [];
  }
  const sign = maximize ? -1 : 1;
  const ordered = [...complete].sort((a, b) => sign * (a.value - b.value));
  return ordered.slice(0, Math.ceil(ordered.length / 4));
}

/** The range that the values of good trials span, in round numbers; null if they span none. */
export function spanned(param: Param, good: readonly Trial[]): [number, number] | null {
  const held = good.map(trial => trial.p[param.key]).filter(x => typeof x === 'number');
  if (held.length === 0 || !isRange(param)) {
    return null;
  }
  const [least, most] = held.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [
    Infinity,
    -Infinity
  ] as [number, number]);
  const exact = param.step || param.type === 'Int';
  const low = Math.max(exact ? least : rounded(least, most - least, Math.floor), param.low!);
  const high = Math.min(exact ? most : rounded(most, most - least, Math.ceil), param.high!);
  return low < high ? [low, high] : null;
}

/** To two digits of what there is to tell apart, outwards. */
function rounded(x: number, span: number, way: (x: number) => number): number {
  const size = Math.min(Math.abs(x) || span, span || Math.abs(x));
  if (!(size > 0)) {
    return x;
  }
  const digits = 1 - Math.floor(Math.log10(size));
  const scale = 10 ** Math.abs(digits);
  return digits >= 0 ? way(x * scale) / scale : way(x / scale) * scale;
}
