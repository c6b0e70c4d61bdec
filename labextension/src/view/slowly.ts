import { effect, type ReadonlySignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

/** A signal's value, at most `ms` old: for what is dear to work out and may be a moment behind. */
export function useSlowly<T>(source: ReadonlySignal<T>, ms: number): T {
  const [held, hold] = useState<T>(() => source.peek());
  useEffect(() => {
    let timer = 0;
    const stop = effect(() => {
      void source.value;
      timer ||= window.setTimeout(() => {
        timer = 0;
        hold(() => source.peek());
      }, ms);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [source, ms]);
  return held;
}
