/** The objective over two hyperparameters. */
import { useSignalEffect, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Study, Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { count } from '../format';
import type { Model } from '../protocol';
import { known, useAsked } from './asked';
import { useFrames, useWidth } from './canvas';
import { pointOf, type Look } from './contour-area';
import { modelOf, usePair, type Pair } from './contour-pair';
import { contourMap, nearestTrial, type ContourMap } from './contour-map';
import { ContourPainter } from './contour-painter';
import { paintContour } from './contour-paint';
import { register } from './export';
import { LogTool } from './history';
import { logSwitch, objectiveName } from './objective';
import type { Plot } from './plot';
import { select } from './select';
import type { Said } from './smooth';
import { Nothing, Toggle } from './tools';

const NARROW = 640; // px of the view, under which the choice of axes is above the map
const SIDE = 220; // px
const ROW = 30;
const REACH = 14; // px from a trial to the pointer

function View({ height }: { height: number }): JSX.Element {
  const { study } = useView();
  const columns = study.columns.value;
  const pair = usePair();
  if (!pair) {
    return (
      <Nothing>
        {columns.length === 0
          ? 'The search space has no hyperparameter.'
          : 'This is a map over two hyperparameters, and the search space has one.'}
      </Nothing>
    );
  }
  return <Contour pair={pair} height={height} />;
}

function Contour({ pair, height }: { pair: Pair; height: number }): JSX.Element {
  const { ui } = useView();
  const { map, why } = useMap(pair);
  const narrow = ui.width.value < NARROW;
  const style = narrow ? 'jhpo-contour jhpo-contour-narrow' : 'jhpo-contour';
  return (
    <div class={style} style={{ height: `${height}px` }}>
      <Sheet pair={pair} map={map} height={narrow ? height - ROW : height} />
      <Side pair={pair} narrow={narrow} told={caption(map, why)} />
    </div>
  );
}

function useMap(pair: Pair): { map: ContourMap; why: string } {
  const { study, ui, asker } = useView();
  const { data, error } = useAsked<Model>(asker.live ? modelOf(pair) : null);
  const log = logSwitch(ui, 'contour').value;
  const shows = shownOf(ui).value;
  const model = data && data.none === '' ? data : null;
  const { maximize } = study.info.value;
  const map = useMemo(
    () => contourMap(study, { x: pair[0], y: pair[1], log, model, shows }),
    [study.trials.value, maximize, pair, log, model, shows]
  );
  return { map, why: data?.none || error };
}

/** What the user wants to see of the model. */
function shownOf(ui: Ui): Signal<Said> {
  return ui.remember<Said>('contour.shows', 'mean');
}

function Sheet(props: { pair: Pair; map: ContourMap; height: number }): JSX.Element {
  const { pair, map, height } = props;
  const { study, ui } = useView();
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef(new ContourPainter());
  const narrow = ui.width.value < NARROW;
  const width = useWidth(place, ui.width.value - 12 - (narrow ? 0 : SIDE + 12));
  const lines = ui.remember('contour.lines', true);
  const lookNow = (): Look => {
    const { best, baseline, trials } = study.glance.value;
    const at = (trial: Trial | null): number => (trial ? trials.indexOf(trial) : -1);
    return {
      width,
      height,
      lines: lines.value,
      colours: ui.palette.value,
      passing: ui.passing.value,
      best: at(best),
      baseline: at(baseline)
    };
  };
  const ask = useFrames(place, () => {
    if (canvas.current) {
      const hover = ui.tip.value?.trial.n ?? -1;
      painter.current.draw(canvas.current, map, lookNow(), ui.selected.value, hover);
    }
    return false;
  });
  useSignalEffect(() => {
    void [ui.selected.value, ui.tip.value, ui.passing.value, ui.palette.value, lines.value];
    ask();
  });
  useLayoutEffect(ask, [map, width, height]);
  const latest = useRef({ map, lookNow });
  latest.current = { map, lookNow };
  useEffect(
    () =>
      register(canvas.current!, {
        paintAll: pen => paintContour(pen, latest.current.map, latest.current.lookNow())
      }),
    []
  );
  const under = (event: MouseEvent): Trial | null => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    const { area } = painter.current;
    const at = [event.clientX - left, event.clientY - top] as const;
    return (area && map.trials[nearestTrial(map, i => pointOf(map, area, i), at, REACH)]) ?? null;
  };
  const hover = (event: MouseEvent): void => {
    const trial = event.buttons === 0 ? under(event) : null;
    canvas.current!.style.cursor = trial ? 'pointer' : '';
    ui.tip.value = trial && { trial, x: event.clientX, y: event.clientY };
  };
  return (
    <div ref={place} class="jhpo-contour-map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={mapTold(study, pair)}
        style={{ width: `${width}px`, height: `${height}px` }}
        onPointerMove={hover}
        onPointerLeave={() => (ui.tip.value = null)}
        onClick={event => select(ui, under(event), event)}
        onDblClick={event => (ui.open.value = under(event)?.n ?? ui.open.value)}
      />
    </div>
  );
}

function Side(props: { pair: Pair; narrow: boolean; told: string }): JSX.Element {
  const { pair, narrow, told } = props;
  const { study, ui } = useView();
  const wanted = ui.remember<string[]>('contour.pair', []);
  const names = pair.map(({ name }) => name) as [string, string];
  const choose = (side: 0 | 1, name: string): void => {
    // the one that is chosen twice leaves its former place to the other one
    const other = names[1 - side] === name ? names[side] : names[1 - side]!;
    wanted.value = side === 0 ? [name, other] : [other, name];
  };
  const axis = (side: 0 | 1, label: string): JSX.Element => (
    <label>
      <span>{label}</span>
      <select
        class="jhpo-input"
        value={names[side]}
        onChange={event => choose(side, event.currentTarget.value)}
      >
        {study.columns.value.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="jhpo-contour-side">
      {axis(0, 'across')}
      {axis(1, 'up')}
      <p class={narrow ? 'jhpo-unseen' : ''}>{told}</p>
    </div>
  );
}

/** What the map is and what it is not. */
export function caption(map: ContourMap, why: string): string {
  return `${captionOf(map, why)}${absent(map)}`;
}

function captionOf(map: ContourMap, why: string): string {
  switch (map.kind) {
    case 'model':
      return (
        'What the optimizer’s model expects, all else as in the best trial. ' +
        'Points are trials, coloured by their own value.'
      );
    case 'uncertainty':
      return (
        'How unsure the optimizer’s model is, one standard deviation, ' +
        'all else as in the best trial.'
      );
    case 'acquisition':
      return (
        'Where the optimizer looks next: the larger its acquisition function, ' +
        'the sooner a place is tried, all else as in the best trial.'
      );
    case 'none':
      return 'Too few complete trials for a map.';
    case 'average':
      return (
        `Not a model${why && ` (${why})`}: the average of the ` +
        `${count(map.shown, 'complete trial')}, near ones weighing most, ` +
        'whatever their other values. Hatched where no trial is near.'
      );
  }
}

function absent(map: ContourMap): string {
  if (map.absent === 0) {
    return '';
  }
  const have = `${count(map.absent, 'complete trial')} ${map.absent === 1 ? 'has' : 'have'}`;
  return ` ${have} no place in it: a hyperparameter is not active.`;
}

function mapTold(study: Study, [x, y]: Pair): string {
  return `Map of ${objectiveName(study)} over ${x.name} (across) and ${y.name} (up)`;
}

function Tools(): JSX.Element {
  const { ui, asker } = useView();
  const lines = ui.remember('contour.lines', true);
  const shows = shownOf(ui);
  const flip = (said: Said): void => void (shows.value = shows.value === said ? 'mean' : said);
  const pair = usePair();
  const question = modelOf(pair);
  const model = question && known<Model>(asker, question).value.data;
  return (
    <>
      {model?.std && (
        <Toggle
          on={shows.value === 'std'}
          title="how unsure the model is, instead of what it expects"
          flip={() => flip('std')}
        >
          uncertainty
        </Toggle>
      )}
      {model?.acquisition && (
        <Toggle
          on={shows.value === 'acquisition'}
          title="how soon the optimizer tries a place, instead of what the model expects of it"
          flip={() => flip('acquisition')}
        >
          looks next
        </Toggle>
      )}
      <Toggle
        on={lines.value}
        title="lines of equal value"
        flip={() => (lines.value = !lines.value)}
      >
        lines
      </Toggle>
      <LogTool plot="contour" />
    </>
  );
}

function summary(study: Study): string {
  const seen = study.glance.value;
  const name = objectiveName(study);
  const best = seen.best ? ` The best of them is trial ${seen.best.n}.` : '';
  const trials = count(seen.complete.length, 'complete trial');
  return `A map of ${name} over two hyperparameters, with ${trials}.${best}`;
}

export const contour: Plot = { id: 'contour', title: 'Contour', View, Tools, summary };
