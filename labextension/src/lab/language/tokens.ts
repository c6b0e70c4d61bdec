/**
 * Python's tokens as far as they decide whether a text can be Python: brackets, strings, lines.
 *
 * Not from the editor's syntax tree: its parser takes some of what Python takes for a mistake, and
 * after a real one its errors stand anywhere. Rules and words are those of CPython's tokenizer
 * (`Parser/tokenizer.c`), 3.11 to 3.14.
 */
import { fString, Unsure } from './fstring';

/** A logical line. */
export interface Row {
  from: number;
  to: number;
  /** of its first and its last token, the text's first line being 1 */
  line: number;
  last: number;
  column: number;
  /** whether a colon stands outside brackets that is no lambda's */
  colon: boolean;
}

export interface Refused {
  from: number;
  to: number;
  line: number;
  message: string;
}

export interface Tokens {
  rows: Row[];
  /** the first that the tokenizer refuses */
  refused: Refused | null;
  /** whether Python tells of what its parser refuses further up instead */
  late: boolean;
}

/** Some lines in which all that is opened is closed, and nothing is wrong. */
export interface Part {
  to: number;
  lines: number;
}

const CLOSES: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
const WORD = /[\p{XID_Start}_][\p{XID_Continue}]*/uy;
const PREFIX = /^(?:[rubft]|br|rb|fr|rf|tr|rt)$/i;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;

interface Bracket {
  sign: string;
  at: number;
  line: number;
}

/**
 * null where Python's versions, or IPython and Python, may not agree.
 *
 * `from` is the beginning of a line that is none of those above, and `line` its number; `sound`
 * are parts, by where they begin, that need no look inside a bracket.
 */
export function tokens(text: string, from = 0, line = 1, sound: ReadonlyMap<number, Part> = new Map()): Tokens | null {
  const scanner = new Scanner(text, from, line, sound);
  try {
    scanner.scan();
  } catch (error) {
    if (error instanceof Unsure) {
      return null;
    }
    if (!(error instanceof Refusal)) {
      throw error;
    }
    const { refused } = error;
    return { rows: scanner.rows, refused, late: refused.message.startsWith('unindent') };
  }
  return { rows: scanner.rows, refused: null, late: false };
}

class Refusal extends Error {
  constructor(readonly refused: Refused) {
    super(refused.message);
  }
}

class Scanner {
  readonly rows: Row[] = [];
  private row: Row | null = null;
  private lambdas = 0;
  private readonly open: Bracket[] = [];
  private readonly columns = [0];

  constructor(
    private readonly text: string,
    private at: number,
    private line: number,
    private readonly sound: ReadonlyMap<number, Part>
  ) {}

  scan(): void {
    const { text } = this;
    while (this.at < text.length) {
      const sign = text[this.at]!;
      if (sign === '\n') {
        this.newline();
      } else if (sign === ' ' || sign === '\t') {
        this.at += 1;
      } else if (sign === '#') {
        const end = text.indexOf('\n', this.at);
        this.at = end < 0 ? text.length : end;
      } else if (sign === '\f' || sign === '\r' || sign === '\0') {
        throw new Unsure();
      } else {
        this.token(sign);
      }
    }
    const left = this.open.at(-1);
    if (left) {
      this.refuse(`'${left.sign}' was never closed`, left.at, left.at + 1, left.line);
    }
    this.end();
  }

  private refuse(message: string, from: number, to: number, line = this.line): never {
    const kind = message.startsWith('unindent') ? 'IndentationError' : 'SyntaxError';
    throw new Refusal({ from, to, line, message: `${message} (${kind})` });
  }

  private newline(): void {
    if (!this.open.length) {
      this.end();
    }
    this.at += 1;
    this.line += 1;
    for (let part; this.open.length && (part = this.sound.get(this.at)); ) {
      this.at = part.to;
      this.line += part.lines;
    }
  }

  private end(): void {
    if (this.row) {
      this.rows.push(this.row);
      this.row = null;
      this.lambdas = 0;
    }
  }

  private token(sign: string): void {
    if (sign === '\\') {
      this.continued();
      return;
    }
    const { at } = this;
    const row = (this.row ??= this.begun(at));
    WORD.lastIndex = at;
    const word = WORD.exec(this.text)?.[0];
    const quoted = /["']/.test(this.text[at + (word?.length ?? 0)] ?? '');
    if (sign === '"' || sign === "'" || (word && quoted && PREFIX.test(word))) {
      this.string(word ?? '');
    } else if (word) {
      this.lambdas += !this.open.length && word === 'lambda' ? 1 : 0;
      this.at += word.length;
    } else if (sign > '\x7f') {
      this.refuseCharacter();
    } else {
      this.sign(sign, row);
    }
    row.to = this.at;
    row.last = this.line;
  }

  /** A backslash at the end of a line. */
  private continued(): void {
    const after = this.text[this.at + 1];
    if (after === undefined || this.text.length === this.at + 2) {
      throw new Unsure();
    }
    if (after !== '\n') {
      this.refuse('unexpected character after line continuation character', this.at, this.at + 1);
    }
    this.at += 2;
    this.line += 1;
  }

  private begun(at: number): Row {
    const start = this.text.lastIndexOf('\n', at - 1) + 1;
    const margin = this.text.slice(start, at);
    if (/[^ ]/.test(margin)) {
      throw new Unsure(); // tabs, or a line that a backslash begins
    }
    const column = margin.length;
    if (column > this.columns.at(-1)!) {
      this.columns.push(column);
    } else {
      while (column < this.columns.at(-1)!) {
        this.columns.pop();
      }
      if (column !== this.columns.at(-1)) {
        this.refuse('unindent does not match any outer indentation level', at, this.endOfLine(at));
      }
    }
    return { from: at, to: at, line: this.line, last: this.line, column, colon: false };
  }

  private endOfLine(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end;
  }

  private sign(sign: string, row: Row): void {
    const { at, open } = this;
    this.at += 1;
    if (sign === '(' || sign === '[' || sign === '{') {
      open.push({ sign, at, line: this.line });
    } else if (CLOSES[sign]) {
      this.closed(sign, open.pop());
    } else if (sign === ':' && !open.length) {
      if (this.text[at + 1] === '=') {
        this.at += 1;
      } else if (this.lambdas) {
        this.lambdas -= 1;
      } else {
        row.colon = true;
      }
    }
  }

  private closed(sign: string, begun: Bracket | undefined): void {
    const at = this.at - 1;
    if (!begun) {
      this.refuse(`unmatched '${sign}'`, at, at + 1);
    }
    if (begun.sign !== CLOSES[sign]) {
      const where = begun.line === this.line ? '' : ` on line ${begun.line}`;
      const message = `closing parenthesis '${sign}' does not match opening parenthesis '${begun.sign}'${where}`;
      this.refuse(message, at, at + 1);
    }
  }

  private string(prefix: string): void {
    const { text, at, line } = this;
    const start = at + prefix.length;
    const sign = text[start]!;
    const quote = text.startsWith(sign.repeat(3), start) ? sign.repeat(3) : sign;
    const end = closing(text, start + quote.length, quote);
    if (/[ft]/i.test(prefix)) {
      fString(text, start + quote.length, quote, end);
    }
    const till = end ?? this.rest(start, quote);
    this.line += newlines(text.slice(start, till));
    if (end === null) {
      // "isn't" is no t-string to any Python before 3.14
      const kind = (quote.length > 1 ? 'triple-quoted ' : '') + (/f/i.test(prefix) ? 'f-string' : 'string');
      this.refuse(`unterminated ${kind} literal (detected at line ${this.line})`, at, till, line);
    }
    this.at = till;
  }

  /** Where a string that is not closed ends: with the line, or the text. */
  private rest(start: number, quote: string): number {
    const { text } = this;
    let end = this.endOfLine(start);
    while (quote.length === 1 && end < text.length && /(?<!\\)(\\\\)*\\$/.test(text.slice(start, end))) {
      end = this.endOfLine(end + 1);
    }
    return quote.length > 1 ? text.replace(/\n$/, '').length : end;
  }

  /** What is no letter of a name stands among such: Python takes all beyond ASCII for a name. */
  private refuseCharacter(): never {
    const letter = String.fromCodePoint(this.text.codePointAt(this.at)!);
    const code = `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    const what = UNPRINTABLE.test(letter)
      ? `invalid non-printable character ${code}`
      : `invalid character '${letter}' (${code})`;
    this.refuse(what, this.at, this.at + letter.length);
  }
}

/** Behind the quote that closes a string; null if nothing does. */
function closing(text: string, from: number, quote: string): number | null {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') {
      at += 1;
    } else if (text.startsWith(quote, at)) {
      return at + quote.length;
    } else if (text[at] === '\n' && quote.length === 1) {
      return null;
    }
  }
  return null;
}

export function newlines(text: string): number {
  return text.split('\n').length - 1;
}
