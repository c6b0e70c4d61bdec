/** The table's columns: how each shows, sorts, filters and copies a trial. */
import type { Column, Trial } from '../data/study';
import { metric, number, seconds, STATES } from '../format';
import type { State } from '../protocol';
import { paramSpec } from './params';
import { DEFAULTS, defined, exact, room, type Spec } from './spec';

/** What the columns depend on apart from the search space. */
export interface Shape {
  metric: string;
  maximize: boolean;
  reported: boolean;
  reasons: boolean;
  /** whether all values of the objective are whole numbers */
  whole: boolean;
}

const ORDER: readonly State[] = [
  'RUNNING',
  'WAITING',
  'COMPLETE',
  'PRUNED',
  'SKIPPED',
  'FAIL',
  'INTERRUPTED'
];
export function specsOf(columns: readonly Column[], shape: Shape): readonly Spec[] {
  return [
    numberSpec(),
    stateSpec(),
    valueSpec(shape),
    ...columns.map(paramSpec),
    secondsSpec(),
    ...(shape.reported ? [reportsSpec()] : []),
    ...(shape.reasons ? [reasonSpec()] : [])
  ];
}

/** A number to four digits with its trailing zeros, so that a column's points align. */
export function figure(x: number, whole: boolean): string {
  const size = Math.abs(x);
  return !Number.isFinite(x) || whole || x === 0 || size < 1e-4 || size >= 1e4
    ? number(x)
    : x.toPrecision(4).replace('-', '−');
}

function numberSpec(): Spec {
  return {
    ...DEFAULTS,
    id: 'trial',
    title: 'trial',
    hint: 'trial number',
    kind: 'number',
    width: 54,
    descFirst: true,
    key: trial => trial.n,
    text: trial => String(trial.n),
    raw: trial => String(trial.n),
    measure: trial => trial.n
  };
}

function stateSpec(): Spec {
  const word = (trial: Trial): string => STATES[trial.s][0];
  return {
    ...DEFAULTS,
    id: 'state',
    title: 'state',
    hint: 'how the trial stands',
    kind: 'choice',
    width: 97,
    choices: ORDER.map(key => ({ key, label: STATES[key][0] })),
    key: trial => ORDER.indexOf(trial.s),
    text: trial => (trial.b ? `${word(trial)} default` : word(trial)),
    raw: word,
    choice: trial => trial.s
  };
}

/** Whether it has a final value, which may be nan. */
export function isFinal({ s, v }: Trial): boolean {
  return s === 'COMPLETE' && v !== undefined;
}

function finalValue(trial: Trial): number {
  return isFinal(trial) ? trial.value : NaN;
}

function valueSpec({ metric: name, maximize, whole }: Shape): Spec {
  const title = metric(name);
  return {
    ...DEFAULTS,
    id: 'value',
    title,
    hint: `${title}: ${maximize ? 'larger' : 'smaller'} is better`,
    kind: 'number',
    end: true,
    width: room(title, 9),
    descFirst: maximize,
    key: trial => defined(finalValue(trial)),
    text: trial => {
      if (isFinal(trial)) {
        return figure(trial.value, whole);
      }
      const last = trial.curve.at(-1);
      return last === undefined ? '' : `(${figure(last, whole)})`;
    },
    raw: trial => exact(isFinal(trial) ? trial.value : undefined),
    measure: finalValue
  };
}

function secondsSpec(): Spec {
  return {
    ...DEFAULTS,
    id: 'seconds',
    title: 'seconds',
    hint: 'seconds it took',
    kind: 'number',
    end: true,
    width: room('seconds', 6),
    key: trial => trial.d,
    text: trial => (trial.d === undefined ? '' : seconds(trial.d)),
    raw: trial => exact(trial.d),
    measure: trial => trial.d ?? NaN
  };
}

function reportsSpec(): Spec {
  return {
    ...DEFAULTS,
    id: 'reports',
    title: 'reports',
    hint: 'intermediate values; sorts by how many there are',
    kind: 'text',
    width: 70,
    descFirst: true,
    key: trial => (trial.curve.length > 0 ? (trial.k ?? trial.curve.length) : undefined),
    text: () => '', // it is a picture
    raw: trial => trial.curve.map(exact).join(' ')
  };
}

function reasonSpec(): Spec {
  return {
    ...DEFAULTS,
    id: 'reason',
    title: 'reason',
    hint: 'why it has no value',
    kind: 'text',
    width: 80, // and what is left of the row
    key: trial => trial.e || undefined,
    text: trial => trial.e ?? '',
    raw: trial => trial.e ?? ''
  };
}
