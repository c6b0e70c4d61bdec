/** The rows in sight, by the virtualiser. */
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useReducer } from 'preact/hooks';
import { ROW_HEIGHT } from './sizes';

const BEYOND = 6; // rows drawn above and below those in sight

export interface Window {
  rows: readonly number[];
  /** px from the top, as it is drawn */
  offset: number;
  /** Draw at another place; the element is to be scrolled there next. */
  jump(offset: number): void;
}

/** `kept` are rows that are drawn wherever the view is. */
export function useWindow(
  scroller: RefObject<HTMLDivElement | null>,
  count: number,
  height: number,
  kept: readonly number[]
): Window {
  const [, draw] = useReducer((times: number) => times + 1, 0);
  const options: VirtualizerOptions<HTMLDivElement, HTMLDivElement> = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: BEYOND,
    initialRect: { width: 800, height },
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => draw(undefined as never),
    rangeExtractor: range => {
      const rows = new Set([...kept, ...defaultRangeExtractor(range)]);
      return [...rows].filter(row => row >= 0 && row < count).sort((a, b) => a - b);
    }
  };
  const virtual = useMemo(() => new Virtualizer(options), []);
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return {
    get rows() {
      return virtual.getVirtualItems().map(({ index }) => index);
    },
    get offset() {
      return virtual.scrollOffset ?? 0;
    },
    jump: offset => {
      virtual.scrollOffset = offset;
    }
  };
}
