/** How often values were tried, and how often well: the small histogram over a range. */
import type { Trial } from '../../data/study';
import type { Param } from '../../protocol';

export interface Tally {
  /** trials per bin, and those of the best quarter among them */
  all: number[];
  good: number[];
  /** where a value lies, 0 to 1 */
  place: (x: number) => number;
}

const BINS = 24;

export function tally(param: Param, trials: readonly Trial[], best: ReadonlySet<Trial>): Tally {
  const held: [number, boolean][] = [];
  let [low, high] = [param.low!, param.high!];
  for (const trial of trials) {
    const x = trial.p[param.key];
    if (typeof x === 'number' && trial.s !== 'RUNNING' && trial.s !== 'WAITING') {
      held.push([x, best.has(trial)]);
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  const place = scale(low, high, param.log === true && low > 0);
  const bins = binsFor(param, low, high);
  const found: Tally = { all: Array(bins).fill(0), good: Array(bins).fill(0), place };
  for (const [x, well] of held) {
    const bin = Math.min(Math.floor(place(x) * bins), bins - 1);
    found.all[bin]! += 1;
    found.good[bin]! += well ? 1 : 0;
  }
  return found;
}

/** No more bins than there are values: else some could never be filled. */
function binsFor(param: Param, low: number, high: number): number {
  const step = param.step ?? (param.type === 'Int' && !param.log ? 1 : 0);
  return step > 0 ? Math.max(Math.min(Math.round((high - low) / step) + 1, BINS), 1) : BINS;
}

function scale(low: number, high: number, log: boolean): (x: number) => number {
  const [from, to] = log ? [Math.log(low), Math.log(high)] : [low, high];
  return x => {
    const at = log ? Math.log(x) : x;
    const share = to > from ? (at - from) / (to - from) : 0.5;
    return Number.isNaN(share) ? 0 : Math.min(Math.max(share, 0), 1);
  };
}
