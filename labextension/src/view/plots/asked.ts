/** What the kernel finds out about the study as a whole, asked for again as the study grows. */
import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useView } from '../context';
import type { Asker } from '../data/host';
import { isUnfinished, type Study } from '../data/study';
import type { Ask } from '../protocol';

export interface Answer<T> {
  /** the latest there is; it stays until the next has come */
  readonly data: T | null;
  /** why there is no newer one; "" if nothing went wrong */
  readonly error: string;
}

/** How far a study was when something was asked. */
export interface Stand {
  readonly complete: number;
  readonly over: boolean;
}

const GROWTH = 1.1; // times as many complete trials are worth another answer
const EVERY = 2000; // ms between two questions

/** Whether the answer to a question asked at `then` may be another one now. */
export function isDue(then: Stand | null, now: Stand): boolean {
  if (then === null) {
    return true;
  }
  const grown = now.complete > then.complete && now.complete >= GROWTH * then.complete;
  return grown || (now.over && !then.over) || now.complete < then.complete;
}

export class Question<T> {
  readonly answer: Signal<Answer<T>> = signal({ data: null, error: '' });
  private then: Stand | null = null;
  private last = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private open = false;

  constructor(
    private readonly asker: Pick<Asker, 'ask'>,
    private readonly ask: Ask
  ) {}

  /** The plot is opened: any change of the study since is reason enough. */
  refresh(now: Stand): void {
    if (this.then?.complete !== now.complete || this.answer.peek().error) {
      this.soon(now);
    }
  }

  follow(now: Stand): void {
    if (isDue(this.then, now)) {
      this.soon(now);
    }
  }

  leave(): void {
    clearTimeout(this.timer);
  }

  private soon(now: Stand): void {
    clearTimeout(this.timer);
    const wait = Math.max(this.last + EVERY - performance.now(), 0);
    this.timer = setTimeout(() => void this.put(now), wait);
  }

  private async put(now: Stand): Promise<void> {
    if (this.open) {
      this.soon(now);
      return;
    }
    [this.open, this.last, this.then] = [true, performance.now(), now];
    try {
      this.answer.value = { data: await this.asker.ask<T>(this.ask), error: '' };
    } catch (failure) {
      const error = failure instanceof Error ? failure.message : String(failure);
      this.answer.value = { ...this.answer.peek(), error };
    } finally {
      this.open = false;
    }
  }
}

const QUESTIONS = new WeakMap<Asker, Map<string, Question<unknown>>>();

function questionOf<T>(asker: Asker, ask: Ask): Question<T> {
  const all = QUESTIONS.get(asker) ?? new Map<string, Question<unknown>>();
  QUESTIONS.set(asker, all);
  const key = JSON.stringify(ask);
  const held = all.get(key) ?? new Question<unknown>(asker, ask);
  all.set(key, held);
  return held as Question<T>;
}

function standOf(study: Study): Stand {
  const { state } = study.info.value;
  const over = !isUnfinished(state);
  return { complete: study.glance.value.complete.length, over };
}

/** Asks while the component is shown; null: nothing. */
export function useAsked<T>(ask: Ask | null): Answer<T> {
  const { study, asker } = useView();
  const key = JSON.stringify(ask);
  const question = useMemo(() => ask && questionOf<T>(asker, ask), [asker, key]);
  useEffect(() => {
    if (!question) {
      return undefined;
    }
    question.refresh(standOf(study));
    const stop = effect(() => question.follow(standOf(study)));
    return () => {
      stop();
      question.leave();
    };
  }, [question, study]);
  return question?.answer.value ?? { data: null, error: '' };
}

/** What is known already. */
export function known<T>(asker: Asker, ask: Ask): ReadonlySignal<Answer<T>> {
  return questionOf<T>(asker, ask).answer;
}
