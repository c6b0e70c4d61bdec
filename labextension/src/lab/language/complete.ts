/** What may be written at a position of a `%%tune` cell. */
import type { SyntaxNode } from '@lezer/common';
import type { Checked } from './check';
import { annotations, reads } from './contents';
import { Annotations, taken } from './declarations';
import { pluginHelp, usage } from './help';
import { has, readLine } from './line';
import { pluginsOf } from './plugins';
import { isInside, slice, statements, type Source } from './python';
import type { Elsewhere } from './reader';
import { ENGLISH, type Translates } from './say';
import { dest, optionOf, TABLE, type Option, type Plugin } from './table';
import { QuoteError, split } from './words';

export interface Completion {
  label: string;
  /** what is written; the label if undefined */
  insert?: string;
  kind: 'class' | 'keyword' | 'function' | 'variable' | 'property' | 'text';
  doc: string;
}

export interface Completions {
  /** what they replace */
  from: number;
  to: number;
  items: Completion[];
}

export function completionsAt(
  cell: Checked,
  at: number,
  others: Elsewhere,
  trans: Translates = ENGLISH
): Completions | null {
  const end = cell.source.text.indexOf('\n');
  const found = end < 0 || at <= end ? onLine(cell, at, others, trans) : inCode(cell, at);
  if (!found) {
    return null;
  }
  const written = cell.source.text.slice(found.from, at).toLowerCase();
  const items = found.items.filter(({ label }) => label.toLowerCase().startsWith(written));
  return items.length ? { from: found.from, to: at, items } : null;
}

type Found = Omit<Completions, 'to'>;

function onLine(
  cell: Checked,
  at: number,
  others: Elsewhere,
  trans: Translates
): Found | null {
  const before = cell.source.text.slice('%%tune'.length, at);
  if (!/^\s/.test(before) || at < '%%tune'.length) {
    return null;
  }
  const { start, word, former } = lastWord(before);
  const from = '%%tune'.length + start;
  const attached = /^(--[\w-]+)=(.*)$/s.exec(word);
  const option = optionOf(attached?.[1] ?? former ?? '');
  if (option?.metavar && (attached || former)) {
    const skip = attached ? attached[1]!.length + 1 : 0;
    return valuesOf(cell, option, from + skip, word.slice(skip), others, trans);
  }
  const flags = TABLE.options.filter(each => !has(cell.line, dest(each)) || word.startsWith('-'));
  const items = flags.map(each => flagItem(each));
  const named = cell.line.name && cell.line.name.from !== from;
  return { from, items: word.startsWith('-') || named ? items : [...studies(others, trans), ...items] };
}

/** The word that is being written, where it begins, and the one before it. */
function lastWord(text: string): { start: number; word: string; former: string | undefined } {
  let start = 0;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (quote) {
      quote = letter === quote ? '' : quote;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
    } else if (/\s/.test(letter)) {
      start = at + 1;
    }
  }
  return { start, word: text.slice(start), former: words(text.slice(0, start)).at(-1) };
}

function words(text: string): string[] {
  try {
    return split(text).map(word => word.text);
  } catch (error) {
    if (error instanceof QuoteError) {
      return [];
    }
    throw error;
  }
}

function flagItem(option: Option): Completion {
  const label = option.flags.at(-1)!;
  return { label, kind: 'keyword', doc: `${usage(option)}\n\n${option.help}` };
}

/** Names of the studies that cells of the notebook make. */
function studies(others: Elsewhere, trans: Translates): Completion[] {
  const doc = trans.__('a study of this notebook');
  const names = others.sources().flatMap(text => {
    const name = /^%%tune(?!\w)/.test(text) ? readLine(text).name?.text : undefined;
    return name ? [name] : [];
  });
  return [...new Set(names)].sort().map(label => ({ label, kind: 'variable', doc }));
}

function valuesOf(
  cell: Checked,
  option: Option,
  from: number,
  written: string,
  others: Elsewhere,
  trans: Translates
): Found | null {
  const plugins = pluginsOf(dest(option));
  if (plugins.length) {
    const quote = /^['"]/.exec(written)?.[0] ?? '';
    return ofPlugins(plugins, from + quote.length, written.slice(quote.length), quote);
  }
  const comma = option.kind === 'names' ? written.lastIndexOf(',') + 1 : 0;
  return { from: from + comma, items: plainValues(cell, option, others, trans) };
}

function plainValues(
  cell: Checked,
  option: Option,
  others: Elsewhere,
  trans: Translates
): Completion[] {
  const words = (names: Iterable<string>, doc = ''): Completion[] =>
    [...new Set(names)].map(label => ({ label, kind: 'variable', doc }));
  switch (dest(option)) {
    case 'minimize':
    case 'maximize': {
      const last = statements(cell.source.tree.topNode).at(-1);
      const result = words(last?.name === 'ExpressionStatement' ? ['_'] : [], trans.__('the last expression'));
      return [...words(cell.candidates, trans.__('a variable that the cell assigns')), ...result];
    }
    case 'keep':
      return words(cell.bound.filter(each => !each.nested).map(each => each.name));
    case 'fresh':
    case 'shared':
      return words(free(cell, others), trans.__('a variable that the cell reads'));
    case 'store':
      return [{ label: 'none', kind: 'text', doc: trans.__('in memory only') }];
    case 'budget':
      return ['10m', '2h', "'500 epochs'", 'worthwhile'].map(label => ({ label, kind: 'text', doc: '' }));
    case 'device':
      return ['cpu', 'cuda', 'mps'].map(label => ({ label, kind: 'text', doc: '' }));
    default:
      return [];
  }
}

/** Names that the cell reads and other cells mention. */
function free({ source, bound }: Checked, others: Elsewhere): string[] {
  const own = new Set(bound.map(each => each.name));
  return [...reads(source)].filter(
    name => !own.has(name) && others.sources().some(text => new RegExp(`^${name}\\b.*=`, 'mu').test(text))
  );
}

function ofPlugins(plugins: Plugin[], from: number, written: string, quote: string): Found | null {
  const open = written.indexOf('(');
  if (open < 0) {
    const items = plugins.map(plugin => pluginItem(plugin));
    return { from, items };
  }
  const plugin = plugins.find(each => each.name === written.slice(0, open).trim());
  const start = Math.max(open, written.lastIndexOf(',')) + 1;
  const part = written.slice(start);
  const margin = part.length - part.trimStart().length;
  const sign = part.indexOf('=');
  if (!plugin) {
    return null;
  }
  if (sign < 0) {
    const given = new Set([...written.matchAll(/(\w+)\s*=/g)].map(found => found[1]));
    const items = plugin.options
      .filter(option => !given.has(option.name))
      .map(({ name, default: usual, must, doc }): Completion => {
        const text = `${must}, ${usual} if not given\n\n${doc}`;
        return { label: name, insert: `${name}=`, kind: 'property', doc: text };
      });
    return { from: from + start + margin, items };
  }
  const option = plugin.options.find(each => each.name === part.slice(0, sign).trim());
  const inner = quote === '"' ? "'" : '"';
  const values = (option?.fits ?? []).flatMap(fit => {
    if (typeof fit === 'object') {
      return [typeof fit.is === 'string' ? `${inner}${fit.is}${inner}` : String(fit.is)];
    }
    return { bool: ['True', 'False'], none: ['None'] }[fit as string] ?? [];
  });
  const items = values.map((label): Completion => ({ label, kind: 'text', doc: option?.doc ?? '' }));
  return { from: from + start + sign + 1, items };
}

function pluginItem(plugin: Plugin): Completion {
  const label = plugin.name.replace(':NAME', ':TPE');
  const { title, text } = pluginHelp(plugin);
  return { label, kind: 'function', doc: [title, text].filter(Boolean).join('\n\n') };
}

const KEYWORD = /^(else|try|finally|except|lambda|case|match|if|elif|for|while|with|def|class)$/;

function inCode(cell: Checked, at: number): Found | null {
  const { source } = cell;
  const start = source.text.lastIndexOf('\n', at - 1) + 1;
  const before = source.text.slice(start, at);
  // an annotation that is being written is no annotation yet
  const annotation = /^\s*([\p{L}_]\w*)\s*:\s*(?:\w+\.)?(\w*)$/u.exec(before);
  if (annotation && !KEYWORD.test(annotation[1]!) && !isInside(source.tree, start)) {
    return { from: at - annotation[2]!.length, items: TABLE.types.map(typeItem) };
  }
  return ofArguments(source, cell, at);
}

function typeItem({ name, signature, doc }: (typeof TABLE.types)[number]): Completion {
  return { label: name, insert: `${name}(`, kind: 'class', doc: `${signature}\n\n${doc}` };
}

/** Keywords of one of our calls. */
function ofArguments(source: Source, cell: Checked, at: number): Found | null {
  const list = listAround(source.tree.resolveInner(at, -1));
  const kind = list && new Annotations(source, taken(source, cell.bound)).kind(list.prevSibling);
  const word = /(?:^|[(,\s])(\w*)$/.exec(source.text.slice(list?.from ?? at, at));
  if (!list || !kind || !word || /^\d/.test(word[1]!) || !isDeclared(source, list)) {
    return null;
  }
  const written = slice(source, list);
  const type = TABLE.types.find(each => each.name === kind);
  const items = (type?.options ?? [])
    .filter(option => !new RegExp(`\\b${option.name}\\s*=`).test(written))
    .map(({ name, default: usual, doc }): Completion => {
      const truth = usual === 'False';
      const label = truth ? `${name}=True` : `${name}=`;
      return { label, kind: 'property', doc };
    });
  return { from: at - word[1]!.length, items };
}

function listAround(node: SyntaxNode): SyntaxNode | null {
  for (let each: SyntaxNode | null = node; each; each = each.parent) {
    if (each.name === 'ArgList') {
      return each;
    }
    if (each.name === 'String' || /Statement$/.test(each.name)) {
      return null;
    }
  }
  return null;
}

/** Whether a list of arguments stands in an annotation. */
function isDeclared(source: Source, list: SyntaxNode): boolean {
  return annotations(source).some(({ from, to }) => from <= list.from && list.to <= to);
}
