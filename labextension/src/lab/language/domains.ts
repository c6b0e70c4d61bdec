/**
 * Ranges and choices with the rules, and the words, of `jupyter_hpo/domains`.
 *
 * What is not a literal is undefined, and whatever depends on it is left to the kernel.
 */
import { lattice, nearestStep, tooFine } from './steps';
import { equal, float, general, int, numeric, repr, reprFloat, same, short, type Value } from './values';

export type Kind = 'Float' | 'Int' | 'Categorical' | 'Bool';
export const KINDS: readonly Kind[] = ['Float', 'Int', 'Categorical', 'Bool'];

export interface NumberDomain {
  kind: 'Float' | 'Int';
  low: number | undefined;
  high: number | undefined;
  log: boolean | undefined;
  /** null: none */
  step: number | null | undefined;
}

export interface ChoiceDomain {
  kind: 'Categorical' | 'Bool';
  /** undefined where they cannot be counted; a choice that is no literal is undefined */
  choices: readonly (Value | undefined)[] | undefined;
}

export type Domain = NumberDomain | ChoiceDomain;

export function isNumber(domain: Domain): domain is NumberDomain {
  return domain.kind === 'Float' || domain.kind === 'Int';
}

/** What is wrong with a range, as the kernel says it. */
export class SpaceError extends Error {}

/** The arguments of a call, by their name. */
export type Arguments = ReadonlyMap<string, Value | undefined>;

const LARGEST_INT = 2 ** 53;
const LARGEST_LOG_INT = 2 ** 40;
const MOST_VALUES = 2 ** 50;

export function numberDomain(kind: 'Float' | 'Int', given: Arguments): NumberDomain {
  const read = kind === 'Float' ? real : whole;
  const [low, high] = [bound(read, given, 'low'), bound(read, given, 'high')];
  const log = given.has('log') ? given.get('log') : ({ type: 'bool', b: false } as const);
  if (kind === 'Int' && log?.type !== undefined) {
    checkSize(low, high, log);
  }
  const none = !given.has('step') || given.get('step')?.type === 'none';
  const step = none ? null : bound(read, given, 'step');
  if (log && log.type !== 'bool') {
    throw new SpaceError(`log is True or False, not ${short(log)}`);
  }
  const domain: NumberDomain = { kind, low, high, log: log?.b, step };
  checkRange(domain);
  return domain;
}

function bound(
  read: (value: Value, what: string) => number,
  given: Arguments,
  name: string
): number | undefined {
  const value = given.get(name);
  return value && read(value, name);
}

function checkSize(low: number | undefined, high: number | undefined, log: Value): void {
  const limit = log.type === 'bool' && log.b ? LARGEST_LOG_INT : LARGEST_INT;
  if ([low, high].some(each => each !== undefined && Math.abs(each) > limit)) {
    const words = limit === LARGEST_LOG_INT ? '2**40 on a log scale' : '2**53';
    throw new SpaceError(`whole numbers up to ${words} only; use Float for larger ones`);
  }
}

function checkRange(domain: NumberDomain): void {
  const { kind, low, high, log, step } = domain;
  const known = low !== undefined && high !== undefined;
  if (known && low > high) {
    const [l, h] = [shown(kind, low), shown(kind, high)];
    throw new SpaceError(`empty range: low (${l}) is above high (${h}); write ${kind}(${h}, ${l})`);
  }
  if (log && low !== undefined && low <= 0) {
    throw new SpaceError(
      `a log scale needs low > 0, and low is ${shown(kind, low)}; ` +
        'use a small positive low, or drop log=True'
    );
  }
  if (log && step !== null) {
    throw new SpaceError('log=True and step= exclude each other; drop one of them');
  }
  if (typeof step === 'number' && step <= 0) {
    throw new SpaceError(`step must be above 0, and is ${shown(kind, step)}`);
  }
  if (kind === 'Int' && known && (high - low) / (step ?? 1) + 1 > MOST_VALUES) {
    throw new SpaceError(
      `${described(domain)} has more than 2**50 values; use Float, or a larger step`
    );
  }
  if (kind === 'Float' && known && typeof step === 'number' && tooFine(low, high, step)) {
    throw new SpaceError(
      `step=${reprFloat(step)} is too small for values around ${reprFloat(high)}; drop it`
    );
  }
}

/** A number of a domain as Python shows it. */
export function shown(kind: 'Float' | 'Int', n: number): string {
  return kind === 'Int' ? String(n) : reprFloat(n);
}

function described({ kind, low, high, log, step }: NumberDomain): string {
  const scale = log ? ', log=True' : '';
  const steps = typeof step === 'number' ? `, step=${shown(kind, step)}` : scale;
  return `${kind}(${shown(kind, low!)}, ${shown(kind, high!)}${steps})`;
}

function real(value: Value, what: string): number {
  const n = numeric(value);
  if (n === undefined) {
    throw new SpaceError(`${what} must be a number, not ${short(value)}`);
  }
  if (!Number.isFinite(n)) {
    throw new SpaceError(`${what} must be finite, not ${reprFloat(n)}`);
  }
  return n + 0;
}

function whole(value: Value, what: string): number {
  if (value.type === 'bool' || value.type === 'str') {
    throw new SpaceError(`${what} must be a whole number, not ${short(value)}`);
  }
  if (value.type === 'int') {
    return value.n;
  }
  const n = real(value, what);
  const hint = Number.isInteger(n) ? `; write ${n}` : '; use Float for fractions';
  throw new SpaceError(`${what} of an Int must be a whole number, not ${reprFloat(n)}${hint}`);
}

/** Choices; undefined ones are no literals. */
export function choiceDomain(choices: readonly (Value | undefined)[] | undefined): ChoiceDomain {
  const domain: ChoiceDomain = { kind: 'Categorical', choices };
  if (choices?.length === 0) {
    throw new SpaceError('no choices; write, say, Categorical("relu", "tanh")');
  }
  choices?.forEach((choice, place) => {
    const scalar = choice && choice.type !== 'sequence';
    if (scalar && choices.slice(0, place).some(other => other && same(choice, other))) {
      throw new SpaceError(`the choice ${short(choice)} stands there twice`);
    }
  });
  return domain;
}

export const BOOL: ChoiceDomain = {
  kind: 'Bool',
  choices: [
    { type: 'bool', b: false },
    { type: 'bool', b: true }
  ]
};

/** Raise what the kernel says of a default that is none of the values. */
export function check(domain: Domain, value: Value): void {
  if (!isNumber(domain)) {
    checkChoice(domain, value);
    return;
  }
  const { kind, low, high, step } = domain;
  const n = kind === 'Float' ? real(value, 'the value') : whole(value, 'the value');
  if (low === undefined || high === undefined || step === undefined) {
    return;
  }
  if (!(low <= n && n <= high)) {
    throw new SpaceError(
      `${shown(kind, n)} is outside [${shown(kind, low)}, ${shown(kind, high)}]`
    );
  }
  if (step === null) {
    return;
  }
  const nearest = nearestStep(kind, low, high, step, n);
  if (Math.abs(nearest - n) > 1e-6 * step) {
    const below = kind === 'Int' ? 'the nearest below is' : 'the nearest is';
    throw new SpaceError(
      `${shown(kind, n)} is not on the steps of ${described(domain)}; ` +
        `${below} ${shown(kind, nearest)}`
    );
  }
}

function checkChoice({ choices }: ChoiceDomain, value: Value): void {
  const known = choices?.every(choice => choice !== undefined) ? (choices as Value[]) : undefined;
  if (known && !known.some(choice => equal(choice, value))) {
    throw new SpaceError(`${short(value)} is not one of ${known.map(short).join(', ')}`);
  }
}

/** Whether `check` takes it. */
export function holds(domain: Domain, value: Value): boolean {
  try {
    check(domain, value);
    return true;
  } catch {
    return false;
  }
}

/** A value for a domain as code: its first choice, or a round number in the middle. */
export function middle(domain: Domain): string | undefined {
  if (!isNumber(domain)) {
    const first = domain.choices?.[0];
    return first && repr(first);
  }
  const { kind, low, high, log, step } = domain;
  if (low === undefined || high === undefined || step === undefined || log === undefined) {
    return undefined;
  }
  const value = centre(kind, low, high, log, step);
  for (const digits of [1, 2, 3]) {
    const near = Number(general(value, digits));
    const rounded = kind === 'Int' ? int(Math.trunc(near)) : float(near);
    if (rounded && holds(domain, rounded)) {
      return repr(rounded);
    }
  }
  return shown(kind, value);
}

function centre(kind: string, low: number, high: number, log: boolean, step: number | null): number {
  if (kind === 'Int') {
    if (log) {
      return Math.min(Math.max(Math.round(Math.sqrt((low - 0.5) * (high + 0.5))), low), high);
    }
    const count = Math.floor((high - low) / (step ?? 1)) + 1;
    return low + Math.floor(0.5 * count) * (step ?? 1);
  }
  if (step !== null) {
    const values = lattice(low, high, step);
    return values.at(Math.floor(0.5 * values.size));
  }
  return log ? Math.exp((Math.log(low) + Math.log(high)) / 2) : low * 0.5 + high * 0.5;
}

/** The value of a domain that is nearest to another one, as code. */
export function nearest(domain: Domain, value: Value): string | undefined {
  const n = value.type === 'bool' ? undefined : numeric(value);
  if (!isNumber(domain)) {
    return middle(domain);
  }
  const { kind, low, high, step } = domain;
  if (n === undefined || Number.isNaN(n) || low === undefined || high === undefined) {
    return middle(domain);
  }
  const inside = Math.min(Math.max(n, low), high);
  if (typeof step === 'number') {
    return shown(kind, nearestStep(kind, low, high, step, inside));
  }
  return shown(kind, kind === 'Int' ? Math.trunc(inside) : inside);
}
