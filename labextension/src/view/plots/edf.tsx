import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView } from '../context';
import type { Study } from '../data/study';
import type { Ui } from '../data/ui';
import { count, number, percent } from '../format';
import { Chart } from './chart';
import { ranks, shareBetter, type Rank } from './distribution';
import { LogTool } from './history';
import { dashed, dot, dotRadius, dots } from './marks';
import { nearest } from './near';
import { logSwitch, objectiveName, wantedRange } from './objective';
import type { Plot } from './plot';
import { ticks } from './scale';
import type { Area, Pen, Scene } from './scene';
import { Places, Sieve } from './thin';
import { Nothing } from './tools';

function View({ height }: { height: number }): JSX.Element {
  const { study, ui } = useView();
  const none = useComputed(() => study.glance.value.complete.length === 0);
  if (none.value) {
    return (
      <Nothing>
        No trial is complete yet: this shows what share of the trials is as good as a value.
      </Nothing>
    );
  }
  return (
    <Chart
      plot="edf"
      label="Distribution of the objective"
      width={ui.width.value}
      height={height}
      scene={() => edfScene(study, ui)}
    />
  );
}

function edfScene(study: Study, ui: Ui): Scene {
  const seen = study.glance.value;
  const colours = ui.palette.value;
  const passing = ui.passing.value;
  const range = wantedRange(study, logSwitch(ui, 'edf').value);
  const found = ranks(seen.complete);
  const shares = new Map(found.map(({ trial, share }) => [trial.n, share]));
  const name = objectiveName(study);
  return {
    x: { ...range, before: 8, after: 8 },
    y: { low: 0, high: 1, log: false, after: 6, grid: true, ticks: shareTicks },
    title: `share of the trials whose ${name} is at most this${range.log ? ', log scale' : ''}`,
    keys: [],
    right: 16,
    colours,
    trials: found.map(({ trial }) => trial),
    paint: (pen, area) => {
      pen.save();
      pen.beginPath();
      pen.rect(area.left, area.top - 4, area.right - area.left, area.bottom - area.top + 5);
      pen.clip();
      pen.strokeStyle = colours.dim;
      stairs(pen, area, found);
      points(pen, area, found, passing, [colours.dot, colours.green], seen.best?.n);
      pen.restore();
      baseline(pen, area, study, ui, found);
    },
    nearest: (area, x, y) =>
      nearest(
        found,
        rank => area.x(rank.value),
        rank => area.y(rank.share),
        { x, y }
      )?.trial ?? null,
    place: (area, { n, value }) => {
      const share = shares.get(n);
      return share === undefined ? null : { x: area.x(value), y: area.y(share) };
    }
  };
}

function shareTicks({ low, high }: { low: number; high: number }): { at: number; text: string }[] {
  const found = ticks({ low: low * 100, high: high * 100, log: false }, 5);
  return found.map(({ at, text }) => ({ at: at / 100, text: `${text} %` }));
}

/** The stairs of the distribution, not finer than the page's pixels. */
function stairs(pen: Pen, area: Area, found: readonly Rank[]): void {
  pen.lineWidth = 1.75;
  pen.lineJoin = 'round';
  pen.beginPath();
  let [x, y] = [area.left, area.y(0)];
  pen.moveTo(x, y);
  for (const { value, share } of found) {
    const [nextX, nextY] = [Math.max(area.x(value), area.left), area.y(share)];
    if (Math.abs(nextX - x) < 0.5 && Math.abs(nextY - y) < 0.5) {
      continue;
    }
    pen.lineTo(nextX, y);
    pen.lineTo(nextX, nextY);
    [x, y] = [nextX, nextY];
  }
  pen.lineTo(Math.max(area.right, x), area.y(1));
  pen.stroke();
}

function points(
  pen: Pen,
  area: Area,
  found: readonly Rank[],
  passing: ReadonlySet<number> | null,
  [usual, first]: [string, string],
  best: number | undefined
): void {
  const sieve = new Sieve(area.left, area.top, area.right - area.left, area.bottom - area.top, 2);
  const places = new Places(256);
  for (const { trial, value, share } of found) {
    const [x, y] = [area.x(value), area.y(share)];
    if ((!passing || passing.has(trial.n)) && sieve.lets(x, y)) {
      places.add(x, y);
    }
  }
  pen.fillStyle = usual;
  // with a filter those that pass it stand out
  dots(pen, places.at, places.count, passing ? 3 : dotRadius(found.length));
  const rank = found.find(({ trial }) => trial.n === best);
  if (rank) {
    pen.fillStyle = first;
    dot(pen, area.x(rank.value), area.y(rank.share), 4.5);
  }
}

/** The default's value, with the share of those that beat it. */
function baseline(
  pen: Pen,
  area: Area,
  study: Study,
  ui: Ui,
  found: readonly Rank[]
): void {
  const { baseline: base, complete } = study.glance.value;
  const colours = ui.palette.value;
  const x = base && Number.isFinite(base.value) ? area.x(base.value) : NaN;
  if (!base || !(x >= area.left && x <= area.right)) {
    return;
  }
  pen.strokeStyle = colours.gold;
  dashed(pen, [x, area.top], [x, area.bottom]);
  const better = percent(shareBetter(complete, base.value, study.info.value.maximize));
  const told = `default ${number(base.value)}: ${better} of the trials beat it`;
  pen.font = `11px ${colours.font}`;
  pen.textBaseline = 'middle';
  const wide = pen.measureText(told).width;
  const from = x + 8 + wide <= area.right ? x + 6 : Math.max(x - 6 - wide, area.left);
  // where the stairs have not been yet, or have gone by
  const reached = found.find(({ value }) => value >= area.xAt(from + wide))?.share ?? 1;
  const y = area.y(reached) > area.top + 28 ? area.top + 12 : area.bottom - 12;
  pen.fillStyle = colours.bg;
  pen.globalAlpha = 0.85;
  pen.fillRect(from - 2, y - 8, wide + 4, 16);
  pen.globalAlpha = 1;
  pen.fillStyle = colours.gold;
  pen.textAlign = 'left';
  pen.fillText(told, from, y);
}

function summary(study: Study): string {
  const { complete } = study.glance.value;
  const found = ranks(complete);
  if (found.length === 0) {
    return 'Distribution of the objective: no value yet.';
  }
  const at = (share: number): string => {
    const rank = found[Math.min(Math.ceil(share * found.length) - 1, found.length - 1)]!;
    return number(rank.value);
  };
  return (
    `Distribution of ${objectiveName(study)} over ${count(found.length, 'complete trial')}: ` +
    `from ${number(found[0]!.value)} to ${number(found.at(-1)!.value)}; a quarter is at most ` +
    `${at(0.25)}, half ${at(0.5)}, three quarters ${at(0.75)}.`
  );
}

export const edf: Plot = {
  id: 'edf',
  title: 'EDF',
  View,
  Tools: () => <LogTool plot="edf" />,
  summary
};
