/** What a contour plot shows of a study, before anything is drawn. */
import type { Column, Study, Trial } from '../data/study';
import { real } from '../format';
import type { Float, Model } from '../protocol';
import {
  goodness,
  Holdings,
  objectives,
  paramDimension,
  scaler,
  valueDimension,
  type Dimension
} from './dimensions';
import { toneOf } from './canvas';
import { scatter } from './lines';
import { objectiveName, wantedRange } from './objective';
import { modelled, smooth, type Field, type Said } from './smooth';

export interface ContourMap {
  readonly trials: readonly Trial[];
  readonly x: Dimension;
  readonly y: Dimension;
  /** the axis of the colours: the objective's, or that of what else the model says */
  readonly value: Dimension;
  /** whether large values are the good ones */
  readonly maximize: boolean;
  readonly kind: 'model' | 'uncertainty' | 'acquisition' | 'average' | 'none';
  readonly field: Field | null;
  /** place of each trial in the unit square; NaN where it has none */
  readonly us: Float32Array;
  readonly vs: Float32Array;
  /** colours of trials by their own values; NO_TONE without one */
  readonly tone: Uint8Array;
  /** complete trials that are shown, and those that have no place */
  readonly shown: number;
  readonly absent: number;
}

export const NO_TONE = 255;

const LEAST = 4; // trials from which on a mean of some of them is worth a look
const SPREAD = 0.6; // of a band
// the logarithm of an expected improvement goes down to where nobody would ever look
const FOLDS = 10;

export interface Wish {
  x: Column;
  y: Column;
  log: boolean | null;
  model: Model | null;
  shows: Said;
}

export function contourMap(study: Study, wish: Wish): ContourMap {
  const { trials } = study.glance.value;
  const { maximize } = study.info.value;
  const [x, us] = placed(trials, wish.x, 1);
  const [y, vs] = placed(trials, wish.y, 2);
  const values = objectives(trials);
  const objective = valueDimension(values, objectiveName(study), wantedRange(study, wish.log));
  const good = goodness(objective, values, maximize);
  const tone = new Uint8Array(trials.length);
  let [shown, absent] = [0, 0];
  good.forEach((each, i) => {
    tone[i] = Number.isNaN(each) ? NO_TONE : toneOf(each);
    if (!Number.isNaN(each)) {
      Number.isNaN(us[i]! + vs[i]!) ? (absent += 1) : (shown += 1);
    }
  });
  const own = { trials, x, y, us, vs, tone, shown, absent, maximize };
  const surface = wish.model && surfaceOf(wish.model, wish.shows, [x, y, objective]);
  if (surface) {
    return { ...own, ...surface };
  }
  if (shown < LEAST) {
    return { ...own, value: objective, kind: 'none', field: null };
  }
  const z = values.map(scaler(objective));
  const bands = [x.choices?.length ?? 0, y.choices?.length ?? 0] as const;
  return { ...own, value: objective, kind: 'average', field: smooth({ x: us, y: vs, z }, bands) };
}

/** The axis of a hyperparameter and where trials are on it; in a band, spread over it. */
function placed(trials: readonly Trial[], column: Column, salt: number): [Dimension, Float32Array] {
  const holdings = new Holdings(column);
  const held = holdings.of(trials);
  const axis = paramDimension(holdings, held);
  const unit = scaler(axis);
  const units = new Float32Array(trials.length);
  const band = axis.choices ? SPREAD / axis.choices.length : 0;
  trials.forEach(({ n }, i) => {
    units[i] = unit(held[i]!) + (band > 0 ? (scatter(n, salt) - 0.5) * band : 0);
  });
  return [axis, units];
}

type Surface = Pick<ContourMap, 'value' | 'kind' | 'field'>;

const KINDS = { mean: 'model', std: 'uncertainty', acquisition: 'acquisition' } as const;

/** What the user wants to see of a model; its mean if it has no such thing. */
function surfaceOf(
  model: Model,
  wanted: Said,
  [x, y, objective]: readonly [Dimension, Dimension, Dimension]
): Surface | null {
  const own = wanted === 'mean' ? null : ownAxis(model, wanted, objective.title);
  const [shows, value] = own ? [wanted, own] : (['mean', objective] as const);
  const field = modelled(model, shows, [x, y, value]);
  return field && { value, kind: KINDS[shows], field };
}

function ownAxis(model: Model, shows: 'std' | 'acquisition', name: string): Dimension | null {
  const range = rangeOfRows(model[shows] ?? [], shows === 'acquisition' ? FOLDS : Infinity);
  const title = shows === 'std' ? `± ${name}` : 'acquisition';
  const names = { id: shows, title, choices: null, stops: null, log: false };
  return range && { ...names, ...range, least: range.low, most: range.high };
}

/** From the least to the most, but no more than `span` below that; null: no number is there. */
export function rangeOfRows(
  rows: readonly (readonly Float[])[],
  span: number
): { low: number; high: number } | null {
  const all = rows.flat().map(real).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return all.length > 0 ? { low: Math.max(low, high - span), high } : null;
}

/** Whether the colours of the map are those of the trials. */
export function ofObjective({ kind }: ContourMap): boolean {
  return kind !== 'uncertainty' && kind !== 'acquisition';
}

/** Which trial is nearest to a place in px, no farther than `reach`; -1: none. */
export function nearestTrial(
  map: ContourMap,
  px: (i: number) => readonly [number, number],
  at: readonly [number, number],
  reach: number
): number {
  let [found, least] = [-1, reach];
  for (let i = 0; i < map.trials.length; i += 1) {
    if (map.tone[i] !== NO_TONE || ['RUNNING', 'WAITING'].includes(map.trials[i]!.s)) {
      const [x, y] = px(i);
      const distance = Math.hypot(x - at[0], y - at[1]);
      if (distance < least) {
        [found, least] = [i, distance];
      }
    }
  }
  return found;
}
