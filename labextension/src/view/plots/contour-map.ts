/** What a contour plot shows of a study, before anything is drawn. */
import type { Column, Study, Trial } from '../data/study';
import type { Model } from '../protocol';
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
import { modelled, smooth, type Field } from './smooth';

export interface ContourMap {
  readonly trials: readonly Trial[];
  readonly x: Dimension;
  readonly y: Dimension;
  /** the axis of the colours: the objective's, or that of the uncertainty */
  readonly value: Dimension;
  /** whether large values are the good ones */
  readonly maximize: boolean;
  readonly kind: 'model' | 'uncertainty' | 'average' | 'none';
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

export interface Wish {
  x: Column;
  y: Column;
  log: boolean | null;
  model: Model | null;
  uncertainty: boolean;
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
  const { model } = wish;
  const found = model && modelled(model, 'mean', [x, y, objective]);
  if (found && wish.uncertainty && model.std) {
    const value = uncertainty(model.std, objective.title);
    return { ...own, value, kind: 'uncertainty', field: modelled(model, 'std', [x, y, value]) };
  }
  if (found) {
    return { ...own, value: objective, kind: 'model', field: found };
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

function uncertainty(std: NonNullable<Model['std']>, name: string): Dimension {
  const all = std.flat().filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const names = { id: 'std', title: `± ${name}`, choices: null, stops: null };
  return { ...names, log: false, low, high, least: low, most: high };
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
    if (map.tone[i] !== NO_TONE || map.trials[i]!.s === 'RUNNING') {
      const [x, y] = px(i);
      const distance = Math.hypot(x - at[0], y - at[1]);
      if (distance < least) {
        [found, least] = [i, distance];
      }
    }
  }
  return found;
}
