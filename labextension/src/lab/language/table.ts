/** What the Python package knows, as `scripts/editor_table.py` writes it. */
import data from './table.json';

export interface Option {
  flags: string[];
  metavar: string;
  help: string;
  kind: 'switch' | 'whole' | 'name' | 'names' | 'time' | 'budget' | 'text';
  lowest?: number;
  example?: string;
}

/** Types by name, or one value. */
export type Fit = 'int' | 'float' | 'bool' | 'str' | 'none' | 'sequence' | { is: string | number };

export interface PluginOption {
  name: string;
  default: string;
  /** what it must be, in words */
  must: string;
  fits: Fit[];
  doc: string;
}

export interface Plugin {
  name: string;
  doc: string;
  /** which options it takes, in a sentence */
  takes: string;
  options: PluginOption[];
}

export interface Type {
  name: string;
  signature: string;
  doc: string;
  options: { name: string; default: string; doc: string }[];
}

export interface Table {
  options: Option[];
  later: Record<string, string>;
  shortLater: Record<string, string>;
  optimizers: Plugin[];
  pruners: Plugin[];
  types: Type[];
}

export const TABLE = data as Table;

/** The long flag of an option, without dashes. */
export function dest(option: Option): string {
  return option.flags.at(-1)!.replace(/^-+/, '').replace(/-/g, '_');
}

export function optionOf(flag: string): Option | undefined {
  return TABLE.options.find(option => option.flags.includes(flag));
}
