/** What can be said of the thing at a position of a `%%tune` cell. */
import type { SyntaxNode } from '@lezer/common';
import type { Checked } from './check';
import { annotated, condition, type Declaration } from './declarations';
import { dest, TABLE, type Option, type Plugin } from './table';
import { pluginsOf } from './plugins';
import { slice, written } from './python';
import { ENGLISH, type Translates } from './say';

export interface Help {
  from: number;
  to: number;
  /** code */
  title: string;
  /** sentences, with code between backticks */
  text: string;
  /** names and what they mean */
  rows: [name: string, text: string][];
}

export function helpAt(cell: Checked, at: number, trans: Translates = ENGLISH): Help | null {
  const { text } = cell.source;
  const end = text.indexOf('\n');
  return end < 0 || at <= end ? ofLine(cell, at, trans) : ofCode(cell, at, trans);
}

function ofLine({ line }: Checked, at: number, trans: Translates): Help | null {
  if (at < '%%tune'.length) {
    const rows = TABLE.options.map(option => [usage(option), option.help] as [string, string]);
    const text = trans.__('Runs the cell as a study. NAME is the variable that receives it.');
    return { from: 0, to: '%%tune'.length, title: '%%tune [NAME] [options]', text, rows: rows.slice(0, 6) };
  }
  for (const { option, flag, value } of line.given) {
    if (value && value.from <= at && at <= value.to) {
      return ofPlugin(option, value.text, value) ?? ofOption(option, value);
    }
    if (flag.from <= at && at <= flag.to) {
      return ofOption(option, flag);
    }
  }
  return null;
}

export function usage(option: Option): string {
  return option.flags.join(', ') + (option.metavar && ` ${option.metavar}`);
}

export function ofOption(option: Option, { from, to }: { from: number; to: number }): Help {
  return { from, to, title: usage(option), text: option.help, rows: [] };
}

function ofPlugin(option: Option, text: string, at: { from: number; to: number }): Help | null {
  const name = /^\s*[\w:]+/.exec(text)?.[0].trim();
  const plugin = pluginsOf(dest(option)).find(each => each.name === name);
  return plugin ? { ...pluginHelp(plugin), from: at.from, to: at.to } : null;
}

export function pluginHelp({ name, doc, options }: Plugin): Omit<Help, 'from' | 'to'> {
  const given = options.map(option => `${option.name}=${option.default}`).join(', ');
  const rows = options.map(each => [each.name, each.doc || each.must] as [string, string]);
  return { title: options.length ? `${name}(${given})` : name, text: doc, rows };
}

function ofCode(cell: Checked, at: number, trans: Translates): Help | null {
  const { source, declared } = cell;
  const node = source.tree.resolveInner(at, 1);
  const found = node.name === 'VariableName' || node.name === 'PropertyName' ? node : null;
  if (!found || found.from > at || found.to < at) {
    return null;
  }
  const name = slice(source, found);
  const range = { from: found.from, to: found.to };
  const inside = enclosing(declared, found);
  if (inside && isArgument(found)) {
    const type = TABLE.types.find(each => each.name === inside.call.kind);
    const option = type?.options.find(each => each.name === name);
    return option ? { ...range, title: `${name}=${option.default}`, text: option.doc, rows: [] } : null;
  }
  const type = TABLE.types.find(each => each.name === name);
  if (type && (inside || isAnnotation(found))) {
    const rows = type.options.map(each => [each.name, each.doc] as [string, string]);
    return { ...range, title: type.signature, text: type.doc, rows };
  }
  const one = declared.filter(each => each.name === name);
  return one.length && found.name === 'VariableName' ? { ...range, ...ofName(cell, one, trans) } : null;
}

function enclosing(declared: readonly Declaration[], node: SyntaxNode): Declaration | undefined {
  return declared.find(({ call }) => call.node.from <= node.from && node.to <= call.node.to);
}

function isArgument(node: SyntaxNode): boolean {
  return node.parent?.name === 'ArgList' && node.nextSibling?.name === 'AssignOp';
}

function isAnnotation(node: SyntaxNode): boolean {
  for (let each = node.parent; each; each = each.parent) {
    if (each.name === 'TypeDef') {
      return each.parent !== null && annotated(each.parent) !== null;
    }
  }
  return false;
}

function ofName(
  { source }: Checked,
  declared: readonly Declaration[],
  trans: Translates
): Omit<Help, 'from' | 'to'> {
  const [first] = declared as [Declaration];
  const title = written(source, first.node);
  const rows = declared.flatMap(each => {
    const when = condition(each.path);
    return when ? [[written(source, each.annotation), trans.__('only if %1', when)] as [string, string]] : [];
  });
  return { title, text: trans.__('A hyperparameter of this study.'), rows };
}
