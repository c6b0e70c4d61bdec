/** The syntax tree of a cell, by the parser that JupyterLab's editor has. */
import {
  TreeFragment, type ChangedRange, type Parser, type SyntaxNode, type Tree, type TreeBuffer
} from '@lezer/common';
import { MAGIC } from '../cell';

/** A parsed cell; positions are those of the editor. */
export interface Source {
  readonly text: string;
  readonly tree: Tree;
  /** where what is below the first line begins */
  readonly body: number;
  /** whether the first line is a `%%tune` */
  readonly tuned: boolean;
  /** whether there are lines below that are IPython's and not Python's */
  readonly magics: boolean;
  /** what the parser was given, and what of the tree may be used again */
  readonly masked: string;
  readonly fragments: readonly TreeFragment[];
}

// lines that only IPython understands: %magic, !shell, name = !shell, ?help and help?
const SHELL = /^[ \t]*(?:[%!?]|[\w, \t]*=[ \t]*(?=[%!]))|^[^#"']*\?[ \t]*$/;
const SIGN = /[%!?]/g;
// floats without digits after the point, which the editor's parser takes for attributes
const POINT = /(?<![\w.])(\d[\d_]*)\.(?=[eEjJ]|(?![\w.]))/g;
const BUFFER = 128; // numbers, four for each node
const CLOSED = new Set([
  'ArgList', 'ParenthesizedExpression', 'TupleExpression', 'ArrayExpression', 'MemberExpression',
  'DictionaryExpression', 'SetExpression', 'ComprehensionExpression', 'ArrayComprehensionExpression',
  'DictionaryComprehensionExpression', 'SetComprehensionExpression', 'String', 'FormatString',
  'ContinuedString', 'ParamList'
]);

/**
 * Parse a cell, using again what is left of an earlier tree.
 *
 * The `%%tune` line is masked as a comment, IPython's lines as the number 0, and `1.` as `10`: the
 * parser sees a text of the same length.
 */
export function parse(
  text: string,
  parser: Parser,
  former?: Source,
  changes?: readonly ChangedRange[]
): Source {
  const tuned = MAGIC.test(text);
  const end = text.indexOf('\n');
  const body = end < 0 ? text.length : end + 1;
  const head = tuned ? `#${text.slice(1, body)}` : text.slice(0, body);
  const whole = head + text.slice(body).replace(POINT, '$10');
  let masked = whole;
  const lines = shellLines(masked, tuned ? body : 0);
  const usable =
    former && changes && !lines.length && !former.magics && former.tuned === tuned
      ? TreeFragment.applyChanges(former.fragments, changes)
      : [];
  const fine = finely(parser);
  let tree = fine.parse(masked, usable);
  // a line that continues an expression may begin with % as well
  for (let rest = lines; rest.length; ) {
    const magics = rest.filter(line => !isInside(tree, line.start));
    if (!magics.length) {
      break;
    }
    magics.forEach(line => (masked = withoutMagic(masked, line)));
    rest = rest.filter(line => !magics.includes(line));
    tree = fine.parse(masked);
  }
  // around an error a tree depends on what was used again: it would depend on all edits before
  const fragments = isWhole(tree) ? TreeFragment.addTree(tree) : usable;
  return { text, tree, body, tuned, masked, magics: masked !== whole, fragments };
}

/** A line, and where it begins. */
interface Row {
  start: number;
  text: string;
}

const whole = new WeakMap<Tree, boolean>();

/** Whether all in it could be parsed. */
function isWhole(tree: Tree | TreeBuffer): boolean {
  if ('buffer' in tree) {
    const { buffer, set } = tree;
    for (let at = 0; at < buffer.length; at += 4) {
      if (set.types[buffer[at]!]!.isError) {
        return false;
      }
    }
    return true;
  }
  let known = whole.get(tree);
  if (known === undefined) {
    whole.set(tree, (known = !tree.type.isError && tree.children.every(isWhole)));
  }
  return known;
}

const fineParsers = new WeakMap<Parser, Parser>();

/**
 * The same parser, whose trees can be used again statement by statement: it packs small ones into
 * buffers otherwise, which are made anew as a whole.
 */
function finely(parser: Parser): Parser {
  let fine = fineParsers.get(parser);
  if (!fine) {
    const { configure } = parser as Partial<{ configure(how: { bufferLength: number }): Parser }>;
    fine = configure?.call(parser, { bufferLength: BUFFER }) ?? parser;
    fineParsers.set(parser, fine);
  }
  return fine;
}

/** Lines that look like IPython's. */
function shellLines(text: string, from: number): Row[] {
  const found: Row[] = [];
  SIGN.lastIndex = from;
  while (SIGN.test(text)) {
    const at = SIGN.lastIndex - 1;
    const start = text.lastIndexOf('\n', at) + 1;
    // a line after a backslash goes on with the one above, of Python's or of the shell's
    const [line] = /(?:.*\\\n)*.*/y.exec(text.slice(start))!;
    if (text.slice(start - 2, start) !== '\\\n' && SHELL.test(line.split('\n')[0]!)) {
      found.push({ start, text: line });
    }
    SIGN.lastIndex = Math.max(start + line.length, at + 1);
  }
  return found;
}

/** Whether a line begins inside an expression of the lines above. */
export function isInside(tree: Tree, start: number): boolean {
  for (let node: SyntaxNode | null = tree.resolveInner(start, 1); node; node = node.parent) {
    if (node.from < start && CLOSED.has(node.name)) {
      return true;
    }
  }
  return false;
}

function withoutMagic(text: string, { start, text: written }: Row): string {
  const sign = /=[ \t]*(?=[%!])/.exec(written);
  const from = sign && !/^[ \t]*[%!?]/.test(written) ? sign.index + 1 : written.search(/\S/);
  const mask = `0${written.slice(from + 1).replace(/[^\n]/g, ' ')}`;
  return text.slice(0, start + from) + mask + text.slice(start + written.length);
}

export function slice(source: Source, node: { from: number; to: number }): string {
  return source.text.slice(node.from, node.to);
}

/** A node as it is written, on one line: for messages. */
export function written(source: Source, node: { from: number; to: number }): string {
  return slice(source, node).replace(/\s*\n\s*/g, ' ');
}

/** The number of the line that a position is on, the first being 1. */
export function lineOf(source: Source, position: number): number {
  let line = 1;
  for (let at = source.text.indexOf('\n'); at >= 0 && at < position; at = source.text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    found.push(child);
  }
  return found;
}

/** The statements of a script or a block, those on one line taken apart. */
export function statements(block: SyntaxNode): SyntaxNode[] {
  return children(block).flatMap(statementsOf);
}

/** A statement of a script or a block, or those on one line; none if it is a sign between two. */
export function statementsOf(child: SyntaxNode): SyntaxNode[] {
  if (child.name === 'StatementGroup') {
    return statements(child);
  }
  return SIGNS.has(child.name) ? [] : [child];
}

export const SIGNS = new Set([':', ';', ',', '(', ')', '[', ']', '{', '}', 'Comment', '⚠']);

/** Whether something in it cannot be parsed. */
export function broken(node: SyntaxNode): boolean {
  const cursor = node.cursor();
  do {
    if (cursor.type.isError) {
      return true;
    }
  } while (cursor.next() && cursor.from < node.to);
  return false;
}

/** A node and all below it. */
export function walk(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const add = (each: SyntaxNode): void => {
    found.push(each);
    for (let child = each.firstChild; child; child = child.nextSibling) {
      add(child);
    }
  };
  add(node);
  return found;
}
