/** Trials as tab-separated text. */
import type { Trial } from '../data/study';
import type { Spec } from './spec';

/** A head and a line for each trial; values with all their digits. */
export function tsv(trials: readonly Trial[], specs: readonly Spec[]): string {
  const lines = [specs.map(spec => cell(spec.title)), ...trials.map(trial => row(trial, specs))];
  return lines.map(line => `${line.join('\t')}\n`).join('');
}

function row(trial: Trial, specs: readonly Spec[]): string[] {
  return specs.map(spec => cell(spec.raw(trial)));
}

function cell(text: string): string {
  return text.replace(/[\t\r\n\u2028\u2029]+/g, ' ');
}
