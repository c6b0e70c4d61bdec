/** Parts of statements, and pieces of text, that errors are made of. */
import type { SyntaxNode } from '@lezer/common';
import type { Declaration } from './declarations';
import type { Fix } from './problem';
import { slice, walk, written, type Source } from './python';

/** What of a decorated definition counts as its line. */
export function outer(statement: SyntaxNode): SyntaxNode {
  return statement.name === 'DecoratedStatement' ? statement.lastChild! : statement;
}

export function kindOf(statement: SyntaxNode): string {
  const known: Record<string, string> = {
    ForStatement: 'a loop',
    WhileStatement: 'a loop',
    FunctionDefinition: 'a function',
    ClassDefinition: 'a class',
    WithStatement: 'a `with` block',
    TryStatement: 'a `try` block',
    MatchStatement: 'a `match` block'
  };
  return known[outer(statement).name] ?? 'this statement';
}

export function instead(at: { from: number; to: number }, shows: string): Fix {
  return { kind: 'write', shows, changes: [{ from: at.from, to: at.to, insert: shows }] };
}

/** The range that a message says to write. */
export function swapped(message: string): string | undefined {
  return /^empty range: .*; write (.*)$/.exec(message)?.[1];
}

/** The first choice of a declaration as it is written. */
export function firstChoice(source: Source, { call }: Declaration): string | undefined {
  const [first] = call.positional;
  const list = call.positional.length === 1 && /^(Array|Tuple)Expression$/.test(first!.name);
  const node = list ? first!.firstChild!.nextSibling : first;
  const plain = call.kind === 'Categorical' && node && (list || call.positional.length > 1);
  return plain ? written(source, node) : undefined;
}

/** Whether an expression itself binds the name, in a comprehension or by `:=`. */
export function isOwn(source: Source, part: SyntaxNode, name: string): boolean {
  for (const node of walk(part)) {
    const before = node.prevSibling?.name;
    const next = node.nextSibling;
    const bound = before === 'for' || (next?.name === 'AssignOp' && slice(source, next) === ':=');
    if (bound && node.name === 'VariableName' && slice(source, node) === name) {
      return true;
    }
  }
  return false;
}
