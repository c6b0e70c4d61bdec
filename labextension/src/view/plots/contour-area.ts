/** Where things are on a contour plot, and how they look. */
import type { Palette } from '../theme';
import { font } from './canvas';
import type { ContourMap } from './contour-map';
import { ticksOf } from './dimensions';
import type { Pen } from './scene';

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly lines: boolean;
  readonly colours: Palette;
  readonly passing: ReadonlySet<number> | null;
  readonly best: number;
  readonly baseline: number;
}

const TOP = 36; // px: the heading, and the name of the axis that goes up
const BOTTOM = 34;
export const BAR = 74; // px for the scale of colours
export const LABEL = 11; // px

/** Where the map is: y's labels take what they need. */
export function areaOf(pen: Pen, map: ContourMap, { width, height, colours }: Look): Area {
  pen.font = font(colours, LABEL);
  const texts = ticksOf(map.y, (height - TOP - BOTTOM) / 26).map(({ text }) => text);
  const widest = Math.max(24, ...texts.map(text => pen.measureText(text).width));
  const left = Math.round(Math.min(widest, 110, width * 0.25)) + 12;
  return { left, top: TOP, right: width - BAR, bottom: height - BOTTOM };
}

export function pointOf(map: ContourMap, area: Area, i: number): [number, number] {
  return [
    area.left + map.us[i]! * (area.right - area.left),
    area.bottom + map.vs[i]! * (area.top - area.bottom)
  ];
}
