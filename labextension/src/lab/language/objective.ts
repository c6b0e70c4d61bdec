/** The objective of a cell: the rules, and the words, of `jupyter_hpo/cell/objective.py`. */
import type { SyntaxNode } from '@lezer/common';
import { contents } from './contents';
import { nearest } from './difflib';
import type { Binding } from './names';
import { broken, statements, type Source } from './python';

const TELLING = /loss|acc|err|score|auc|f1|mse|mae|rmse|r2|metric|perplex|reward|val/i;
const HELD_OUT = /val|test|dev|cv/i;
const HIGHER = /acc|score|auc|f1|r2|reward|precision|recall|iou|bleu/i;
const LOWER = /loss|err|mse|mae|rmse|perplex|regret|cost/i;
/** Functions by which names may be set or read unseen. */
export const INDIRECT = ['exec', 'eval', 'globals', 'get_ipython', 'setattr', 'vars'];

/** What an objective's error says, and the option to write; without one there is none. */
export interface ObjectiveProblem {
  message: string;
  /** the statement it is about; the `%%tune` line if undefined */
  at?: SyntaxNode;
  direction?: '--minimize' | '--maximize';
  metric?: string;
  /** whether another line of the cell may mend it */
  below?: true;
}

/** Names the cell assigns that could be the objective, the likeliest first, at most 8. */
export function candidates(
  source: Source,
  bound: readonly Binding[],
  declared: readonly string[]
): string[] {
  const boring = new Set(declared);
  contents(source).forEach(({ piece }) => piece.helpers.forEach(name => boring.add(name)));
  const found = bound.filter(each => !each.nested && !boring.has(each.name));
  const names = [...new Set(found.map(each => each.name))].filter(name => !name.startsWith('_'));
  const likely = names.filter(name => TELLING.test(name));
  const rest = names.filter(name => !TELLING.test(name)).reverse();
  likely.sort((a, b) => Number(!HELD_OUT.test(a)) - Number(!HELD_OUT.test(b)));
  return [...likely, ...rest].slice(0, 8);
}

/** Whether a name is likely to be an objective. */
export function telling(name: string): boolean {
  return TELLING.test(name);
}

export function direction(name: string): '--minimize' | '--maximize' {
  return HIGHER.test(name) && !LOWER.test(name) ? '--maximize' : '--minimize';
}

/** A sentence if the direction looks like a slip. */
export function directionHint(metric: string, maximize: boolean): string {
  if (!maximize && direction(metric) === '--maximize') {
    return `Minimizing \`${metric}\`: usually more of it is better. Did you mean --maximize?`;
  }
  if (maximize && LOWER.test(metric) && !HIGHER.test(metric)) {
    return `Maximizing \`${metric}\`: usually less of it is better. Did you mean --minimize?`;
  }
  return '';
}

/** What is said of a `%%tune` line that does not say what to optimize. */
export function missing(found: readonly string[]): ObjectiveProblem {
  const message = 'say what to optimize: --minimize NAME or --maximize NAME';
  const [first] = found;
  if (first === undefined) {
    const end = 'The cell assigns nothing that could be it; end it with an expression and use `_`';
    return { message: `${message}. ${end}`, direction: '--minimize', metric: '_', below: true };
  }
  const said = `${message}. The cell assigns: ${found.join(', ')}`;
  return { message: said, direction: direction(first), metric: first, below: true };
}

/** What is said of a metric that nothing in the cell could assign; null if something could. */
export function refused(
  source: Source,
  metric: string,
  bound: readonly Binding[],
  declared: readonly string[]
): ObjectiveProblem | null {
  if (metric === '_') {
    const last = statements(source.tree.topNode).at(-1);
    const message = "`_` is the value of the cell's last expression, and its last line is none";
    const good = !last || last.name === 'ExpressionStatement' || broken(last);
    return good ? null : { message, at: last };
  }
  if (declared.includes(metric)) {
    const message = `\`${metric}\` is a hyperparameter of this cell; it cannot be the objective`;
    return { message };
  }
  if (bound.some(each => each.name === metric)) {
    return null;
  }
  const found = candidates(source, bound, declared);
  const near = nearest(metric, found, 0.5) ?? found[0];
  const other = found.length ? `; it assigns ${found.join(', ')}` : '';
  const message = `nothing in this cell assigns \`${metric}\`${other}`;
  return near ? { message, direction: direction(near), metric: near, below: true } : { message, below: true };
}

/** Whether the cell imports all names of a module. */
export function stars(source: Source): boolean {
  return contents(source).some(({ piece }) => piece.stars);
}
