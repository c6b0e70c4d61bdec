/** The line above slice plots. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Palette } from '../theme';
import { register } from './export';
import { dashed, dot, heading, headingWidth, ring } from './marks';
import { objectiveName, useLog } from './objective';
import type { Key, Pen } from './scene';
import { EXPECTS, modelKey } from './slice-model';

export const HEAD = 20; // px

/** What all the plots show, and what the marks mean. */
export function Caption({ width, model }: { width: number; model: boolean }): JSX.Element {
  const { study, ui } = useView();
  const { on } = useLog('slice');
  const canvas = useRef<HTMLCanvasElement>(null);
  const name = objectiveName(study);
  const colours = ui.palette.value;
  useEffect(() => {
    const ratio = window.devicePixelRatio;
    const node = canvas.current!;
    node.width = width * ratio;
    node.height = HEAD * ratio;
    const paintAll = (pen: Pen): void => {
      pen.font = `12px ${colours.font}`;
      const title = `${name} by hyperparameter${on ? ', log scale' : ''}`;
      const at = { left: 4, right: width, y: 9 };
      heading(pen, title, legend(pen, title, colours, { model, width }), at, colours.dim);
    };
    const pen = node.getContext('2d')!;
    pen.scale(ratio, ratio);
    paintAll(pen);
    return register(node, { paintAll });
  }, [width, model, colours, name, on]);
  return (
    <canvas
      ref={canvas}
      aria-hidden="true"
      title={model ? EXPECTS : ''}
      style={{ width: `${width}px`, height: `${HEAD}px`, display: 'block' }}
    />
  );
}

/** The model's entry says as much as there is room for; the others come after it. */
function legend(
  pen: Pen,
  title: string,
  colours: Palette,
  { model, width }: { model: boolean; width: number }
): Key[] {
  if (!model) {
    return trialKeys(colours);
  }
  const [whole, short] = [
    'model ± 1 std, all else as in the best trial',
    'model ± 1 std'
  ].map(text => [modelKey(colours, text), ...trialKeys(colours)]) as [Key[], Key[]];
  return headingWidth(pen, title, whole) <= width - 8 ? whole : short;
}

function trialKeys(colours: Pick<Palette, 'blue' | 'gold' | 'green'>): Key[] {
  const aged = (alpha: number): Key['mark'] => (pen, x, y) => {
    pen.globalAlpha = alpha;
    pen.fillStyle = colours.blue;
    dot(pen, x + 2, y, 3);
  };
  return [
    { text: 'older', mark: aged(0.36) },
    { text: 'newer trial', mark: aged(1) },
    {
      text: 'best',
      mark: (pen, x, y) => {
        pen.strokeStyle = colours.green;
        pen.fillStyle = colours.green;
        dot(pen, x + 2, y, 2.6);
        ring(pen, x + 2, y, 5.5, 1.5);
      }
    },
    {
      text: 'default',
      mark: (pen, x, y) => {
        pen.strokeStyle = colours.gold;
        dashed(pen, [x + 2, y - 8], [x + 2, y + 8]);
      }
    }
  ];
}
