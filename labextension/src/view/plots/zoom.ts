/** What parts of the plots are looked at. */
import type { Signal } from '@preact/signals';
import { useView } from '../context';

export type Limits = readonly [low: number, high: number];

export interface Zoom {
  readonly x?: Limits;
  readonly y?: Limits;
}

/** By chart of the plot, as there may be several in one. */
export type Zooms = Readonly<Record<string, Zoom>>;

export function useZooms(plot: string): Signal<Zooms> {
  return useView().ui.remember<Zooms>(`plots.zoom.${plot}`, {});
}
