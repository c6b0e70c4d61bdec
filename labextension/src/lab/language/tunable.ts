/** "Make this value tunable": a literal of any cell becomes a declared hyperparameter. */
import type { Parser, SyntaxNode } from '@lezer/common';
import { loads } from '../cell';
import { checked, plainAssignment } from './check';
import { bindings, contents } from './contents';
import { annotated } from './declarations';
import { evaluate } from './literals';
import { isKeyword } from './names';
import { direction, telling } from './objective';
import type { Change } from './problem';
import { children, parse, slice, statements, type Source } from './python';
import type { Elsewhere } from './reader';
import { declaration } from './suggest';

/** What is changed, and what is still to be done. */
export interface Tunable {
  name: string;
  changes: Change[];
  /** the range in the new text, to be looked at */
  range: { from: number; to: number };
  /** the objective that was filled in, `--minimize val_loss`; "" if none was */
  objective: string;
  needs: ('objective' | 'choices' | 'load')[];
}

const LITERAL = /^(Number|String|Boolean|ContinuedString)$/;
const OTHER_MAGIC = /^%%(?!tune(?!\w))/;

/**
 * The literal that is selected, or that the cursor is in; a part of a number means all of it, and so
 * does a text without its quotes.
 */
export function literalAt(source: Source, from: number, to: number): SyntaxNode | null {
  const text = source.text.slice(from, to);
  const start = from + text.length - text.trimStart().length;
  const end = from === to ? to : to - (text.length - text.trimEnd().length);
  for (const side of [1, -1] as const) {
    const inner = source.tree.resolveInner(side === 1 ? start : end, side);
    for (let node: SyntaxNode | null = inner; node; node = node.parent) {
      const around = from === to || node.name === 'Number';
      const exact = (node.from === start && node.to === end) || isContent(source, node, start, end);
      if ((exact || (around && node.from <= start && end <= node.to)) && (LITERAL.test(node.name) || isNegative(source, node))) {
        return isPlace(source, node) ? signed(source, node, around) : null;
      }
    }
  }
  return null;
}

/** Whether a selection is all that stands between the quotes of a text. */
function isContent(source: Source, node: SyntaxNode, from: number, to: number): boolean {
  const quote = node.name === 'String' && /^[A-Za-z]*("""|'''|"|')/.exec(slice(source, node));
  return !!quote && from < to && from === node.from + quote[0].length && to === node.to - quote[1]!.length;
}

function isNegative(source: Source, node: SyntaxNode): boolean {
  return node.name === 'UnaryExpression' && /^-\s*[\d.]/.test(slice(source, node));
}

/** The number with its sign, where the cursor is in the number. */
function signed(source: Source, node: SyntaxNode, cursor: boolean): SyntaxNode {
  const parent = node.parent;
  return cursor && parent && isNegative(source, parent) ? parent : node;
}

/** Whether a literal stands where it is a value: not in a declaration, nor for itself. */
function isPlace(source: Source, literal: SyntaxNode): boolean {
  if (source.tuned && literal.from < source.body) {
    return false;
  }
  for (let node = literal.parent; node; node = node.parent) {
    const parts = annotated(node);
    const ours = parts && /\(/.test(slice(source, parts.annotation));
    if (ours || /^(TypeDef|FormatString|FormatReplacement|ImportStatement|LiteralPattern)$/.test(node.name)) {
      return false;
    }
  }
  return literal.parent?.name !== 'ExpressionStatement';
}

/** Why a cell can have no hyperparameters; "" if it can. */
export function hindrance(text: string): string {
  return OTHER_MAGIC.exec(text) ? /^%%\S*/.exec(text)![0] : '';
}

export function makeTunable(
  source: Source,
  literal: SyntaxNode,
  parser: Parser,
  others: Elsewhere
): Tunable | null {
  const value = evaluate(source, literal);
  const plain = value && assignment(source, literal);
  const name = plain ? plain.name : unused(source, nameFor(source, literal));
  const written = slice(source, literal);
  const whole = value && declaration(name, value);
  if (!whole) {
    return null;
  }
  // the value as the user wrote it
  const declared = `${whole.slice(0, whole.lastIndexOf(' = '))} = ${written}`;
  const changes: Change[] = plain
    ? [{ from: plain.node.from, to: plain.node.to, insert: declared }]
    : [inserted(source, literal, declared), { from: literal.from, to: literal.to, insert: name }];
  const objective = source.tuned ? '' : objectiveOf(applied(source.text, changes), parser, others);
  if (!source.tuned) {
    const line = ['%%tune', objective].filter(Boolean).join(' ');
    changes.unshift({ from: 0, to: 0, insert: `${line}\n` });
  }
  const text = applied(source.text, changes);
  const at = text.indexOf(declared);
  const range = { from: at + name.length + 2, to: at + declared.lastIndexOf(' = ') };
  return { name, changes, range, objective, needs: needs(text, parser, others) };
}

function needs(text: string, parser: Parser, others: Elsewhere): Tunable['needs'] {
  const cell = checked(parse(text, parser), parser, others);
  const found: Tunable['needs'] = [];
  const given = cell.line.given.some(each => /^--m(in|ax)imize$/.test(each.option.flags[0]!));
  if (text.includes('"…"')) {
    found.push('choices');
  }
  if (!given) {
    found.push('objective');
  }
  if (!loads(others.sources())) {
    found.push('load');
  }
  return found;
}

function objectiveOf(text: string, parser: Parser, others: Elsewhere): string {
  const cell = checked(parse(`%%tune\n${text}`, parser), parser, others);
  const [first] = cell.candidates;
  return first && telling(first) ? `${direction(first)} ${first}` : '';
}

export function applied(text: string, changes: readonly Change[]): string {
  return [...changes]
    .reverse()
    .sort((a, b) => b.from - a.from || b.to - a.to)
    .reduce((all, { from, to, insert }) => all.slice(0, from) + insert + all.slice(to), text);
}

/** The assignment that a literal is all of, if it can become the declaration itself. */
function assignment(source: Source, literal: SyntaxNode): { node: SyntaxNode; name: string } | null {
  const node = literal.parent;
  const plain = node && plainAssignment(source, node);
  const value = node?.lastChild;
  const negative = node?.name === 'AssignStatement' && value?.from === literal.from && isNegative(source, value);
  if (!node || (!plain && !negative) || node.getChildren('AssignOp').length !== 1) {
    return null;
  }
  const target = node.firstChild!;
  const name = slice(source, target);
  const early = bindings(source).some(each => each.name === name && each.from < node.from);
  return target.name === 'VariableName' && !early && isOpen(node) ? { node, name } : null;
}

/** Whether a statement stands at the top of the cell, or in an `if` there. */
function isOpen(node: SyntaxNode): boolean {
  for (let each = node.parent; each; each = each.parent) {
    if (!/^(Script|StatementGroup|Body|IfStatement)$/.test(each.name)) {
      return false;
    }
  }
  return true;
}

/** A new line for a declaration, above the statement that a literal is in. */
function inserted(source: Source, literal: SyntaxNode, line: string): Change {
  let after: SyntaxNode | null = null;
  let leading = true;
  for (const node of statements(source.tree.topNode)) {
    if (node.from <= literal.from && literal.to <= node.to) {
      break;
    }
    const first = node.name === 'ImportStatement' || node.firstChild?.name === 'String' || isShell(source, node);
    leading &&= first || annotated(node) !== null;
    if (leading || annotated(node)) {
      after = node;
    }
  }
  if (!after) {
    const start = source.tuned ? source.body : 0;
    const missing = source.tuned && !source.text.includes('\n');
    return { from: start, to: start, insert: missing ? `\n${line}` : `${line}\n` };
  }
  const end = source.text.indexOf('\n', after.to);
  const at = end < 0 ? source.text.length : end;
  return { from: at, to: at, insert: `\n${line}` };
}

function isShell(source: Source, node: SyntaxNode): boolean {
  return /^[%!]/.test(slice(source, node));
}

/** A name for a value by where it stands. */
function nameFor(source: Source, literal: SyntaxNode): string {
  const before = literal.prevSibling;
  const parent = literal.parent;
  if (before && isNamed(source, before)) {
    return slice(source, before.prevSibling!);
  }
  if (before?.name === ':' && before.prevSibling?.name === 'String') {
    return slice(source, before.prevSibling).replace(/^\w*['"]+|['"]+$/g, '');
  }
  if (parent?.name === 'ArgList') {
    return ofCall(source, parent, literal);
  }
  if (parent && /^(Array|Tuple)Expression$/.test(parent.name)) {
    const name = nameFor(source, parent).replace(/_value$/, '');
    return `${name}_${place(parent, literal) + 1}`;
  }
  for (let node = parent; node; node = node.parent) {
    if (node.name === 'AssignStatement' && node.firstChild?.name === 'VariableName') {
      return `${slice(source, node.firstChild)}_value`;
    }
  }
  return 'value';
}

/** Whether it is the `=` of an argument, a parameter or an assignment. */
function isNamed(source: Source, sign: SyntaxNode): boolean {
  const name = sign.prevSibling;
  const argument = name && (isKeyword(source, name) || sign.parent?.name === 'ParamList');
  return sign.name === 'AssignOp' && name?.name === 'VariableName' && !!argument;
}

function ofCall(source: Source, list: SyntaxNode, literal: SyntaxNode): string {
  const called = slice(source, list.prevSibling!).split('.').at(-1) ?? 'value';
  const loop = list.parent?.parent;
  if (called === 'range' && loop?.name === 'ForStatement' && loop.getChild('VariableName')) {
    const target = slice(source, loop.getChild('VariableName')!);
    return target === '_' ? 'rounds' : target.endsWith('s') ? `${target}_count` : `${target}s`;
  }
  const at = place(list, literal);
  const snake = called.replace(/(?<=[a-z\d])(?=[A-Z])/g, '_').toLowerCase();
  return at || BUILTINS.has(snake) ? `${snake}_${at + 1}` : snake;
}

/** How many others stand before it. */
function place(list: SyntaxNode, item: SyntaxNode): number {
  return children(list).filter(child => child.name === ',' && child.from < item.from).length;
}

const BUILTINS = new Set('range int float str bool list dict set tuple len min max sum abs round print map zip'.split(' '));

/** A name that the cell does not use yet. */
function unused(source: Source, wish: string): string {
  const plain = /^[\p{L}_]\w*$/u.test(wish) ? wish : 'value';
  const uses = (name: string): boolean => contents(source).some(({ piece }) => piece.names.has(name));
  let name = plain;
  for (let number = 2; uses(name); number += 1) {
    name = `${plain}_${number}`;
  }
  return name;
}
