/** A model of the demo's objective: a mean of the trials nearby, which knows less far from them. */
import type { Ask, Line, Model, Param, Scalar, Values, WireTrial } from '../view/protocol';

const LENGTHS: Readonly<Record<string, number>> = { lr: 0.07, norm: 0.25 }; // of the kernel, as a share of an axis
const ELSE = 0.6;

type Query = Extract<Ask, { what: 'model' }>;
type Said = readonly [mean: number, std: number];

/** The answer to a question for the model; the best of the trials is where all else stands. */
export function explained(trials: readonly WireTrial[], params: readonly Param[], query: Query): Model | Line {
  const known = trials.filter(({ v }) => typeof v === 'number');
  const best = known.reduce((a, b) => (Number(b.v) < Number(a.v) ? b : a), known[0]!);
  const [x, y] = [query.x, query.y].map(key => params.find(param => param.key === key));
  const absent = [x, y].find(param => param && !(param.key in best.p));
  if (known.length < 5 || !x || absent) {
    return { none: absent ? `${absent.key} does not exist with the best trial's values` : 'the model needs a few more trials' };
  }
  const places = known.map(({ p }) => encoded(params, p));
  const at = (more: Values): Said => said(known, places, encoded(params, { ...best.p, ...more }));
  const [xs, ys] = [grid(x, query.points), y ? grid(y, query.points) : [null]];
  const rows = ys.map(v => xs.map(u => at({ [x.key]: u, ...(y ? { [y.key]: v } : {}) })));
  const [mean, std, acquisition] = [
    rows.map(row => row.map(([m]) => m)),
    rows.map(row => row.map(([, s]) => s)),
    rows.map(row => row.map(([m, s]) => logImprovement((Number(best.v) - m) / s) + Math.log(s)))
  ];
  const line = { none: '', x: xs, mean: mean[0]!, std: std[0]!, acquisition: acquisition[0]! };
  return y ? { none: '', x: xs, y: ys, mean, std, acquisition } : line;
}

function said(trials: readonly WireTrial[], places: readonly number[][], at: readonly number[]): Said {
  let [sum, near] = [0, 0];
  places.forEach((place, i) => {
    const far = place.reduce((all, unit, d) => all + (unit - at[d]!) ** 2, 0);
    const weight = Math.exp(-far / 2);
    sum += weight * Math.log(Number(trials[i]!.v));
    near += weight;
  });
  const usual = Math.log(0.18);
  const mean = Math.exp((sum + 0.02 * usual) / (near + 0.02));
  return [mean, mean * (0.1 + 0.5 / (1 + 4 * near))];
}

/** Logarithm of the expected improvement over its standard deviation, near enough. */
function logImprovement(z: number): number {
  return z > -1 ? Math.log(Math.log1p(Math.exp(1.6 * z)) / 1.6) : -(z ** 2) / 2 - 2 * Math.log(1 - z) + 0.3;
}

function encoded(params: readonly Param[], values: Values): number[] {
  return params.map(param => {
    const held = values[param.key];
    return (held === undefined ? 0.5 : unitOf(param, held)) / (LENGTHS[param.key] ?? ELSE);
  });
}

function unitOf(param: Param, held: Scalar): number {
  if (param.choices) {
    return 0.4 * param.choices.indexOf(held);
  }
  const [low, high, x] = [param.low!, param.high!, Number(held)];
  return param.log ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
}

function grid(param: Param, points: number): Scalar[] {
  if (param.choices) {
    return param.choices;
  }
  const [low, high] = [param.low!, param.high!];
  const steps = param.step ? Math.round((high - low) / param.step) : points - 1;
  const all = Array.from({ length: steps + 1 }, (_, i) => {
    const x = param.log ? low * (high / low) ** (i / steps) : low + ((high - low) * i) / steps;
    return param.type === 'Int' ? Math.round(x) : x;
  });
  return [...new Set(all)];
}
