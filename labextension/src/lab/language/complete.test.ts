import { parser } from '@lezer/python';
import { describe, expect, it } from 'vitest';
import { checked, type Checked } from './check';
import { completionsAt } from './complete';
import { helpAt } from './help';
import { parse } from './python';

const others = {
  sources: () => ['%%tune first --minimize loss', 'data = load()\nmodel = None', '%%tune second', '# data']
};

function check(text: string): Checked {
  return checked(parse(text, parser), parser, others);
}

/** The cell and the position of the bar in it. */
function at(text: string): [Checked, number] {
  const place = text.indexOf('|');
  return [check(text.slice(0, place) + text.slice(place + 1)), place];
}

/** What is completed where the bar stands: what is replaced, and by what. */
function completed(text: string): [string, string[]] {
  const [cell, place] = at(text);
  const found = completionsAt(cell, place, others);
  const items = found?.items.map(each => each.insert ?? each.label) ?? [];
  return [cell.source.text.slice(found?.from ?? place, place), items];
}

describe('completion on the %%tune line', () => {
  it.each([
    ['%%tune |', '', ['first', 'second', '--minimize', '--optimizer', '--quiet']],
    ['%%tune study --m|', '--m', ['--minimize', '--maximize', '--max-failures']],
    ['%%tune study --minimize loss -|', '-', ['--trials', '--seed']],
    ['%%tune -o b|', 'b', ['bayes']],
    ['%%tune --optimizer=b|', 'b', ['bayes']],
    ["%%tune -o 'b|", 'b', ['bayes']],
    ["%%tune -o 'bayes(|", '', ['acquisition=', 'kappa=', 'xi=', 'initial=']],
    ["%%tune -o 'bayes(kappa=2, ac|", 'ac', ['acquisition=']],
    ["%%tune -o 'bayes(acquisition=|", '', ['"logei"', '"ucb"']],
    ['%%tune -o "sobol(scramble=|', '', ['True', 'False']],
    ["%%tune --pruner 'thr|", 'thr', ['threshold']],
    ["%%tune --pruner 'threshold(lower=|", '', ['None']],
    ['%%tune --minimize |\nval_loss = f()\n', '', ['val_loss']],
    ['%%tune --minimize |\nval_loss = f()\nval_loss', '', ['val_loss', '_']],
    ['%%tune --fresh mod|\nf(model, other)\n', 'mod', ['model']],
    ['%%tune --keep a,b|\na = b = 1\n', 'b', ['b']],
    ['%%tune --store |', '', ['none']]
  ])('%j', (text, replaced, some) => {
    const [written, items] = completed(text);
    expect(written).toBe(replaced);
    expect(items).toEqual(expect.arrayContaining(some));
  });

  it.each([
    ["%%tune -o 'bayes(kappa=2, |", 'kappa='],
    ['%%tune study |', 'first'],
    ['%%tune study --m|', '--trials'],
    ['%%tune --trials 4 |', '--trials'],
    ['%%tune --trials |', '--seed']
  ])('%j does not offer %s', (text, other) => {
    expect(completed(text)[1]).not.toContain(other);
  });
});

describe('completion of declarations', () => {
  const LINE = '%%tune --minimize loss\n';
  it.each([
    [`${LINE}lr: |`, '', ['Float(', 'Int(', 'Categorical(', 'Bool(']],
    [`${LINE}if x:\n    lr: hpo.Fl|\nloss = 1\n`, 'Fl', ['Float(']],
    [`${LINE}lr: Float(1e-5, 1e-1, l|`, 'l', ['log=True']],
    [`${LINE}lr: Float(1e-5, 1e-1, l|) = 1e-3\nloss = lr\n`, 'l', ['log=True']],
    [`${LINE}lr: Annotated[float, Float(1e-5, 1e-1, |)] = 1e-3\n`, '', ['log=True']]
  ])('%j', (text, replaced, some) => {
    const [written, items] = completed(text);
    expect(written).toBe(replaced);
    expect(items).toEqual(expect.arrayContaining(some));
  });

  it.each([
    `${LINE}else: |`,
    `${LINE}x = {\n  a: |\n}`,
    `${LINE}f(a, |)`,
    `${LINE}lr: Float(1e-5, 1e-1, log=True|) = 1e-3\n`,
    `${LINE}lr: Float(1|) = 1e-3\n`,
    `${LINE}x = "lr: |"`,
    '%%tu|'
  ])('nothing in %j', text => {
    expect(completed(text)[1]).toEqual([]);
  });
});

describe('help', () => {
  it.each([
    ['%%tu|ne', '%%tune [NAME] [options]', 'Runs the cell as a study'],
    ['%%tune -n| 4', '-n, --trials N', 'how many trials'],
    ["%%tune -o 'bay|es(kappa=2)'", 'bayes(acquisition=', 'Bayesian optimization'],
    ['%%tune --pruner=med|ian', 'median(startup=', 'median'],
    ['%%tune --minimize lo|ss', '--minimize NAME', 'make small'],
    ['%%tune\nlr: Flo|at(0, 1) = 0.5', 'Float(low, high', 'A real number'],
    ['%%tune\nlr: Float(0, 1, lo|g=True) = 0.5', 'log=False', 'logarithmic'],
    ['%%tune\nlr: Float(0, 1) = 0.5\nprint(l|r)', 'lr: Float(0, 1) = 0.5', 'A hyperparameter'],
    ['%%tune\nif a == 1:\n    lr: Float(0, 1) = 0.5\nf(l|r)', 'lr: Float(0, 1) = 0.5', 'A hyperparameter']
  ])('%j', (text, title, said) => {
    const help = helpAt(...at(text));
    expect(help?.title).toContain(title);
    expect(help?.text).toContain(said);
  });

  it.each(['%%tune\nFlo|at(x)', '%%tune\nx = 1 # l|r', '%%tune\nlr: Float(0, 1) = 0.5\nx.l|r', '%%tune |'])(
    'nothing on %j',
    text => expect(helpAt(...at(text))).toBeNull()
  );

  it('says when a hyperparameter exists', () => {
    const help = helpAt(...at('%%tune\nif a == 1:\n    l|r: Float(0, 1) = 0.5'));
    expect(help?.rows).toEqual([['Float(0, 1)', 'only if a == 1']]);
  });
});
