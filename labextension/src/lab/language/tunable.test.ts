import { parser } from '@lezer/python';
import { describe, expect, it } from 'vitest';
import { checked } from './check';
import { parse } from './python';
import { applied, hindrance, literalAt, makeTunable, type Tunable } from './tunable';

const LOADED = { sources: () => ['%load_ext jupyter_hpo'] };

/** The cell with what stands between brackets made tunable; the brackets are 〈 and 〉. */
function tuned(text: string, others = LOADED): [string, Tunable | null] {
  const from = text.indexOf('〈');
  const to = text.indexOf('〉') - 1;
  const source = parse(text.replace(/[〈〉]/g, ''), parser);
  const literal = literalAt(source, from, to);
  const made = literal && makeTunable(source, literal, parser, others);
  return [made ? applied(source.text, made.changes) : '', made];
}

describe('make tunable', () => {
  it.each([
    ['lr = 〈0.001〉\nloss = f(lr)', '%%tune --minimize loss\nlr: Float(0.0001, 0.01, log=True) = 0.001\nloss = f(lr)'],
    ['x = 〈1e-3〉', '%%tune\nx: Float(0.0001, 0.01, log=True) = 1e-3'],
    ['if a:\n    n = 〈64〉', '%%tune\nif a:\n    n: Int(16, 256, log=True) = 64'],
    ['n = 1\nn = 〈64〉', '%%tune\nn_value: Int(16, 256, log=True) = 64\nn = 1\nn = n_value'],
    ['m = Adam(lr=〈0.1〉)\nval_acc = 1', '%%tune --maximize val_acc\nlr: Float(0.01, 1, log=True) = 0.1\nm = Adam(lr=lr)\nval_acc = 1'],
    ['import a\nfrom b import c\nf(〈"relu"〉)', `%%tune\nimport a\nfrom b import c\nf: Categorical('relu', "…") = "relu"\nf(f)`.replace('f: C', 'f_2: C').replace('f(f)', 'f(f_2)')],
    ['for epoch in range(〈20〉):\n    pass', '%%tune\nepochs: Int(5, 80, log=True) = 20\nfor epoch in range(epochs):\n    pass'],
    ['nn.Dropout(〈0.1〉)', '%%tune\ndropout: Float(0, 0.5) = 0.1\nnn.Dropout(dropout)'],
    ['nn.Linear(3, 〈128〉)', '%%tune\nlinear_2: Int(32, 512, log=True) = 128\nnn.Linear(3, linear_2)'],
    ['SGD(momentum=〈0.9〉, nesterov=True)', '%%tune\nmomentum: Float(0.5, 0.99) = 0.9\nSGD(momentum=momentum, nesterov=True)'],
    ['SGD(nesterov=〈True〉)', '%%tune\nnesterov: Bool() = True\nSGD(nesterov=nesterov)'],
    ['c = {"depth": 〈3〉}', '%%tune\ndepth: Int(1, 12, log=True) = 3\nc = {"depth": depth}'],
    ['y = 2 * 〈3.5〉', '%%tune\ny_value: Float(0.875, 14, log=True) = 3.5\ny = 2 * y_value'],
    ['f(layers=[64, 〈32〉])', '%%tune\nlayers_2: Int(8, 128, log=True) = 32\nf(layers=[64, layers_2])'],
    ['sizes = (〈64〉, 32)', '%%tune\nsizes_1: Int(16, 256, log=True) = 64\nsizes = (sizes_1, 32)'],
    ['f(act="〈relu〉")', `%%tune\nact: Categorical('relu', "…") = "relu"\nf(act=act)`],
    ['x = 〈-2〉', '%%tune\nx: Int(-4, 0) = -2'],
    ['f(a=〈0〉)', '%%tune\na: Int(0, 8) = 0\nf(a=a)'],
    [
      '%%tune s --minimize loss\nlr: Float(0, 1) = 0.5  # rate\nloss = f(lr, k=〈4〉)',
      '%%tune s --minimize loss\nlr: Float(0, 1) = 0.5  # rate\nk: Int(1, 16, log=True) = 4\nloss = f(lr, k=k)'
    ],
    ['def f():\n    return g(〈4〉)\nf()', '%%tune\ng_2: Int(1, 16, log=True) = 4\ndef f():\n    return g(g_2)\nf()']
  ])('%j', (text, expected) => {
    const [found] = tuned(text);
    expect(found).toBe(expected);
    const { problems, declared } = checked(parse(found, parser), parser, LOADED);
    expect(declared.length).toBeGreaterThan(0);
    const allowed = /say what to optimize|nothing in the cell reads/;
    expect(problems.filter(each => !allowed.test(each.message))).toEqual([]);
  });

  it.each([
    'lr: Float(〈0.1〉, 1) = 0.5', 'lr: Float(0.1, 1) = 〈0.5〉', '%%tune -n 〈4〉\nx', '〈"""doc"""〉\nx = 1',
    '〈x〉 = 1', 'x = 〈1 + 2〉', 'f"{〈3〉}"', 'x = 〈None〉'
  ])('not %j', text => {
    expect(tuned(text)[0]).toBe('');
  });

  it('takes the value that the cursor is in', () => {
    expect(tuned('x = 12〈〉34')[0]).toBe('%%tune\nx: Int(308, 4936, log=True) = 1234');
    expect(tuned('x = 0.〈001〉')[0]).toBe('%%tune\nx: Float(0.0001, 0.01, log=True) = 0.001');
    expect(tuned('x = -1〈〉')[0]).toBe('%%tune\nx: Int(-2, 0) = -1');
  });

  it('marks the range and says what is needed', () => {
    const [text, made] = tuned('act = 〈"relu"〉', { sources: () => [] });
    expect(text.slice(made?.range.from, made?.range.to)).toBe('Categorical(\'relu\', "…")');
    expect(made?.needs).toEqual(['choices', 'objective', 'load']);
    expect(tuned('lr = 〈0.1〉\nloss = lr')[1]?.needs).toEqual([]);
  });

  it('knows cells that have another magic', () => {
    expect(hindrance('%%time\nx = 1')).toBe('%%time');
    expect(hindrance('%%tune\nx = 1') + hindrance('x = 1') + hindrance('%time')).toBe('');
  });
});
