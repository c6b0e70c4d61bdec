/** The best hyperparameters of a study as code, from what a notebook has kept of it. */
import type { SyntaxNode } from '@lezer/common';
import type { Saved, WireTrial } from '../../view.js';
import type { Call } from '../language/calls';
import type { Checked } from '../language/check';
import { annotations } from '../language/contents';
import { annotated, nameOf } from '../language/declarations';
import { evaluate, items } from '../language/literals';
import type { Change } from '../language/problem';
import { slice } from '../language/python';
import { general, repr, reprFloat, reprText } from '../language/values';

export interface Best {
  trial: WireTrial;
  /** values as Python, by the name of the hyperparameter */
  values: Map<string, string>;
  /** a comment that says where they are from */
  evidence: string;
}

/** The best complete trial; null if there is none. */
export function bestOf(saved: Saved): Best | null {
  const { info, trials, details } = saved;
  const complete = trials.filter(each => each.s === 'COMPLETE' && typeof each.v === 'number');
  const sign = info.maximize ? -1 : 1;
  const [trial] = complete.sort((a, b) => sign * ((a.v as number) - (b.v as number)) || a.n - b.n);
  if (!trial) {
    return null;
  }
  const values = new Map(info.params.flatMap(({ key, name, type }): [string, string][] => {
    const value = trial.p[key];
    return value === undefined ? [] : [[name, scalar(value, type)]];
  }));
  // choices that are objects go by a label; here they stand as the cell writes them
  for (const line of (details[trial.n]?.code ?? '').split('\n')) {
    const [, name, value] = /^(\S+) = (.+)$/.exec(line) ?? [];
    if (name && value && values.has(name)) {
      values.set(name, value);
    }
  }
  return { trial, values, evidence: evidence(saved, trial) };
}

function evidence({ info, trials }: Saved, trial: WireTrial): string {
  const ended = trials.filter(each => each.s !== 'RUNNING' && each.s !== 'INTERRUPTED').length;
  const name = reprText(info.name);
  const value = general(trial.v as number);
  const baseline = trials.find(each => each.b && each.s === 'COMPLETE' && typeof each.v === 'number');
  const before =
    baseline && baseline.n !== trial.n ? ` (defaults: ${general(baseline.v as number)})` : '';
  return (
    `# tuned by jupyter_hpo: study ${name}, run ${info.run}, ` +
    `trial ${trial.n} of ${ended}: ${info.metric} = ${value}${before}`
  );
}

function scalar(value: WireTrial['p'][string], type: string): string {
  switch (typeof value) {
    case 'string':
      return reprText(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return type === 'Float' || !Number.isInteger(value) ? reprFloat(value) : String(value);
    default:
      return 'None';
  }
}

/** A cell that sets the best values. */
export function cellOf({ evidence: comment, values }: Best): string {
  return [comment, ...[...values].map(([name, value]) => `${name} = ${value}`)].join('\n');
}

/** The right-hand sides of a cell's declarations changed to the best values, and what is missing. */
export function written(
  cell: Checked,
  saved: Saved,
  { trial, values }: Best
): { changes: Change[]; missing: string[] } {
  const { source } = cell;
  const changes: Change[] = [];
  const missing: string[] = [];
  for (const [name, plain] of values) {
    const places = placesOf(cell, name);
    // a name declared in several branches has a key for each, in their order
    const keys = saved.info.params.filter(each => each.name === name).map(each => each.key);
    const place = places[Math.max(keys.findIndex(key => key in trial.p), 0)] ?? places[0];
    if (!place) {
      missing.push(name);
      continue;
    }
    const value = asWritten(cell, place, plain);
    if (!place.value) {
      changes.push({ from: place.node.to, to: place.node.to, insert: ` = ${value}` });
    } else if (slice(source, place.value) !== value) {
      changes.push({ from: place.value.from, to: place.value.to, insert: value });
    }
  }
  return { changes, missing };
}

/** Where a value of a hyperparameter stands. */
interface Spot {
  node: SyntaxNode;
  value: SyntaxNode | null;
  call?: Call;
}

/** The declarations of a name; else annotations of it, which the kernel alone may understand. */
function placesOf({ source, declared }: Checked, name: string): Spot[] {
  const found = declared.filter(each => each.name === name);
  const told = annotations(source).flatMap(node => {
    const parts = annotated(node);
    return parts && nameOf(source, parts.target) === name ? [{ node, value: parts.value }] : [];
  });
  return found.length ? found : told;
}

/** A choice in the words of its declaration: with the quotes that the user likes. */
function asWritten({ source }: Checked, { call }: Spot, value: string): string {
  if (!call) {
    return value;
  }
  const [only] = call.positional;
  const list = call.positional.length === 1 && only && /^(Array|Tuple)Expression$/.test(only.name);
  const choices = list ? items(only) : call.positional;
  const same = choices.find(node => {
    const known = evaluate(source, node);
    return known !== undefined && repr(known) === value;
  });
  return call.kind === 'Categorical' && same ? slice(source, same) : value;
}
