/** Sentences about a study; the same rules as `jupyter_hpo/view/glance.py`. */
import { apart, count, duration, metric, number, percent, STATES, value, whole } from '../format';
import type { Info } from '../protocol';
import { isDone, isUnfinished, valueOf, type Column, type Glance, type Trial } from './study';

/** "12 of 40 trials", "12 trials, 180 of 500 epochs". */
export function progress(info: Info, seen: Glance): string {
  const { aim, budget, state } = info;
  const most = aim === null ? null : Math.max(aim, seen.done);
  const trials = most === null ? count(seen.done, 'trial') : `${whole(seen.done)} of ${count(most, 'trial')}`;
  if (budget?.epochs) {
    return `${trials}, ${whole(epochs(seen))} of ${count(budget.epochs, 'epoch')}`;
  }
  const asks = budget !== null && budget.seconds === null && state === 'running';
  return asks ? `${trials}, while worthwhile` : trials;
}

/** Reports that there are; a trial that has ended without any counts as one. */
export function epochs(seen: Glance): number {
  return seen.trials.reduce((sum, trial) => {
    const reports = trial.k ?? trial.steps.length;
    return sum + Math.max(reports, isDone(trial) ? 1 : 0);
  }, 0);
}

/** How much of its trials, or of its budget, a study has had, from 0 to 1; null: no limit. */
export function progressed(info: Info, seen: Glance, ran: number): number | null {
  const { aim, budget } = info;
  const shares = [
    ...(aim === null ? [] : [aim > 0 ? seen.done / aim : 1]),
    ...(budget?.epochs ? [epochs(seen) / budget.epochs] : []),
    ...(budget?.seconds ? [ran / budget.seconds] : [])
  ];
  return shares.length > 0 ? Math.min(Math.max(...shares), 1) : null;
}

/** Seconds a trial has run, without the time it was parked. */
export function ranFor(trial: Trial, now: number): number {
  if (trial.d !== undefined) {
    return trial.d;
  }
  if (trial.t === undefined) {
    return 0;
  }
  const lasted = (parts: readonly [number, number | null][]): number =>
    parts.reduce((sum, [from, to]) => sum + (to ?? now) - from, 0);
  return Math.max(lasted(trial.w ?? [[trial.t, null]]) - lasted(trial.z ?? []), 0);
}

/** What the best value is next to the default's: `told` as a sentence, `better` if it is better. */
export function gain(info: Info, seen: Glance): { told: string; better: boolean } {
  const { best, baseline } = seen;
  const nothing = { told: '', better: false };
  if (!best || !baseline || !isDone(baseline)) {
    return nothing;
  }
  if (Number.isNaN(baseline.value)) {
    const [word] = STATES[baseline.s];
    return { ...nothing, told: `the default ${word}, so there is nothing to compare with` };
  }
  if (best.n === baseline.n || best.value === baseline.value) {
    const running = isUnfinished(info.state);
    const only = seen.complete.length === 1;
    const told = only
      ? `the default; no other trial has a value${running ? ' yet' : ''}`
      : running
        ? 'the default is the best so far'
        : 'nothing beat the default';
    return { ...nothing, told };
  }
  const side = best.value > baseline.value ? 'above' : 'below';
  const against = apart(best.value, baseline.value)[1];
  const told = `${difference(best.value, baseline.value)}${side} the default’s ${against}`;
  return { told, better: true };
}

export function difference(best: number, base: number): string {
  const absolute = Math.abs(best - base);
  if (!Number.isFinite(absolute)) {
    return '';
  }
  const relative = base === 0 ? Infinity : absolute / Math.abs(base);
  if (best * base < 0 || relative < 1e-4 || relative > 3) {
    return `${number(absolute, 3)} `;
  }
  return `${number(absolute, 3)} (${percent(relative)}) `;
}

/** The best value with as many digits as tell it from the default's. */
export function bestValue(seen: Glance): string {
  const { best, baseline } = seen;
  if (!best) {
    return '';
  }
  const base = baseline?.value ?? NaN;
  return Number.isNaN(base) ? number(best.value) : apart(best.value, base)[0];
}

/** "step 5: 0.081"; "" if the trial has reported nothing. */
export function lastReport(trial: Trial): string {
  const last = trial.steps.length - 1;
  return last < 0 ? '' : `step ${trial.steps[last]}: ${number(trial.curve[last]!)}`;
}

/** Share of the running trial that is done, by the steps of complete ones; null if unknown. */
export function share(trial: Trial, seen: Glance): number | null {
  const last = seen.complete.at(-1)?.steps.at(-1);
  const step = trial.steps.at(-1);
  if (last === undefined || step === undefined || last <= 0) {
    return null;
  }
  return Math.min((step + 1) / (last + 1), 1);
}

/** "lr 0.001, width 64". */
export function configuration(trial: Trial, columns: readonly Column[]): string {
  return columns
    .map(column => [column.name, valueOf(trial, column)] as const)
    .filter(([, held]) => held !== undefined)
    .map(([name, held]) => `${name} ${value(held)}`)
    .join(', ');
}

/** "5 waiting", "3 failed", "2 pruned": the trials that are neither complete nor running. */
export function others(seen: Glance): string[] {
  return (['WAITING', 'FAIL', 'PRUNED', 'SKIPPED', 'INTERRUPTED'] as const)
    .filter(state => seen.counts[state] > 0)
    .map(state => `${whole(seen.counts[state])} ${STATES[state][0]}`);
}

/** "3 trials failed, most often: MemoryError"; "" if none did. */
export function failures({ failed }: Glance): string {
  if (failed.length === 0) {
    return '';
  }
  const times = new Map<string, number>();
  failed.forEach(({ e = '' }) => times.set(e, (times.get(e) ?? 0) + 1));
  const [reason, most] = [...times].reduce((a, b) => (b[1] > a[1] ? b : a));
  const told = `${count(failed.length, 'trial')} failed`;
  if (most === 1 && failed.length > 1) {
    return `${told}, the latest: ${failed.at(-1)!.e ?? ''}`;
  }
  const often = failed.length === 1 ? '' : times.size === 1 ? ', each time' : ', most often';
  return reason ? `${told}${often}: ${reason}` : told;
}

/** What a trial that has not ended does: it runs, is parked, or was left when its kernel ended. */
export type Unended = 'running' | 'parked' | 'unfinished';

export function unended(info: Info, lost: string): Unended {
  return lost ? 'unfinished' : info.state === 'running' ? 'running' : 'parked';
}

/** The whole study in a sentence, for those who do not see it. */
export function summary(info: Info, seen: Glance, lost = ''): string {
  const over = info.state === 'failed' || info.state === 'finished';
  const is = over ? 'has' : lost ? 'was' : 'is';
  const parts = [`Study ${info.name} ${is} ${info.state}: ${progress(info, seen)}`];
  if (seen.best) {
    const { told } = gain(info, seen);
    const best = `best ${metric(info.metric)} ${bestValue(seen)} in trial ${seen.best.n}`;
    parts.push(told ? `${best}, ${told}` : best);
  }
  return `${parts.join('; ')}.`;
}

/** Seconds a study has run, at a time of the kernel's clock. */
export function ranSeconds(info: Info, told: number, now: number): number {
  return info.elapsed + (info.ticking ? Math.max(now - told, 0) : 0);
}

/** "3 min 05 s", "3 min 05 s of 10 min" where time is the budget; "" if it has not run. */
export function elapsed(info: Info, told: number, now: number): string {
  const seconds = ranSeconds(info, told, now);
  const of = info.budget?.seconds ? ` of ${duration(info.budget.seconds).replace(/ 00 (s|min)$/, '')}` : '';
  return seconds > 0 ? `${duration(seconds)}${of}` : '';
}
