/** Where f-strings end: since Python 3.12 they may hold their own quotes, before they may not. */

/** What cannot be judged without knowing which Python it is for. */
export class Unsure extends Error {}

/**
 * Throws `Unsure` unless all versions see one end of it.
 *
 * @param from - where its text begins.
 * @param quote - what closes it.
 * @param end - where it ends if it is a string like any other; null: it does not.
 */
export function fString(text: string, from: number, quote: string, end: number | null): void {
  const inner = text.slice(from, end === null ? endOfLine(text, from) : end - quote.length);
  let depth = 0;
  for (let at = 0; at < inner.length; at += 1) {
    const pair = inner.slice(at, at + 2);
    if (depth === 0 && (pair === '{{' || pair === '}}')) {
      at += 1;
    } else if (inner[at] === '\\') {
      if (depth > 0 || pair === '\\N') {
        throw new Unsure();
      }
      at += 1;
    } else if (inner[at] === '{') {
      depth += 1;
    } else if (inner[at] === '}') {
      depth -= 1;
    } else if (depth > 0 && (inner[at] === '#' || (end === null && /["']/.test(inner[at]!)))) {
      throw new Unsure();
    }
  }
  // a quote inside braces has closed it, or braces are not whole: those are words of their own
  if (depth !== 0 || (end === null && quote.length > 1)) {
    throw new Unsure();
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
