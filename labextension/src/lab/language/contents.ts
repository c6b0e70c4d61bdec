/** What a cell holds, found in one walk over its tree. */
import type { SyntaxNode } from '@lezer/common';
import type { Source } from './python';

export interface Contents {
  /** whether something cannot be parsed */
  broken: boolean;
  imports: SyntaxNode[];
  loops: SyntaxNode[];
  tries: SyntaxNode[];
  definitions: SyntaxNode[];
  /** annotated assignments, wherever they stand */
  annotated: SyntaxNode[];
  /** names, but for those of arguments, `name=…` */
  names: { name: string; from: number; changed: boolean }[];
}

const known = new WeakMap<Source, Contents>();

export function contents(source: Source): Contents {
  let found = known.get(source);
  if (!found) {
    known.set(source, (found = gathered(source)));
  }
  return found;
}

function gathered({ tree, text }: Source): Contents {
  const found: Contents = {
    broken: false, imports: [], loops: [], tries: [], definitions: [], annotated: [], names: []
  };
  const of: Record<string, SyntaxNode[]> = {
    ImportStatement: found.imports,
    ForStatement: found.loops,
    TryStatement: found.tries,
    FunctionDefinition: found.definitions,
    ClassDefinition: found.definitions
  };
  const parents: string[] = [];
  tree.iterate({
    enter: ref => {
      const { name, from, to } = ref;
      const parent = parents.at(-1) ?? '';
      parents.push(name);
      if (name === 'VariableName') {
        if (parent !== 'ArgList' || !/^\s*=(?!=)/.test(text.slice(to, to + 20))) {
          const changed = parent === 'UpdateStatement';
          found.names.push({ name: text.slice(from, to), from, changed });
        }
      } else if (name === 'TypeDef' && parent === 'AssignStatement') {
        found.annotated.push(ref.node.parent!);
      } else if (ref.type.isError) {
        found.broken = true;
      } else {
        of[name]?.push(ref.node);
      }
    },
    leave: () => void parents.pop()
  });
  return found;
}
