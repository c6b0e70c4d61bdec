/** Where the values of a hyperparameter stand on a slice plot. */
import { valueOf, type Column, type Trial } from '../data/study';
import { value as told } from '../format';
import type { Scalar } from '../protocol';
import { widened, type Range } from './scale';

const OTHER = 'other numbers';

/** Where values of a hyperparameter stand: on a scale, or one band for each choice. */
export interface Stand {
  readonly range: Range;
  /** names of the bands; none: a scale */
  readonly bands: readonly string[];
  /** NaN: nowhere */
  readonly at: (held: Scalar | undefined) => number;
}

export function standOf(column: Column, trials: readonly Trial[]): Stand {
  return column.numeric ? scaleOf(column, trials) : bandsOf(column);
}

/** The declared range, and what was tried outside it before it was narrowed. */
function scaleOf(column: Column, trials: readonly Trial[]): Stand {
  let [low, high] = [Infinity, -Infinity];
  const hold = (held: unknown): void => {
    if (typeof held === 'number' && Number.isFinite(held)) {
      low = Math.min(low, held);
      high = Math.max(high, held);
    }
  };
  column.params.forEach(param => [param.low, param.high, ...(param.choices ?? [])].forEach(hold));
  trials.forEach(trial => hold(valueOf(trial, column)));
  const log = column.log && low > 0 && low < high;
  const range = low > high ? { low: 0, high: 1 } : low < high ? { low, high } : widened(low, high);
  return {
    range: { ...range, log },
    bands: [],
    at: held => (typeof held === 'number' ? held : NaN)
  };
}

function bandsOf({ params }: Column): Stand {
  const bands = [...new Set(params.flatMap(({ choices }) => (choices ?? []).map(nameOf)))];
  const open = params.some(({ choices, type }) => !choices && type !== 'Bool');
  if (params.some(({ choices, type }) => !choices && type === 'Bool')) {
    [false, true].map(nameOf).forEach(name => bands.includes(name) || bands.push(name));
  }
  if (open) {
    bands.push(OTHER);
  }
  const places = new Map(bands.map((name, i) => [name, i]));
  const other = open ? bands.length - 1 : NaN;
  return {
    range: { low: -0.5, high: bands.length - 0.5, log: false },
    bands,
    at: held => (held === undefined ? NaN : (places.get(nameOf(held)) ?? other))
  };
}

function nameOf(choice: Scalar): string {
  return told(choice);
}
