/** Numbers, times and values as people read them; the same rules as `jupyter_hpo/view/words.py`. */
import type { Float, Scalar, State, StudyState } from './protocol';

/** A float of the wire as a number. */
export function real(x: Float | undefined | null): number {
  if (x === 'inf') {
    return Infinity;
  }
  return x === '-inf' ? -Infinity : typeof x === 'number' ? x : NaN;
}

/** To `digits` significant digits, plain where that is readable. */
export function number(x: number, digits = 4): string {
  if (!Number.isFinite(x)) {
    return Number.isNaN(x) ? 'nan' : x > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [mantissa, exponent] = x.toExponential(digits - 1).split('e') as [string, string];
    const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
    return minus(`${short}e${Number(exponent)}`);
  }
  const text = size >= 10 ** digits ? x.toFixed(0) : String(Number(x.toPrecision(digits)));
  return minus(text === '-0' ? '0' : text);
}

function minus(text: string): string {
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
}

/** Two numbers with as many digits as show their difference, to a tenth of it. */
export function apart(a: number, b: number): [string, string] {
  let digits = 4;
  const round = (x: number): number => Number(x.toPrecision(digits));
  if (a !== b && Number.isFinite(a - b)) {
    while (digits < 16 && Math.abs(round(a) - round(b) - (a - b)) > Math.abs((a - b) / 10)) {
      digits += 1;
    }
  }
  return [number(a, digits), number(b, digits)];
}

export function percent(ratio: number): string {
  const share = Math.abs(ratio) * 100;
  if (share > 99 && share < 100) {
    return 'over 99 %';
  }
  return `${share >= 9.95 ? share.toFixed(0) : Number(share.toPrecision(2))} %`;
}

/** "350 ms", "12 s", "2 min 05 s", "3 h 20 min". */
export function duration(s: number): string {
  if (!Number.isFinite(s)) {
    return '?';
  }
  if (s < 0.9995) {
    return `${Math.max(s * 1000, 0).toFixed(0)} ms`;
  }
  if (s < 9.95) {
    return `${s.toFixed(1)} s`;
  }
  const whole = Math.round(s);
  const two = (x: number): string => String(x).padStart(2, '0');
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  }
  if (whole < 86400) {
    return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  }
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

/** Seconds for a column of figures. */
export function seconds(s: number): string {
  return s.toFixed(s >= 999.95 ? 0 : s >= 9.995 ? 1 : s >= 0.0095 ? 2 : 4);
}

/** Bytes, in decimal units: "1.2 GB". */
export function bytes(count: number): string {
  let amount = count;
  for (const unit of ['bytes', 'kB', 'MB', 'GB']) {
    if (amount < 999.5) {
      return `${Number(amount.toPrecision(3))} ${unit}`;
    }
    amount /= 1000;
  }
  return `${amount.toFixed(1)} TB`;
}

const grouped = new Intl.NumberFormat('en'); // making one takes longer than all else here

/** With commas between thousands. */
export function whole(n: number): string {
  return grouped.format(n);
}

export function count(n: number, noun: string): string {
  return `${whole(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** A hyperparameter's value for a cell of the table. */
export function value(x: Scalar | undefined): string {
  if (x === undefined) {
    return '';
  }
  if (typeof x === 'number') {
    return Number.isInteger(x) && Math.abs(x) < 1e15 ? minus(String(x)) : number(x);
  }
  return x === null ? 'None' : typeof x === 'boolean' ? (x ? 'True' : 'False') : x;
}

/** A state in a word and the mark that goes with it. */
export const STATES: Readonly<Record<State, readonly [word: string, mark: string]>> = {
  RUNNING: ['running', '●'],
  WAITING: ['waiting', '○'],
  COMPLETE: ['complete', '✓'],
  PRUNED: ['pruned', '⊘'],
  SKIPPED: ['skipped', '»'],
  FAIL: ['failed', '✕'],
  INTERRUPTED: ['interrupted', '■']
};

export const STUDY_MARKS: Readonly<Record<StudyState, string>> = {
  running: '●',
  paused: '❚❚',
  finished: '✓',
  stopped: '■',
  failed: '✕'
};

/** What the objective is called. */
export function metric(name: string): string {
  return name === '_' ? 'last expression' : name;
}
