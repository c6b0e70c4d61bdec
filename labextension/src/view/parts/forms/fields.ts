/** The form of a configuration: one field per name, and what its texts mean. */
import type { Column } from '../../data/study';
import { value } from '../../format';
import type { Param, Scalar, Values } from '../../protocol';
import { holds, type Verdict } from './condition';
import { misfit, noNumber, parsed, rangeTold, typed } from './numbers';

export interface Field {
  readonly name: string;
  /** one for each branch that the name is declared in */
  readonly params: readonly Param[];
  /** what can be chosen; null where a number is typed */
  readonly choices: readonly Scalar[] | null;
}

/** What stands in the fields, by name: a number as text, the place of a choice; "": not given. */
export type Texts = Readonly<Record<string, string>>;

export type Read = { value: Scalar } | { problem: string } | null;

export function fieldsOf(columns: readonly Column[]): Field[] {
  return columns.map(({ name, params }) => {
    const listed = params.every(param => param.choices);
    return { name, params, choices: listed ? union(params) : null };
  });
}

function union(params: readonly Param[]): Scalar[] {
  return [...new Set(params.flatMap(param => param.choices ?? []))];
}

/** A value as the text of its field. */
export function textOf(field: Field, held: Scalar | undefined): string {
  if (held === undefined) {
    return '';
  }
  if (field.choices) {
    const place = field.choices.indexOf(held);
    return place < 0 ? '' : String(place);
  }
  return held === null ? '' : typeof held === 'number' ? typed(held) : String(held);
}

/** What stands in a field; null if it is left empty. */
export function read(field: Field, texts: Texts, params: readonly Param[] = field.params): Read {
  const text = (texts[field.name] ?? '').trim();
  if (text === '') {
    return null;
  }
  if (field.choices) {
    const chosen = field.choices[Number(text)] as Scalar;
    const some = params.some(param => param.choices?.includes(chosen));
    const offered = union(params).map(value).join(', ');
    return some ? { value: chosen } : { problem: `one of ${offered}` };
  }
  return readNumber(text, params);
}

function readNumber(text: string, params: readonly Param[]): Read {
  const named = params.flatMap(param => param.choices ?? []).find(choice => value(choice) === text);
  if (named !== undefined) {
    return { value: named };
  }
  const number = parsed(text);
  if (number === null) {
    return { problem: noNumber(text) };
  }
  const problems = params.filter(param => !param.choices).map(param => misfit(param, number));
  const problem = problems.includes('') ? '' : problems.filter(Boolean).join(', or ');
  return problem ? { problem } : { value: number };
}

/** Whether a parameter exists, as far as can be told from the fields above it. */
export function existence(param: Param, fields: readonly Field[], texts: Texts): Verdict {
  if (!param.condition) {
    return true;
  }
  if (param.dynamic) {
    return null; // only the run shows it
  }
  return holds(param.condition, name => {
    const field = fields.find(each => each.name === name);
    const held = field && read(field, texts);
    if (held && 'value' in held) {
      return held.value;
    }
    // an empty field stands for the default
    const [only, ...others] = field?.params ?? [];
    return held === null && only && others.length === 0 ? (only.default ?? undefined) : undefined;
  });
}

/** The parameters a field may be about with what stands in the others; none: it is not used. */
export function possible(field: Field, fields: readonly Field[], texts: Texts): Param[] {
  return field.params.filter(param => existence(param, fields, texts) !== false);
}

/** The fields filled with a trial's values. */
export function filledWith(fields: readonly Field[], held: Values): Texts {
  return Object.fromEntries(
    fields.map(field => {
      const key = field.params.find(param => held[param.key] !== undefined)?.key;
      return [field.name, textOf(field, key === undefined ? undefined : held[key])];
    })
  );
}

/** The fields filled with the defaults of what exists with them. */
export function filledWithDefaults(fields: readonly Field[]): Texts {
  const texts: Record<string, string> = {};
  for (const field of fields) {
    const sure = field.params.find(param => existence(param, fields, texts) === true);
    texts[field.name] = sure ? textOf(field, sure.default ?? undefined) : '';
  }
  return texts;
}

export interface Wanted {
  /** what is to be sent, by name */
  values: Record<string, Scalar>;
  /** what is wrong, by name */
  problems: Record<string, string>;
}

/** All that stands in the fields; those of other branches are left out. */
export function wanted(fields: readonly Field[], texts: Texts): Wanted {
  const found: Wanted = { values: {}, problems: {} };
  for (const field of fields) {
    const params = possible(field, fields, texts);
    const held = params.length > 0 ? read(field, texts, params) : null;
    if (held && 'value' in held) {
      found.values[field.name] = held.value;
    } else if (held) {
      found.problems[field.name] = held.problem;
    }
  }
  return found;
}

/** What may stand in a field: "1e-5 to 0.1, log scale"; "" for choices, which are listed anyway. */
export function hint(params: readonly Param[]): string {
  const told = params.map(param =>
    param.choices ? param.choices.map(value).join(', ') : rangeTold(param)
  );
  return [...new Set(told)].join(', or ');
}

/** When parameters exist: "only if norm"; "" if always. */
export function conditionTold(params: readonly Param[]): string {
  const conditions = params.map(param => param.condition.replace(/^\s*if\s+/, ''));
  return conditions.includes('') ? '' : `only if ${[...new Set(conditions)].join(', or if ')}`;
}

/** "lr 0.01, width 64". */
export function told(values: Values): string {
  return Object.entries(values)
    .map(([name, held]) => isolated(`${name} ${value(held)}`))
    .join(', ');
}

/** Text of which no character turns around what stands after it. */
function isolated(text: string): string {
  return /[\u202a-\u202e\u2066-\u2069]/.test(text) ? `\u2068${text}\u2069` : text;
}
