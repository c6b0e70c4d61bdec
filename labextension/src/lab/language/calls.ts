/** A call of one of our classes: its arguments bound as Python binds them, its domain. */
import type { SyntaxNode } from '@lezer/common';
import {
  BOOL, choiceDomain, numberDomain, SpaceError, type Arguments, type Domain, type Kind
} from './domains';
import { evaluate, items } from './literals';
import { children, slice, written, type Source } from './python';
import type { Value } from './values';

export interface Call {
  kind: Kind;
  node: SyntaxNode;
  positional: SyntaxNode[];
  keywords: { name: string; node: SyntaxNode; value: SyntaxNode | null }[];
  /** whether there are `*` or `**`, which only the kernel can take apart */
  starred: boolean;
}

/** What is wrong with a call, and whether an example of a right one is to follow. */
export class CallError extends Error {
  constructor(
    message: string,
    readonly example = false
  ) {
    super(message);
  }
}

const NAMES: Record<Kind, readonly string[]> = {
  Float: ['low', 'high'],
  Int: ['low', 'high'],
  Categorical: [],
  Bool: []
};
const KEYWORDS: Record<Kind, readonly string[]> = {
  Float: ['log', 'step', 'default', 'when'],
  Int: ['log', 'step', 'default', 'when'],
  Categorical: ['default', 'when'],
  Bool: ['default', 'when']
};

/** The arguments of a call; `node` is a CallExpression. */
export function readCall(source: Source, kind: Kind, node: SyntaxNode): Call {
  const call: Call = { kind, node, positional: [], keywords: [], starred: false };
  const list = node.lastChild;
  if (list?.name !== 'ArgList') {
    return call;
  }
  let argument: SyntaxNode[] = [];
  const finish = (): void => {
    const [first, sign] = argument;
    if (first?.name === '*' || first?.name === '**') {
      call.starred = true;
    } else if (sign?.name === 'AssignOp' && slice(source, sign) === '=') {
      call.keywords.push({ name: slice(source, first!), node: first!, value: argument[2] ?? null });
    } else if (first) {
      call.positional.push(first);
    }
    argument = [];
  };
  for (const child of children(list)) {
    if (child.name === ',' || child.name === ')') {
      finish();
    } else if (child.name !== '(' && child.name !== 'Comment') {
      argument.push(child);
    }
  }
  return call;
}

/** The domain of a call; null where only the kernel knows. CallError if it is wrong. */
export function domainOf(source: Source, call: Call): Domain | null {
  if (call.starred) {
    return null;
  }
  bind(source, call);
  try {
    return made(source, call);
  } catch (error) {
    throw error instanceof SpaceError ? new CallError(error.message) : error;
  }
}

function made(source: Source, call: Call): Domain {
  const { kind } = call;
  if (kind === 'Bool') {
    return BOOL;
  }
  const values = call.positional.map(node => evaluate(source, node));
  if (kind === 'Categorical') {
    return choiceDomain(choices(source, call, values));
  }
  const given: [string, Value | undefined][] = values.map((value, i) => [NAMES[kind][i]!, value]);
  call.keywords.forEach(each => given.push([each.name, evaluate(source, each.value)]));
  return numberDomain(kind, new Map(given) as Arguments);
}

function choices(
  source: Source,
  { positional }: Call,
  values: (Value | undefined)[]
): (Value | undefined)[] | undefined {
  const [only] = positional;
  if (positional.length !== 1 || !only) {
    return values;
  }
  if (only.name === 'ArrayExpression' || only.name === 'TupleExpression') {
    const inner = items(only);
    const starred = inner.some(node => node.name === '*');
    return starred ? undefined : inner.map(node => evaluate(source, node));
  }
  // a name may hold one list
  return values[0] ? values : undefined;
}

/** Raise the TypeError of Python where arguments do not fit the parameters. */
function bind(source: Source, call: Call): void {
  const { kind, positional, keywords } = call;
  const names = NAMES[kind];
  const bad = (message: string): CallError =>
    new CallError(`\`${written(source, call.node)}\`: ${kind} ${message}`, true);
  for (const { name } of keywords) {
    const place = names.indexOf(name);
    if (place < 0 && !KEYWORDS[kind].includes(name)) {
      throw bad(`got an unexpected keyword argument '${name}'`);
    }
    if (place >= 0 && place < positional.length) {
      throw bad(`got multiple values for argument '${name}'`);
    }
  }
  if (kind !== 'Categorical' && positional.length > names.length) {
    throw bad(tooMany(names.length + 1, positional.length + 1, keywords.map(each => each.name)));
  }
  const named = keywords.map(each => each.name);
  const missing = names.slice(positional.length).filter(name => !named.includes(name));
  if (missing.length) {
    const several = missing.length > 1 ? 's' : '';
    const list = missing.map(name => `'${name}'`).join(' and ');
    throw bad(`missing ${missing.length} required positional argument${several}: ${list}`);
  }
}

/** `self` is counted, as Python does. */
function tooMany(takes: number, were: number, keywords: string[]): string {
  const plural = takes > 1 ? 's' : '';
  const also = keywords.length
    ? ` positional arguments (and ${keywords.length} keyword-only argument${keywords.length > 1 ? 's' : ''})`
    : '';
  return `takes ${takes} positional argument${plural} but ${were}${also} were given`;
}
