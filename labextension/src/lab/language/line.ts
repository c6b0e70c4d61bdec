/** The `%%tune` line read: what it sets, and what the kernel would refuse of it. */
import { nearest } from './difflib';
import { dest, optionOf, TABLE, type Option } from './table';
import { reprText } from './values';
import { QuoteError, split, type Word } from './words';

/** A word that the kernel would refuse. */
export interface LineError {
  from: number;
  to: number;
  message: string;
  /** what to write in its place */
  instead?: string;
  /** whether a quote is open, as it is while its text is written */
  open?: true;
}

/** A value of an option. */
export interface Given {
  option: Option;
  /** the word with the flag, and the value; without one for a switch */
  flag: Word;
  value: Word | null;
}

export interface Line {
  words: Word[];
  given: Given[];
  /** the study's name; undefined if there is none */
  name: Word | undefined;
  errors: LineError[];
}

const WORD = '%%tune'.length;

/** Read the first line of a cell that begins with `%%tune`. */
export function readLine(text: string): Line {
  const end = text.indexOf('\n');
  const line = text.slice(WORD, end < 0 ? undefined : end);
  const read: Line = { words: [], given: [], name: undefined, errors: [] };
  try {
    read.words = split(line, WORD);
  } catch (error) {
    if (!(error instanceof QuoteError)) {
      throw error;
    }
    const from = Math.min(WORD + 1, WORD + line.length);
    const message = `cannot read the %%tune line: ${error.message}`;
    return { ...read, errors: [{ from, to: WORD + line.length, message, open: true }] };
  }
  if (read.words.some(word => word.text === '--')) {
    return read; // what comes after it is never an option
  }
  new Reader(read).read();
  return read;
}

/** The value of an option as text; undefined if it is not there or is expanded by the kernel. */
export function valueOf(line: Line, name: string): string | undefined {
  const value = line.given.find(each => dest(each.option) === name)?.value;
  return value && !value.expands ? value.text : undefined;
}

export function has(line: Line, name: string): boolean {
  return line.given.some(each => dest(each.option) === name);
}

class Reader {
  private readonly rest: Word[] = [];
  private readonly unknown: Word[] = [];

  constructor(private readonly line: Line) {}

  read(): void {
    this.refuse(typography);
    this.refuse(later);
    if (this.line.errors.length) {
      return;
    }
    const { words } = this.line;
    for (let at = 0; at < words.length; at += 1) {
      at += this.word(words[at]!, words[at + 1]);
    }
    this.unknown.forEach(word => this.line.errors.push(unknown(word)));
    this.names();
    this.objectives();
  }

  private refuse(judge: (word: Word) => LineError | undefined): void {
    this.line.errors.push(...this.line.words.flatMap(word => judge(word) ?? []));
  }

  /** Take a word; how many of the next ones go with it. */
  private word(word: Word, next: Word | undefined): number {
    if (!isFlag(word.text)) {
      this.rest.push(word);
      return 0;
    }
    const [option, attached] = parted(word.text) ?? [];
    if (!option) {
      this.unknown.push(word);
      return 0;
    }
    if (option.kind === 'switch') {
      this.line.given.push({ option, flag: word, value: null });
      if (attached !== undefined) {
        this.error(word, `${option.flags.at(-1)} takes no value; write ${option.flags.at(-1)} alone`);
      }
      return 0;
    }
    if (attached === undefined && (!next || isFlag(next.text))) {
      const long = option.flags.at(-1);
      this.error(word, `${long} needs a value: ${long} ${option.metavar}`);
      return 0;
    }
    if (attached === undefined) {
      this.take(option, word, next!);
      return 1;
    }
    const from = word.from + word.text.length - attached.length;
    this.take(option, { ...word, to: from }, { ...word, from, text: attached });
    return 0;
  }

  private take(option: Option, flag: Word, value: Word): void {
    const wrong = value.expands ? undefined : refused(option, value.text);
    if (wrong) {
      this.error(value, `${option.flags.at(-1)} takes ${wrong}`);
    } else if (this.line.given.some(each => each.option === option)) {
      const several = ['minimize', 'maximize'].includes(dest(option));
      const only = several ? 'several objectives are not in this version' : 'write it once';
      this.error(flag, `${option.flags.at(-1)} stands there twice; ${only}`);
    }
    this.line.given.push({ option, flag, value });
  }

  private names(): void {
    const { rest } = this;
    // what stands after an unknown option is likely its value
    if (rest.length > 1 && !this.unknown.length) {
      const all = rest.map(word => word.text).join(' ');
      this.error(
        rest[1]!,
        `one name for the study, not ${rest.length}: ${all}; ` +
          "an option's value with spaces needs quotes"
      );
    }
    this.line.name = rest[0];
  }

  private objectives(): void {
    const objective = (name: string): Given | undefined =>
      this.line.given.find(each => dest(each.option) === name);
    const [least, most] = [objective('minimize'), objective('maximize')];
    if (least && most) {
      this.error(most.flag, 'give --minimize or --maximize, not both');
    }
    const name = this.line.name;
    if (name && !name.expands && (!isName(name.text) || KEYWORDS.has(name.text.normalize('NFKC')))) {
      const shown = reprText(name.text.normalize('NFKC'));
      this.error(name, `${shown} cannot name a study; use a name like my_study`);
    }
  }

  private error(word: Word, message: string): void {
    this.line.errors.push({ from: word.from, to: word.to, message });
  }
}

/** Whether argparse takes a word for an option: known, or neither a negative number nor with a space. */
function isFlag(text: string): boolean {
  const number = /^-\d+$|^-\d*\.\d+$/.test(text);
  return /^-./.test(text) && (!!parted(text) || (!number && !text.includes(' ')));
}

/** The option of a flag and what is attached to it, as in `--seed=1` and `-n40`. */
function parted(text: string): [Option, string | undefined] | undefined {
  const whole = optionOf(text);
  if (whole) {
    return [whole, undefined];
  }
  const sign = text.indexOf('=');
  const named = sign > 0 ? optionOf(text.slice(0, sign)) : undefined;
  if (named) {
    return [named, text.slice(sign + 1)];
  }
  // `-trials`, which would be `-t` with a value
  const dashed = text.startsWith('--') || optionOf(`-${text.split('=')[0]}`);
  const short = dashed ? undefined : optionOf(text.slice(0, 2));
  return short && [short, text.slice(2)];
}

const IDENTIFIER = /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u;

export function isName(text: string): boolean {
  return IDENTIFIER.test(text.normalize('NFKC'));
}

/** Whether a text is a time above zero, with a unit that may be missing (`?`) or not. */
function isTime(text: string, unit: '' | '?'): boolean {
  const found = new RegExp(`^(\\d+\\.?\\d*|\\.\\d+)\\s*[smh]${unit}$`).exec(text);
  return found !== null && Number(found[1]) !== 0;
}

function isBudget(text: string): boolean {
  const epochs = /^(\d+)\s*epochs?$/.exec(text);
  return text === 'worthwhile' || (epochs !== null && Number(epochs[1]) > 0) || isTime(text, '');
}

/** What is wrong with a value of an option, after "… takes"; undefined if nothing is. */
function refused(option: Option, text: string): string | undefined {
  switch (option.kind) {
    case 'whole': {
      const { lowest = 0, example = '' } = option;
      const fits = /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) && Number(text.replace(/_/g, '')) >= lowest;
      const kind = lowest <= 0 ? 'a whole number' : `a whole number from ${lowest}`;
      return fits ? undefined : `${kind}, say ${example}, not ${reprText(text)}`;
    }
    case 'name':
      return isName(text)
        ? undefined
        : `the name of one variable, not ${reprText(text)}; end the cell with, say, ` +
            'val_loss = … and name that';
    case 'names': {
      const names = text.normalize('NFKC').split(',').map(part => part.trim()).filter(Boolean);
      const wrong = names.find(name => !isName(name));
      return wrong && `names of variables, separated by commas, not ${reprText(wrong)}`;
    }
    case 'time':
      return isTime(text.trim(), '?') ? undefined : `a time, say 90s, 10m or 1h, not ${reprText(text)}`;
    case 'budget':
      return isBudget(text.trim().toLowerCase())
        ? undefined
        : `10m, 2h, 90s, '500 epochs' or worthwhile, not ${reprText(text)}`;
    default:
      return undefined;
  }
}

function typography({ text, from, to }: Word): LineError | undefined {
  const rest = text.replace(/^[–—−]+/, '');
  if (rest !== text && rest.replace(/[–—−]+$/, '')) {
    const message = `${text} starts with ${text[0]}, not -; write --${rest}`;
    return { from, to, message, instead: `--${rest}` };
  }
  if (/[“”‘’]/.test(text)) {
    const message = `${text} has typographic quotes; write ' or " instead`;
    return { from, to, message, instead: text.replace(/[“”]/g, '"').replace(/[‘’]/g, "'") };
  }
  return undefined;
}

function later({ text, from, to }: Word): LineError | undefined {
  let name = text.split('=')[0]!.replace(/^-+/, '').replace(/-/g, '_');
  if (!(name in TABLE.later) && !/\p{L}/u.test(text[2] ?? '')) {
    name = TABLE.shortLater[text.slice(0, 2)] ?? '';
  }
  if (!text.startsWith('-') || !(name in TABLE.later)) {
    return undefined;
  }
  const flag = `--${name.replace(/_/g, '-')}`;
  return { from, to, message: `${flag} is not in this version: ${TABLE.later[name]}` };
}

function unknown({ text, from, to }: Word): LineError {
  const flags = TABLE.options.flatMap(option => option.flags);
  const written = text.split('=')[0]!;
  // -p: --pruner
  const long = written.length === 2 && flags.find(flag => flag.startsWith(`-${written}`));
  const near = long || nearest(written, flags);
  const hint = near ? `did you mean ${near}?` : '%tune options lists them all';
  const message = `there is no option ${written}; ${hint}`;
  return near ? { from, to: from + written.length, message, instead: near } : { from, to, message };
}

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except ' +
    'finally for from global if import in is lambda nonlocal not or pass raise return try while ' +
    'with yield'
  ).split(' ')
);
