/** What parallel coordinates show of a study, before anything is drawn. */
import type { Column, Study, Trial } from '../data/study';
import {
  goodness,
  Holdings,
  idOf,
  objectives,
  OBJECTIVE,
  paramDimension,
  valueDimension,
  type Dimension
} from './dimensions';
import { inside, type Brushes } from './brush';
import { toneOf } from './canvas';
import { arranged, placed, ranked, type Frame } from './lines';
import { objectiveName, wantedRange } from './objective';

/** The settings that a bundle depends on. */
export interface Settings {
  width: number;
  height: number;
  /** hyperparameters in the user's order, by column id */
  order: readonly string[];
  log: boolean | null;
  /** whether trials without a value have lines */
  others: boolean;
}

export interface Bundle {
  readonly trials: readonly Trial[];
  readonly axes: readonly Dimension[];
  readonly held: readonly { id: string; values: ArrayLike<number> }[];
  readonly frame: Frame;
  readonly width: number;
  readonly height: number;
  readonly ys: Float32Array;
  /** colour of each trial's line; OTHER without a value */
  readonly tone: Uint8Array;
  /** trials that are over, the best first, those without a value last */
  readonly order: Int32Array;
  readonly running: readonly number[];
  readonly waiting: readonly number[];
  readonly maximize: boolean;
  readonly best: number;
  readonly baseline: number;
}

export const OTHER = 255;

/** Room for an axis: with less, labels would be unreadable, and the plot scrolls. */
export const NARROWEST = 40;

const NARROW = 560; // px from which on there is room for words beside the objective's axis

export class Bundles {
  // by what is declared: with each message of the study its columns are new objects
  private holdings = new Map<string, Holdings>();

  of(study: Study, settings: Settings): Bundle {
    const { trials, best, baseline } = study.glance.value;
    const { maximize } = study.info.value;
    const params = this.arranged(study.columns.value, settings.order);
    const values = objectives(trials);
    const held = [
      ...params.map(each => ({ id: idOf(each.column), values: each.of(trials) })),
      { id: OBJECTIVE, values }
    ];
    const value = valueDimension(values, objectiveName(study), wantedRange(study, settings.log));
    const axes = [...params.map((each, k) => paramDimension(each, held[k]!.values)), value];
    const numbers = Int32Array.from(trials.map(trial => trial.n));
    const frame = framed(axes.length, settings);
    const good = goodness(value, values, maximize);
    const tone = new Uint8Array(good.length);
    good.forEach((x, i) => (tone[i] = Number.isNaN(x) ? OTHER : toneOf(x)));
    const place = (trial: Trial | null): number => (trial ? trials.indexOf(trial) : -1);
    return {
      trials,
      axes,
      held,
      frame,
      width: wide(axes.length, settings.width),
      height: settings.height,
      ys: placed(axes, held.map(each => each.values), numbers, frame),
      tone,
      order: ordered(trials, good, settings.others),
      running: trials.flatMap((trial, i) => (trial.s === 'RUNNING' ? [i] : [])),
      waiting: trials.flatMap((trial, i) => (trial.s === 'WAITING' ? [i] : [])),
      maximize,
      best: place(best),
      baseline: place(baseline)
    };
  }

  private arranged(columns: readonly Column[], wanted: readonly string[]): Holdings[] {
    const former = this.holdings;
    this.holdings = new Map(
      columns.map(column => {
        const declared = JSON.stringify(column);
        return [declared, former.get(declared) ?? new Holdings(column)];
      })
    );
    const byId = new Map([...this.holdings.values()].map(each => [idOf(each.column), each]));
    return arranged([...byId.keys()], wanted).map(id => byId.get(id)!);
  }
}

function margins(width: number): readonly [left: number, right: number] {
  return width < NARROW ? [40, 70] : [52, 130];
}

function wide(count: number, width: number): number {
  const [left, right] = margins(width);
  return Math.max(width, left + (count - 1) * NARROWEST + right);
}

function framed(count: number, settings: Settings): Frame {
  const [left, right] = margins(settings.width);
  const gap = (wide(count, settings.width) - left - right) / Math.max(count - 1, 1);
  const xs = Array.from({ length: count }, (_, k) => Math.round(left + k * gap) + 0.5);
  const bottom = settings.height - 28;
  return { xs, top: 28, bottom, notch: bottom + 16 };
}

function ordered(trials: readonly Trial[], good: Float64Array, others: boolean): Int32Array {
  const best = ranked(good);
  if (!others) {
    return best;
  }
  const without: number[] = [];
  trials.forEach((trial, i) => {
    if (Number.isNaN(good[i]!) && trial.s !== 'RUNNING' && trial.s !== 'WAITING') {
      without.push(i);
    }
  });
  const order = new Int32Array(best.length + without.length);
  order.set(best);
  order.set(without, best.length);
  return order;
}

/** Which trials pass the brushes and the table's filters; null: all do. */
export function passed(
  bundle: Bundle,
  brushes: Brushes,
  passing: ReadonlySet<number> | null
): Uint8Array | null {
  const brushed = bundle.held.some(({ id }) => brushes[id]);
  if (!brushed && !passing) {
    return null;
  }
  const mask = inside(bundle.held, brushes, bundle.trials.length);
  if (passing) {
    bundle.trials.forEach((trial, i) => {
      if (!passing.has(trial.n)) {
        mask[i] = 0;
      }
    });
  }
  return mask;
}
