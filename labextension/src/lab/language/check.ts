/** Everything that can be said of a `%%tune` cell without its kernel, in the order of the kernel. */
import type { Parser, SyntaxNode } from '@lezer/common';
import { contents, isRead } from './contents';
import type { Declaration } from './declarations';
import { annotated } from './declarations';
import { isNumber, shown } from './domains';
import { evaluate } from './literals';
import { has, readLine, valueOf, type Line } from './line';
import {
  candidates, direction, directionHint, INDIRECT, missing, refused, stars, type ObjectiveProblem
} from './objective';
import { refusedPlugin } from './plugins';
import type { Fix, Problem } from './problem';
import { lineOf, slice, statements, type Source } from './python';
import { mentions, read, type Elsewhere, type Reading } from './reader';
import { declaration } from './suggest';
import { syntaxProblem } from './syntax';
import { general } from './values';

/** A cell that begins with `%%tune`. */
export interface Checked extends Reading {
  source: Source;
  line: Line;
  /** why Python cannot read it, if that is certain */
  syntax: Problem | null;
  /** names that could be the objective, the likeliest first */
  candidates: string[];
}

const DECADES = 1000; // how many times low is high, where an even search is likely a slip

export function checked(source: Source, parser: Parser, others: Elsewhere): Checked {
  const line = readLine(source.text);
  const reading = read(source, others);
  const names = reading.declared.map(each => each.name);
  const found = candidates(source, reading.bound, names);
  const syntax = syntaxProblem(source, parser);
  const cell: Checked = { ...reading, source, line, syntax, candidates: found };
  const whole = !contents(source).some(({ piece }) => piece.broken) && !syntax;
  const objective = whole ? objectiveProblems(cell, others) : [];
  const none = whole && !reading.problems.length ? nothingDeclared(cell) : [];
  cell.problems = [
    ...lineProblems(cell, parser),
    ...(syntax ? [syntax] : []),
    ...reading.problems,
    ...none,
    ...(none.length ? [] : objective),
    ...hints(cell, whole)
  ];
  return cell;
}

/** The whole of the `%%tune` line. */
function lineRange(source: Source): { from: number; to: number } {
  const end = source.text.indexOf('\n');
  return { from: 0, to: end < 0 ? source.text.length : end };
}

function lineProblems({ line, source }: Checked, parser: Parser): Problem[] {
  const problems: Problem[] = line.errors.map(({ from, to, message, instead, open }) => ({
    from, to, message, line: 1, severity: 'error', ...(open ? { syntax: true as const } : {}),
    fixes: instead
      ? [{ kind: 'write', shows: instead, changes: [{ from, to, insert: instead }] }]
      : []
  }));
  for (const option of ['optimizer', 'pruner']) {
    const text = valueOf(line, option);
    const message = text && refusedPlugin(option, text, parser);
    const value = line.given.find(each => each.option.flags.includes(`--${option}`))?.value;
    if (message && value) {
      const { from, to } = value;
      problems.push({ from, to: Math.min(to, lineRange(source).to), message, line: 1, severity: 'error', fixes: [] });
    }
  }
  return problems;
}

function nothingDeclared({ source, declared, unsure }: Checked): Problem[] {
  if (declared.length || unsure) {
    return [];
  }
  for (const node of statements(source.tree.topNode)) {
    const plain = plainAssignment(source, node);
    const value = plain && evaluate(source, plain.value);
    const write = value && declaration(plain.name, value);
    if (write) {
      const kind = plain.annotation
        ? `; \`${slice(source, plain.annotation)}\` is an ordinary annotation, not a range`
        : '';
      const fixes: Fix[] = [
        { kind: 'write', shows: write, changes: [{ from: node.from, to: node.to, insert: write }] }
      ];
      const message = `this cell declares no hyperparameter${kind}`;
      const { from, to } = node;
      return [{ from, to, line: lineOf(source, from), message, severity: 'error', fixes, below: true }];
    }
  }
  const message = 'this cell declares no hyperparameter to tune';
  return [{ ...lineRange(source), line: 1, message, severity: 'error', fixes: [], below: true }];
}

/** `name = literal`, with or without an ordinary annotation. */
export function plainAssignment(
  source: Source,
  node: SyntaxNode
): { name: string; value: SyntaxNode; annotation: SyntaxNode | null } | null {
  if (node.name !== 'AssignStatement' || node.firstChild?.name !== 'VariableName') {
    return null;
  }
  const parts = annotated(node);
  const sign = node.firstChild.nextSibling;
  const value = parts ? parts.value : sign?.name === 'AssignOp' ? sign.nextSibling : null;
  if (!value || value.nextSibling || !/^(Number|String|Boolean|ContinuedString)$/.test(value.name)) {
    return null;
  }
  const name = slice(source, node.firstChild);
  return { name, value, annotation: parts?.annotation ?? null };
}

function objectiveProblems(cell: Checked, others: Elsewhere): Problem[] {
  const { line, source, bound, declared } = cell;
  if (line.errors.length) {
    return [];
  }
  const names = declared.map(each => each.name);
  if (!has(line, 'minimize') && !has(line, 'maximize')) {
    return [told(cell, missing(cell.candidates))];
  }
  const metric = valueOf(line, 'minimize') ?? valueOf(line, 'maximize');
  if (metric === undefined) {
    return [];
  }
  const problem = refused(source, metric, bound, names);
  const sure = problem?.at || names.includes(metric) || assignsOpenly(cell, metric, others);
  return problem && sure ? [told(cell, problem)] : [];
}

/** Whether only what stands in the cell can assign its objective. */
function assignsOpenly({ source }: Checked, metric: string, others: Elsewhere): boolean {
  const unseen = source.magics || stars(source) || INDIRECT.some(name => isRead(source, name));
  return !unseen && !mentions(others, metric);
}

function told({ source, line }: Checked, problem: ObjectiveProblem): Problem {
  const { message, direction: flag, metric, below } = problem;
  const given = line.given.find(each => /m(in|ax)imize/.test(each.option.flags[0]!));
  const value = given?.value;
  const all = lineRange(source);
  const at = problem.at ?? value ?? all;
  const fixes: Fix[] = [];
  if (flag && metric) {
    const written = `${flag} ${metric}`;
    const change = value
      ? { from: given.flag.from, to: value.to, insert: written }
      : { from: endOfOptions(source, all.to), to: endOfOptions(source, all.to), insert: ` ${written}` };
    fixes.push({ kind: 'option', shows: written, changes: [change] });
  }
  return {
    from: at.from, to: Math.max(at.to, at.from), line: problem.at ? lineOf(source, at.from) : 1,
    message, severity: 'error', fixes, ...(below && { below })
  };
}

/** Where another option can be written: before a comment. */
function endOfOptions(source: Source, end: number): number {
  const words = readLine(source.text).words;
  return words.at(-1)?.to ?? Math.min('%%tune'.length, end);
}

/** Likely slips that are no errors. */
function hints(cell: Checked, whole: boolean): Problem[] {
  const { line, source, declared } = cell;
  const found: Problem[] = [];
  const hint = (at: { from: number; to: number }, message: string, fixes: Fix[] = [], more: Partial<Problem> = {}): void => {
    const number = lineOf(source, at.from);
    found.push({ from: at.from, to: at.to, line: number, message, severity: 'warning', fixes, ...more });
  };
  for (const flag of ['minimize', 'maximize']) {
    const metric = valueOf(line, flag);
    const given = line.given.find(each => each.option.flags.includes(`--${flag}`));
    const message = metric && directionHint(metric, flag === 'maximize');
    if (message && given?.value && !line.errors.length) {
      const insert = direction(metric);
      const { from, to } = given.flag;
      const end = Math.min(to, from + flag.length + 2);
      const change = { from, to: end, insert };
      hint(given.value, message, [{ kind: 'option', shows: insert, changes: [change] }]);
    }
  }
  if (whole) {
    unread(cell).forEach(each => {
      const message = `\`${each.name}\` is declared but nothing in the cell reads it: tuning it is no use.`;
      hint(each.target, message, [], { below: true });
    });
  }
  declared.forEach(each => {
    const message = evenOverDecades(each);
    if (message) {
      const at = each.call.node.to - 1;
      const changes = [{ from: at, to: at, insert: ', log=True' }];
      hint(each.call.node, message, [{ kind: 'log', shows: 'log=True', changes }]);
    }
  });
  return found;
}

function unread({ source, declared }: Checked): Declaration[] {
  const unseen = source.magics || [...INDIRECT, 'locals', 'trial'].some(name => isRead(source, name));
  const first = (each: Declaration, i: number): boolean =>
    declared.findIndex(other => other.name === each.name) === i;
  return unseen ? [] : declared.filter((each, i) => first(each, i) && !isRead(source, each.name));
}

/** What is said of a range of several orders of magnitude that is searched evenly. */
function evenOverDecades({ name, domain }: Declaration): string {
  if (!domain || !isNumber(domain)) {
    return '';
  }
  const { kind, low, high, log, step } = domain;
  if (low === undefined || high === undefined || log !== false || step !== null) {
    return '';
  }
  if (low <= 0 || high < DECADES * low) {
    return '';
  }
  return (
    `\`${name}\` is searched evenly from ${shown(kind, low)} to ${shown(kind, high)}, where nine ` +
    `of ten values lie above ${general(high / 10)}: log=True gives each order of magnitude its share.`
  );
}
