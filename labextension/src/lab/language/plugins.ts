/** `bayes(kappa=2)` of a `%%tune` line read: names and options of optimizers and pruners. */
import type { Parser, SyntaxNode } from '@lezer/common';
import { nearest } from './difflib';
import { evaluate, items } from './literals';
import { broken, children, parse, slice, type Source } from './python';
import { TABLE, type Fit, type Plugin, type PluginOption } from './table';
import { equal, numeric, short, type Value } from './values';

/** The plug-ins that an option names. */
export function pluginsOf(option: string): Plugin[] {
  const of: Record<string, Plugin[]> = { optimizer: TABLE.optimizers, pruner: TABLE.pruners };
  return of[option] ?? [];
}

/**
 * What is wrong with the options of a plug-in of ours; undefined if nothing is.
 *
 * Names that are not ours may be variables of the notebook, or plug-ins of other packages.
 */
export function refusedPlugin(option: string, text: string, parser: Parser): string | undefined {
  const name = /^\s*([A-Za-z_]\w*)\s*\(/.exec(text)?.[1];
  const plugin = pluginsOf(option).find(each => each.name === name);
  if (!plugin) {
    return undefined;
  }
  const source = parse(text.trim(), parser);
  const call = source.tree.topNode.firstChild?.firstChild;
  if (call?.name !== 'CallExpression' || broken(source.tree.topNode)) {
    return undefined;
  }
  const example = option === 'pruner' ? 'median(startup=5)' : 'grid(points=5)';
  return refusedOptions(plugin, source, call.lastChild!, example);
}

function refusedOptions(
  plugin: Plugin,
  source: Source,
  list: SyntaxNode,
  example: string
): string | undefined {
  const parts = items(list);
  const values = new Map<string, Value>();
  const first = parts[0];
  if (first && first.nextSibling?.name !== 'AssignOp' && !slice(source, first).startsWith('*')) {
    const value = slice(source, first);
    return `${plugin.name}(${value}): options are written with their name, as in ${example}`;
  }
  for (const part of children(list)) {
    if (part.prevSibling?.name !== 'AssignOp') {
      continue;
    }
    const name = slice(source, part.prevSibling.prevSibling!);
    if (values.has(name)) {
      return `${plugin.name}: ${name}= stands there twice`;
    }
    const value = evaluate(source, part);
    if (!value) {
      return undefined; // a literal that is not read here, or no literal at all
    }
    values.set(name, value);
  }
  return refusedValues(plugin, values);
}

function refusedValues(plugin: Plugin, values: Map<string, Value>): string | undefined {
  for (const [name, value] of values) {
    const option = plugin.options.find(each => each.name === name);
    if (!option) {
      const near = nearest(name, plugin.options.map(each => each.name));
      return `${plugin.name} has no option '${name}'; ${near ? `did you mean '${near}'? ` : ''}${plugin.takes}`;
    }
    if (!fits(value, option)) {
      return `${plugin.name}: ${name} must be ${option.must}, not ${short(value)}; ${plugin.takes}`;
    }
  }
  return undefined;
}

function fits(value: Value, option: PluginOption): boolean {
  return option.fits.some(fit => (typeof fit === 'object' ? is(value, fit) : isOf(value, fit)));
}

function is(value: Value, { is }: { is: string | number }): boolean {
  const literal: Value =
    typeof is === 'string' ? { type: 'str', s: is } : { type: 'int', n: is };
  return value.type === literal.type && equal(value, literal);
}

function isOf(value: Value, fit: Exclude<Fit, object>): boolean {
  if (fit === 'float') {
    return numeric(value) !== undefined;
  }
  return value.type === fit || (fit === 'sequence' && value.type === 'str');
}
