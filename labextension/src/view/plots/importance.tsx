/** How much each hyperparameter matters, as the kernel finds it. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Study } from '../data/study';
import { count, percent, real } from '../format';
import type { Importance } from '../protocol';
import type { Palette } from '../theme';
import { useAsked } from './asked';
import { fit, font, useFrames } from './canvas';
import { register } from './export';
import { fitted } from './marks';
import type { Plot } from './plot';
import type { Pen } from './scene';
import { Nothing } from './tools';

const TITLE = 'Which hyperparameters tell the best trials from the others';
const HEAD = 22; // px above the bars
const [FOOT, NARROW_FOOT] = [48, 92]; // px for what they mean
const NARROW = 560; // px of the view
const NAMES = 200; // px for names, at most
const LONGEST = 760; // px of a bar
const [LOWEST, HIGHEST] = [20, 30]; // px of a row

interface Bar {
  readonly name: string;
  readonly share: number;
}

interface Layout {
  readonly names: number;
  readonly bars: number;
  readonly row: number;
}

/** Largest first. */
export function barsOf(values: Importance['values']): Bar[] {
  return Object.entries(values)
    .map(([name, share]) => ({ name, share: real(share) }))
    .filter(({ share }) => Number.isFinite(share))
    .sort((a, b) => b.share - a.share);
}

/** How many good trials the method compares with all, when none are equally good. */
export function goodOf(trials: number): number {
  return Math.min(Math.max(Math.ceil(0.1 * trials), 8), Math.max(Math.floor(trials / 2), 1));
}

/** What the bars are. */
export function told({ method, trials, note }: Importance): string {
  const what =
    method === 'PED-ANOVA'
      ? `how differently its values are spread among the best ${goodOf(trials)} of ` +
        `${count(trials, 'complete trial')} and among all of them`
      : `the variance it explains, all over the space, of a random forest's prediction from ` +
        `${count(trials, 'complete trial')}`;
  return (
    `${method}: ${what}, each hyperparameter by itself, as shares of the sum. ` +
    `What matters only together with another one may show little.${note && ` ${sentence(note)}`}`
  );
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

function View({ height }: { height: number }): JSX.Element {
  const { study, ui } = useView();
  const { data, error } = useAsked<Importance>({ what: 'importance' });
  if (study.columns.value.length === 0) {
    return <Nothing>The search space has no hyperparameter.</Nothing>;
  }
  if (data === null) {
    const why = error ? `There are no importances: ${error}` : 'Asking the kernel…';
    return <Nothing>{why}</Nothing>;
  }
  const bars = barsOf(data.values);
  if (bars.length === 0) {
    return <Nothing>{sentence(data.note || 'there are no importances yet')}</Nothing>;
  }
  const foot = ui.width.value < NARROW ? NARROW_FOOT : FOOT;
  const words = `${told(data)}${error && ` This is what was found last: ${error}`}`;
  return (
    <>
      <Bars bars={bars} height={height - foot} />
      <p class="jhpo-plot-foot" style={{ height: `${foot}px` }} title={words}>
        {words}
      </p>
    </>
  );
}

function Bars({ bars, height }: { bars: Bar[]; height: number }): JSX.Element {
  const { ui } = useView();
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = ui.width.value - 12;
  const colours = ui.palette.value;
  const row = Math.min(Math.max((height - HEAD) / bars.length, LOWEST), HIGHEST);
  const tall = HEAD + row * bars.length;
  const paint = (pen: Pen): void => paintBars(pen, bars, row, width, colours);
  const latest = useRef(paint);
  latest.current = paint;
  const ask = useFrames(place, () => {
    if (canvas.current) {
      const context = fit(canvas.current, width, tall);
      context.clearRect(0, 0, width, tall);
      latest.current(context);
    }
    return false;
  });
  useLayoutEffect(ask);
  useEffect(() => register(canvas.current!, { paintAll: pen => latest.current(pen) }), []);
  const open = (name: string): void => {
    ui.remember('plots.slice.chosen', '').value = name;
    ui.remember('plots.tab', 'history').value = 'slice';
  };
  return (
    <div ref={place} class="jhpo-importance" style={{ height: `${height}px` }}>
      <canvas
        ref={canvas}
        aria-hidden="true"
        style={{ width: `${width}px`, height: `${tall}px` }}
      />
      <ol aria-label="importance of hyperparameters, largest first" style={{ top: `${HEAD}px` }}>
        {bars.map(({ name, share }) => (
          <li key={name} style={{ height: `${row}px` }}>
            <button
              aria-label={`${name}: ${percent(share)}; show its slice plot`}
              title={`${name}: ${percent(share)}. Click for its slice plot`}
              onClick={() => open(name)}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}

function layout(pen: Pen, bars: readonly Bar[], row: number, width: number): Layout {
  const widest = Math.max(...bars.map(({ name }) => pen.measureText(name).width));
  const names = Math.min(widest, NAMES, width * 0.4) + 12;
  return { names, row, bars: Math.min(width - names - 64, LONGEST) };
}

function paintBars(
  pen: Pen,
  bars: readonly Bar[],
  row: number,
  width: number,
  colours: Palette
): void {
  pen.font = font(colours, 12);
  const at = layout(pen, bars, row, width);
  const most = bars[0]!.share;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  pen.fillStyle = colours.dim;
  pen.fillText(fitted(pen, TITLE, width - 8), 4, 10);
  bars.forEach(({ name, share }, i) => {
    const middle = HEAD + row * (i + 0.5);
    const long = Math.max((share / most) * at.bars, 1);
    pen.textAlign = 'right';
    pen.fillStyle = colours.fg;
    pen.fillText(fitted(pen, name, at.names - 10), at.names - 6, middle);
    pen.fillStyle = colours.blue;
    pen.fillRect(at.names, middle - row * 0.32, long, row * 0.64);
    pen.textAlign = 'left';
    pen.fillStyle = colours.fg;
    pen.fillText(percent(share), at.names + long + 8, middle);
  });
}

function summary(study: Study): string {
  const names = study.columns.value.map(({ name }) => name).join(', ');
  return `${TITLE}: a bar for each of ${names}.`;
}

export const importance: Plot = { id: 'importance', title: 'Importance', View, summary };
