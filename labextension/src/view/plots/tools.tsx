/** What stands right of the tabs. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useView } from '../context';
import { pngOf, save, svgOf } from './export';
import type { Plot } from './plot';
import { useZooms } from './zoom';

/** A switch of a plot. */
export function Toggle(props: {
  on: boolean;
  off?: boolean;
  title: string;
  flip: () => void;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <button
      class="jhpo-tool"
      aria-pressed={props.on}
      disabled={props.off ?? false}
      title={props.title}
      onClick={props.flip}
    >
      {props.children}
    </button>
  );
}

/** Why there is nothing to see. */
export function Nothing({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="jhpo-plot-none">{children}</p>;
}

export function ToolBar(props: {
  plot: Plot;
  panel: RefObject<HTMLElement | null>;
  asText: Signal<boolean>;
}): JSX.Element {
  const { plot, panel, asText } = props;
  const { study, ui } = useView();
  const zooms = useZooms(plot.id);
  const name = (suffix: string): string => `${study.info.value.name}_${plot.id}.${suffix}`;
  const keep = async (of: typeof pngOf, suffix: string): Promise<void> => {
    if (panel.current) {
      save(await of(panel.current, ui.palette.value), name(suffix));
    }
  };
  return (
    <div class="jhpo-tools" role="toolbar" aria-label={`${plot.title}: tools`}>
      {Object.keys(zooms.value).length > 0 && (
        <button class="jhpo-tool" onClick={() => (zooms.value = {})}>
          reset zoom
        </button>
      )}
      {plot.Tools && <plot.Tools key={plot.id} />}
      <button class="jhpo-tool" title="save as a picture" onClick={() => keep(pngOf, 'png')}>
        PNG
      </button>
      <button class="jhpo-tool" title="save as a drawing" onClick={() => keep(svgOf, 'svg')}>
        SVG
      </button>
      <Toggle
        on={asText.value}
        title="say in words what the plot shows"
        flip={() => (asText.value = !asText.value)}
      >
        as text
      </Toggle>
    </div>
  );
}
