/** Finds the declarations of a cell, and what is wrong with them. */
import type { SyntaxNode } from '@lezer/common';
import { CallError, domainOf, readCall, type Call } from './calls';
import { annotations, bindings, contents } from './contents';
import {
  Annotations, annotated, branches, elsewhere, exclusive, nameOf, taken, type Declaration, type Meaning,
  type Path
} from './declarations';
import { nearest as nearestWord } from './difflib';
import { check, KINDS, middle, nearest, SpaceError, type Domain } from './domains';
import { evaluate } from './literals';
import { isKeyword, type Binding } from './names';
import { firstChoice, instead, isOwn, kindOf, outer, swapped } from './pieces';
import type { Fix, Problem } from './problem';
import { broken, lineOf, slice, statements, statementsOf, walk, written, type Source } from './python';
import { example } from './suggest';

/** What is known of the rest of the notebook. */
export interface Elsewhere {
  /** the texts of the other cells */
  sources(): readonly string[];
}

/** Whether another cell holds the word. */
export function mentions(others: Elsewhere, word: string): boolean {
  const plain = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const whole = new RegExp(`(?<![\\p{L}\\d_])${plain}(?![\\p{L}\\d_])`, 'u');
  return others.sources().some(text => whole.test(text));
}

export interface Reading {
  declared: Declaration[];
  problems: Problem[];
  bound: Binding[];
  /** whether something may be a declaration that only the kernel can see */
  unsure: boolean;
}

export function read(source: Source, others: Elsewhere): Reading {
  const reader = new Reader(source, others);
  for (const { node, piece } of contents(source)) {
    if (!piece.inert) {
      reader.statements(statementsOf(node), []);
    }
  }
  const { found, problems, bound, unsure } = reader;
  return { declared: found, problems, bound, unsure };
}

class Wrong extends Error {
  constructor(
    message: string,
    readonly at: { from: number; to: number },
    readonly fixes: Fix[] = []
  ) {
    super(message);
  }
}

class Reader {
  found: Declaration[] = [];
  problems: Problem[] = [];
  unsure = false;
  readonly bound: Binding[];
  private readonly annotations: Annotations;
  private readonly imported: Set<string>;
  /** targets of declarations, by position */
  private readonly declared = new Set<number>();

  constructor(
    private readonly source: Source,
    private readonly others: Elsewhere
  ) {
    this.bound = bindings(source);
    this.annotations = new Annotations(source, taken(source, this.bound));
    this.imported = new Set(contents(source).flatMap(({ piece }) => piece.imports));
  }

  statements(all: Iterable<SyntaxNode>, path: Path): void {
    for (const statement of all) {
      if (statement.name === 'IfStatement') {
        for (const [body, inner] of branches(this.source, statement)) {
          this.statements(statements(body), [...path, ...inner]);
        }
      } else if (annotated(statement)) {
        this.attempt(statement, () => this.declaration(statement, path));
      } else {
        this.attempt(statement, () => this.refuseAssignedRange(statement));
        this.refuseHidden(statement);
      }
    }
  }

  /** Judge a statement, unless it is half written. */
  private attempt(node: SyntaxNode, judge: () => void): void {
    if (node.firstChild && node.name === 'AssignStatement' && broken(node)) {
      this.unsure = true;
      return;
    }
    try {
      judge();
    } catch (error) {
      if (!(error instanceof Wrong)) {
        throw error;
      }
      this.problem(node, error.message, error.at, error.fixes);
    }
  }

  private problem(
    node: SyntaxNode,
    message: string,
    at: { from: number; to: number },
    fixes: Fix[] = []
  ): void {
    const line = lineOf(this.source, node.from);
    this.problems.push({ from: at.from, to: at.to, line, message, severity: 'error', fixes });
  }

  private declaration(node: SyntaxNode, path: Path): void {
    const { target, annotation, value } = annotated(node)!;
    const meaning = this.annotations.meaning(annotation);
    if (meaning.is === 'nothing') {
      return;
    }
    if (meaning.is === 'unknown') {
      this.unsure = true;
      this.refuseMisspelt(meaning, annotation);
      return;
    }
    if (meaning.is === 'class') {
      this.refuseBareClass(meaning, annotation, value);
      return;
    }
    const name = nameOf(this.source, target);
    const { call } = meaning;
    const declaration = { node, target, name, annotation, call, value, path, domain: null };
    this.found.push(declaration);
    const others = this.found.slice(0, -1);
    this.refuseUnstable(declaration);
    const domain = this.domain(declaration, meaning.several);
    this.refuseTarget(declaration);
    this.refuseConflicts(declaration, others);
    this.declared.add(target.from);
    Object.assign(declaration, { domain });
    this.refuseDefault(declaration, domain);
  }

  private domain({ call, annotation, value }: Declaration, several: boolean): Domain | null {
    if (several) {
      throw new Wrong('Annotated holds more than one search range; keep one', annotation);
    }
    this.refuseKeywords(call, value);
    try {
      return domainOf(this.source, call);
    } catch (error) {
      if (!(error instanceof CallError)) {
        throw error;
      }
      const around = value ? evaluate(this.source, value) : undefined;
      const text = value ? slice(this.source, value) : undefined;
      const shows = error.example ? example(call.kind, around, text) : swapped(error.message);
      throw new Wrong(error.message, call.node, shows ? [instead(call.node, shows)] : []);
    }
  }

  private refuseKeywords({ keywords, node, positional }: Call, value: SyntaxNode | null): void {
    for (const keyword of keywords) {
      if (keyword.name === 'default') {
        const given = keyword.value ? slice(this.source, keyword.value) : '';
        const before = keyword.node.prevSibling;
        const from = before?.name === ',' ? before.from : keyword.node.from;
        const removal = { from, to: keyword.value?.to ?? keyword.node.to, insert: '' };
        const added = value ? [] : [{ from: node.to, to: node.to, insert: ` = ${given}` }];
        const fix: Fix = { kind: 'default', shows: `= ${given}`, changes: [removal, ...added] };
        const first = !positional.length && keywords[0] === keyword;
        throw new Wrong(
          'in a cell the default is the right-hand side, not default=',
          node,
          first && keywords.length > 1 ? [] : [fix]
        );
      }
      if (keyword.name === 'when') {
        throw new Wrong(
          'in a cell a condition is an `if` around the declaration, not when=',
          node
        );
      }
    }
  }

  private refuseBareClass(
    { kind, node }: Meaning & { is: 'class' },
    annotation: SyntaxNode,
    value: SyntaxNode | null
  ): void {
    const text = value ? slice(this.source, value) : undefined;
    const shows = example(kind, value ? evaluate(this.source, value) : undefined, text);
    const module = slice(this.source, node).slice(0, -kind.length);
    throw new Wrong(
      `\`${written(this.source, node)}\` needs to say which values to search`,
      annotation,
      [instead(node, module + shows)]
    );
  }

  /** A call of a name that is nowhere in the notebook and nearly one of ours. */
  private refuseMisspelt({ name }: Meaning & { is: 'unknown' }, annotation: SyntaxNode): void {
    const call = annotation.name === 'CallExpression' ? annotation.firstChild : null;
    const near = call?.name === 'VariableName' ? nearestWord(name, KINDS, 0.75) : undefined;
    const known = mentions(this.others, name) || this.bound.some(each => each.name === name);
    if (!call || !near || known || /^(int|float|bool)$/.test(name)) {
      return;
    }
    throw new Wrong(`\`${name}\` does not exist; did you mean ${near}?`, call, [
      instead(call, near)
    ]);
  }

  private refuseTarget({ target }: Declaration): void {
    if (target.name !== 'VariableName' && !/^\(\s*\w+\s*\)$/.test(slice(this.source, target))) {
      throw new Wrong(
        `\`${written(this.source, target)}\` cannot be a hyperparameter; only a plain name can`,
        target
      );
    }
  }

  private refuseConflicts(one: Declaration, others: readonly Declaration[]): void {
    const { name, node, path, target } = one;
    const line = lineOf(this.source, node.from);
    const twice = others.find(each => each.name === name && !exclusive(each.path, path));
    if (twice) {
      throw new Wrong(
        `\`${name}\` is declared twice, on lines ${lineOf(this.source, twice.node.from)} and ` +
          `${line}; keep one, or put them in different branches of one \`if\``,
        target
      );
    }
    const early = this.bound.find(
      each =>
        each.name === name &&
        !each.nested &&
        lineOf(this.source, each.from) < line &&
        !this.declared.has(each.from) &&
        !elsewhere(each.from, path)
    );
    if (early) {
      throw new Wrong(
        `\`${name}\` is assigned on line ${lineOf(this.source, early.from)}, before its ` +
          'declaration; declare it first, or give one of them another name',
        target
      );
    }
  }

  /** Ranges and defaults are evaluated before the cell: what it assigns is not there. */
  private refuseUnstable({ annotation, value }: Declaration): void {
    for (const part of [annotation, value]) {
      for (const node of part ? walk(part) : []) {
        const name = node.name === 'VariableName' ? slice(this.source, node) : '';
        const mine = name && !this.imported.has(name) && !isKeyword(this.source, node);
        const binding = mine && this.bound.find(each => each.name === name);
        if (binding && !(KINDS as readonly string[]).includes(name) && !isOwn(this.source, part!, name)) {
          throw new Wrong(
            `the range or default reads \`${name}\`, which the cell itself assigns ` +
              `(line ${lineOf(this.source, binding.from)}); ranges are fixed before the cell runs`,
            node
          );
        }
      }
    }
  }

  private refuseDefault(one: Declaration, domain: Domain | null): void {
    const { name, node, value } = one;
    if (!value) {
      const shows = domain ? (middle(domain) ?? firstChoice(this.source, one)) : undefined;
      const changes = shows ? [{ from: node.to, to: node.to, insert: ` = ${shows}` }] : [];
      throw new Wrong(
        `\`${name}\` has no default, the value that trial 0 runs and all others are measured by`,
        node,
        shows ? [{ kind: 'default', shows: `= ${shows}`, changes }] : []
      );
    }
    const known = evaluate(this.source, value);
    if (!known || !domain) {
      return;
    }
    try {
      check(domain, known);
    } catch (error) {
      if (!(error instanceof SpaceError)) {
        throw error;
      }
      const what = domain.kind === 'Categorical' || domain.kind === 'Bool' ? 'choices' : 'range';
      const shows = nearest(domain, known);
      throw new Wrong(
        `the default of \`${name}\` does not fit its ${what}: ${error.message}`,
        value,
        shows ? [instead(value, shows)] : []
      );
    }
  }

  private refuseAssignedRange(node: SyntaxNode): void {
    const value = node.name === 'AssignStatement' ? node.lastChild : null;
    const sign = value?.prevSibling;
    if (value?.name !== 'CallExpression' || sign?.name !== 'AssignOp') {
      return;
    }
    const kind = this.annotations.kind(value.firstChild);
    if (!kind) {
      return;
    }
    const first = node.getChildren('AssignOp')[0]!;
    const target = written(this.source, { from: node.from, to: first.prevSibling!.to });
    const shows = this.assigned(readCall(this.source, kind, value));
    const changes = [
      { from: first.prevSibling!.to, to: value.from, insert: ': ' },
      { from: value.to, to: value.to, insert: ` = ${shows ?? ''}` }
    ];
    const fixes: Fix[] =
      shows && first.from === sign.from ? [{ kind: 'write', shows: `: … = ${shows}`, changes }] : [];
    throw new Wrong(
      `\`${target}\` would be the range itself, not a value from it: ` +
        'write a colon before the range, and the default after `=`',
      node,
      fixes
    );
  }

  /** A default for a range that stands where a value should. */
  private assigned(call: Call): string | undefined {
    try {
      const domain = domainOf(this.source, call);
      return domain ? (middle(domain) ?? written(this.source, call.positional[0]!)) : undefined;
    } catch {
      return undefined;
    }
  }

  private refuseHidden(statement: SyntaxNode): void {
    if (!/Statement|Definition/.test(statement.name) || !statement.firstChild) {
      return;
    }
    for (const node of annotations(this.source, statement)) {
      const inner = annotated(node);
      const meaning = inner && this.annotations.meaning(inner.annotation);
      this.unsure ||= meaning?.is === 'unknown';
      if (meaning?.is !== 'call' || broken(node)) {
        continue;
      }
      this.problem(
        node,
        `a hyperparameter cannot be declared inside ${kindOf(statement)} (line ` +
          `${lineOf(this.source, outer(statement).from)}), only at the cell's top level or in an \`if\` there`,
        node
      );
    }
  }
}
