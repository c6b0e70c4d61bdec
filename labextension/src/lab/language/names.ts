/** Which names a cell binds and reads, with Python's rules of scope. */
import type { SyntaxNode } from '@lezer/common';
import { children, slice, walk, type Source } from './python';

/** A name is bound where `from` is; `nested`: inside a function, by `global`. */
export interface Binding {
  name: string;
  from: number;
  nested: boolean;
}

const PLACES = new Set([
  'TupleExpression', 'ArrayExpression', 'ParenthesizedExpression', 'SequencePattern',
  'CapturePattern', 'AsPattern', 'StarPattern', 'OrPattern', 'ClassPattern', 'MappingPattern',
  'KeywordPattern', 'DictionaryPattern', 'GroupPattern', 'PatternArgList', 'ParenthesizedPattern'
]);
const COMPREHENSION = /Comprehension/;

/** Every place where a statement binds, or deletes, a global name, in the order of execution. */
export function boundBy(source: Source, node: SyntaxNode): { found: Binding[]; nested: Binding[] } {
  const walker = new Walker(source, slice(source, node));
  walker.statement(node);
  return walker;
}

const BLOCK = /Statement$|Definition$|Body$|Group$|Clause$|^Script$/;

class Walker {
  found: Binding[] = [];
  nested: Binding[] = [];
  /** whether expressions, and functions, are worth a look */
  private readonly walrus: boolean;
  private readonly global: boolean;

  constructor(
    private readonly source: Source,
    private readonly text: string
  ) {
    this.walrus = text.includes(':=');
    this.global = /\bglobal\b/.test(text);
  }

  block(node: SyntaxNode): void {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      this.statement(child);
    }
  }

  statement(node: SyntaxNode): void {
    switch (node.name) {
      case 'FunctionDefinition':
      case 'ClassDefinition':
        this.definition(node);
        break;
      case 'AssignStatement':
      case 'UpdateStatement':
        this.assignment(node);
        break;
      case 'ImportStatement':
        imported(this.source, node).forEach(name => this.bind(name, node.from));
        break;
      case 'ForStatement':
        this.loop(node);
        break;
      case 'WithStatement':
        this.after(node, 'as');
        break;
      case 'TryStatement':
        this.handlers(node);
        break;
      case 'DeleteStatement':
        children(node).forEach(child => this.target(child));
        break;
      case 'TypeDefinition':
        this.target(node.firstChild?.nextSibling ?? null);
        break;
      case 'MatchClause':
        children(node).filter(c => PLACES.has(c.name)).forEach(c => this.target(c));
        this.inner(node);
        break;
      default:
        this.inner(node);
    }
  }

  /** What stands in a statement or an expression: blocks and `:=`. */
  private inner(node: SyntaxNode): void {
    if (node.name === 'LambdaExpression' || COMPREHENSION.test(node.name)) {
      this.scope(node);
      return;
    }
    if (node.name === 'NamedExpression') {
      this.inner(node.lastChild!);
      this.target(node.firstChild);
      return;
    }
    if (!this.walrus && !BLOCK.test(node.name)) {
      return;
    }
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (this.walrus && isWalrus(this.source, child)) {
        this.target(child);
      } else if (this.walrus || BLOCK.test(child.name)) {
        this.statement(child);
      }
    }
  }

  private assignment(node: SyntaxNode): void {
    const parts = children(node);
    const signs = parts.flatMap((part, i) => (/^(Assign|Update)Op$/.test(part.name) ? [i] : []));
    const last = signs.at(-1) ?? parts.length;
    parts.slice(last + 1).forEach(part => this.inner(part));
    if (signs.length) {
      parts.slice(0, last).forEach(part => this.target(part));
    }
  }

  private loop(node: SyntaxNode): void {
    const parts = children(node);
    const inside = parts.findIndex(part => part.name === 'in');
    const body = parts.findIndex(part => part.name === 'Body');
    parts.slice(inside + 1, body).forEach(part => this.inner(part));
    parts.slice(0, Math.max(inside, 0)).forEach(part => this.target(part));
    parts.slice(Math.max(body, 0)).forEach(part => part.firstChild && this.block(part));
  }

  /** `with … as target`. */
  private after(node: SyntaxNode, word: string): void {
    for (const child of children(node)) {
      if (child.prevSibling?.name === word) {
        this.target(child);
      } else if (child.firstChild) {
        this.inner(child);
        if (child.name === 'ParenthesizedExpression' || child.name === 'TupleExpression') {
          this.after(child, word);
        }
      }
    }
  }

  private handlers(node: SyntaxNode): void {
    let handler = node;
    for (const child of children(node)) {
      handler = child.name === 'except' ? child : handler;
      if (child.prevSibling?.name === 'as') {
        this.bind(slice(this.source, child), handler.from);
      } else if (child.firstChild) {
        this.statement(child);
      }
    }
  }

  private definition(node: SyntaxNode): void {
    for (const child of children(node)) {
      if (child.name === 'ParamList' || child.name === 'ArgList') {
        this.inner(child); // defaults and bases are evaluated here
      }
    }
    const name = children(node).find(child => child.name === 'VariableName');
    if (name) {
      this.bind(slice(this.source, name), node.from);
    }
    const body = children(node).find(child => child.name === 'Body');
    if (body) {
      this.scope(body, node.name === 'ClassDefinition');
    }
  }

  /** A scope of its own: of it only what it declares global counts, and `:=` of comprehensions. */
  private scope(node: SyntaxNode, isClass = false): void {
    if (!this.walrus && !this.global) {
      return;
    }
    const within = new Walker(this.source, this.text);
    if (node.name === 'Body') {
      within.block(node);
    } else {
      children(node).forEach(child => child.firstChild && within.inner(child));
    }
    const globals = isClass || node.name === 'Body' ? globalsOf(this.source, node) : null;
    const through = COMPREHENSION.test(node.name);
    const own = within.found.filter(each => through || globals?.has(each.name));
    this.nested.push(...own.map(each => ({ ...each, nested: true })), ...within.nested);
  }

  private target(node: SyntaxNode | null): void {
    if (node?.name === 'VariableName') {
      this.bind(slice(this.source, node), node.from);
    } else if (node && PLACES.has(node.name)) {
      for (const child of children(node)) {
        this.target(child);
      }
    }
  }

  private bind(name: string, from: number): void {
    this.found.push({ name, from, nested: false });
  }
}

function globalsOf(source: Source, body: SyntaxNode): Set<string> {
  const names = new Set<string>();
  for (const node of walk(body)) {
    if (node.name === 'ScopeStatement' && node.firstChild?.name === 'global') {
      for (const child of children(node)) {
        names.add(slice(source, child));
      }
    }
  }
  return names;
}

/** Whether a name is bound by `:=`, which the parser takes for a keyword in a call. */
export function isWalrus(source: Source, node: SyntaxNode): boolean {
  const next = node.nextSibling;
  return (
    node.name === 'VariableName' && next?.name === 'AssignOp' && slice(source, next) === ':='
  );
}

/** The names that an import binds; `*` for all. */
export function imported(source: Source, node: SyntaxNode): string[] {
  const parts = children(node);
  const first = parts.findIndex(part => part.name === 'import') + 1;
  const names: string[] = [];
  let current = '';
  for (const part of parts.slice(first)) {
    if (part.name === 'VariableName') {
      const renamed = part.prevSibling?.name === 'as';
      current = renamed || !current ? slice(source, part) : current;
    } else if (part.name === ',') {
      names.push(current);
      current = '';
    } else if (part.name === '*') {
      current = '*';
    }
  }
  return [...names, current].filter(Boolean);
}

/** Whether a name is that of an argument, `name=…`. */
export function isKeyword(source: Source, node: SyntaxNode): boolean {
  const next = node.nextSibling;
  return (
    node.parent?.name === 'ArgList' && next?.name === 'AssignOp' && slice(source, next) === '='
  );
}
