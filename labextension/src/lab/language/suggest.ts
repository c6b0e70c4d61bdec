/** What to write: ranges and defaults around a value; the same as `jupyter_hpo/cell/suggest.py`. */
import { general, numeric, repr, reprText, type Value } from './values';

/** A range of a kind, around a default if that is a plain number. */
export function example(kind: string, value: Value | undefined, written: string | undefined): string {
  if (kind === 'Categorical' && written !== undefined) {
    return `Categorical(${written}, "…")`;
  }
  const n = value && numeric(value);
  if (n !== undefined && n > 0) {
    if (kind === 'Float') {
      return `Float(${general(n / 10)}, ${general(n * 10)}, log=True)`;
    }
    if (kind === 'Int' && value?.type === 'int') {
      return `Int(${Math.max(1, Math.floor(n / 4))}, ${n * 4})`;
    }
  }
  const examples: Record<string, string> = {
    Int: 'Int(1, 8)',
    Categorical: 'Categorical("a", "b")',
    Bool: 'Bool()'
  };
  return examples[kind] ?? 'Float(1e-5, 1e-1, log=True)';
}

/** A declaration with a sensible range around a plain value; undefined if there is none. */
export function declaration(name: string, value: Value): string | undefined {
  if (value.type === 'bool') {
    return `${name}: Bool() = ${repr(value)}`;
  }
  if (value.type === 'str') {
    const text = reprText(value.s);
    return `${name}: Categorical(${text}, "…") = ${text}`;
  }
  const n = numeric(value);
  if (n === undefined || !Number.isFinite(n)) {
    return undefined;
  }
  const range = value.type === 'int' ? wholeRange(n) : realRange(name, n);
  return `${name}: ${range} = ${value.type === 'int' ? n : general(n)}`;
}

function wholeRange(n: number): string {
  if (n <= 0) {
    return `Int(${2 * n}, ${n < 0 ? 0 : 8})`;
  }
  return `Int(${Math.max(1, Math.floor(n / 4))}, ${n * 4}, log=True)`;
}

// what is a share of something, and is searched evenly
const SHARE = /drop|momentum|beta|^p$|prob|frac|ratio|share|subsample|colsample|test_size|smooth/i;

function realRange(name: string, n: number): string {
  if (n <= 0) {
    return `Float(${general(2 * n)}, ${n < 0 ? 0 : 1})`;
  }
  if (n < 1 && SHARE.test(name)) {
    return n <= 0.5 ? 'Float(0, 0.5)' : `Float(0.5, ${general(Math.max(0.99, n))})`;
  }
  if (n < 1) {
    const [low, high] = [n / 10, Math.min(n * 10, 1)].map(x => general(Number(general(x, 1))));
    return `Float(${low}, ${high}, log=True)`;
  }
  return `Float(${general(n / 4)}, ${general(n * 4)}, log=True)`;
}
