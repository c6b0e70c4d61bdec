/** The study as the view knows it: the kernel's messages in, trials and what follows from them out. */
import { batch, computed, signal } from '@preact/signals';
import { real } from '../format';
import type { Curve, FromKernel, Info, Param, Ran, Scalar, State, StudyState, Tail, WireTrial } from '../protocol';

/** A trial; a changed one is a new object. */
export interface Trial extends WireTrial {
  /** the objective, NaN where there is none */
  readonly value: number;
  /** its reports as numbers */
  readonly steps: readonly number[];
  readonly curve: readonly number[];
}

/** A hyperparameter's column: a name, and the parameters that share it. */
export interface Column {
  readonly name: string;
  readonly params: readonly Param[];
  /** whether all its values are numbers */
  readonly numeric: boolean;
  readonly log: boolean;
}

/** What there is to say of the trials, found in one pass. */
export interface Glance {
  readonly trials: readonly Trial[];
  readonly counts: Readonly<Record<State, number>>;
  /** trials that count towards the total */
  readonly done: number;
  /** complete trials with a value, by number */
  readonly complete: readonly Trial[];
  /** those that led when they ended; the last one has the best value */
  readonly incumbents: readonly Trial[];
  readonly best: Trial | null;
  readonly baseline: Trial | null;
  readonly running: readonly Trial[];
  /** set aside, for others to run */
  readonly waiting: readonly Trial[];
  readonly failed: readonly Trial[];
  /** whether any trial has reported something */
  readonly reported: boolean;
}

const NOTHING: Info = {
  uid: '',
  name: '',
  notebook: '',
  run: 1,
  metric: '',
  maximize: false,
  optimizer: '',
  seed: '0',
  aim: null,
  budget: null,
  state: 'running',
  message: '',
  stored: true,
  unsaved: '',
  notes: [],
  queue: [],
  elapsed: 0,
  ticking: false,
  created: 0,
  params: [],
  live: false,
  asked: '',
  parked: null
};

export class Study {
  readonly info = signal<Info>(NOTHING);
  /** whether all trials have arrived once */
  readonly ready = signal(false);
  readonly trials = signal<readonly Trial[]>([]);
  readonly tail = signal<Tail | null>(null);
  /** what the kernel's clock said last (s since the epoch), and when that was here (ms) */
  readonly heard = signal<{ now: number; at: number }>({ now: 0, at: 0 });
  /** what it said when `info` came */
  readonly told = signal(0);
  /** how long the trial under way has run, as of `heard` */
  readonly ran = signal<Ran | null>(null);
  /** when the study will end, in words */
  readonly left = signal('');
  readonly glance = computed(() => glance(this.trials.value, this.info.value.maximize));
  readonly columns = computed(() => columns(this.info.value.params));

  private version = -1;
  private byNumber: Trial[] = [];
  private arriving: WireTrial[] = [];

  /** Take in a message; false if something is missing and all must be sent anew. */
  take(message: FromKernel): boolean {
    switch (message.kind) {
      case 'all':
        return this.takePart(message);
      case 'delta':
        return this.takeDelta(message);
      default:
        return true;
    }
  }

  trial(number: number): Trial | undefined {
    return this.byNumber[number];
  }

  private takePart(message: FromKernel & { kind: 'all' }): boolean {
    if (message.part === 0) {
      this.arriving = [];
    }
    this.arriving.push(...message.trials);
    if (message.part < message.parts - 1) {
      return true;
    }
    batch(() => {
      this.byNumber = [];
      this.arriving.forEach(trial => (this.byNumber[trial.n] = made(trial)));
      this.arriving = [];
      this.version = message.version;
      this.info.value = message.info;
      this.told.value = message.now;
      this.ran.value = message.ran ?? null;
      this.left.value = message.left ?? '';
      this.notePark(message.info);
      this.tail.value = message.tail ?? null;
      this.publish(message.now);
      this.ready.value = true;
    });
    return true;
  }

  private takeDelta(message: FromKernel & { kind: 'delta' }): boolean {
    if (!this.ready.value || message.from > this.version) {
      return false;
    }
    let whole = true;
    batch(() => {
      message.trials?.forEach(trial => (this.byNumber[trial.n] = made(trial)));
      message.curves?.forEach(curve => (whole = this.extend(curve) && whole));
      this.version = Math.max(this.version, message.version);
      if (message.info) {
        this.info.value = message.info;
        this.told.value = message.now;
        this.notePark(message.info);
      }
      this.ran.value = message.ran ?? null;
      this.left.value = message.left ?? this.left.value;
      if (message.tail) {
        this.tail.value = message.tail;
      }
      if (message.trials?.length || message.curves?.length || message.info?.parked) {
        this.publish(message.now);
      } else {
        this.heard.value = { now: message.now, at: performance.now() };
      }
    });
    return whole;
  }

  private notePark({ parked }: Info): void {
    const trial = parked && this.byNumber[parked.n];
    if (trial?.s === 'RUNNING') {
      this.byNumber[parked!.n] = { ...trial, z: parked!.z };
    }
  }

  private extend({ n, at, r }: Curve): boolean {
    const trial = this.byNumber[n];
    if (!trial || trial.steps.length < at) {
      return false;
    }
    const steps = [...trial.steps.slice(0, at), ...r[0]];
    const curve = [...trial.curve.slice(0, at), ...r[1].map(real)];
    this.byNumber[n] = { ...trial, steps, curve, k: steps.length };
    return true;
  }

  private publish(now: number): void {
    this.trials.value = this.byNumber.filter(() => true); // without holes
    this.heard.value = { now, at: performance.now() };
  }
}

function made(trial: WireTrial): Trial {
  const [steps, values] = trial.r ?? [[], []];
  return { ...trial, value: real(trial.v), steps, curve: values.map(real) };
}

function columns(params: readonly Param[]): Column[] {
  const byName = new Map<string, Param[]>();
  for (const param of params) {
    byName.set(param.name, [...(byName.get(param.name) ?? []), param]);
  }
  return [...byName].map(([name, same]) => ({
    name,
    params: same,
    numeric: same.every(isNumeric),
    log: same.every(param => param.log === true)
  }));
}

function isNumeric(param: Param): boolean {
  return param.choices
    ? param.choices.every(choice => typeof choice === 'number')
    : param.type === 'Float' || param.type === 'Int';
}

/** A trial's value of a hyperparameter; undefined where that is not active. */
export function valueOf(trial: WireTrial, column: Column): Scalar | undefined {
  for (const param of column.params) {
    const held = trial.p[param.key];
    if (held !== undefined) {
      return held;
    }
  }
  return undefined;
}

/** Whether a study runs or can go on. */
export function isUnfinished(state: StudyState): boolean {
  return state === 'running' || state === 'paused';
}

/** Whether a trial is over and counts. */
export function isDone(trial: WireTrial): boolean {
  return !['RUNNING', 'WAITING', 'INTERRUPTED'].includes(trial.s);
}

export function glance(trials: readonly Trial[], maximize: boolean): Glance {
  const counts: Record<State, number> = {
    ...{ RUNNING: 0, WAITING: 0, COMPLETE: 0, PRUNED: 0, SKIPPED: 0, FAIL: 0, INTERRUPTED: 0 }
  };
  const complete: Trial[] = [];
  const incumbents: Trial[] = [];
  const running: Trial[] = [];
  const waiting: Trial[] = [];
  const failed: Trial[] = [];
  let best: Trial | null = null;
  let reported = false;
  for (const trial of trials) {
    counts[trial.s] += 1;
    reported ||= trial.steps.length > 0;
    if (trial.s === 'RUNNING') {
      running.push(trial);
    } else if (trial.s === 'WAITING') {
      waiting.push(trial);
    } else if (trial.s === 'FAIL') {
      failed.push(trial);
    }
    if (trial.s !== 'COMPLETE' || Number.isNaN(trial.value)) {
      continue;
    }
    complete.push(trial);
    if (best === null || (maximize ? trial.value > best.value : trial.value < best.value)) {
      best = trial;
      incumbents.push(trial);
    }
  }
  const baseline = trials.find(trial => trial.b) ?? null;
  const done = trials.length - counts.RUNNING - counts.WAITING - counts.INTERRUPTED;
  return {
    ...{ trials, counts, done, complete, incumbents, best, baseline, running, waiting, failed },
    reported
  };
}
