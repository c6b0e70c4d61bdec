/** The nearest of some words, by the measure of Python's `difflib.get_close_matches`. */

/** The nearest of `words`, if any is near enough. */
export function nearest(word: string, words: readonly string[], cutoff = 0.6): string | undefined {
  let best: [number, string] | undefined;
  for (const each of words) {
    const score = ratio(each, word);
    // of equal scores the later word in the order of text, as a heap of pairs has it
    if (score >= cutoff && (!best || score > best[0] || (score === best[0] && each > best[1]))) {
      best = [score, each];
    }
  }
  return best?.[1];
}

/** `SequenceMatcher(None, a, b).ratio()`. */
export function ratio(a: string, b: string): number {
  const length = a.length + b.length;
  return length ? (2 * matches(a, b)) / length : 1;
}

function matches(a: string, b: string): number {
  const [at, to, size] = longest(a, b);
  if (!size) {
    return 0;
  }
  const before = matches(a.slice(0, at), b.slice(0, to));
  return before + size + matches(a.slice(at + size), b.slice(to + size));
}

function longest(a: string, b: string): [number, number, number] {
  let best: [number, number, number] = [0, 0, 0];
  let lengths: number[] = [];
  for (let i = 0; i < a.length; i += 1) {
    const next: number[] = [];
    for (let j = 0; j < b.length; j += 1) {
      if (a[i] === b[j]) {
        const size = (next[j] = (lengths[j - 1] ?? 0) + 1);
        if (size > best[2]) {
          best = [i - size + 1, j - size + 1, size];
        }
      }
    }
    lengths = next;
  }
  return best;
}
