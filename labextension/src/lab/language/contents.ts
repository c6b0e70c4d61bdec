/** What a cell holds, statement by statement; of those that an edit leaves alone it is known. */
import type { SyntaxNode, Tree } from '@lezer/common';
import { KINDS } from './domains';
import { boundBy, imported, isKeyword, type Binding } from './names';
import { children, slice, statementsOf, walk, type Source } from './python';

/** What is known of a statement at the margin; positions are counted from where it begins. */
interface Piece {
  /** whether something cannot be parsed */
  broken: boolean;
  /** whether nothing in it can be a declaration, or be meant as one */
  inert: boolean;
  /** what it binds outside of functions, and by `global` inside */
  bound: readonly Binding[];
  nested: readonly Binding[];
  /** names, but for those of arguments, `name=…` */
  names: ReadonlySet<string>;
  read: ReadonlySet<string>;
  /** names of imports, not of those in a block */
  imports: readonly string[];
  /** whether all names of a module are imported, in a block or not */
  stars: boolean;
  /** names of loops' targets, functions, classes, imports, and of errors that are caught */
  helpers: readonly string[];
  /** annotated assignments, wherever they stand */
  annotated: readonly number[];
}

/** A statement, or a sign between two, and what it holds. */
interface Placed {
  node: SyntaxNode;
  piece: Piece;
}

const known = new WeakMap<Source, Placed[]>();
// the parser uses the trees of what has not changed again
const pieces = new WeakMap<Tree, Piece>();
const DECLARING = new RegExp(KINDS.join('|'));

export function contents(source: Source): readonly Placed[] {
  let found = known.get(source);
  if (!found) {
    found = children(source.tree.topNode).map(node => ({ node, piece: pieceOf(source, node) }));
    known.set(source, found);
  }
  return found;
}

/** Every place where the cell binds, or deletes, a global name, in the order of execution. */
export function bindings(source: Source): Binding[] {
  const all = contents(source);
  const moved = (of: readonly Binding[], by: number): Binding[] =>
    of.map(({ name, from, nested }) => ({ name, from: from + by, nested }));
  return [
    ...all.flatMap(({ node, piece }) => moved(piece.bound, node.from)),
    ...all.flatMap(({ node, piece }) => moved(piece.nested, node.from))
  ];
}

/** Whether a name is read, also in functions. */
export function isRead(source: Source, name: string): boolean {
  return contents(source).some(({ piece }) => piece.read.has(name));
}

/** Names that are read, also in functions. */
export function reads(source: Source): Set<string> {
  return new Set(contents(source).flatMap(({ piece }) => [...piece.read]));
}

/** Annotated assignments in all the cell, or in one of its statements. */
export function annotations(source: Source, within?: { from: number; to: number }): SyntaxNode[] {
  const found = contents(source).flatMap(({ node, piece }) => piece.annotated.map(at => node.from + at));
  const wanted = within ? found.filter(at => within.from < at && at < within.to) : found;
  return wanted.map(at => assignmentAt(source, at));
}

function assignmentAt(source: Source, from: number): SyntaxNode {
  let node: SyntaxNode | null = source.tree.resolveInner(from, 1);
  while (node && (node.name !== 'AssignStatement' || node.from !== from)) {
    node = node.parent;
  }
  return node!;
}

function pieceOf(source: Source, node: SyntaxNode): Piece {
  const tree = node.tree; // none where it is too small for one
  const former = tree && pieces.get(tree);
  if (former) {
    return former;
  }
  const piece = gathered(source, node);
  if (tree) {
    pieces.set(tree, piece);
  }
  return piece;
}

function gathered(source: Source, statement: SyntaxNode): Piece {
  const { from } = statement;
  const { found: bound, nested } = boundBy(source, statement);
  const stored = new Set([...bound, ...nested].map(each => each.from));
  const back = (each: Binding): Binding => ({ ...each, from: each.from - from });
  const [names, read] = [new Set<string>(), new Set<string>()];
  const helpers: string[] = [];
  const annotated: number[] = [];
  let [broken, stars] = [false, false];
  for (const node of walk(statement)) {
    const parent = node.parent?.name;
    if (node.type.isError) {
      broken = true;
    } else if (node.name === 'VariableName') {
      if (!isKeyword(source, node)) {
        const name = slice(source, node);
        names.add(name);
        if (parent === 'UpdateStatement' || !stored.has(node.from)) {
          read.add(name);
        }
      }
    } else if (node.name === 'TypeDef' && parent === 'AssignStatement') {
      annotated.push(node.parent!.from - from);
    } else {
      const own = helpersOf(source, node);
      helpers.push(...own);
      stars ||= node.name === 'ImportStatement' && own.includes('*');
    }
  }
  const imports = statementsOf(statement).filter(node => node.name === 'ImportStatement');
  return {
    broken, names, read, helpers, stars, annotated,
    inert: !broken && !annotated.length && !DECLARING.test(slice(source, statement)),
    bound: bound.map(back),
    nested: nested.map(back),
    imports: imports.flatMap(node => imported(source, node))
  };
}

/** The names that a statement binds which are no result of anything. */
function helpersOf(source: Source, node: SyntaxNode): string[] {
  const parts = [...(NAMING.has(node.name) ? children(node) : [])];
  switch (node.name) {
    case 'ImportStatement':
      return imported(source, node);
    case 'ForStatement': {
      const end = parts.findIndex(part => part.name === 'in');
      const targets = parts.slice(0, end < 0 ? parts.length : end).flatMap(part => walk(part));
      return targets.filter(part => part.name === 'VariableName').map(part => slice(source, part));
    }
    case 'TryStatement':
      return parts.filter(part => part.prevSibling?.name === 'as').map(part => slice(source, part));
    default:
      return parts.filter(part => part.name === 'VariableName').slice(0, 1).map(part => slice(source, part));
  }
}

const NAMING = new Set(['ForStatement', 'TryStatement', 'FunctionDefinition', 'ClassDefinition']);
