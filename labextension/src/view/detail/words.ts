/** A trial in words: what came of it, against the default and the best. */
import type { Glance, Trial } from '../data/study';
import { difference } from '../data/tell';
import { apart, bytes, count, duration, number, STATES, value } from '../format';
import type { Scalar, StudyState } from '../protocol';

/** "failed: RuntimeError: …"; a trial that runs in a paused study is parked. */
export function stateTold(trial: Trial, study: StudyState): string {
  const [word] = STATES[trial.s];
  const reason = trial.e ?? '';
  if (trial.s === 'RUNNING') {
    return study === 'running' ? 'running' : 'parked';
  }
  if (trial.s === 'WAITING') {
    return waits(trial);
  }
  return reason === '' || reason.startsWith(word) ? reason || word : `${word}: ${reason}`;
}

/** Since when a trial waits and what for; "" if it does not. */
export function waits({ s, a }: Trial): string {
  const since = a === undefined ? 'waits' : `waits since report ${a}`;
  return s === 'WAITING' ? `${since}; goes on if it is among the best` : '';
}

/** What is special about it: "the best", "the defaults", "asked for by you". */
export function roles(trial: Trial, seen: Glance): string[] {
  return [
    trial.n === seen.best?.n ? 'the best' : '',
    trial.b ? 'ran the defaults' : '',
    trial.q ? 'asked for by you' : ''
  ].filter(Boolean);
}

export interface Against {
  told: string;
  better: boolean | null;
}

/** "0.0065 (9.7 %) better than the default’s 0.067". */
export function against(
  trial: Trial,
  other: Trial | null,
  whose: string,
  maximize: boolean
): Against | null {
  if (!other || other.n === trial.n || Number.isNaN(trial.value) || Number.isNaN(other.value)) {
    return null;
  }
  const [, base] = apart(trial.value, other.value);
  if (trial.value === other.value) {
    return { told: `as good as ${whose}’s ${base}`, better: null };
  }
  const better = maximize ? trial.value > other.value : trial.value < other.value;
  const by = difference(trial.value, other.value);
  return { told: `${by}${better ? 'better' : 'worse'} than ${whose}’s ${base}`, better };
}

/** A value with all its digits. */
export function exact(x: number): string {
  return number(x, 17);
}

/** Facts about a run, by name, in the order of their use. */
export function facts(trial: Trial, now: number): [name: string, told: string][] {
  const parked = trial.z ?? [];
  const long = parked.reduce((sum, [from, to]) => sum + Math.max((to ?? now) - from, 0), 0);
  const times = parked.length === 1 ? '' : `, ${parked.length} times`;
  const found: [string, string | false][] = [
    [trial.s === 'WAITING' ? 'ran so far' : 'took', trial.d !== undefined && duration(trial.d)],
    ['ran in', (trial.w?.length ?? 0) > 1 && count(trial.w!.length, 'piece')],
    ['parked', parked.length > 0 && `${duration(long)}${times}`],
    ['peak memory', trial.m !== undefined && bytes(trial.m)],
    ['peak GPU memory', trial.g !== undefined && bytes(trial.g)],
    ['started', trial.t !== undefined && clockTime(trial.t)]
  ];
  return found.filter((fact): fact is [string, string] => fact[1] !== false);
}

/** Local date and time. */
export function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium'
  });
}

/** "27 reports, the smallest 0.06 at step 24". */
export function reportsTold(
  steps: readonly number[],
  curve: readonly number[],
  max: boolean
): string {
  let at = -1;
  curve.forEach((x, i) => {
    if (Number.isFinite(x) && (at < 0 || (max ? x > curve[at]! : x < curve[at]!))) {
      at = i;
    }
  });
  const many = count(curve.length, 'report');
  const side = max ? 'largest' : 'smallest';
  return at < 0 ? many : `${many}, ${side} ${number(curve[at]!)} at step ${steps[at]}`;
}

/** A logged value; numbers to six digits. */
export function logged(held: Scalar): string {
  return typeof held === 'number' && !Number.isInteger(held) ? number(held, 6) : value(held);
}
