/** A study made up for the demo page, the draw-time benchmark and the accessibility tests. */
import type { Change, Float, FromKernel, Info, Param, Saved, ToKernel, Values, WireTrial } from '../view/protocol';
import type { Host } from '../view/data/host';
import { explained } from './model';

const EPOCHS = 27;
const HOSTILE = '<img src=x onerror="window.hacked=1">"\'&amp;\u202e';

/** A small generator of repeatable chance (mulberry32, T. Ettinger). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PARAMS: Param[] = [
  { key: 'lr', name: 'lr', type: 'Float', low: 1e-5, high: 0.1, log: true, step: null, default: 0.001, condition: '', dynamic: false },
  { key: 'width', name: 'width', type: 'Int', low: 16, high: 512, log: true, step: null, default: 64, condition: '', dynamic: false },
  { key: 'activation', name: 'activation', type: 'Categorical', choices: ['relu', 'tanh', 'gelu'], default: 'relu', condition: '', dynamic: false },
  { key: 'leak', name: 'leak', type: 'Float', low: 0, high: 0.3, log: false, step: null, default: 0, condition: "if activation == 'relu'", dynamic: false },
  { key: 'norm', name: 'norm', type: 'Bool', choices: [false, true], default: true, condition: '', dynamic: false },
  { key: 'dropout', name: 'dropout', type: 'Float', low: 0, high: 0.6, log: false, step: 0.1, default: 0.2, condition: '', dynamic: false }
];

function edited(param: Param, change: Change | undefined): Param {
  if (!change) {
    return param;
  }
  if (change.declared) {
    return PARAMS.find(({ key }) => key === param.key) ?? param;
  }
  const { low = param.low, high = param.high, choices } = change;
  const range = low !== undefined && high !== undefined ? { low, high } : {};
  const kept = choices ? { choices: choices.map(place => param.choices![place]!) } : {};
  return { ...param, ...range, ...kept, edited: true };
}

export interface Wish {
  trials: number;
  total?: number;
  state?: Info['state'];
  seed?: number;
  hostile?: boolean;
  /** whether its optimizer explains itself */
  model?: boolean;
  live?: boolean;
}

export class DemoStudy implements Host {
  readonly live: boolean;
  readonly lost = '';
  private readonly random: () => number;
  private readonly start = 1_760_000_000;
  private clock = this.start;
  private version = 0;
  private handle: (message: FromKernel) => void = () => undefined;
  readonly trials: WireTrial[] = [];
  info: Info;

  constructor(private readonly wish: Wish) {
    this.random = chance(wish.seed ?? 1);
    this.live = wish.live ?? true;
    const name = wish.hostile ? HOSTILE : 'study';
    const params = PARAMS.map(param =>
      wish.hostile && param.choices && param.type !== 'Bool' ? { ...param, choices: [HOSTILE, 'tanh', 'gelu'], default: HOSTILE } : param
    );
    this.info = {
      uid: `demo-${wish.trials}-${wish.seed ?? 1}`,
      name,
      notebook: 'demo.ipynb',
      run: 1,
      metric: 'val_loss',
      maximize: false,
      optimizer: wish.model ? 'bayes' : 'sobol',
      seed: '0',
      budget: null,
      aim: wish.total ?? Math.max(40, wish.trials + 15),
      state: wish.state ?? 'running',
      message: wish.state === 'paused' ? 'trial 23 is parked at Cell In[3], line 14, in train' : '',
      stored: true,
      unsaved: '',
      notes: wish.model ? [] : [wish.hostile ? HOSTILE : 'auto chose sobol: 6 parameters, and no model of them yet.'],
      queue: [],
      elapsed: 0,
      ticking: (wish.state ?? 'running') === 'running',
      created: this.start,
      params,
      live: this.live,
      asked: '',
      parked: null
    };
    for (let n = 0; n < wish.trials; n += 1) {
      this.trials.push(this.ended(n));
    }
    if (this.info.state === 'running' || this.info.state === 'paused') {
      this.trials.push(this.running(wish.trials, 9));
    }
    this.info.elapsed = this.clock - this.start;
  }

  listen(handle: (message: FromKernel) => void): () => void {
    this.handle = handle;
    return () => (this.handle = () => undefined);
  }

  send(message: ToKernel): void {
    setTimeout(() => this.answer(message), 5);
  }

  /** End the running trial and begin the next ones: a delta of `count` changed rows. */
  push(count = 20): void {
    const from = this.version;
    const changed: WireTrial[] = [];
    for (let i = 0; i < count; i += 1) {
      const n = this.trials.length - 1;
      this.trials[n] = this.ended(n);
      this.trials.push(this.running(n + 1, 5));
      changed.push(this.trials[n]!);
    }
    changed.push(this.trials.at(-1)!);
    this.version += 1;
    this.handle({ kind: 'delta', from, version: this.version, now: this.clock, trials: changed });
  }

  saved(): Saved {
    const details = Object.fromEntries(this.trials.slice(0, 5).map(t => [String(t.n), this.detail(t.n)]));
    return { format: 1, now: this.clock, info: { ...this.info, live: false }, trials: this.trials, details, importance: this.importance() };
  }

  private values(): Values {
    const [lr, width, choice] = [1e-5 * 1e4 ** this.random(), Math.round(16 * 32 ** this.random()), Math.floor(this.random() * 3)];
    const activation = this.info.params[2]!.choices![choice]!;
    const values: Record<string, number | string | boolean | null> = { lr, width, activation, norm: this.random() < 0.5 };
    if (choice === 0) {
      values['leak'] = this.random() * 0.3;
    }
    values['dropout'] = Math.round(this.random() * 6) / 10;
    return values;
  }

  private curve(p: Values, epochs: number): [number[], Float[]] {
    const far = (Math.log10(p['lr'] as number) + 2.5) ** 2;
    const end = 0.05 + 0.05 * far + (p['norm'] ? 0 : 0.03) + 0.02 * this.random();
    const steps = Array.from({ length: epochs }, (_, step) => step);
    return [steps, steps.map(s => Number((end + Math.exp(-s / (4 + 3 * far)) * (1 + 0.1 * this.random())).toPrecision(6)))];
  }

  private ended(n: number): WireTrial {
    const first = n === 0;
    const p = first ? Object.fromEntries(this.info.params.map(param => [param.key, param.default])) : this.values();
    const luck = this.random();
    const state = first || luck < 0.82 ? 'COMPLETE' : luck < 0.92 ? 'PRUNED' : luck < 0.97 ? 'FAIL' : 'SKIPPED';
    const r = this.curve(p, state === 'COMPLETE' ? EPOCHS : 3 + Math.floor(this.random() * 10));
    const d = 0.1 * r[0].length * (0.7 + this.random() * 0.6);
    const t = this.clock;
    const parked: [number, number][] = n % 11 === 5 ? [[t + d / 2, t + d / 2 + 3]] : [];
    this.clock += d + (parked.length ? 3 : 0) + 0.05;
    const row: WireTrial = { n, s: state, p, t, d, m: 4e8 + 1e6 * n, r, k: r[0].length };
    if (parked.length) row.z = parked;
    if (state === 'COMPLETE') row.v = r[1].at(-1)!;
    if (state === 'FAIL') row.e = this.wish.hostile ? HOSTILE : luck < 0.95 ? 'RuntimeError: CUDA out of memory' : 'ValueError: loss is nan';
    if (state === 'PRUNED') row.e = 'pruned at step 7: worse than the median';
    if (state === 'SKIPPED') row.e = 'skipped';
    if (first) row.b = true;
    if (n % 17 === 3) row.q = true;
    return row;
  }

  private running(n: number, epochs: number): WireTrial {
    const p = this.values();
    const r = this.curve(p, epochs);
    return { n, s: 'RUNNING', p, t: this.clock, r, k: epochs };
  }

  private answer(message: ToKernel): void {
    if (message.kind === 'hello') {
      const tail = { n: this.trials.length - 1, text: 'epoch 7  train 0.214  val 0.231\nepoch 8  train 0.198  val 0.222\n' };
      this.handle({ kind: 'all', part: 0, parts: 1, version: this.version, now: this.clock, info: this.info, trials: this.trials, tail });
      return;
    }
    const { id } = message;
    const reply = (data: unknown): void => this.handle({ kind: 'reply', id, data });
    if (message.what === 'trial') {
      reply(this.detail(message.number));
    } else if (message.what === 'importance') {
      reply(this.importance());
    } else if (message.what === 'model') {
      reply(this.wish.model ? explained(this.trials, this.info.params, message) : { none: 'sobol has no model' });
    } else if (message.what === 'pause' || message.what === 'resume' || message.what === 'stop') {
      const state = ({ pause: 'paused', resume: 'running', stop: 'stopped' } as const)[message.what];
      this.info = { ...this.info, state, ticking: state === 'running' };
      this.handle({ kind: 'delta', from: this.version, version: (this.version += 1), now: this.clock, info: this.info });
      reply(null);
    } else if (message.what === 'skip') {
      this.push(1);
      reply(null);
    } else if (message.what === 'edit') {
      const params = this.info.params.map(param => edited(param, message.changes[param.key]));
      this.info = { ...this.info, params };
      this.handle({ kind: 'delta', from: this.version, version: (this.version += 1), now: this.clock, info: this.info });
      reply('holds from the next trial on');
    } else if (message.what === 'try') {
      if (message.params['lr'] === 1) {
        this.handle({ kind: 'reply', id, error: 'lr: 1 is outside Float(1e-05, 0.1, log=True)' });
        return;
      }
      this.info = { ...this.info, queue: [...this.info.queue, message.params] };
      this.handle({ kind: 'delta', from: this.version, version: (this.version += 1), now: this.clock, info: this.info });
      reply('is tried next');
    } else {
      reply(message.what === 'use' ? 'lr, width, activation, norm, dropout are set' : null);
    }
  }

  private detail(n: number): unknown & import('../view/protocol').TrialDetail {
    const trial = this.trials[n]!;
    const error = trial.s === 'FAIL' ? `Traceback (most recent call last):\n  Cell In[3], line 14\n    loss = step(model)\n${trial.e}\n` : '';
    const code = Object.entries(trial.p).map(([key, held]) => `${key} = ${JSON.stringify(held)}`).join('\n');
    return { number: n, r: trial.r ?? [[], []], error, output: 'epoch 0 …\nepoch 1 …\n', log: { params: 12345 }, info: {}, code };
  }

  private importance(): import('../view/protocol').Importance {
    return { method: 'PED-ANOVA', trials: 33, values: { lr: 0.71, norm: 0.14, width: 0.08, dropout: 0.04, activation: 0.02, leak: 0.01 }, note: '' };
  }
}
