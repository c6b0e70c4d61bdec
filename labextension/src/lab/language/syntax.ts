/** What Python refuses to read, in its own words; nothing where it is not certain that it does. */
import type { Parser } from '@lezer/common';
import type { Problem } from './problem';
import { broken, lineOf, parse, type Source } from './python';
import { newlines, tokens, type Part, type Refused, type Row, type Tokens } from './tokens';

// first words of lines that need a colon, and what Python calls them
const BLOCKS: Record<string, string> = {
  if: "'if' statement", elif: "'elif' statement", else: "'else' statement", for: "'for' statement",
  while: "'while' statement", with: "'with' statement", try: "'try' statement",
  except: "'except' statement", finally: "'finally' statement", def: 'function definition',
  class: 'class definition'
};
/** What a line needs around it to be read alone. */
const AFTER: Record<string, string> = {
  elif: 'if 0: pass\n', else: 'if 0: pass\n', except: 'try: pass\n', finally: 'try: pass\n'
};
// lines that IPython rewrites and we do not, and prompts, which it takes away
const IPYTHON = /^[ \t]*(?:[,;/]|>>>|In \[)/m;

/** The first that is wrong; null if nothing is, or it is not certain. */
export function syntaxProblem(source: Source, parser: Parser): Problem | null {
  const { masked, body } = source;
  const indented = /^(?:[ \t]*\n)*[ \t]+\S/.test(masked.slice(body)); // IPython takes the margin away
  const second = source.text.startsWith('%%', body);
  if (!source.tuned || indented || second) {
    return null;
  }
  const { from, sound } = parts(masked, body, parser);
  if (from === masked.length || IPYTHON.test(masked.slice(from))) {
    return null;
  }
  const read = tokens(masked, from, lineOf(source, from), sound);
  const refused = read && firstOf(masked, read, parser);
  return refused ? { ...refused, severity: 'error', fixes: [], syntax: true } : null;
}

const known = new WeakMap<Parser, Map<string, { sound: boolean; lines: number }>>();
const REMEMBERED = 4000; // parts, which are those of some cells

/**
 * Where the first part begins that is not sound by itself, the end if all are; and those below
 * that are. A part is what lies between two lines at the margin: if all above is sound, it has no
 * say in what is below.
 */
function parts(text: string, body: number, parser: Parser): { from: number; sound: Map<number, Part> } {
  const remembered = known.get(parser) ?? new Map<string, { sound: boolean; lines: number }>();
  known.set(parser, remembered);
  if (remembered.size > REMEMBERED) {
    remembered.clear();
  }
  const margin = /^[^\s#]/gm;
  margin.lastIndex = body + 1;
  const sound = new Map<number, Part>();
  let first = text.length;
  for (let from = body; from < text.length; ) {
    const to = margin.exec(text)?.index ?? text.length;
    const part = text.slice(from, to);
    let judged = remembered.get(part);
    if (!judged) {
      judged = { sound: isSound(part, parser), lines: newlines(part) };
      remembered.set(part, judged);
    }
    if (!judged.sound) {
      first = Math.min(first, from);
    } else if (first < from) {
      sound.set(from, { to, lines: judged.lines });
    }
    from = to;
  }
  return { from: first, sound };
}

/** Whether nothing is wrong with a part, nor uncertain. */
function isSound(part: string, parser: Parser): boolean {
  const read = IPYTHON.test(part) ? null : tokens(part);
  if (!read || read.refused || read.rows.some(row => blockOf(part, row) && !row.colon)) {
    return false;
  }
  return !misplaced(part, read.rows, parser, true);
}

/**
 * The one that Python tells of: what the tokenizer refuses goes before what the parser refuses
 * further up, but for a margin (CPython's `_PyPegen_tokenize_full_source_to_check_for_errors`).
 */
function firstOf(text: string, { rows, refused, late }: Tokens, parser: Parser): Refused | null {
  return refused && !late ? refused : (misplaced(text, rows, parser, refused === null) ?? refused);
}

/**
 * Whether a problem may be of what is being written at a position: it stands there, or just below
 * a line that is empty or the head of a block, or another text in this line would mend it.
 */
export function beingWritten(source: Source, parser: Parser, problem: Problem, at: number): boolean {
  const { text } = source;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
  const line = text.slice(start, end);
  const [empty, head] = [!/\S/.test(line), line.trimEnd().endsWith(':')];
  const above = !/\S/.test(text.slice(end, Math.max(end, problem.from)));
  if (start <= problem.to && (problem.from <= end || (above && (empty || head)))) {
    return true;
  }
  if (problem.line === 1) {
    return false; // the `%%tune` line, which no other line mends
  }
  const margin = empty ? below(text.slice(0, start)) : /^\s*/.exec(line)![0];
  return ['pass', 'if 0:'].some(other => {
    const mended = parse(text.slice(0, start) + margin + other + text.slice(end), parser);
    const left = syntaxProblem(mended, parser);
    const moved = problem.from > start ? margin.length + other.length - line.length : 0;
    return !left || left.from > problem.to + moved;
  });
}

/** How far a line is indented that comes below. */
function below(text: string): string {
  const last = text.trimEnd();
  const margin = /^[ \t]*/.exec(last.slice(last.lastIndexOf('\n') + 1))![0];
  return last.endsWith(':') ? `${margin}    ` : margin;
}

/** Blocks that are not indented, lines that are and should not, headers without a colon. */
function misplaced(text: string, rows: Row[], parser: Parser, whole: boolean): Refused | null {
  const columns = [0];
  let header: Row | null = null;
  for (const row of rows) {
    const { from, to, line, column } = row;
    const deeper = column > columns.at(-1)!;
    if (header && !deeper) {
      return unindented(text, header, { from, to, line });
    }
    if (!header && deeper) {
      return { from, to, line, message: 'unexpected indent (IndentationError)' };
    }
    while (column < columns.at(-1)!) {
      columns.pop();
    }
    if (deeper) {
      columns.push(column);
    }
    const block = blockOf(text, row);
    if (block && !row.colon) {
      return headless(text, row, parser);
    }
    header = (block || soft(text, row)) && text[to - 1] === ':' ? row : null;
  }
  const last = rows.at(-1);
  return whole && header && last ? unindented(text, header, { from: last.from, to: last.to, line: last.last }) : null;
}

function words(text: string, row: Row): RegExpExecArray | null {
  return /^(?:async\s+)?([a-z]+)\b/.exec(text.slice(row.from, row.to));
}

/** The word that makes a line the head of a block. */
function blockOf(text: string, row: Row): string | null {
  const word = words(text, row)?.[1];
  return word && Object.hasOwn(BLOCKS, word) ? word : null;
}

/** Whether a line may be the head of a block by a word that is one there alone. */
function soft(text: string, row: Row): boolean {
  return /^(?:match|case)$/.test(words(text, row)?.[1] ?? '');
}

function unindented(text: string, header: Row, at: Omit<Refused, 'message'>): Refused {
  const word = words(text, header)![1]!;
  const star = /^except\s*\*/.test(text.slice(header.from, header.to));
  const name = star ? "'except*' statement" : (BLOCKS[word] ?? `'${word}' statement`);
  const message = `expected an indented block after ${name} on line ${header.line} (IndentationError)`;
  return { ...at, message };
}

/** A header without its colon, if that is all it lacks. */
function headless(text: string, row: Row, parser: Parser): Refused | null {
  const { from, to, last: line } = row;
  const whole = `${AFTER[blockOf(text, row)!] ?? ''}${text.slice(from, to)}: pass\n`;
  const lacks = !broken(parser.parse(whole).topNode);
  return lacks ? { from, to, line, message: "expected ':' (SyntaxError)" } : null;
}
