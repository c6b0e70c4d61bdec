/** The words of a `%%tune` line, as Python's shlex takes them apart. */

export interface Word {
  text: string;
  from: number;
  to: number;
  /** whether it holds `$name` or `{expression}`, which only the kernel can expand */
  expands: boolean;
}

export class QuoteError extends Error {}

/**
 * Quotes are taken off, a ` # comment` is left out, and what stands in braces is one word.
 *
 * @param start where the line begins, added to the positions.
 */
export function split(line: string, start = 0): Word[] {
  const text = withoutComment(line);
  const words: Word[] = [];
  let word: Word | null = null;
  let quote = '';
  const open = (at: number): Word => (word ??= { text: '', from: start + at, to: 0, expands: false });
  const add = (at: number, letters: string): void => {
    open(at).text += letters;
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    const braces = letter === '{' ? /^\{[^{}]*\}/.exec(text.slice(at)) : null;
    if (braces) {
      add(at, braces[0]);
      at += braces[0].length - 1;
    } else if (quote) {
      const escapes = quote === '"' && letter === '\\' && /["\\]/.test(text[at + 1] ?? '');
      if (letter === quote) {
        quote = '';
      } else {
        add(at, escapes ? text[(at += 1)]! : letter);
      }
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      open(at);
    } else if (letter === '\\') {
      if (at + 1 >= text.length) {
        throw new QuoteError('no escaped character');
      }
      add(at, text[(at += 1)]!);
    } else if (/\s/.test(letter)) {
      finish(at);
    } else {
      add(at, letter);
    }
  }
  if (quote) {
    throw new QuoteError('no closing quotation');
  }
  finish(text.length);
  return words;

  function finish(at: number): void {
    if (word) {
      words.push({ ...word, to: start + at, expands: /[${]/.test(word.text) });
      word = null;
    }
  }
}

function withoutComment(line: string): string {
  let quote = '';
  for (let place = 0; place < line.length; place += 1) {
    const letter = line[place]!;
    if (quote) {
      quote = letter === quote ? '' : quote;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
    } else if (letter === '#' && (place === 0 || /\s/.test(line[place - 1]!))) {
      return line.slice(0, place);
    }
  }
  return line;
}
