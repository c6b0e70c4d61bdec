/** The colours of the page, for what is drawn on a canvas. */

const NAMES = ['fg', 'bg', 'dim', 'line', 'faint', 'blue', 'red', 'gold', 'green', 'dot'] as const;
export type Palette = Readonly<Record<(typeof NAMES)[number], string>> & { readonly font: string };

/** The colours as the style sheet has them now, resolved. */
export function palette(root: Element): Palette {
  const probe = document.createElement('span');
  root.append(probe);
  const style = getComputedStyle(probe);
  const found: Record<string, string> = {};
  for (const name of NAMES) {
    probe.style.color = `var(--jhpo-${name})`;
    found[name] = style.color;
  }
  found['font'] = style.fontFamily;
  probe.remove();
  return found as unknown as Palette;
}

/** Calls `changed` when the page's theme has changed; returns what ends that. */
export function onTheme(changed: () => void): () => void {
  // style sheets of a new theme come some time after its name
  let soon = 0;
  const look = (): void => {
    changed();
    clearTimeout(soon);
    soon = window.setTimeout(changed, 300);
  };
  const observer = new MutationObserver(look);
  const attributes = ['class', 'style', 'data-jp-theme-name', 'data-jp-theme-light'];
  for (const node of [document.body, document.documentElement]) {
    observer.observe(node, { attributes: true, attributeFilter: attributes });
  }
  const preference = matchMedia('(prefers-color-scheme: dark)');
  preference.addEventListener('change', look);
  return () => {
    clearTimeout(soon);
    observer.disconnect();
    preference.removeEventListener('change', look);
  };
}

// Of viridis (S. van der Walt, N. Smith, 2015), which the colour-blind read in order, too.
const RAMP: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37]
];

/** The colour at `t` in [0, 1] of a scale from dark violet to yellow. */
export function ramp(t: number): [number, number, number] {
  const place = Math.min(Math.max(Number.isNaN(t) ? 0 : t, 0), 1) * (RAMP.length - 1);
  const low = Math.min(Math.floor(place), RAMP.length - 2);
  const share = place - low;
  const [a, b] = [RAMP[low]!, RAMP[low + 1]!];
  return [0, 1, 2].map(i => Math.round(a[i]! + (b[i]! - a[i]!) * share)) as [number, number, number];
}

export function css([r, g, b]: readonly [number, number, number], alpha = 1): string {
  return alpha === 1 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${alpha})`;
}
