/** Axes of plots over hyperparameters: from what trials hold to a place in [0, 1], and back. */
import { number, value as told } from '../format';
import type { Scalar } from '../protocol';
import { valueOf, type Column, type Trial } from '../data/study';
import { ticks, type Range, type Tick } from './scale';

/** A hyperparameter's or the objective's axis. */
export interface Dimension {
  /** the column's id: `p:NAME` of a hyperparameter, `value` of the objective */
  readonly id: string;
  readonly title: string;
  /** a band for each choice; null: numbers */
  readonly choices: readonly Scalar[] | null;
  /** all the numbers it can have, if these are few */
  readonly stops: readonly number[] | null;
  readonly log: boolean;
  /** its ends; a choice is at its index and half a band from the next */
  readonly low: number;
  readonly high: number;
  /** the extreme numbers there are: outliers may lie beyond the ends */
  readonly least: number;
  readonly most: number;
}

export const OBJECTIVE = 'value';

const FACTORS = 8; // numeric choices that lie so far apart are meant as factors
const OTHER = 'other values';

export function idOf(column: Column): string {
  return `p:${column.name}`;
}

/** Where a number is, 0 at the low end and 1 at the high one; what is beyond an end is at it. */
export function unitOf(axis: Dimension, x: number): number {
  return scaler(axis)(x);
}

/** The same for many numbers. */
export function scaler({ low, high, log }: Dimension): (x: number) => number {
  if (low === high) {
    return x => (Number.isNaN(x) ? NaN : 0.5);
  }
  // halves: the difference of two large bounds overflows
  const [from, to] = log ? [Math.log(low), Math.log(high)] : [low / 2, high / 2];
  const by = 1 / (to - from);
  const between = log ? (x: number) => Math.log(x) : (x: number) => x / 2;
  return x => (x <= low ? 0 : x >= high ? 1 : (between(x) - from) * by);
}

/** The number at a place; exactly the ends at 0 and 1. */
export function dataOf(axis: Dimension, unit: number): number {
  if (unit <= 0) {
    return axis.low;
  }
  if (unit >= 1) {
    return axis.high;
  }
  return axis.log
    ? axis.low * (axis.high / axis.low) ** unit
    : axis.low * (1 - unit) + axis.high * unit;
}

/** The index of the choice at a place. */
export function bandOf(axis: Dimension, unit: number): number {
  const count = axis.choices?.length ?? 1;
  return Math.min(Math.max(Math.floor(unit * count), 0), count - 1);
}

/** What trials hold of one hyperparameter, as numbers: choices by index, NaN where not active. */
export class Holdings {
  readonly choices: Scalar[] | null;
  private readonly places = new Map<string, number>();
  private rows: readonly Trial[] = [];
  private held = new Float64Array(0);

  constructor(readonly column: Column) {
    this.choices = column.numeric ? null : [];
    if (this.choices) {
      column.params.flatMap(param => param.choices ?? []).forEach(choice => this.place(choice));
    }
  }

  /** By place in `trials`; only changed trials are looked at. */
  of(trials: readonly Trial[]): Float64Array {
    if (this.held.length < trials.length) {
      const longer = new Float64Array(Math.ceil(trials.length * 1.5));
      longer.set(this.held);
      this.held = longer;
    }
    for (let i = 0; i < trials.length; i += 1) {
      const trial = trials[i]!;
      if (this.rows[i] !== trial) {
        this.held[i] = this.read(trial);
      }
    }
    this.rows = trials;
    return this.held.subarray(0, trials.length);
  }

  private read(trial: Trial): number {
    const held = valueOf(trial, this.column);
    if (held === undefined) {
      return NaN;
    }
    if (!this.choices) {
      return typeof held === 'number' ? held : NaN;
    }
    return this.place(held);
  }

  /** A choice that is none now, as it was taken away, comes after the others. */
  private place(choice: Scalar): number {
    const key = `${typeof choice} ${choice}`;
    let place = this.places.get(key);
    if (place === undefined && typeof choice === 'number' && this.hasRange()) {
      // numbers of a range, next to choices of a namesake: one band for all of them
      place = this.places.get(OTHER) ?? this.choices!.push(OTHER) - 1;
      this.places.set(OTHER, place);
    } else if (place === undefined) {
      place = this.choices!.push(choice) - 1;
      this.places.set(key, place);
    }
    return place;
  }

  private hasRange(): boolean {
    return this.column.params.some(param => !param.choices);
  }
}

/** The axis of a hyperparameter: what is declared, and what trials had before it was narrowed. */
export function paramDimension(holdings: Holdings, held: Float64Array): Dimension {
  const { column, choices } = holdings;
  const names = { id: idOf(column), title: column.name };
  if (choices) {
    const [low, high] = [-0.5, Math.max(choices.length, 1) - 0.5];
    const bands = { choices: [...choices], stops: null, log: false };
    return { ...names, ...bands, low, high, least: low, most: high };
  }
  const stops = chosen(column) ? stopsOf(column) : null;
  const bounds = column.params.flatMap(param => [param.low, param.high]).concat(stops ?? []);
  let [low, high] = extent(held, ...extent(bounds.filter(x => x !== undefined)));
  if (low > high) {
    [low, high] = [0, 1]; // nothing is declared, and no trial has one
  }
  const log = low > 0 && (column.log || (stops !== null && high / low >= FACTORS));
  return { ...names, choices: null, stops, log, low, high, least: low, most: high };
}

function chosen(column: Column): boolean {
  return column.params.every(param => param.choices);
}

function stopsOf(column: Column): number[] {
  const choices = column.params.flatMap(param => param.choices ?? []);
  const numbers = choices.filter((x): x is number => typeof x === 'number');
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The values that are there, NaN for trials without. */
export function objectives(trials: readonly Trial[]): Float64Array {
  const values = new Float64Array(trials.length);
  for (let i = 0; i < trials.length; i += 1) {
    const trial = trials[i]!;
    values[i] = trial.s === 'COMPLETE' ? trial.value : NaN;
  }
  return values;
}

/** The objective's axis. Its range may end before the worst values. */
export function valueDimension(values: Float64Array, name: string, range: Range): Dimension {
  const [least, most] = extent(values);
  const names = { id: OBJECTIVE, title: name, choices: null, stops: null };
  const all = { least: Math.min(least, range.low), most: Math.max(most, range.high) };
  return { ...names, ...range, ...all };
}

function extent(values: ArrayLike<number>, low = Infinity, high = -Infinity): [number, number] {
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i]!;
    if (Number.isFinite(x)) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  return [low, high];
}

/** How good values are on the objective's axis: 1 at its best end. */
export function goodness(axis: Dimension, values: Float64Array, maximize: boolean): Float64Array {
  const unit = scaler(axis);
  return values.map(maximize ? unit : x => 1 - unit(x));
}

/** Round numbers along an axis, or its choices, `most` or so of them. */
export function ticksOf(axis: Dimension, most: number): Tick[] {
  if (axis.choices) {
    const every = Math.max(Math.ceil(axis.choices.length / Math.max(most, 1)), 1);
    return axis.choices
      .map((choice, i) => ({ at: i, text: told(choice) }))
      .filter((_, i) => i % every === 0);
  }
  if (axis.low === axis.high) {
    return [{ at: axis.low, text: number(axis.low) }];
  }
  if (axis.stops && axis.stops.length <= most) {
    return axis.stops.map(at => ({ at, text: told(at) }));
  }
  return ticks(axis, most);
}
