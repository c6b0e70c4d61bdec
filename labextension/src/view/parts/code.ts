/** Hyperparameters as Python assignments, for when the kernel cannot be asked for them. */
import { valueOf, type Column, type Trial } from '../data/study';
import type { Scalar } from '../protocol';

export function code(trial: Trial, columns: readonly Column[]): string {
  return columns
    .map(column => [column.name, valueOf(trial, column)] as const)
    .filter(([, held]) => held !== undefined)
    .map(([name, held]) => `${name} = ${literal(held as Scalar)}`)
    .join('\n');
}

/** A value as Python writes it. */
export function literal(held: Scalar): string {
  if (held === null) {
    return 'None';
  }
  if (typeof held === 'boolean') {
    return held ? 'True' : 'False';
  }
  // what JSON escapes in a text, Python reads alike; lone surrogates and all
  return typeof held === 'number' ? String(held) : JSON.stringify(held);
}
