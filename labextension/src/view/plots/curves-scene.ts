/** What the trials reported while they ran. */
import type { Study } from '../data/study';
import type { Ui } from '../data/ui';
import { CROWD, inside, LABELS, one, paint, type Drawn } from './curves-paint';
import { cross } from './marks';
import { logSwitch, objectiveName } from './objective';
import { head, nearestCurve, reporting, stepsRange, valuesRange } from './reports';
import { ticks, type Range, type Tick } from './scale';
import type { Key, Pen, Scene } from './scene';
import { stateMark } from './states';

export function curvesScene(study: Study, ui: Ui): Scene {
  const info = study.info.value;
  const seen = study.glance.value;
  const colours = ui.palette.value;
  const trials = reporting(study);
  const y = valuesRange(trials, info.maximize, logSwitch(ui, 'curves').value);
  const { zero, ...x } = stepsRange(trials, logSwitch(ui, 'curves', 'x').value ?? false);
  const drawn: Drawn = { study, trials, colours, passing: ui.passing.value, first: x.low };
  const told = y.log ? ', log scale' : '';
  const less = trials.length > CROWD ? '; lines on top of others are left out' : '';
  return {
    x: {
      ...x,
      before: 4,
      after: 8,
      ticks: (range, most) => withZero(ticks(range, most), range, zero && range.low === x.low)
    },
    y: { ...y, before: 6, after: 6, grid: true },
    title: `reports of ${objectiveName(study)} by step${told}${less}`,
    keys: keys(drawn),
    right: LABELS,
    colours,
    trials,
    paint: (pen, area) => paint(pen, area, drawn),
    nearest: (area, px, py) => nearestCurve(area, trials, drawn.first, px, py),
    place: (area, trial) => head(area, trial, drawn.first),
    mark: (pen, area, trial, hovered) => {
      const running = trial.s === 'RUNNING';
      pen.strokeStyle = running ? colours.blue : hovered ? colours.fg : colours.gold;
      pen.fillStyle = pen.strokeStyle;
      inside(pen, area, () => one(pen, area, trial, drawn.first, 2.5));
    }
  };

  function keys({ trials }: Drawn): Key[] {
    const pruned = trials.some(({ s }) => s === 'PRUNED');
    const line = (alpha: number): Key['mark'] => (pen, px, py) => {
      pen.globalAlpha = alpha;
      pen.fillStyle = colours.dot;
      pen.fillRect(px - 8, py - 0.75, 16, 1.5);
    };
    return [
      { text: seen.complete.length > 0 ? 'complete' : 'trial', mark: line(0.9) },
      ...(pruned ? [{ text: 'ended early', mark: line(0.35) }] : []),
      ...(seen.counts.FAIL > 0 ? [{ text: 'failed', mark: failed }] : []),
      ...(seen.waiting.length > 0 ? [{ text: 'waiting', mark: aside }] : [])
    ];
  }

  function aside(pen: Pen, px: number, py: number): void {
    stateMark(pen, 'WAITING', px, py, colours);
  }

  function failed(pen: Pen, px: number, py: number): void {
    pen.strokeStyle = colours.red;
    cross(pen, px, py);
  }
}

function withZero(found: Tick[], range: Range, zero: boolean): Tick[] {
  // the first positive step is at twice the place of step 0
  const later = found.filter(({ at }) => at >= range.low * 1.9);
  return zero ? [{ at: range.low, text: '0' }, ...later] : found;
}
