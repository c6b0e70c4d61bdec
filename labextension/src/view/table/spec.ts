/** What a column of the table is. */
import type { Trial } from '../data/study';
import { value } from '../format';
import type { Scalar } from '../protocol';

/** What a sort compares; undefined is missing. */
export type Key = number | string | undefined;

export interface Choice {
  key: string;
  label: string;
}

export interface Spec {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  /** how it can be filtered: by a range, by choices, or by text only */
  readonly kind: 'number' | 'choice' | 'text';
  /** whether its values stand at the right edge */
  readonly end: boolean;
  readonly width: number;
  readonly descFirst: boolean;
  /** whether it is a hyperparameter that some trials lack */
  readonly conditional: boolean;
  readonly choices: readonly Choice[];
  key(trial: Trial): Key;
  /** as it is shown */
  text(trial: Trial): string;
  /** as it is copied, with all digits */
  raw(trial: Trial): string;
  /** for the range filter; NaN: none */
  measure(trial: Trial): number;
  /** for the choice filter, the key of one of `choices` */
  choice(trial: Trial): string;
}

export const NOT_ACTIVE = 'not active';
const LONGEST = 20; // characters of a value for which room is kept
const CHARACTER = 7.9; // px
const HEAD_CHARACTER = 7.4; // px
const PADDING = 15; // px
const ARROW = 11; // px, beside a head's name when it is sorted by

export const DEFAULTS = {
  end: false,
  descFirst: false,
  conditional: false,
  choices: [] as readonly Choice[],
  measure: () => NaN,
  choice: () => ''
};

/** A value as Python and spreadsheets read it. */
export function exact(held: Scalar | undefined): string {
  if (held === undefined) {
    return '';
  }
  if (typeof held === 'number') {
    return Number.isFinite(held) ? String(held) : Number.isNaN(held) ? 'nan' : plainInfinity(held);
  }
  return typeof held === 'string' ? held : value(held);
}

function plainInfinity(x: number): string {
  return x > 0 ? 'inf' : '-inf';
}

/** px for a column, by its name and the characters of its values */
export function room(title: string, characters: number): number {
  const head = title.length * HEAD_CHARACTER + ARROW;
  const cells = Math.min(characters, LONGEST) * CHARACTER;
  return Math.round(Math.min(Math.max(head, cells), LONGEST * CHARACTER) + PADDING);
}

export function defined(x: number): number | undefined {
  return Number.isNaN(x) ? undefined : x;
}
