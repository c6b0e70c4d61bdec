/** A replacement of `source.slice(start, end)` by `text`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** How a tuned cell begins. */
export const MAGIC = /^%%tune(?!\w)/;
/** What makes the magic known to a kernel. */
export const LOAD = '%load_ext jupyter_hpo';
const LOADED = /load_ext\s+jupyter_hpo|import\s+jupyter_hpo|from\s+jupyter_hpo/;
const BLANK_OR_COMMENT = /^\s*(#|$)/;

/** Whether one of these cells loads our extension, or may. */
export function loads(sources: readonly string[]): boolean {
  return sources.some(each => LOADED.test(each));
}

/**
 * The edit that makes `source` a tuned cell, or null if it is one already.
 *
 * Jupyter knows a cell magic only on the very first line: a `%%tune` that
 * stands below comments or blank lines is moved up rather than written twice.
 */
export function tuneEdit(source: string): Edit | null {
  let start = 0;
  for (const line of source.split('\n')) {
    if (MAGIC.test(line)) {
      const above = source.slice(0, start);
      const text = `${line}\n${above.trimEnd()}`;
      return above ? { start: 0, end: start + line.length, text } : null;
    }
    if (!BLANK_OR_COMMENT.test(line)) {
      break;
    }
    start += line.length + 1;
  }
  return { start: 0, end: 0, text: '%%tune\n' };
}
