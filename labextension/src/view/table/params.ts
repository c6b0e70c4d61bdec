/** The columns of the hyperparameters. */
import { valueOf, type Column, type Trial } from '../data/study';
import { value } from '../format';
import type { Scalar } from '../protocol';
import {
  DEFAULTS,
  defined,
  exact,
  NOT_ACTIVE,
  room,
  type Choice,
  type Spec
} from './spec';

const SAMPLES = [0.0123456, 0.456789]; // shares of a range, for the digits that values in it take

const OTHER: Choice = { key: 'other', label: 'other values' };

/** The choices of a categorical hyperparameter, those of all its branches, in order. */
export class Choices {
  readonly all: Choice[] = [];
  /** those to filter by, that it is not active among them */
  readonly offered: Choice[];
  private readonly places = new Map<string, number>();

  constructor(
    private readonly column: Column,
    conditional: boolean
  ) {
    this.offered = conditional ? [{ key: NOT_ACTIVE, label: NOT_ACTIVE }] : [];
    column.params.flatMap(param => param.choices ?? []).forEach(held => this.place(held));
  }

  /** A choice that is none now, as it was taken away, comes after the others. */
  place(held: Scalar): number {
    const key = JSON.stringify(held);
    const place = this.places.get(key);
    if (place !== undefined) {
      return place;
    }
    // numbers of a range, next to choices of a namesake, are one choice
    const ranged = typeof held === 'number' && this.column.params.some(param => !param.choices);
    return ranged ? this.add(OTHER) : this.add({ key, label: value(held) });
  }

  private add(choice: Choice): number {
    let place = this.places.get(choice.key);
    if (place === undefined) {
      place = this.all.push(choice) - 1;
      this.places.set(choice.key, place);
      this.offered.splice(place, 0, choice);
    }
    return place;
  }
}

export function paramSpec(column: Column): Spec {
  const title = column.name;
  const held = (trial: Trial): Scalar | undefined => valueOf(trial, column);
  const common = {
    ...DEFAULTS,
    id: `p:${title}`,
    title,
    hint: hintOf(column),
    conditional: column.params.some(param => param.condition !== ''),
    text: (trial: Trial) => value(held(trial)),
    raw: (trial: Trial) => exact(held(trial))
  };
  return column.numeric
    ? { ...common, ...numericOf(column, held) }
    : { ...common, ...choosableOf(column, held, common.conditional) };
}

type Held = (trial: Trial) => Scalar | undefined;

function numericOf(
  column: Column,
  held: Held
): Pick<Spec, 'kind' | 'end' | 'width' | 'key' | 'measure'> {
  const measure = (trial: Trial): number => {
    const found = held(trial);
    return typeof found === 'number' ? found : NaN;
  };
  const width = room(column.name, longest(numbersOf(column)));
  return { kind: 'number', end: true, width, key: trial => defined(measure(trial)), measure };
}

function choosableOf(
  column: Column,
  held: Held,
  conditional: boolean
): Pick<Spec, 'kind' | 'width' | 'choices' | 'key' | 'measure' | 'choice'> {
  const choices = new Choices(column, conditional);
  const place = (trial: Trial): number | undefined => {
    const found = held(trial);
    return found === undefined ? undefined : choices.place(found);
  };
  return {
    kind: 'choice',
    width: room(column.name, longest(choices.all.map(({ label }) => label))),
    choices: choices.offered,
    // in the order in which they were declared: that of "small", "medium", "large"
    key: place,
    measure: trial => place(trial) ?? NaN,
    choice: trial => {
      const found = place(trial);
      return found === undefined ? NOT_ACTIVE : choices.all[found]!.key;
    }
  };
}

function hintOf({ name, params }: Column): string {
  const told = params.map(({ low, high, log, choices, condition }) => {
    const domain = choices
      ? choices.map(value).join(', ')
      : `${value(low)} to ${value(high)}${log ? ', log scale' : ''}`;
    return condition ? `${domain}, ${condition}` : domain;
  });
  return `${name}: ${[...new Set(told)].join('; or ')}`;
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(text => text.length), 1);
}

/** Numbers as its cells may show them. */
function numbersOf({ params }: Column): string[] {
  return params.flatMap(({ type, low = 0, high = 1, step, log, choices }) => {
    if (choices) {
      return choices.map(value);
    }
    const shares = SAMPLES.map(share =>
      log ? low ** (1 - share) * high ** share : low + (high - low) * share
    );
    const some = type === 'Int' ? [low, high] : step ? [low, low + step, high] : shares;
    return some.map(value);
  });
}
