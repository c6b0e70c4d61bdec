/** The table's settings, and what follows from them: which trials it shows, in which order. */
import { batch, computed, effect, signal, type Signal } from '@preact/signals';
import { isUnfinished, type Study, type Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { specsOf, type Shape } from './columns';
import {
  isFiltering,
  sameSet,
  Sieve,
  without,
  type Choices,
  type Filters,
  type Range,
  type Ranges
} from './filter';
import { comparing, newest, ranking, Sorter, type Sorted } from './order';
import type { Spec } from './spec';
import { Throttle } from './throttle';

const MANY = 2000; // trials from which on filters are applied once in a while only
const WHILE = 80; // ms
const SAID = 2500; // ms for which a word on what has been done stands

/** What stands open: a column's menu or that of all columns, and the button it belongs to. */
export interface Menu {
  column: string | null;
  near: HTMLElement;
}

export class TableModel {
  readonly sorting: Signal<Sorted[]>;
  readonly order: Signal<string[]>;
  readonly visible: Signal<Record<string, boolean>>;
  readonly widths: Signal<Record<string, number>>;
  /** px; 0: as high as the study's first trials */
  readonly height: Signal<number>;
  readonly text: Signal<string>;
  readonly menu = signal<Menu | null>(null);
  /** what has just been done; "" after a while */
  readonly said = signal('');
  private readonly ranges: Signal<Ranges>;
  private readonly brush: Signal<Record<string, [number, number]>>;
  private readonly choices: Signal<Choices>;

  /** a new object only if a column has changed */
  readonly specs = computed(() => {
    const { shape } = JSON.parse(this.shape.value) as { shape: Shape };
    return specsOf(this.study.columns.peek(), shape);
  });
  readonly shownSpecs = computed(() => {
    const visible = this.visible.value;
    return this.specs.value.filter(({ id }) => visible[id] !== false);
  });
  readonly filters = computed<Filters>(() => ({
    text: this.text.value,
    ranges: { ...this.ranges.value, ...this.brush.value },
    choices: this.choices.value
  }));
  readonly isFiltered = computed(() => isFiltering(this.filters.value));
  /** whether trials stand as they come, the best one on top */
  readonly live = computed(() => {
    const { state } = this.study.info.value;
    return this.sorting.value.length === 0 && isUnfinished(state);
  });
  readonly shown = computed(() => {
    const passing = this.ui.passing.value;
    const trials = this.study.trials.value;
    return passing === null ? trials : trials.filter(({ n }) => passing.has(n));
  });
  readonly rows = computed(() => {
    const shown = this.shown.value;
    return this.live.value
      ? newest(shown, this.study.glance.value.best)
      : this.sorter.sort(shown, this.compare.value);
  });
  /** whether the first row is the best trial, which stays in sight */
  readonly pinned = computed(() => {
    const { best } = this.study.glance.value;
    return this.live.value && best !== null && this.rows.value[0]?.n === best.n;
  });

  private readonly shape = computed(() => {
    const info = this.study.info.value;
    const seen = this.study.glance.value;
    const shape: Shape = {
      metric: info.metric,
      maximize: info.maximize,
      reported: seen.reported,
      // of a pruned trial its state says it all but the words, and many are: no column for them
      reasons: seen.trials.some(({ e, s }) => e && s !== 'PRUNED'),
      whole: seen.complete.every(({ value }) => Number.isInteger(value))
    };
    return JSON.stringify({ shape, params: info.params });
  });
  private readonly maximize = computed(() => this.study.info.value.maximize);
  private readonly compare = computed(() =>
    this.sorting.value.length > 0
      ? comparing(this.sorting.value, this.specs.value)
      : ranking(this.maximize.value)
  );
  private readonly sorter = new Sorter();
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly study: Study,
    private readonly ui: Ui
  ) {
    this.sorting = ui.remember<Sorted[]>('table.sorting', []);
    this.order = ui.remember<string[]>('table.order', []);
    this.visible = ui.remember<Record<string, boolean>>('table.visible', {});
    this.widths = ui.remember<Record<string, number>>('table.widths', {});
    this.height = ui.remember('table.height', 0);
    this.text = ui.remember('table.text', '');
    this.ranges = ui.remember<Ranges>('table.ranges', {});
    this.choices = ui.remember<Choices>('table.choices', {});
    this.brush = ui.remember<Record<string, [number, number]>>('brush', {});
  }

  /** Keep `ui.passing` up to date; returns what ends that. */
  start(): () => void {
    const throttle = new Throttle();
    let sieve: Sieve | undefined;
    let made: readonly unknown[] = [];
    const stop = effect(() => {
      const of = [this.filters.value, this.specs.value, this.shownSpecs.value] as const;
      const { trials, best } = this.study.glance.value;
      if (!this.isFiltered.value) {
        throttle.stop();
        this.ui.passing.value = null;
        return;
      }
      const sift = (): void => {
        if (of.some((each, i) => each !== made[i])) {
          sieve = new Sieve(...of, sieve);
          made = of;
        }
        const passing = sieve!.passing(trials, best);
        const before = this.ui.passing.peek();
        if (before === null || !sameSet(before, passing)) {
          this.ui.passing.value = passing;
        }
      };
      throttle.run(sift, trials.length > MANY ? WHILE : 0);
    });
    return () => {
      stop();
      throttle.stop();
      clearTimeout(this.silence);
    };
  }

  spec(id: string): Spec | undefined {
    return this.specs.value.find(spec => spec.id === id);
  }

  isFilteredBy(id: string): boolean {
    const { ranges, choices } = this.filters.value;
    return id in ranges || id in choices;
  }

  range(id: string): Range | null {
    return this.filters.value.ranges[id] ?? null;
  }

  setRange(id: string, range: Range | null): void {
    // those of the search space and the objective are shared with the plots
    if (id.startsWith('p:') || id === 'value') {
      const rest = without(this.brush.value, id);
      this.brush.value = range ? { ...rest, [id]: [range[0], range[1]] } : rest;
    } else {
      const rest = without(this.ranges.value, id);
      this.ranges.value = range ? { ...rest, [id]: range } : rest;
    }
  }

  /** Keys of the choices that pass, those within a brush over them. */
  chosen(spec: Spec): ReadonlySet<string> {
    const { ranges, choices } = this.filters.value;
    const range = ranges[spec.id];
    const keys = spec.choices.map(({ key }) => key);
    const brushed = range ? keys.filter((_, i) => i >= range[0] && i <= range[1]) : keys;
    const allowed = choices[spec.id];
    return new Set(allowed ? brushed.filter(key => allowed.includes(key)) : brushed);
  }

  choose(spec: Spec, keys: ReadonlySet<string>): void {
    batch(() => {
      this.setRange(spec.id, null);
      const rest = without(this.choices.value, spec.id);
      const all = spec.choices.every(({ key }) => keys.has(key));
      this.choices.value = all ? rest : { ...rest, [spec.id]: [...keys] };
    });
  }

  clearFilter(id: string): void {
    batch(() => {
      this.setRange(id, null);
      this.choices.value = without(this.choices.value, id);
    });
  }

  clearFilters(): void {
    batch(() => {
      this.text.value = '';
      this.ranges.value = {};
      this.choices.value = {};
      this.brush.value = {};
    });
  }

  /** Columns as they were at first. */
  resetColumns(): void {
    batch(() => {
      this.order.value = [];
      this.visible.value = {};
      this.widths.value = {};
    });
  }

  /** Say for a while what has been done. */
  tell(text: string): void {
    this.said.value = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.said.value = ''), SAID);
  }

  /** What a copy takes: the selected trials, or all that are shown. */
  toCopy(): readonly Trial[] {
    const selected = this.ui.selected.peek();
    const rows = this.rows.peek();
    const some = rows.filter(({ n }) => selected.has(n));
    return some.length > 0 ? some : rows;
  }
}
