/** The hyperparameters that a cell declares; the rules are those of `jupyter_hpo/cell`. */
import type { SyntaxNode } from '@lezer/common';
import { readCall, type Call } from './calls';
import { KINDS, type Domain, type Kind } from './domains';
import { imported, type Binding } from './names';
import { children, slice, statements, type Source } from './python';

/** The branches a statement stands in, outermost first. */
export type Path = readonly Branch[];

interface Branch {
  /** position of the `if` or `elif`, and the outcome of its test */
  at: number;
  side: boolean;
  test: string;
  /** where the branch that is not taken begins and ends */
  other: { from: number; to: number };
}

/** An annotated assignment whose annotation is one of our calls. */
export interface Declaration {
  node: SyntaxNode;
  target: SyntaxNode;
  name: string;
  /** from the colon's right to the end of the annotation */
  annotation: SyntaxNode;
  call: Call;
  /** the right-hand side */
  value: SyntaxNode | null;
  path: Path;
  /** null while it is wrong, or where only the kernel knows */
  domain: Domain | null;
}

/** What an annotation stands for. */
export type Meaning =
  | { is: 'call'; call: Call; several: boolean }
  | { is: 'class'; kind: Kind; node: SyntaxNode }
  | { is: 'nothing' }
  /** something that only the kernel knows */
  | { is: 'unknown'; name: string };

const BUILTIN = /^(int|float|bool|str|bytes|complex|list|dict|set|tuple|object|None)\b/;

/** Names of ours that the cell itself gives another meaning. */
export function taken(source: Source, bound: readonly Binding[]): Set<string> {
  const names = new Set(bound.map(each => each.name).filter(isKind) as string[]);
  for (const node of names.size ? statements(source.tree.topNode) : []) {
    if (node.name === 'ImportStatement' && /^from\s+jupyter_hpo\b/.test(slice(source, node))) {
      imported(source, node).forEach(name => names.delete(name));
    }
  }
  return names;
}

/** Reads annotations of one cell. */
export class Annotations {
  constructor(
    private readonly source: Source,
    private readonly taken: ReadonlySet<string>
  ) {}

  /** What an annotation, or any expression, stands for. */
  meaning(node: SyntaxNode | null): Meaning {
    switch (node?.name) {
      case 'CallExpression':
        return this.ofCall(node);
      case 'MemberExpression':
        return node.lastChild?.name === ']' ? this.ofAnnotated(node) : this.ofName(node);
      case 'VariableName':
        return this.ofName(node);
      case 'String':
        return { is: 'unknown', name: '' };
      default:
        return { is: 'nothing' };
    }
  }

  /** Which of our classes a name, perhaps with a module, is. */
  kind(node: SyntaxNode | null): Kind | undefined {
    const last = node?.name === 'MemberExpression' ? node.lastChild : node;
    const name = last && slice(this.source, last);
    const plain = node?.name === 'VariableName' && this.taken.has(name ?? '');
    return name && isKind(name) && !plain ? name : undefined;
  }

  private ofCall(node: SyntaxNode): Meaning {
    const kind = this.kind(node.firstChild);
    if (kind) {
      return { is: 'call', call: readCall(this.source, kind, node), several: false };
    }
    return { is: 'unknown', name: slice(this.source, node.firstChild!) };
  }

  private ofName(node: SyntaxNode): Meaning {
    const kind = this.kind(node);
    const name = slice(this.source, node);
    if (kind) {
      return { is: 'class', kind, node };
    }
    return BUILTIN.test(name) ? { is: 'nothing' } : { is: 'unknown', name };
  }

  private ofAnnotated(node: SyntaxNode): Meaning {
    const name = slice(this.source, node.firstChild!);
    if (!/(^|\.)Annotated$/.test(name)) {
      return BUILTIN.test(name) ? { is: 'nothing' } : { is: 'unknown', name };
    }
    const parts = children(node).slice(3).filter(part => !/^([,\]]|String)$/.test(part.name));
    const found = parts.map(part => this.meaning(part)).filter(each => each.is !== 'nothing');
    const [first] = found;
    if (first?.is === 'call') {
      return { ...first, several: found.length > 1 && found.every(each => each.is === 'call') };
    }
    return first ?? { is: 'nothing' };
  }
}

function isKind(name: string): name is Kind {
  return (KINDS as readonly string[]).includes(name);
}

/** The parts of an annotated assignment; null if it is none. */
export function annotated(
  node: SyntaxNode
): { target: SyntaxNode; annotation: SyntaxNode; value: SyntaxNode | null } | null {
  const definition = node.name === 'AssignStatement' ? node.getChild('TypeDef') : null;
  const target = node.firstChild;
  const annotation = definition?.lastChild;
  if (!definition || !target || !annotation || annotation.name === ':') {
    return null;
  }
  const sign = definition.nextSibling;
  return { target, annotation, value: sign?.name === 'AssignOp' ? sign.nextSibling : null };
}

/** The name that a target of an annotation is: `(x): …` means x, too. */
export function nameOf(source: Source, target: SyntaxNode): string {
  return slice(source, target).replace(/^\(\s*|\s*\)$/g, '');
}

/** The blocks of an `if`, each with the branch it is. */
export function* branches(source: Source, node: SyntaxNode): Generator<[SyntaxNode, Path]> {
  const above: Branch[] = [];
  let test: SyntaxNode | null = null;
  let at = node.from;
  for (const child of children(node)) {
    if (child.name === 'if' || child.name === 'elif') {
      at = child.from;
      test = child.nextSibling;
    } else if (child.name === 'Body') {
      const text = test ? slice(source, test) : '';
      const rest = { from: child.to, to: node.to };
      const branch = { at, side: true, test: text, other: rest };
      yield [child, test ? [...above, branch] : [...above]];
      above.push({ ...branch, side: false, other: { from: child.from, to: child.to } });
      test = null;
    }
  }
}

/** Whether two statements stand in different branches of one `if`. */
export function exclusive(one: Path, other: Path): boolean {
  return other.some(each => one.some(mine => mine.at === each.at && mine.side !== each.side));
}

/** Whether a position is in a branch that is not taken on the way. */
export function elsewhere(position: number, path: Path): boolean {
  return path.some(({ other }) => other.from <= position && position < other.to);
}

/** When a declaration exists, as Python; "" if always. */
export function condition(path: Path): string {
  const parts = path.map(({ test, side }) =>
    side ? test : test.includes(' ') ? `not (${test})` : `not ${test}`
  );
  if (parts.length < 2) {
    return parts[0] ?? '';
  }
  return parts.map(part => (part.includes(' or ') ? `(${part})` : part)).join(' and ');
}
