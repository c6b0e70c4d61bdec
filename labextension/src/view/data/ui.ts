/** What the user has set in a view: kept for the page's session, under the study's name. */
import { effect, signal, type Signal } from '@preact/signals';
import type { Palette } from '../theme';
import type { Trial } from './study';

/** A trial under the pointer, at a place on the page. */
export interface Tip {
  trial: Trial;
  x: number;
  y: number;
}

const PREFIX = 'jupyter-hpo:';

export class Ui {
  /** width of the view, px */
  readonly width = signal(800);
  readonly palette: Signal<Palette>;
  readonly tip = signal<Tip | null>(null);
  /** the trial whose details are open, and all that are selected, by number */
  readonly open = signal<number | null>(null);
  readonly selected = signal<ReadonlySet<number>>(new Set());
  /** trials that pass the table's filters and the brushes; null: all do */
  readonly passing = signal<ReadonlySet<number> | null>(null);
  private readonly kept = new Map<string, Signal<unknown>>();
  private readonly stops: (() => void)[] = [];
  private memory: Record<string, unknown> = {};
  private key = '';

  constructor(palette: Palette) {
    this.palette = signal(palette);
  }

  /** From now on what is remembered is that of this study. */
  belongTo(uid: string): void {
    if (this.key !== '' || uid === '') {
      return;
    }
    this.key = PREFIX + uid;
    this.memory = read(this.key);
    for (const [name, held] of this.kept) {
      if (name in this.memory) {
        held.value = this.memory[name];
      }
    }
  }

  /** A setting by name, the same signal each time; plain JSON. */
  remember<T>(name: string, initial: T): Signal<T> {
    let held = this.kept.get(name) as Signal<T> | undefined;
    if (held === undefined) {
      const made = signal(name in this.memory ? (this.memory[name] as T) : initial);
      held = made;
      this.kept.set(name, made as Signal<unknown>);
      this.stops.push(effect(() => this.write(name, made.value, initial)));
    }
    return held;
  }

  dispose(): void {
    this.stops.forEach(stop => stop());
  }

  private write(name: string, value: unknown, initial: unknown): void {
    const same = JSON.stringify(value) === JSON.stringify(initial);
    if (this.key === '' || (same && !(name in this.memory))) {
      return;
    }
    this.memory = { ...this.memory, [name]: value };
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.memory));
    } catch {
      // storage may be full or forbidden; then settings last as long as the view
    }
  }
}

function read(key: string): Record<string, unknown> {
  try {
    const held: unknown = JSON.parse(sessionStorage.getItem(key) ?? '{}');
    return typeof held === 'object' && held !== null ? (held as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
