/**
 * What the kernel and the view say to each other, all of it plain JSON.
 *
 * The kernel's half is `jupyter_hpo/view/wire.py`; a change here is a change there.
 */

/** A float as JSON can hold it: what is not finite is a word. */
export type Float = number | 'nan' | 'inf' | '-inf';
/** A value of a hyperparameter: a number, a truth value, or a choice's label. */
export type Scalar = number | boolean | string | null;
export type Values = Readonly<Record<string, Scalar>>;

export type State =
  | 'RUNNING'
  /** set aside, for others to run */
  | 'WAITING'
  | 'COMPLETE'
  | 'PRUNED'
  | 'SKIPPED'
  | 'FAIL'
  | 'INTERRUPTED';
export type StudyState = 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

/** A dimension of the search space; a name declared in several branches has a key for each. */
export interface Param {
  key: string;
  name: string;
  type: 'Float' | 'Int' | 'Categorical' | 'Bool';
  low?: number;
  high?: number;
  log?: boolean;
  step?: number | null;
  choices?: Scalar[];
  default: Scalar;
  condition: string;
  dynamic: boolean;
  /** whether it is other than declared */
  edited?: true;
}

/** A trial. Short names: there may be ten thousand of them. */
export interface WireTrial {
  /** number */
  n: number;
  /** state */
  s: State;
  /** value, in the user's own sign */
  v?: Float;
  /** hyperparameters by key, active ones only */
  p: Values;
  /** started, seconds since the epoch */
  t?: number;
  /** seconds it ran */
  d?: number;
  /** peak of resident and of CUDA memory, bytes */
  m?: number;
  g?: number;
  /** steps and values of its reports, thinned; `k` is how many there are in truth */
  r?: [number[], Float[]];
  k?: number;
  /** why it has no value, in one line */
  e?: string;
  /** whether it ran the defaults, or was asked for by the user */
  b?: true;
  q?: true;
  /** from when to when it was parked, seconds since the epoch */
  z?: [number, number | null][];
  /** once it was set aside: from when to when it ran, seconds since the epoch; null: until now */
  w?: [number, number | null][];
  /** after how many reports it was set aside, of one that waits */
  a?: number;
}

/** The study apart from its trials. */
export interface Info {
  uid: string;
  name: string;
  notebook: string;
  run: number;
  metric: string;
  maximize: boolean;
  optimizer: string;
  seed: string;
  /** how many trials it is to have; null: not known */
  aim: number | null;
  /** what it may spend: seconds that it runs, reports of all trials, or neither: while worthwhile */
  budget: { seconds: number | null; epochs: number | null } | null;
  state: StudyState;
  message: string;
  /** whether there is a file that it can be resumed from */
  stored: boolean;
  /** why the latest of it is in memory only; "" if it is not */
  unsaved: string;
  notes: string[];
  /** configurations that the user wants tried next */
  queue: Values[];
  /** seconds it has run, at the time of the message, and whether that clock runs */
  elapsed: number;
  ticking: boolean;
  created: number;
  params: Param[];
  /** whether this kernel can steer it: run, park, go on */
  live: boolean;
  /** what it has been asked to do and has not done yet */
  asked: '' | 'pause' | 'skip' | 'stop';
  /** from when to when the trial under way was parked, s since the epoch; null: until now */
  parked: { n: number; z: [number, number | null][] } | null;
}

/** The end of what the running trial has printed. */
export interface Tail {
  n: number;
  text: string;
}

/** The clock of the trial under way: seconds it has run, and whether it runs this moment. */
export interface Ran {
  n: number;
  s: number;
  moving: boolean;
}

/** New reports of a running trial, the first of which is its report number `at`. */
export interface Curve {
  n: number;
  at: number;
  r: [number[], Float[]];
}

export type FromKernel =
  /** everything there is, in `parts` messages */
  | {
      kind: 'all';
      part: number;
      parts: number;
      version: number;
      now: number;
      info: Info;
      trials: WireTrial[];
      tail?: Tail;
      ran?: Ran;
      /** when the study will end, in words; "" if it is not known */
      left?: string;
    }
  /** what has changed since version `from`; with nothing changed, a sign of life */
  | {
      kind: 'delta';
      from: number;
      version: number;
      now: number;
      info?: Info;
      trials?: WireTrial[];
      curves?: Curve[];
      tail?: Tail;
      ran?: Ran;
      /** when the study will end, in words; "" if it is not known */
      left?: string;
    }
  | { kind: 'reply'; id: string; error: string }
  | { kind: 'reply'; id: string; data: unknown };

export type Verb = 'pause' | 'resume' | 'skip' | 'stop';

/** Another range, the places of the choices that stay, or all as it was declared. */
export type Change = { low?: number; high?: number; choices?: number[]; declared?: true };

export type Ask =
  | { what: Exclude<Verb, 'skip'> }
  /** end that trial, if it is still the one under way */
  | { what: 'skip'; number: number | null }
  /** put a configuration into the queue; values by name */
  | { what: 'try'; params: Values }
  /** narrow or widen: changes by key */
  | { what: 'edit'; changes: Record<string, Change> }
  /** bind the best values to the notebook's variables */
  | { what: 'use' }
  | { what: 'trial'; number: number }
  | { what: 'importance' }
  /** the bundle that a notebook is to keep now */
  | { what: 'kept' }
  /** the optimizer's model over a pair of parameters, or along one */
  | { what: 'model'; x: string; y?: string; points: number };

export type ToKernel = { kind: 'hello' } | ({ kind: 'ask'; id: string } & Ask);

/** The answer to `trial`. */
export interface TrialDetail {
  number: number;
  /** the reports, all of them up to 2,000 */
  r: [number[], Float[]];
  error: string;
  output: string;
  log: Record<string, Scalar>;
  info: Record<string, unknown>;
  /** assignments, to be pasted into a cell */
  code: string;
}

/** The answer to `importance`. */
export interface Importance {
  method: string;
  trials: number;
  values: Record<string, number>;
  note: string;
}

/** The answer to `model` over a pair: z[j][i] is at x[i], y[j]; "" or why there is none. */
export interface Model {
  none: string;
  x?: Scalar[];
  y?: Scalar[];
  mean?: Float[][];
  std?: Float[][];
  /** larger where the optimizer looks sooner, whichever way the objective goes */
  acquisition?: Float[][];
}

/** The answer to `model` along one parameter: z[i] is at x[i]. */
export interface Line {
  none: string;
  x?: Scalar[];
  mean?: Float[];
  std?: Float[];
  acquisition?: Float[];
}

/** A study as it is kept in a notebook, `application/vnd.jupyter-hpo.study+json`. */
export interface Saved {
  format: 1;
  now: number;
  info: Info;
  trials: WireTrial[];
  /** their reports are those of the rows */
  details: Record<string, Omit<TrialDetail, 'r'>>;
  importance: Importance | null;
}
